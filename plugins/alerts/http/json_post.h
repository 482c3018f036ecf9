#pragma once

#include <memory>
#include <string>

#include "orrery/base/parameters.h"
#include "orrery/net/secret.h"
#include "orrery/net/transport.h"

namespace orrery::plugins::alerts {

/// Where JSON is posted to.
struct PostTarget {
  std::string channel;  ///< begins every message
  std::string url;      ///< may hold the key
  std::string shown;    ///< the address as messages may show it
  Secret secret;        ///< taken out of every message
  HttpHeaders headers = {};
};

/// Posts JSON to a service, once: the router tries again.
class JsonPost {
 public:
  explicit JsonPost(PostTarget target);
  /// Returns the answer's body. Errors: kUnavailable where it may work later, kInvalidArgument where the
  /// service refuses.
  std::string send(const std::string& json) const;

 private:
  PostTarget target_;
  std::unique_ptr<Transport> transport_;
};

/// The setting `secret`: the environment variable that holds the key.
ParameterInfo secret_setting(const std::string& variable, const std::string& summary);

/// Returns the key that the setting `secret` names. Errors: kInvalidArgument where the variable is empty.
Secret required_secret(const ParameterMap& settings);

}  // namespace orrery::plugins::alerts
