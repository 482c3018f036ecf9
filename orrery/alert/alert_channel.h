#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "orrery/alert/alert.h"
#include "orrery/base/parameters.h"
#include "orrery/base/registry.h"

namespace orrery {

/// A way to people: a chat, a mailbox, a service that calls them.
class AlertChannel {
 public:
  virtual ~AlertChannel() = default;
  /// Hands a message over. Returns when the other side has taken it. The same number may come twice, after a
  /// crash. Takes at most half a minute. Errors: kUnavailable where it may work later; kInvalidArgument where
  /// the other side refuses. Messages name the channel and the address, never a key.
  virtual void send(const AlertMessage& message) = 0;
};

/// What a kind of channel says about itself.
struct AlertChannelInfo {
  std::string summary;  ///< one line
  std::string source;   ///< where the other side's interface is documented
  /// Settings. `secret`, where there is one, names the environment variable of a key.
  std::vector<ParameterInfo> parameters;
};

/// A kind of channel.
struct AlertChannelEntry {
  AlertChannelInfo info;
  /// Makes a channel of complete settings. Errors: kInvalidArgument, naming the setting or the variable that
  /// has no key.
  std::function<std::unique_ptr<AlertChannel>(const ParameterMap& settings)> make;
};

using AlertChannelRegistry = NamedRegistry<AlertChannelEntry>;

}  // namespace orrery
