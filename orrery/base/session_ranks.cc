#include "orrery/base/session_ranks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <limits>

namespace orrery {
namespace {

constexpr std::size_t kDigitBits = 8;
constexpr std::size_t kDigits = 4;
constexpr std::size_t kBuckets = std::size_t{1} << kDigitBits;
/// Below this many values sorting by comparison is faster.
constexpr std::size_t kFewValues = 64;

/// The value as an unsigned number of the same order, above the position.
std::uint64_t key_of(float value, std::size_t position) {
  const auto bits = std::bit_cast<std::uint32_t>(value + 0.0F);  // -0 becomes 0
  const std::uint32_t ordered = (bits >> 31U) != 0 ? ~bits : bits | 0x80000000U;
  return (static_cast<std::uint64_t>(ordered) << 32U) | position;
}

std::size_t digit_of(std::uint64_t key, std::size_t digit) {
  return (key >> (32U + digit * kDigitBits)) & (kBuckets - 1);
}

using Counts = std::array<std::array<std::uint32_t, kBuckets>, kDigits>;

Counts count_digits(const std::vector<std::uint64_t>& keys) {
  Counts counts{};
  for (const auto key : keys) {
    for (std::size_t digit = 0; digit < kDigits; ++digit) ++counts[digit][digit_of(key, digit)];
  }
  return counts;
}

/// Turns the counts of one digit into the places where its keys begin, and moves the keys there.
void sort_by_digit(const std::vector<std::uint64_t>& from, std::vector<std::uint64_t>& to, std::size_t digit,
                   std::array<std::uint32_t, kBuckets>& places) {
  std::uint32_t place = 0;
  for (auto& bucket : places) {
    const std::uint32_t count = bucket;
    bucket = place;
    place += count;
  }
  for (const auto key : from) to[places[digit_of(key, digit)]++] = key;
}

}  // namespace

void SessionRanker::sort(std::span<const float> values) {
  keys_.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) keys_[i] = key_of(values[i], i);
  if (values.size() < kFewValues) {
    std::sort(keys_.begin(), keys_.end());
  } else {
    moved_.resize(values.size());
    Counts counts = count_digits(keys_);
    for (std::size_t digit = 0; digit < kDigits; ++digit) {
      sort_by_digit(keys_, moved_, digit, counts[digit]);
      keys_.swap(moved_);
    }
  }
}

void SessionRanker::rank(std::span<const float> values, std::span<float> ranks) {
  sort(values);
  for (std::size_t begin = 0, end = 0; begin < keys_.size(); begin = end) {
    const std::uint64_t value = keys_[begin] >> 32U;
    while (end < keys_.size() && keys_[end] >> 32U == value) ++end;
    const float rank = static_cast<float>(begin + end + 1) / 2.0F;
    for (std::size_t i = begin; i < end; ++i) ranks[keys_[i] & 0xFFFFFFFFU] = rank;
  }
}

/// Rounding to float keeps the order but for values that become equal; those are few, and sorted again.
void SessionRanker::order(std::span<const double> values, std::span<std::uint32_t> positions) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  rounded_.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    rounded_[i] = static_cast<float>(std::clamp(values[i], -kLargest, kLargest));
  }
  sort(rounded_);
  for (std::size_t i = 0; i < keys_.size(); ++i) positions[i] = static_cast<std::uint32_t>(keys_[i]);
  for (std::size_t begin = 0, end = 0; begin < keys_.size(); begin = end) {
    const std::uint64_t value = keys_[begin] >> 32U;
    while (end < keys_.size() && keys_[end] >> 32U == value) ++end;
    if (end - begin == 1) continue;
    std::stable_sort(positions.begin() + static_cast<std::ptrdiff_t>(begin),
                     positions.begin() + static_cast<std::ptrdiff_t>(end),
                     [&](std::uint32_t a, std::uint32_t b) { return values[a] < values[b]; });
  }
}

}  // namespace orrery
