#include "orrery/ml/feature_drift.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/multiple_testing.h"
#include "orrery/base/threads.h"
#include "orrery/ml/kolmogorov_smirnov.h"
#include "orrery/ml/population_stability.h"

namespace orrery {
namespace {

using Sessions = std::span<const std::vector<double>>;

/// The finite values of all sessions, ascending.
std::vector<double> sorted_values(Sessions sessions) {
  std::vector<double> values;
  for (const auto& session : sessions) {
    for (const double value : session) {
      if (std::isfinite(value)) values.push_back(value);
    }
  }
  std::sort(values.begin(), values.end());
  return values;
}

double finite_share(Sessions sessions, std::size_t finite) {
  std::size_t cells = 0;
  for (const auto& session : sessions) cells += session.size();
  return cells == 0 ? FeatureDrift::kMissing : static_cast<double>(finite) / static_cast<double>(cells);
}

double sessions_with_values(Sessions sessions) {
  double count = 0.0;
  for (const auto& session : sessions) {
    const bool any =
        std::any_of(session.begin(), session.end(), [](double value) { return std::isfinite(value); });
    count += any ? 1.0 : 0.0;
  }
  return count;
}

void keep_larger(double value, double& largest) {
  if (std::isnan(value)) return;  // a block without values, or with all of them
  if (!(largest >= value)) largest = value;
}

void keep_smaller(double value, double& smallest) {
  if (std::isnan(value)) return;
  if (!(smallest <= value)) smallest = value;
}

/// How far blocks of the reference are from the rest of it. Of the statistic of Kolmogorov and Smirnov this
/// is the distance to all of it, which holds the block, over the share of the rest.
void measure_blocks(Sessions reference, std::size_t length, const PopulationStability& bins,
                    const std::vector<double>& all, FeatureDrift& drift) {
  const std::size_t blocks = reference.size() / length;
  if (blocks < FeatureDrift::kFewestBlocks) return;
  for (std::size_t block = 0; block < blocks; ++block) {
    const auto sessions = reference.subspan(block * length, length);
    const auto values = sorted_values(sessions);
    keep_smaller(finite_share(sessions, values.size()), drift.share_before);
    const double rest = 1.0 - static_cast<double>(values.size()) / static_cast<double>(all.size());
    keep_larger(bins.index_of_part(values), drift.psi_before);
    keep_larger(kolmogorov_smirnov(all, values) / rest, drift.ks_before);
  }
}

std::vector<std::vector<double>> values_by_session(const FloatPanel& panel, const MaskPanel& eligible,
                                                   RowRange rows) {
  std::vector<std::vector<double>> sessions(rows.size());
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    for (std::size_t i = 0; i < eligible.columns(); ++i) {
      if (eligible(row, i) != 0) sessions[row - rows.begin].push_back(static_cast<double>(panel(row, i)));
    }
  }
  return sessions;
}

}  // namespace

FeatureDrift measure_drift(const std::string& name, Sessions reference, Sessions recent) {
  const auto before = sorted_values(reference);
  const auto now = sorted_values(recent);
  const PopulationStability bins(before);
  FeatureDrift drift;
  drift.feature = name;
  drift.reference_share = finite_share(reference, before.size());
  drift.recent_share = finite_share(recent, now.size());
  drift.psi = bins.index(now);
  drift.ks = kolmogorov_smirnov(before, now);
  drift.ks_p =
      kolmogorov_smirnov_p_value(drift.ks, sessions_with_values(reference), sessions_with_values(recent));
  measure_blocks(reference, recent.size(), bins, before, drift);
  return drift;
}

std::vector<FeatureDrift> measure_feature_drift(const FeatureView& features, const MaskPanel& eligible,
                                                RowRange reference, RowRange recent, int threads) {
  if (reference.empty() || recent.empty()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("drift needs sessions to compare, found {} before and {} recent ones",
                                 reference.size(), recent.size()));
  }
  std::vector<FeatureDrift> drifts(features.size());
  parallel_for(features.size(), threads, [&](std::size_t f) {
    drifts[f] = measure_drift(features.names()[f], values_by_session(features.panel(f), eligible, reference),
                              values_by_session(features.panel(f), eligible, recent));
  });
  std::vector<double> p_values;
  for (const auto& drift : drifts) p_values.push_back(drift.ks_p);
  const auto q_values = benjamini_hochberg(p_values);
  for (std::size_t f = 0; f < drifts.size(); ++f) drifts[f].ks_q = q_values[f];
  return drifts;
}

}  // namespace orrery
