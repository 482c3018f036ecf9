#include "apps/server/api/guide_page.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace orrery::server {
namespace {

constexpr std::string_view kStyle = R"css(
:root { color-scheme: light dark; --ink: #17202c; --soft: #55606f; --line: #d8dde4; --paper: #fff; --tint: #f4f6f9; --mark: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf1; --soft: #a3aebb; --line: #333d49; --paper: #10161d; --tint: #18212b; --mark: #6fb3f2; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 5rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { margin: 0 0 .25rem; } h2 { margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); }
a { color: var(--mark); } nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: 1rem 0; }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; background: var(--tint); }
summary { padding: .6rem .8rem; cursor: pointer; overflow-wrap: anywhere; }
summary b { display: inline-block; min-width: 4.2rem; font: 600 .85rem ui-monospace, monospace; color: var(--mark); }
summary code { font-weight: 600; } summary span { color: var(--soft); margin-left: .6rem; }
.body { padding: 0 .8rem .8rem; } .body p { white-space: pre-line; margin: .25rem 0 .75rem; }
pre { overflow-x: auto; padding: .6rem .8rem; background: var(--paper); border: 1px solid var(--line); border-radius: .4rem; font: .85rem/1.45 ui-monospace, monospace; }
.table { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-top: 1px solid var(--line); } th { color: var(--soft); font-weight: 500; }
)css";

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += letter;
    }
  }
  return safe;
}

std::string type_text(const Json& schema) {
  if (!schema.contains("type")) return "";
  std::string text;
  if (schema["type"].is_array()) {
    for (const Json& one : schema["type"]) text += (text.empty() ? "" : " or ") + one.get<std::string>();
  } else {
    text = schema["type"].get<std::string>();
  }
  if (schema.contains("format")) text += ", " + schema["format"].get<std::string>();
  if (schema.contains("enum")) text += ": " + schema["enum"].dump();
  if (schema.contains("minimum") && schema.contains("maximum")) {
    text += fmt::format(", {} to {}", schema["minimum"].dump(), schema["maximum"].dump());
  }
  if (schema.contains("default")) text += ", " + schema["default"].dump() + " without it";
  return text;
}

std::string row(const std::string& name, const std::string& type, const std::string& description) {
  return fmt::format("<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>\n", escaped(name),
                     escaped(type), escaped(description));
}

/// The members of an object, those of the objects within it below their own name.
void add_members(const Json& schema, const std::string& prefix, std::string& rows) {
  const Json members = schema.value("properties", Json::object());
  for (const auto& [name, member] : members.items()) {
    rows += row(prefix + name, type_text(member), member.value("description", ""));
    if (member.contains("properties")) add_members(member, prefix + name + ".", rows);
    if (member.contains("items") && member["items"].contains("properties")) {
      add_members(member["items"], prefix + name + "[].", rows);
    }
  }
}

std::string table(std::string_view title, const std::string& rows) {
  if (rows.empty()) return "";
  return fmt::format(
      "<div class=table><table><thead><tr><th>{}</th><th>Type</th><th>What it is</th></tr></thead>"
      "<tbody>\n{}</tbody></table></div>\n",
      title, rows);
}

std::string parameter_rows(const Json& operation) {
  std::string rows;
  for (const Json& parameter : operation.value("parameters", Json::array())) {
    rows += row(parameter["name"].get<std::string>(), type_text(parameter["schema"]),
                parameter["description"].get<std::string>());
  }
  return rows;
}

const Json* json_schema(const Json& holder) {
  if (!holder.contains("content") || !holder["content"].contains("application/json")) return nullptr;
  return &holder["content"]["application/json"]["schema"];
}

std::string curl_line(const std::string& method, const std::string& path, const Json& operation) {
  std::string line = "curl";
  if (method != "GET") line += " -X " + method;
  if (!operation.contains("security")) line += " -H \"Authorization: Bearer $TOKEN\"";
  if (operation.contains("requestBody")) line += " -H \"Content-Type: application/json\" -d @body.json";
  return line + " \"$ORRERY" + path + "\"";
}

