#include "apps/server/access/rate_limiter.h"

#include <algorithm>

namespace orrery::server {
namespace {

constexpr std::size_t kMostNamesPerShard = 4096;

}  // namespace

RateLimiter::Shard& RateLimiter::shard_of(std::string_view name) {
  return shards_[NameHash()(name) % shards_.size()];
}

RateLimiter::Bucket& RateLimiter::fill(Shard& shard, std::string_view name, double seconds) const {
  auto found = shard.buckets.find(name);
  if (found == shard.buckets.end()) {
    if (shard.buckets.size() >= kMostNamesPerShard) {
      // A bucket that would be full again says nothing that a new one does not.
      const double full = rate_.burst / rate_.per_second;
      std::erase_if(shard.buckets, [&](const auto& entry) { return seconds - entry.second.filled >= full; });
      if (shard.buckets.size() >= kMostNamesPerShard) shard.buckets.clear();
    }
    found = shard.buckets.emplace(std::string(name), Bucket{rate_.burst, seconds}).first;
  }
  Bucket& bucket = found->second;
  bucket.tokens = std::min(rate_.burst, bucket.tokens + (seconds - bucket.filled) * rate_.per_second);
  bucket.filled = seconds;
  return bucket;
}

double RateLimiter::take(std::string_view name, double seconds) {
  Shard& shard = shard_of(name);
  const std::lock_guard lock(shard.mutex);
  Bucket& bucket = fill(shard, name, seconds);
  if (bucket.tokens < 1.0) return (1.0 - bucket.tokens) / rate_.per_second;
  bucket.tokens -= 1.0;
  return 0.0;
}

double RateLimiter::wait(std::string_view name, double seconds) {
  Shard& shard = shard_of(name);
  const std::lock_guard lock(shard.mutex);
  const Bucket& bucket = fill(shard, name, seconds);
  return bucket.tokens < 1.0 ? (1.0 - bucket.tokens) / rate_.per_second : 0.0;
}

}  // namespace orrery::server
