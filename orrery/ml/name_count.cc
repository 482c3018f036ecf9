#include "orrery/ml/name_count.h"

#include <algorithm>
#include <cmath>

#include "orrery/ml/feature_drift.h"

namespace orrery {
namespace {

double names_a_session(const MaskPanel& eligible, RowRange rows) {
  if (rows.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::size_t names = 0;
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    for (std::size_t i = 0; i < eligible.columns(); ++i) names += eligible(row, i) != 0 ? 1 : 0;
  }
  return static_cast<double>(names) / static_cast<double>(rows.size());
}

}  // namespace

NameCount count_names(const MaskPanel& eligible, RowRange reference, RowRange recent) {
  NameCount count;
  count.reference = names_a_session(eligible, reference);
  count.recent = names_a_session(eligible, recent);
  const std::size_t length = recent.size();
  if (length == 0 || reference.size() / length < FeatureDrift::kFewestBlocks) return count;
  for (std::size_t begin = reference.begin; begin + length <= reference.end; begin += length) {
    const double names = names_a_session(eligible, {begin, begin + length});
    if (!(count.smallest_before <= names)) count.smallest_before = names;
  }
  return count;
}

}  // namespace orrery
