#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "orrery/base/random.h"
#include "orrery/base/wait_clock.h"
#include "orrery/net/curl_transport.h"
#include "orrery/net/response_cache.h"
#include "orrery/net/retry_policy.h"
#include "orrery/net/secret.h"
#include "orrery/net/token_bucket.h"
#include "orrery/net/transport.h"
#include "orrery/net/url.h"

namespace orrery {

/// How a key goes with a request.
struct Credential {
  enum class Place : std::uint8_t { kQuery, kHeader };
  Place place = Place::kQuery;
  std::string name;    ///< of the parameter or header
  std::string prefix;  ///< before the key in a header, such as "Token "
  Secret secret;
};

/// A question: everything but the key, which the client adds when it sends.
struct HttpRequest {
  std::string url;  ///< absolute, without keys
  HttpHeaders headers = {};
};

/// A whole answer with status 200.
struct HttpResponse {
  std::string url;  ///< asked for, without keys
  std::string content_type;
  std::string body;     ///< unpacked
  Timestamp retrieved;  ///< when these bytes came, also where they come from the cache
  bool from_cache = false;
};

struct HttpOptions {
  std::string name;  ///< whose client this is; begins every message
  RetryPolicy retry = {};
  double requests_per_minute = 0.0;  ///< 0: no limit
  double burst = 5.0;                ///< requests that may go at once after a pause
  Credential credential = {};        ///< none where its secret is empty
  std::filesystem::path cache = {};  ///< folder of kept answers; "": none
  ConnectionOptions connection = {};
};

/// What a client did, for summaries.
struct HttpCounts {
  std::atomic<std::size_t> requests = 0;  ///< sent, retries included
  std::atomic<std::size_t> retries = 0;
  std::atomic<std::size_t> unchanged = 0;  ///< answered 304: the kept body is still good
  std::atomic<std::size_t> bytes = 0;      ///< of bodies, as sent
};

/// Asks a service over HTTP so that a passing trouble stays unnoticed and a lasting one is named.
///
/// Passing: no answer, a connection that stalls or breaks, a damaged body, the statuses of is_passing_status.
/// They are tried again after `Retry-After`, else after a backoff with jitter. A body that was cut goes on
/// where it stopped (Range with If-Range) when the server gave a strong ETag and takes ranges, else from the
/// start. With a cache, a known answer is asked for with its ETag. Redirects are followed within the origin;
/// with a key never to another one. A body whose end the server did not mark counts as cut.
/// Thread-safe; threads share the connections and the limit.
class HttpClient {
 public:
  /// `transport` empty: libcurl with `options.connection`.
  HttpClient(HttpOptions options, WaitClock& clock, std::uint64_t seed,
             std::unique_ptr<Transport> transport = nullptr);

  /// Returns the whole answer. Errors: kUnavailable when attempts are used up or the limit lasts longer than
  /// the policy waits; kNotFound for 404 and 410; kInvalidArgument for another refusal (400, 401, 403 …).
  /// Messages name the client, the URL without keys, the status, what was found and what was expected.
  HttpResponse get(const HttpRequest& request);

  const HttpCounts& counts() const { return counts_; }
  const HttpOptions& options() const { return options_; }
  /// Returns a text without this client's key.
  std::string redacted(std::string text) const;
  Timestamp now() { return clock_.now(); }

 private:
  class Attempt;
  friend class Attempt;

  HttpOptions options_;
  WaitClock& clock_;
  std::unique_ptr<Transport> transport_;
  TokenBucket bucket_;
  std::mutex random_mutex_;
  Random random_;
  HttpCounts counts_;
};

}  // namespace orrery
