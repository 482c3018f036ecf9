#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/report/metrics.h"

namespace orrery {

/// One metric: what it is called, what it means and how it is read off a result.
template <class Result>
struct MetricDefinition {
  std::string_view key;
  std::string_view unit;
  std::string_view description;
  std::string_view source;
  MetricValue (*get)(const Result&);
};

inline constexpr std::string_view kOwn = "this project";
inline constexpr std::string_view kNeweyWest =
    "Newey and West (1987); lag rule Newey and West (1994); statsmodels cov_type=HAC";

inline MetricValue count_of(std::size_t value) { return static_cast<std::int64_t>(value); }

/// Appends the metrics of a result; nothing for a null one.
template <class Result, std::size_t N>
void append_metrics(const MetricDefinition<Result> (&definitions)[N], const Result* result,
                    std::vector<Metric>& metrics) {
  if (result == nullptr) return;
  for (const auto& definition : definitions) {
    metrics.push_back({std::string(definition.key), definition.get(*result), definition.unit,
                       definition.description, definition.source});
  }
}

/// Appends the table of their meaning to docs/metrics.md.
template <class Result, std::size_t N>
void append_reference(std::string& page, const char* title,
                      const MetricDefinition<Result> (&definitions)[N]) {
  fmt::format_to(std::back_inserter(page),
                 "\n## {}\n\n| Key | Unit | Meaning | Source |\n|---|---|---|---|\n", title);
  for (const auto& definition : definitions) {
    fmt::format_to(std::back_inserter(page), "| `{}` | {} | {} | {} |\n", definition.key, definition.unit,
                   definition.description, definition.source);
  }
}

}  // namespace orrery
