#include "plugins/providers/web/feed.h"

#include <fmt/format.h>
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>

#include <array>
#include <memory>
#include <set>

namespace orrery::plugins::providers::web {
namespace {

constexpr std::string_view kDublinCore = "http://purl.org/dc/elements/1.1/";
constexpr std::string_view kAtom = "http://www.w3.org/2005/Atom";

struct FreeDocument {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
using Document = std::unique_ptr<xmlDoc, FreeDocument>;

std::string_view text_of(const xmlChar* text) {
  return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

std::string taken(xmlChar* text) {
  std::string result(text_of(text));
  xmlFree(text);
  return result;
}

std::string_view name_of(const xmlNode* node) { return text_of(node->name); }
std::string_view space_of(const xmlNode* node) {
  return node->ns == nullptr ? std::string_view{} : text_of(node->ns->href);
}

std::string attribute(const xmlNode* node, const char* name) {
  return taken(xmlGetNoNsProp(node, reinterpret_cast<const xmlChar*>(name)));
}

/// Returns text with each run of white space as one space, none at the ends.
std::string squeezed(std::string_view text) {
  std::string result;
  bool is_apart = false;
  for (const char c : text) {
    const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!is_space) {
      if (is_apart && !result.empty()) result += ' ';
      result += c;
    }
    is_apart = is_space;
  }
  return result;
}

/// Elements inside a line of text; all others stand apart from what is around them.
bool is_inline(std::string_view name) {
  static const std::set<std::string_view> kInline = {"a",   "abbr", "b",    "cite", "code",  "em",   "font",
                                                     "i",   "mark", "q",    "s",    "small", "span", "strong",
                                                     "sub", "sup",  "time", "tt",   "u"};
  return kInline.contains(name);
}

void append_text(const xmlNode* node, std::string& out) {
  for (; node != nullptr; node = node->next) {
    if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) out += text_of(node->content);
    if (node->type != XML_ELEMENT_NODE) continue;
    const auto name = name_of(node);
    if (name == "script" || name == "style") continue;
    if (!is_inline(name)) out += ' ';
    append_text(node->children, out);
    if (!is_inline(name)) out += ' ';
  }
}

/// RSS says nothing of markup in titles; Atom says it in an attribute, and of descriptions RSS has it always.
std::string content_of(xmlNode* node, bool is_html) {
  const std::string content = taken(xmlNodeGetContent(node));
  return is_html ? plain_text(content) : squeezed(content);
}

bool is_html_of(const xmlNode* node, std::string_view field) {
  if (space_of(node) == kAtom) return attribute(node, "type") == "html";
  return field == "summary";
}

/// Atom names its addresses by attribute, and has several.
std::string url_of(xmlNode* node) {
  if (space_of(node) != kAtom) return content_of(node, false);
  const auto relation = attribute(node, "rel");
  return relation.empty() || relation == "alternate" ? attribute(node, "href") : "";
}

struct Element {
  std::string_view name;
  std::string_view field;
};

/// The elements of an entry, better ones before those that stand in for them.
constexpr std::array<Element, 13> kElements = {{{"guid", "id"},
                                                {"id", "id"},
                                                {"link", "url"},
                                                {"title", "title"},
                                                {"description", "summary"},
                                                {"summary", "summary"},
                                                {"content", "summary"},
                                                {"author", "author"},
                                                {"creator", "author"},
                                                {"pubDate", "published"},
                                                {"published", "published"},
                                                {"date", "published"},
                                                {"updated", "updated"}}};

/// A child that is part of the feed's own language or of Dublin Core, and no other vocabulary's.
bool is_known(const xmlNode* entry, const xmlNode* child) {
  return child->type == XML_ELEMENT_NODE &&
         (space_of(child) == space_of(entry) || space_of(child) == kDublinCore);
}

void read_child(xmlNode* child, std::string_view field, Json& entry) {
  const std::string text = field == "url" ? url_of(child) : content_of(child, is_html_of(child, field));
  const std::string key(field);
  if (field == "url" && text.empty()) return;
  if (!entry.contains(key) || entry[key].is_null()) entry[key] = text.empty() ? Json() : Json(text);
}

Json read_entry(const xmlNode* node) {
  Json entry = Json::object();
  for (const auto& [name, field] : kElements) {
    for (xmlNode* child = node->children; child != nullptr; child = child->next) {
      if (is_known(node, child) && name_of(child) == name) read_child(child, field, entry);
    }
  }
  return entry;
}

/// Entries lie below the root (Atom, RSS 1.0) or below the channel (RSS 0.91 to 2.0).
void collect_entries(const xmlNode* node, Json& entries) {
  for (const xmlNode* child = node->children; child != nullptr; child = child->next) {
    if (child->type != XML_ELEMENT_NODE) continue;
    if (name_of(child) == "item" || name_of(child) == "entry") entries.push_back(read_entry(child));
    if (name_of(child) == "channel") collect_entries(child, entries);
  }
}

bool declares_entities(const xmlDoc* document) {
  return document->intSubset != nullptr && document->intSubset->entities != nullptr;
}

}  // namespace

Feed read_feed(const std::string& document) {
  xmlInitParser();
  const Document parsed(xmlReadMemory(document.data(), static_cast<int>(document.size()), nullptr, nullptr,
                                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
  Feed feed;
  const xmlNode* root = parsed ? xmlDocGetRootElement(parsed.get()) : nullptr;
  if (root == nullptr) {
    feed.problem =
        document.empty() ? "an empty body" : fmt::format("\"{}\"", squeezed(document.substr(0, 80)));
  } else if (declares_entities(parsed.get())) {
    feed.problem = "a document that declares entities";
  } else if (name_of(root) != "rss" && name_of(root) != "feed" && name_of(root) != "RDF") {
    feed.problem = fmt::format("a document of <{}>", name_of(root));
  } else {
    collect_entries(root, feed.entries);
  }
  return feed;
}

std::string plain_text(const std::string& html) {
  const Document parsed(
      htmlReadMemory(html.data(), static_cast<int>(html.size()), nullptr, "UTF-8",
                     HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET));
  std::string text;
  if (parsed) append_text(parsed->children, text);
  return squeezed(text);
}

}  // namespace orrery::plugins::providers::web
