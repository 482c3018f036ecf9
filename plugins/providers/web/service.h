#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/parameters.h"
#include "orrery/data/provider.h"
#include "orrery/net/http_client.h"

namespace orrery::plugins::providers::web {

using Json = nlohmann::json;

/// What is particular about one service.
struct ServiceTraits {
  std::string name;
  std::string base_url;
  double requests_per_minute = 60.0;  ///< what its terms allow, or good manners
  std::string key;                    ///< environment variable of the key; "": it has none
  Credential credential = {};         ///< how the key goes with a request, without the key
};

/// Returns the settings that every service has, then its own ones.
std::vector<ParameterInfo> service_parameters(const ServiceTraits& traits,
                                              std::vector<ParameterInfo> own = {});

/// One service to ask: its client and its messages.
class Service {
 public:
  /// `headers` go with every request. Errors: those of find_secret.
  Service(const ServiceTraits& traits, const ParameterMap& parameters, const ProviderContext& context,
          HttpHeaders headers = {});

  /// Returns an address below the service's own.
  std::string url(std::string_view path, const QueryParameters& query = {}) const;
  /// Returns an address that the service named itself, on its own origin, without the key: a page's next one.
  std::string own_url(const std::string& named) const;

  /// Returns the question for an address. Errors: kInvalidArgument where a key is needed and there is none.
  HttpRequest request(const std::string& url) const;
  /// Asks. Errors: those of request() and HttpClient::get.
  HttpResponse get(const std::string& url);
  /// Asks and reads the answer as JSON. Errors: also kUnavailable when it is something else.
  std::pair<HttpResponse, Json> get_json(const std::string& url);

  /// Makes the error of an answer that is not as documented; names service, address, what was found and what
  /// was expected. Never holds the key.
  Error schema_error(const std::string& url, std::string_view found, std::string_view expected) const;

  const std::string& name() const { return traits_.name; }
  HttpClient& client() { return client_; }

 private:
  ServiceTraits traits_;
  std::string base_url_;
  HttpHeaders headers_;
  HttpClient client_;
};

/// Errors: kInvalidArgument for a request without symbols.
void require_symbols(const Service& service, const ProviderRequest& request);

/// Returns a member of an answer's object. Errors: schema_error where there is none, or of another type.
const Json& member(const Service& service, const std::string& url, const Json& object, std::string_view name,
                   Json::value_t type);

}  // namespace orrery::plugins::providers::web