std::string operation_html(const std::string& method, const std::string& path, const Json& operation) {
  std::string answers;
  if (operation.contains("requestBody")) {
    std::string rows;
    if (const Json* schema = json_schema(operation["requestBody"])) add_members(*schema, "", rows);
    answers += table("Body", rows);
  }
  for (const auto& [status, response] : operation["responses"].items()) {
    if (status.front() != '2') continue;
    std::string rows;
    if (const Json* schema = json_schema(response)) add_members(*schema, "", rows);
    answers += table("Answer, " + status, rows);
  }
  return fmt::format(
      "<details id=\"{}\"><summary><b>{}</b><code>{}</code><span>{}</span></summary><div "
      "class=body><p>{}</p>\n"
      "<pre tabindex=0>{}</pre>\n{}{}</div></details>\n",
      operation["operationId"].get<std::string>(), method, escaped(path),
      escaped(operation["summary"].get<std::string>()), escaped(operation["description"].get<std::string>()),
      escaped(curl_line(method, path, operation)), table("Parameter", parameter_rows(operation)), answers);
}

std::string streams_html(const Json& streams) {
  std::string rows;
  for (const Json& stream : streams) {
    rows +=
        fmt::format("<tr><td><code>{}</code></td><td>{}</td><td>{}; named by <code>{}</code></td></tr>\n",
                    escaped(stream["path"].get<std::string>()), escaped(stream["summary"].get<std::string>()),
                    escaped(stream["rows"].get<std::string>()), escaped(stream["key"].get<std::string>()));
  }
  if (rows.empty()) return "";
  return fmt::format(
      "<h2 id=\"Streams\">Streams</h2>\n<p>WebSockets: a snapshot of the rows, then what changes. "
      "<code>?symbols=A,B</code> chooses rows, <code>?after=EPOCH:SEQUENCE</code> goes on after a cut, "
      "<code>?run=NAME</code> takes another run than the one that is recommended from.</p>\n"
      "<div class=table><table><thead><tr><th>Path</th><th>What it tells</th><th>A "
      "row</th></tr></thead><tbody>\n{}"
      "</tbody></table></div>\n",
      rows);
}

}  // namespace

std::string guide_page(const Json& document) {
  std::vector<std::pair<std::string, std::string>> chapters;
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [name, operation] : methods.items()) {
      std::string method = name;
      for (char& letter : method) letter = static_cast<char>(letter - 'a' + 'A');
      const std::string tag = operation["tags"].front().get<std::string>();
      auto chapter = chapters.begin();
      while (chapter != chapters.end() && chapter->first != tag) ++chapter;
      if (chapter == chapters.end()) chapter = chapters.insert(chapter, {tag, ""});
      chapter->second += operation_html(method, path, operation);
    }
  }
  std::string links, body;
  for (const auto& [tag, operations] : chapters) {
    links += fmt::format("<a href=\"#{0}\">{0}</a>\n", escaped(tag));
    body += fmt::format("<h2 id=\"{0}\">{0}</h2>\n{1}", escaped(tag), operations);
  }
  if (const std::string streams = streams_html(document.value("x-streams", Json::array()));
      !streams.empty()) {
    links += "<a href=\"#Streams\">Streams</a>\n";
    body += streams;
  }
  return fmt::format(
      "<!doctype html>\n<html lang=en><head><meta charset=utf-8><meta name=viewport "
      "content=\"width=device-width, "
      "initial-scale=1\"><title>Orrery: the API</title><style>{}</style></head><body>\n<main><h1>Orrery: the "
      "API</h1>\n"
      "<p>Version {}. The same as a document for programs: <a href=\"/api/v1/openapi.json\">OpenAPI 3.1</a>. "
      "To try a line, say "
      "where the server is and who you are:</p>\n<pre tabindex=0>export ORRERY=http://127.0.0.1:8080 "
      "TOKEN=orrery_…</pre>\n"
      "<nav aria-label=\"Chapters\">{}</nav>\n{}</main></body></html>\n",
      kStyle, document["info"]["version"].get<std::string>(), links, body);
}

}  // namespace orrery::server
