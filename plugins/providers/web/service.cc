#include "plugins/providers/web/service.h"

#include <fmt/format.h>

namespace orrery::plugins::providers::web {
namespace {

constexpr std::size_t kExcerptBytes = 80;

std::string without_slash(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

HttpOptions http_options(const ServiceTraits& traits, const ParameterMap& parameters) {
  HttpOptions options;
  options.name = traits.name;
  options.requests_per_minute = get_double(parameters, "requests_per_minute");
  options.retry.attempts = static_cast<int>(get_integer(parameters, "attempts"));
  options.retry.longest_wait_seconds = get_double(parameters, "longest_wait_seconds");
  options.cache = get_string(parameters, "cache");
  options.connection.connect_seconds = get_double(parameters, "connect_seconds");
  options.connection.stall_seconds = get_double(parameters, "stall_seconds");
  options.connection.total_seconds = get_double(parameters, "total_seconds");
  options.connection.proxy = get_string(parameters, "proxy");
  options.connection.certificates = get_string(parameters, "certificates");
  options.connection.user_agent = "orrery/" ORRERY_VERSION;
  options.credential = traits.credential;
  if (!traits.key.empty()) {
    options.credential.secret = find_secret({traits.key, get_string(parameters, "key_file")});
  }
  return options;
}

std::string excerpt(std::string_view body) {
  std::string text(body.substr(0, kExcerptBytes));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return body.empty() ? "an empty body" : fmt::format("\"{}\"", text);
}

}  // namespace

std::vector<ParameterInfo> service_parameters(const ServiceTraits& traits, std::vector<ParameterInfo> own) {
  std::vector<ParameterInfo> all = {
      {"base_url", traits.base_url, "address of the service"},
      {"requests_per_minute", traits.requests_per_minute, "limit kept; 0: none", 0.0, 1e6},
      {"attempts", std::int64_t{5}, "how often a request that failed is made in all", 1.0, 20.0},
      {"longest_wait_seconds", 60.0, "longest wait between attempts, also by Retry-After", 0.0, 86400.0},
      {"connect_seconds", 10.0, "until the connection stands", 0.01, 600.0},
      {"stall_seconds", 30.0, "without a single byte", 0.01, 3600.0},
      {"total_seconds", 600.0, "for one whole answer", 0.01, 86400.0},
      {"proxy", std::string(), "address of a proxy; empty: as the environment says"},
      {"certificates", std::string(), "file of trusted certificates (CA bundle); empty: the system's"},
      {"cache", std::string(), "folder of kept answers, asked for again by ETag; empty: none"},
  };
  if (!traits.key.empty()) {
    all.push_back({"key_file", std::string(), "file (mode 0600) with the key; empty: " + traits.key});
  }
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

Service::Service(const ServiceTraits& traits, const ParameterMap& parameters, const ProviderContext& context,
                 HttpHeaders headers)
    : traits_(traits),
      base_url_(without_slash(get_string(parameters, "base_url"))),
      headers_(std::move(headers)),
      client_(http_options(traits, parameters), *context.clock, context.seed) {}

std::string Service::url(std::string_view path, const QueryParameters& query) const {
  return add_query(base_url_ + std::string(path), query);
}

std::string Service::own_url(const std::string& named) const {
  const std::string path = path_of(without_parameter(named, traits_.credential.name));
  const std::string prefix = path_of(base_url_);
  // A base address with a path of its own, as behind a proxy, stands before the named path unless it is
  // there.
  const bool is_below = prefix == "/" || path.rfind(prefix + "/", 0) == 0;
  return (is_below ? origin_of(base_url_) : base_url_) + path;
}

HttpRequest Service::request(const std::string& url) const {
  if (!traits_.key.empty() && client_.options().credential.secret.empty()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{}: no key: set the environment variable {}, or the setting key_file to a "
                                 "file of mode 0600 that holds it",
                                 traits_.name, traits_.key));
  }
  return {url, headers_};
}

HttpResponse Service::get(const std::string& url) { return client_.get(request(url)); }

std::pair<HttpResponse, Json> Service::get_json(const std::string& url) {
  HttpResponse response = get(url);
  Json json = Json::parse(response.body, nullptr, false);
  if (json.is_discarded()) throw schema_error(url, excerpt(response.body), "JSON");
  return {std::move(response), std::move(json)};
}

Error Service::schema_error(const std::string& url, std::string_view found, std::string_view expected) const {
  return external_error(
      ErrorCode::kUnavailable,
      client_.redacted(fmt::format("{}: GET {}: found {}, expected {}", traits_.name, url, found, expected)));
}

void require_symbols(const Service& service, const ProviderRequest& request) {
  if (!request.symbols.empty()) return;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("{}: name what to fetch: --symbols A,B", service.name()));
}

const Json& member(const Service& service, const std::string& url, const Json& object, std::string_view name,
                   Json::value_t type) {
  const std::string expected = fmt::format("a field '{}' with an {}", name, Json(type).type_name());
  if (!object.is_object()) throw service.schema_error(url, excerpt(object.dump()), expected);
  const auto found = object.find(name);
  if (found == object.end()) {
    throw service.schema_error(url, fmt::format("an answer without '{}': {}", name, excerpt(object.dump())),
                               expected);
  }
  if (found->type() != type) {
    throw service.schema_error(url, fmt::format("'{}' = {}", name, excerpt(found->dump())), expected);
  }
  return *found;
}

}  // namespace orrery::plugins::providers::web
