#include "apps/server/api/api_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "apps/server/api/media.h"
#include "apps/server/api/packing.h"
#include "apps/server/api/problem.h"
#include "apps/server/api/row_page.h"
#include "apps/server/api/schema.h"
#include "orrery/base/fingerprint.h"
#include "orrery/base/stopwatch.h"
#include "orrery/data/arrow_stream.h"

namespace orrery::server {
namespace {

constexpr std::size_t kSmallestPacked = 1400;  // bytes: what fits one packet anyway
constexpr std::size_t kMostKept = 2048;
constexpr std::size_t kMostKeptBytes = 64U << 20U;  // 2048 whole tables would be gigabytes

bool is_api(std::string_view path) { return path.starts_with("/api/"); }

std::string number_text(const HttpRequest& request) { return std::to_string(request.number); }

/// Reads the query and the path's values as the operation describes them.
Json parameters_of(const Operation& operation, const HttpRequest& request, const RouteTable::Match& match) {
  std::vector<FieldProblem> problems;
  std::vector<Parameter> known = operation.parameters;
  if (!operation.columns.empty()) {
    for (Parameter& parameter : row_parameters(operation)) known.push_back(std::move(parameter));
  }
  Json values = Json::object();
  const auto query = query_parameters(request.query());
  if (!query)
    throw ApiProblem(400, "the query is not encoded as one is: 'name=value', with %XX for what is special");
  const auto take = [&](const std::string& name, const std::string& text, bool in_path) {
    const std::string where = (in_path ? "path." : "query.") + name;
    const auto found = std::find_if(known.begin(), known.end(), [&](const Parameter& one) {
      return one.name == name && one.in_path == in_path;
    });
    if (found == known.end()) {
      std::string names;
      for (const Parameter& one : known) {
        if (!one.in_path) names += (names.empty() ? "" : ", ") + one.name;
      }
      problems.push_back({where, "is not known here; there are: " + (names.empty() ? "none" : names)});
    } else if (values.contains(name)) {
      problems.push_back({where, "stands twice"});
    } else {
      values[name] = value_of_text(found->schema, text, where, problems);
    }
  };
  for (const auto& [name, text] : match.values) take(name, text, true);
  for (const auto& [name, text] : *query) take(name, text, false);
  for (const Parameter& parameter : known) {
    if (values.contains(parameter.name)) continue;
    if (parameter.schema.contains("default")) values[parameter.name] = parameter.schema["default"];
    if (parameter.required) problems.push_back({"query." + parameter.name, "is missing"});
  }
  if (!problems.empty()) throw ApiProblem(400, "the query can't be taken", std::move(problems));
  return values;
}

Json body_of(const Operation& operation, const HttpRequest& request) {
  if (!operation.body) {
    if (!request.body.empty() && operation.changes()) throw ApiProblem(400, "this takes no body");
    return {};
  }
  const std::string_view type = request.header("content-type");
  if (type.substr(0, type.find(';')) != kJsonMedia) {
    throw ApiProblem(415, fmt::format("the body has to be {}; '{}' was sent", kJsonMedia, type));
  }
  Json body;
  try {
    body = Json::parse(request.body);
  } catch (const Json::exception& error) {  // a number without end is no parse_error
    throw ApiProblem(400, "the body is no JSON", {{"body", error.what()}});
  }
  std::vector<FieldProblem> problems;
  check_value(*operation.body, body, "body", problems);
  if (!problems.empty()) throw ApiProblem(422, "the body can't be taken", std::move(problems));
  return body;
}

/// Headers that keep browsers from doing more with an answer than is meant.
const NamedTexts& safety_headers(bool api, bool encrypted) {
  static const auto make = [](bool with_api, bool with_tls) {
    NamedTexts headers = {{"X-Content-Type-Options", "nosniff"}, {"Referrer-Policy", "no-referrer"}};
    if (with_api) headers.emplace_back("Cache-Control", "private, no-cache");
    if (with_tls) headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
    return headers;
  };
  static const std::array<NamedTexts, 4> all = {make(false, false), make(false, true), make(true, false),
                                                make(true, true)};
  return all[(api ? 2U : 0U) + (encrypted ? 1U : 0U)];
}

std::string_view etag_of(const HttpResponse& response) {
  for (const NamedTexts* headers : {&response.headers, response.kept_headers.get()}) {
    if (headers == nullptr) continue;
    for (const auto& [name, value] : *headers) {
      if (name == "ETag") return value;
    }
  }
  return {};
}

/// An answer that the asker has already needs no body.
HttpResponse unless_known(const HttpRequest& request, const HttpResponse& response) {
  const std::string_view known = request.header("if-none-match");
  if (known.empty()) return response;
  const std::string_view own = etag_of(response);
  if (own.empty() || (known != "*" && known.find(own) == std::string_view::npos)) return response;
  HttpResponse unchanged;
  unchanged.status = 304;
  unchanged.headers = response.headers;
  unchanged.kept_headers = response.kept_headers;
  return unchanged;
}

HttpResponse packed(const HttpResponse& response) {
  HttpResponse small = response;
  small.body = std::make_shared<const std::string>(gzip(*response.body));
  small.headers.emplace_back("Content-Encoding", "gzip");
  return small;
}

/// Whether the bytes that are kept are what the asker wants.
bool takes_kept(const HttpRequest& request) { return !wants_arrow(request) && takes(request, kJsonMedia); }

bool may_pack(const HttpResponse& response) {
  return response.body && response.body->size() >= kSmallestPacked && response.content_type != "image/png";
}

}  // namespace

ApiServer::ApiServer(ApiOptions options, AccessControl& access, RequestLog& log, RequestMetrics& metrics,
                     Generation generation, WaitClock& clock)
    : options_(std::move(options)),
      access_(access),
      log_(log),
      metrics_(metrics),
      generation_(std::move(generation)),
      clock_(clock) {}

std::optional<HttpResponse> ApiServer::handle_at_once(const HttpRequest& request) {
  const auto match = routes_.find(request.method, request.path());
  const Operation* operation = match.operation;
  if (operation == nullptr || (!operation->kept && !operation->slow))
    return handle_match(request, match, nullptr);
  // What is kept is sent at once; what has to be made first may read a run's tables.
  if (!operation->kept || !takes_kept(request)) return std::nullopt;
  auto found = kept(request.target, generation_());
  if (!found) return std::nullopt;
  return handle_match(request, match, std::move(found));
}

HttpResponse ApiServer::handle(const HttpRequest& request) {
  return handle_match(request, routes_.find(request.method, request.path()), nullptr);
}

HttpResponse ApiServer::handle_match(const HttpRequest& request, const RouteTable::Match& match,
                                     std::shared_ptr<const Kept> kept) {
  const double begin = clock_.seconds();
  Handling handling;
  handling.kept = std::move(kept);
  HttpResponse response;
  try {
    response = answer(request, match, handling);
  } catch (const ApiProblem& problem) {
    response = problem_response(problem, number_text(request));
  } catch (const Error& error) {
    handling.fault = error.what();
    response = problem_response(problem_of(error), number_text(request));
  } catch (const std::exception& error) {
    handling.fault = error.what();
    response = problem_response(problem_of(internal_error(error.what())), number_text(request));
  }
  finish(request, handling, clock_.seconds() - begin, response);
  return response;
}

HttpResponse ApiServer::answer(const HttpRequest& request, const RouteTable::Match& match,
                               Handling& handling) {
  handling.operation = match.operation;
  if (match.operation == nullptr) return answer_elsewhere(request, match);
  return answer_operation(request, match, handling);
}

HttpResponse ApiServer::answer_elsewhere(const HttpRequest& request, const RouteTable::Match& match) {
  access_.count(request, nullptr);
  if (request.method == Method::kOptions && !match.allowed.empty()) {
    HttpResponse allowed;
    allowed.status = 204;
    allowed.headers.emplace_back("Allow", match.allowed + ", OPTIONS");
    allowed.headers.emplace_back("Access-Control-Allow-Methods", match.allowed);
    allowed.headers.emplace_back("Access-Control-Allow-Headers",
                                 "Authorization, Content-Type, If-None-Match");
    allowed.headers.emplace_back("Access-Control-Max-Age", "600");
    return allowed;
  }
  if (!match.allowed.empty()) {
    throw ApiProblem(
        405, fmt::format("{} is not to be had here; there are: {}", to_string(request.method), match.allowed))
        .with("Allow", match.allowed);
  }
  if (request.method == Method::kGet && pages_) {
    if (auto page = pages_(request)) return unless_known(request, *page);
  }
  throw ApiProblem(404, fmt::format("there is nothing at {}; /docs lists what there is", request.path()));
}

void ApiServer::check_own_page(const HttpRequest& request, const Identity& who) const {
  if (who.csrf.empty()) return;
  if (request.header("x-csrf-token") == who.csrf) return;
  throw ApiProblem(403, "a change by a browser's session needs its X-CSRF-Token; getMe tells it");
}

void ApiServer::check_may(const HttpRequest& request, const Operation& operation, const Identity& who) const {
  if (!operation.roles.has(who.role)) {
    throw ApiProblem(403, fmt::format("the role {} may not do this", to_string(who.role)));
  }
  if (operation.changes()) check_own_page(request, who);
}

HttpResponse ApiServer::answer_operation(const HttpRequest& request, const RouteTable::Match& match,
                                         Handling& handling) {
  const Operation& operation = *match.operation;
  static const Identity nobody;
  if (operation.open) {
    access_.count(request, nullptr);
  } else {
    handling.who = access_.identify(request);
    access_.count(request, &*handling.who);
    check_may(request, operation, *handling.who);
  }
  const Identity& who = handling.who ? *handling.who : nobody;
  if (!operation.kept || !takes_kept(request)) {
    HttpResponse response = unless_known(request, made(request, match, who));
    if (may_pack(response) && takes_gzip(request.header("accept-encoding"))) return packed(response);
    return response;
  }
  const std::uint64_t generation = generation_();
  auto found = handling.kept ? handling.kept : kept(request.target, generation);
  if (!found) found = keep(request.target, generation, made(request, match, who));
  const bool pack = found->packed.body && takes_gzip(request.header("accept-encoding"));
  return unless_known(request, pack ? found->packed : found->plain);
}

std::shared_ptr<const ApiServer::Kept> ApiServer::kept(const std::string& key,
                                                       std::uint64_t generation) const {
  const std::shared_lock lock(kept_mutex_);
  const auto found = kept_.find(key);
  if (found == kept_.end() || found->second->generation != generation) return nullptr;
  return found->second;
}

std::shared_ptr<const ApiServer::Kept> ApiServer::keep(const std::string& key, std::uint64_t generation,
                                                       const HttpResponse& response) {
  Kept entry{generation, response, {}, key.size()};
  if (may_pack(response)) entry.packed = packed(response);
  for (HttpResponse* one : {&entry.plain, &entry.packed}) {
    if (one->body) entry.bytes += one->body->size();
    one->kept_headers = std::make_shared<const NamedTexts>(std::move(one->headers));
    one->headers.clear();
  }
  auto shared = std::make_shared<const Kept>(std::move(entry));
  const std::unique_lock lock(kept_mutex_);
  if (const auto before = kept_.find(key); before != kept_.end()) {
    kept_bytes_ -= before->second->bytes;
    kept_.erase(before);
  }
  if (kept_.size() >= kMostKept || kept_bytes_ + shared->bytes > kMostKeptBytes) {
    kept_.clear();
    kept_bytes_ = 0;
  }
  kept_bytes_ += shared->bytes;
  kept_.emplace(key, shared);
  return shared;
}

HttpResponse ApiServer::made(const HttpRequest& request, const RouteTable::Match& match,
                             const Identity& who) const {
  const Operation& operation = *match.operation;
  const Json parameters = parameters_of(operation, request, match);
  const Json body = body_of(operation, request);
  const ApiRequest asked{request, who, parameters, body};
  return render(operation, asked, operation.run(asked));
}

HttpResponse ApiServer::render(const Operation& operation, const ApiRequest& request,
                               ApiAnswer answer) const {
  HttpResponse response;
  response.status = answer.status;
  response.headers = std::move(answer.headers);
  std::string bytes;
  if (auto* raw = std::get_if<BytesAnswer>(&answer.content)) {
    response.content_type = raw->content_type;
    response.body = raw->bytes;
  } else if (auto* rows = std::get_if<RowsAnswer>(&answer.content)) {
    RowPage page = page_of(operation, std::move(rows->rows), request);
    if (wants_arrow(request.http)) {
      response.content_type = kArrowMedia;
      bytes = arrow_stream(page.rows);
      if (!page.next.empty()) response.headers.emplace_back("X-Next-Cursor", page.next);
    } else if (takes(request.http, kJsonMedia)) {
      bytes = page_json(page, rows->about);
    } else {
      throw ApiProblem(406, fmt::format("there are {} and {}", kJsonMedia, kArrowMedia));
    }
  } else {
    const Json& json = std::get<Json>(answer.content);
    if (operation.success != 204) bytes = json_text(json) + "\n";
  }
  if (!response.body && !bytes.empty()) response.body = std::make_shared<const std::string>(std::move(bytes));
  if (!operation.changes() && response.body && response.status == 200) {
    response.headers.emplace_back("ETag", '"' + fingerprint_text(*response.body) + '"');
    response.headers.emplace_back("Vary", "Accept, Accept-Encoding");
  }
  return response;
}

void ApiServer::finish(const HttpRequest& request, const Handling& handling, double seconds,
                       HttpResponse& response) {
  response.constant = &safety_headers(is_api(request.path()), request.encrypted);
  const std::string_view origin = request.header("origin");
  if (!origin.empty() &&
      std::find(options_.origins.begin(), options_.origins.end(), origin) != options_.origins.end()) {
    response.headers.emplace_back("Access-Control-Allow-Origin", std::string(origin));
    response.headers.emplace_back("Vary", "Origin");
  }
  static const std::string none;
  const std::string& operation = handling.operation != nullptr ? handling.operation->id : none;
  metrics_.count(operation, response.status, seconds);
  // The target is not logged: a query may hold what its sender did not mean to leave behind.
  // Names of operations, methods and addresses need no quoting; what people wrote does.
  std::string line = fmt::format(
      R"({{"time":"{}","request":{},"address":"{}","method":"{}","operation":"{}","status":{},"seconds":{:.6f})",
      to_string(clock_.now()), request.number, request.address, to_string(request.method), operation,
      response.status, seconds);
  const auto add = [&line](std::string_view name, const std::string& text) {
    line += fmt::format(R"(,"{}":{})", name, json_text(Json(text)));
  };
  if (handling.who) add("who", handling.who->name);
  if (!handling.fault.empty()) add("fault", handling.fault);
  line += '}';
  log_.write_text(line);
}

std::variant<std::shared_ptr<StreamClient>, HttpResponse> ApiServer::open_stream(const HttpRequest& request) {
  Handling handling;
  HttpResponse refusal;
  try {
    handling.who = access_.identify(request);
    access_.count(request, &*handling.who);
    const std::string_view origin = request.header("origin");
    // A browser sends cookies with WebSockets of any site, and says which one in Origin.
    if (!handling.who->csrf.empty()) {
      const std::string_view host = request.header("host");
      const bool own = origin.size() > host.size() + 3 && origin.ends_with(host) &&
                       origin.substr(0, origin.size() - host.size()).ends_with("://");
      if (!own) throw ApiProblem(403, "a session's stream is for the server's own pages");
    }
    if (streams_) {
      if (auto client = streams_(request)) {
        metrics_.count("openStream", 101, 0.0);
        return client;
      }
    }
    throw ApiProblem(404, fmt::format("there is no stream at {}; /docs lists what there is", request.path()));
  } catch (const ApiProblem& problem) {
    refusal = problem_response(problem, number_text(request));
  } catch (const Error& error) {
    handling.fault = error.what();
    refusal = problem_response(problem_of(error), number_text(request));
  } catch (const std::exception& error) {
    handling.fault = error.what();
    refusal = problem_response(problem_of(internal_error(error.what())), number_text(request));
  }
  finish(request, handling, 0.0, refusal);
  return refusal;
}

HttpResponse ApiServer::refuse(int status, std::string_view why) {
  metrics_.count("", status, 0.0);
  HttpResponse response = problem_response(ApiProblem(status, std::string(why)), "0");
  response.close = true;
  return response;
}

}  // namespace orrery::server
