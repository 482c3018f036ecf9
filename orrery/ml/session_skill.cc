#include "orrery/ml/session_skill.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "orrery/base/error.h"

namespace orrery {
namespace {

constexpr const char* kSetting = "stop_on";
constexpr const char* kMetric = "metric";

/// Told by the values: the mean of equal ones is off by a rounding.
bool varies(std::span<const double> values) {
  return std::any_of(values.begin(), values.end(), [&](double value) { return value != values.front(); });
}

/// NaN where either does not vary.
double correlation(std::span<const double> x, std::span<const double> y) {
  if (!varies(x) || !varies(y)) return std::numeric_limits<double>::quiet_NaN();
  const auto count = static_cast<double>(x.size());
  double x_mean = 0.0, y_mean = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    x_mean += x[i] / count;
    y_mean += y[i] / count;
  }
  double products = 0.0, x_squares = 0.0, y_squares = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    products += (x[i] - x_mean) * (y[i] - y_mean);
    x_squares += (x[i] - x_mean) * (x[i] - x_mean);
    y_squares += (y[i] - y_mean) * (y[i] - y_mean);
  }
  return products / std::sqrt(x_squares * y_squares);
}

}  // namespace

SessionSkill::SessionSkill(const std::string& kind, const Dataset& data)
    : name_(kind == "ic" ? "mean IC" : "mean rank IC"), groups_(data.groups()) {
  if (kind == "rank_ic") {
    ranks_.emplace(data);
  } else if (kind == "ic") {
    labels_.assign(data.labels().begin(), data.labels().end());
  } else {
    throw internal_error("a fit can't be stopped by '" + kind + "'");
  }
}

double SessionSkill::operator()(std::span<const double> scores) const {
  const double skill = ranks_ ? (*ranks_)(scores) : mean_correlation(scores);
  return std::isnan(skill) ? 0.0 : skill;
}

double SessionSkill::mean_correlation(std::span<const double> scores) const {
  double sum = 0.0;
  double sessions = 0.0;
  for (std::size_t g = 0; g + 1 < groups_.size(); ++g) {
    const std::size_t size = groups_[g + 1] - groups_[g];
    const double value =
        correlation(scores.subspan(groups_[g], size), std::span(labels_).subspan(groups_[g], size));
    if (!std::isfinite(value)) continue;
    sum += value;
    sessions += 1.0;
  }
  return sum / sessions;
}

ParameterInfo stop_on_setting() {
  ParameterInfo info{
      kSetting, std::string(kMetric),
      "what has to improve on the validation rows: the metric, or the mean (rank) correlation of scores and "
      "labels within sessions"};
  info.choices = {kMetric, "ic", "rank_ic"};
  return info;
}

std::optional<SessionSkill> skill_to_stop_on(const ParameterMap& parameters, const Dataset* valid) {
  const std::string& kind = get_string(parameters, kSetting);
  if (kind == kMetric || valid == nullptr) return std::nullopt;
  return SessionSkill(kind, *valid);
}

}  // namespace orrery
