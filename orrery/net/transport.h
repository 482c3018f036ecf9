#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orrery/net/secret.h"

namespace orrery {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// Keys with which a request is signed as Amazon's services and those like them ask (AWS Signature Version
/// 4).
struct AwsSigner {
  std::string region;   ///< such as "eu-central-1"
  std::string service;  ///< such as "s3"
  Secret access_key = {};
  Secret secret_key = {};
  Secret session_token = {};  ///< of keys that are lent for a time; else empty
};

/// One exchange as it goes over the wire. It may hold keys: never print it.
struct TransportRequest {
  std::string url;
  HttpHeaders headers = {};
  std::optional<std::string_view> put = {};  ///< what a PUT brings
  std::optional<AwsSigner> signer = {};
  std::optional<std::string_view> post = {};  ///< what a POST brings; with neither the request is a GET
};

/// How an exchange ended.
enum class TransportEnd : std::uint8_t {
  kWhole,       ///< the body is as long as the server said, or ended where the server marked its end
  kUnmarked,    ///< the connection was closed; the server had not said how long the body is
  kCut,         ///< the connection broke in the middle of headers or body
  kStalled,     ///< nothing came for too long
  kTimedOut,    ///< the whole took too long
  kNoAnswer,    ///< no connection: refused, unknown host, unreachable
  kUntrusted,   ///< the server's certificate is not good; asking again won't mend it
  kBadRequest,  ///< the request itself can't be sent; asking again won't mend it
};

/// What came back: also of an exchange that broke, as far as it went.
struct TransportResult {
  TransportEnd end = TransportEnd::kNoAnswer;
  int status = 0;                              ///< 0: none came
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;                            ///< bytes as sent (gzip stays packed)
  std::string problem;                         ///< in words, where `end` is not kWhole
};

/// Exchanges one request for one answer. Thread-safe. Does not throw for the world's trouble: it says it.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual TransportResult exchange(const TransportRequest& request) = 0;
};

}  // namespace orrery
