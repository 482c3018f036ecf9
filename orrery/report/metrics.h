#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "orrery/backtest/performance.h"
#include "orrery/factor/evaluation.h"
#include "orrery/ml/classification.h"
#include "orrery/report/return_sources.h"
#include "orrery/report/trust.h"

namespace orrery {

/// A metric's value: a number (NaN is written as null), a count or a text such as a date.
using MetricValue = std::variant<double, std::int64_t, std::string>;

/// One line of metrics.json with what it means.
struct Metric {
  std::string key;
  MetricValue value;
  std::string_view unit;         ///< such as "fraction a year"
  std::string_view description;  ///< one sentence, with the formula
  std::string_view source;       ///< where the formula comes from
};

/// Returns the flat list of metrics in the order of metrics.json. Each part may be null, and its keys are
/// then absent.
std::vector<Metric> flatten_metrics(const SignalEvaluation* evaluation, const Performance* performance,
                                    const ClassificationMetrics* classification, const Trust* trust = nullptr,
                                    const ReturnSources* sources = nullptr);

/// Adds how good the probabilities were before they were calibrated.
void append_uncalibrated_metrics(const ClassificationMetrics& uncalibrated, std::vector<Metric>& metrics);

/// Writes metrics as one flat JSON object, keys in the given order, shortest digits that read back exactly,
/// null for NaN and infinities, with a newline at the end.
std::string metrics_json(const std::vector<Metric>& metrics);

/// Writes docs/metrics.md: every key with its unit, formula and source.
std::string metrics_reference();

}  // namespace orrery
