#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "orrery/base/parameters.h"
#include "orrery/ml/dataset.h"
#include "orrery/ml/rank_ic.h"

namespace orrery {

/// The mean correlation within sessions of scores and labels, to stop a fit by: `ic` by Pearson, `rank_ic` by
/// Spearman (see RankIc). Sessions without one (fewer than two samples, no spread) don't count; 0 where none
/// does.
class SessionSkill {
 public:
  /// `kind`: "ic" or "rank_ic". `data`: with labels, which are copied. Errors: kInternal for another kind.
  SessionSkill(const std::string& kind, const Dataset& data);

  /// As the report names it.
  const std::string& name() const { return name_; }
  /// `scores`: one a sample, none missing.
  double operator()(std::span<const double> scores) const;

 private:
  std::string name_;
  std::optional<RankIc> ranks_;  ///< absent: by Pearson
  std::vector<std::size_t> groups_;
  std::vector<double> labels_;
};

/// The setting that says what stops a model of rounds: `metric`, the library's own, `ic` or `rank_ic`.
ParameterInfo stop_on_setting();

/// What stops a fit with these settings; nothing where it is the library's metric, or there is nothing to
/// stop by.
std::optional<SessionSkill> skill_to_stop_on(const ParameterMap& parameters, const Dataset* valid);

}  // namespace orrery
