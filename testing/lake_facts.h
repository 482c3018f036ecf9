#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orrery/data/lake/as_of.h"

namespace orrery::testing {

/// A row of a lake's table macro; times in seconds since 1970.
struct Fact {
  std::string series;
  std::int64_t event = 0;
  std::int64_t known = 0;  ///< below 0: missing
  std::int64_t retrieved = 0;
  double value = 0.0;
};

inline constexpr std::int64_t kSecond = 1'000'000'000;

inline Table to_table(const std::vector<Fact>& facts) {
  std::vector<std::string> series;
  std::vector<std::int64_t> event, known, retrieved;
  std::vector<double> value;
  for (const auto& fact : facts) {
    series.push_back(fact.series);
    event.push_back(fact.event * kSecond);
    known.push_back(fact.known < 0 ? kMissingInteger : fact.known * kSecond);
    retrieved.push_back(fact.retrieved * kSecond);
    value.push_back(fact.value);
  }
  return {{{"series", series},
           {kEventTime, event},
           {kKnownTime, known},
           {kRetrievedTime, retrieved},
           {"value", value}}};
}

}  // namespace orrery::testing
