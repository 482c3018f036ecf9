#include "orrery/ml/session_skill.h"

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/ml/session_correlation.h"

namespace orrery {
namespace {

constexpr const char* kSetting = "stop_on";
constexpr const char* kMetric = "metric";

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
  const double skill = ranks_ ? (*ranks_)(scores) : mean_correlation(scores, labels_, groups_);
  return std::isnan(skill) ? 0.0 : skill;
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
