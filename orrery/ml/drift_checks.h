#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/ml/coverage_check.h"
#include "orrery/ml/feature_drift.h"
#include "orrery/ml/ic_decay.h"
#include "orrery/ml/name_count.h"

namespace orrery {

enum class DriftVerdict { kOk, kWatch, kAct };

/// What to do with a model, mildest first.
enum class DriftAction {
  kNone,
  kRetrain,  ///< make a new version; the stage stays
  kDemote,   ///< live → candidate
  kRetire,   ///< → retired
};

/// From where on a number is watched, and from where on something is done.
struct DriftThreshold {
  double watch = 0.0;
  double act = 0.0;
  DriftAction action = DriftAction::kNone;
};

/// The thresholds of `orrery monitor`. See docs/monitoring.md for where the defaults come from.
struct DriftThresholds {
  int sessions = 60;              ///< how many of the last ones are the recent ones
  DriftThreshold psi{0.1, 0.25};  ///< of one feature
  DriftThreshold ks{0.05, 0.01};  ///< false discovery rate of one feature; lower is worse
  DriftThreshold missing{0.05, 0.2, DriftAction::kDemote};        ///< fall of one feature's coverage
  DriftThreshold names{0.1, 0.3, DriftAction::kDemote};           ///< fall of the names a session, a share
  DriftThreshold features{0.1, 0.25, DriftAction::kRetrain};      ///< weight of the features at `act`
  DriftThreshold ic_fall{2.0, 3.0, DriftAction::kDemote};         ///< -t of the rank IC's change
  DriftThreshold ic_negative{2.0, 3.0, DriftAction::kRetire};     ///< -t of the recent rank IC
  DriftThreshold calibration{0.95, 0.99, DriftAction::kRetrain};  ///< confidence of the bounds
};

/// A feature with what is thought of it.
struct JudgedFeature {
  FeatureDrift drift;
  double weight = 0.0;  ///< in the model, all features' sum to 1
  DriftVerdict psi = DriftVerdict::kOk;
  DriftVerdict ks = DriftVerdict::kOk;
  DriftVerdict missing = DriftVerdict::kOk;

  DriftVerdict worst() const;
};

/// One line of what was checked.
struct DriftCheck {
  std::string key;  ///< as the thresholds are named: psi, ks, missing, names, ic_fall, ic_negative,
                    ///< calibration
  double value =
      0.0;  ///< what is held against the thresholds; NaN: not computable, which is no reason to act
  double watch = 0.0;
  double act = 0.0;
  DriftVerdict verdict = DriftVerdict::kOk;
  DriftAction action = DriftAction::kNone;  ///< what is due; kNone unless the verdict is kAct
};

/// What is known of a model.
struct DriftEvidence {
  std::vector<FeatureDrift> features;
  std::vector<double> weights;  ///< importance by feature, any scale; empty or all 0: all weigh the same
  NameCount names;
  IcDecay ic;
  CoverageCheck coverage;
};

struct DriftJudgement {
  std::vector<DriftCheck> checks;
  std::vector<JudgedFeature> features;      ///< worst first
  DriftAction action = DriftAction::kNone;  ///< the gravest that is due
};

/// Judges. What is no further away than some block of the reference was (psi_before, ks_before, share_before,
/// smallest_before) is judged one step milder: the model has seen such values while it learned.
DriftJudgement judge_drift(const DriftEvidence& evidence, const DriftThresholds& thresholds);

/// "ok", "watch", "act".
std::string_view to_string(DriftVerdict verdict);
/// "none", "retrain", "demote", "retire".
std::string_view to_string(DriftAction action);

}  // namespace orrery
