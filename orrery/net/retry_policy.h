#pragma once

#include <optional>
#include <string_view>

#include "orrery/base/random.h"
#include "orrery/base/timestamp.h"

namespace orrery {

/// How often and after how long a request that failed is made again.
struct RetryPolicy {
  int attempts = 5;                    ///< in all, at least 1
  double first_wait_seconds = 0.5;     ///< before the second attempt; doubles with each one after it
  double longest_wait_seconds = 60.0;  ///< also the most that a server's Retry-After may ask for
};

/// Returns the wait after attempt number `attempt` (1: the first): the doubled first wait, capped, times a
/// random factor from 0.5 to 1, so that clients that failed together do not come back together.
double backoff_seconds(const RetryPolicy& policy, int attempt, Random& random);

/// Whether the status may pass: 408, 425, 429, 500, 502, 503 and 504.
bool is_passing_status(int status);

/// Reads Retry-After: seconds, or a date of RFC 9110 ("Wed, 21 Oct 2015 07:28:00 GMT") seen from `now`.
std::optional<double> parse_retry_after(std::string_view text, Timestamp now);

/// Reads a date of RFC 9110's preferred form, with or without the weekday, offset GMT, UT, Z or ±hhmm (as
/// feeds have it).
std::optional<Timestamp> parse_http_date(std::string_view text);

}  // namespace orrery
