#include "orrery/ml/drift_checks.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace orrery {
namespace {

/// NaN is no reason to do anything.
DriftVerdict judge(double value, const DriftThreshold& threshold) {
  if (value >= threshold.act) return DriftVerdict::kAct;
  return value >= threshold.watch ? DriftVerdict::kWatch : DriftVerdict::kOk;
}

/// Where lower is worse.
DriftVerdict judge_low(double value, const DriftThreshold& threshold) {
  if (value <= threshold.act) return DriftVerdict::kAct;
  return value <= threshold.watch ? DriftVerdict::kWatch : DriftVerdict::kOk;
}

DriftVerdict milder(DriftVerdict verdict) {
  return verdict == DriftVerdict::kAct ? DriftVerdict::kWatch : DriftVerdict::kOk;
}

DriftVerdict unless_seen_before(DriftVerdict verdict, double now, double before) {
  return now <= before ? milder(verdict) : verdict;
}

JudgedFeature judge_feature(const FeatureDrift& drift, double weight, const DriftThresholds& thresholds) {
  JudgedFeature judged{drift, weight};
  judged.psi = unless_seen_before(judge(drift.psi, thresholds.psi), drift.psi, drift.psi_before);
  judged.ks = unless_seen_before(judge_low(drift.ks_q, thresholds.ks), drift.ks, drift.ks_before);
  const double lost = drift.reference_share - drift.recent_share;
  judged.missing = judge(lost, thresholds.missing);
  // A feature that is gone is gone, also where a part of the training span had none.
  if (drift.recent_share > 0.0)
    judged.missing = unless_seen_before(judged.missing, lost, drift.reference_share - drift.share_before);
  return judged;
}

/// Each feature's share of all weight.
std::vector<double> weights_of(const DriftEvidence& evidence) {
  const std::size_t count = evidence.features.size();
  std::vector<double> weights = evidence.weights;
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (weights.size() != count || !(sum > 0.0)) {
    return std::vector<double>(count, count == 0 ? 0.0 : 1.0 / static_cast<double>(count));
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

DriftCheck check(std::string key, double value, const DriftThreshold& threshold) {
  DriftCheck line{std::move(key), value, threshold.watch, threshold.act};
  line.verdict = judge(value, threshold);
  if (line.verdict == DriftVerdict::kAct) line.action = threshold.action;
  return line;
}

/// Holds the weight of the features at `act` against the thresholds of all three checks of features.
DriftCheck check_features(std::string key, const std::vector<JudgedFeature>& features,
                          DriftVerdict JudgedFeature::*verdict, const DriftThresholds& thresholds,
                          DriftAction action) {
  double weight = 0.0;
  for (const auto& feature : features)
    weight += feature.*verdict == DriftVerdict::kAct ? feature.weight : 0.0;
  return check(std::move(key), weight, {thresholds.features.watch, thresholds.features.act, action});
}

DriftCheck check_names(const NameCount& names, const DriftThreshold& threshold) {
  DriftCheck line{"names", names.fall(), threshold.watch, threshold.act};
  line.verdict = unless_seen_before(judge(line.value, threshold), line.value, names.fall_before());
  if (line.verdict == DriftVerdict::kAct) line.action = threshold.action;
  return line;
}

bool inside(double value, const ShareBounds& bounds) {
  return value >= bounds.lower && value <= bounds.upper;
}

DriftCheck check_calibration(const CoverageCheck& coverage, const DriftThreshold& threshold) {
  DriftCheck line{"calibration", coverage.seen, threshold.watch, threshold.act};
  if (coverage.sessions == 0 || std::isnan(coverage.seen)) return line;
  const auto outside = [&](double confidence) {
    return !inside(coverage.seen, binomial_bounds(coverage.promised, coverage.sessions, confidence));
  };
  if (outside(threshold.watch)) line.verdict = DriftVerdict::kWatch;
  if (outside(threshold.act)) {
    line.verdict = DriftVerdict::kAct;
    line.action = threshold.action;
  }
  return line;
}

void sort_worst_first(std::vector<JudgedFeature>& features) {
  const auto lost = [](const FeatureDrift& drift) {
    return std::isnan(drift.recent_share) ? 0.0 : drift.reference_share - drift.recent_share;
  };
  const auto key = [&](const JudgedFeature& feature) {
    const double psi = std::isnan(feature.drift.psi) ? 0.0 : feature.drift.psi;
    return std::make_tuple(-static_cast<int>(feature.worst()), -static_cast<int>(feature.missing),
                           -static_cast<int>(feature.psi), -std::max(psi, lost(feature.drift)));
  };
  std::stable_sort(features.begin(), features.end(),
                   [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

}  // namespace

DriftVerdict JudgedFeature::worst() const { return std::max({psi, ks, missing}); }

DriftJudgement judge_drift(const DriftEvidence& evidence, const DriftThresholds& thresholds) {
  DriftJudgement judgement;
  const auto weights = weights_of(evidence);
  for (std::size_t i = 0; i < evidence.features.size(); ++i)
    judgement.features.push_back(judge_feature(evidence.features[i], weights[i], thresholds));
  const auto& features = judgement.features;
  judgement.checks = {
      check_features("psi", features, &JudgedFeature::psi, thresholds, thresholds.features.action),
      check_features("ks", features, &JudgedFeature::ks, thresholds, thresholds.features.action),
      check_features("missing", features, &JudgedFeature::missing, thresholds, thresholds.missing.action),
      check_names(evidence.names, thresholds.names),
      check("ic_fall", -evidence.ic.change_t, thresholds.ic_fall),
      check("ic_negative", -evidence.ic.recent_t, thresholds.ic_negative),
      check_calibration(evidence.coverage, thresholds.calibration)};
  sort_worst_first(judgement.features);
  for (const auto& line : judgement.checks) judgement.action = std::max(judgement.action, line.action);
  return judgement;
}

std::string_view to_string(DriftVerdict verdict) {
  switch (verdict) {
    case DriftVerdict::kOk:
      return "ok";
    case DriftVerdict::kWatch:
      return "watch";
    case DriftVerdict::kAct:
      return "act";
  }
  return "";
}

std::string_view to_string(DriftAction action) {
  switch (action) {
    case DriftAction::kNone:
      return "none";
    case DriftAction::kRetrain:
      return "retrain";
    case DriftAction::kDemote:
      return "demote";
    case DriftAction::kRetire:
      return "retire";
  }
  return "";
}

}  // namespace orrery
