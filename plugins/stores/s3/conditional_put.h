#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "orrery/base/random.h"
#include "orrery/base/wait_clock.h"
#include "orrery/net/retry_policy.h"
#include "orrery/net/transport.h"

namespace orrery::plugins::stores::s3 {

/// An object that is to be stored unless there is one of its name.
struct NewObject {
  std::string address;  ///< s3://…, for messages
  std::string url;
  std::string_view content;
  std::function<std::optional<AwsSigner>()> signer;       ///< asked before each attempt: keys may be renewed
  std::function<std::optional<std::string>()> read_back;  ///< what is stored under the name; nothing: nothing
};

/// Stores objects by `PUT` with `If-None-Match: *`, of which a server lets one writer through.
///
/// An attempt that ends without an answer may have stored the object all the same. So an attempt is made
/// again with the same condition, and a refusal decides nothing by itself: what is stored is read, and it is
/// ours when it has our bytes. Not thread-safe.
class ConditionalPut {
 public:
  ConditionalPut(Transport& transport, WaitClock& clock, std::uint64_t seed, RetryPolicy policy = {});

  /// Returns whether the object stored is the caller's. Errors: kIo when the server refuses the request, and
  /// when it is not to be found out whether the object was stored, with words that say which.
  bool put(const NewObject& object);

 private:
  TransportResult send(const NewObject& object);
  void wait(const TransportResult& result, int attempt);
  std::optional<bool> settle(const NewObject& object);

  Transport& transport_;
  WaitClock& clock_;
  Random random_;
  RetryPolicy policy_;
};

/// Returns what a server said of a refusal: status, and code and message of its XML.
std::string describe_refusal(const TransportResult& result);

}  // namespace orrery::plugins::stores::s3
