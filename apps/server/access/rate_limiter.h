#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace orrery::server {

/// So many requests a second, and so many at once after a rest.
struct Rate {
  double per_second = 50.0;
  double burst = 200.0;
};

/// Counts requests by name (a credential, an address) against a rate: a bucket of tokens that fills with
/// time. Thread-safe; holds a bounded number of names, the ones at rest go first.
class RateLimiter {
 public:
  explicit RateLimiter(Rate rate) : rate_(rate) {}

  /// Takes one token of a name at `seconds` of a clock that never goes back. Returns 0 when it was there,
  /// else the seconds until the next one is.
  double take(std::string_view name, double seconds);
  /// Returns the seconds until a token is there, without taking it.
  double wait(std::string_view name, double seconds);

 private:
  struct Bucket {
    double tokens = 0.0;
    double filled = 0.0;  ///< when
  };
  struct NameHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, Bucket, NameHash, std::equal_to<>> buckets;
  };

  Bucket& fill(Shard& shard, std::string_view name, double seconds) const;
  Shard& shard_of(std::string_view name);

  Rate rate_;
  std::array<Shard, 16> shards_;
};

}  // namespace orrery::server
