#include "orrery/base/subset_mean.h"

#include <cmath>
#include <vector>

#include "orrery/base/statistics.h"

namespace orrery {

SubsetMean subset_mean(std::span<const double> values, std::span<const char> member, int lag) {
  std::vector<double> present;
  std::vector<char> belongs;
  SubsetMean result;
  double sum = 0.0;
  for (std::size_t t = 0; t < values.size(); ++t) {
    if (!std::isfinite(values[t])) continue;
    present.push_back(values[t]);
    belongs.push_back(member[t]);
    if (member[t] == 0) continue;
    sum += values[t];
    ++result.count;
  }
  if (result.count == 0) return result;
  const auto members = static_cast<double>(result.count);
  result.mean = sum / members;
  if (result.count < 2) return result;
  // The residuals of the dummy's members, 0 elsewhere: their mean is 0, so that the error of the mean of this
  // series is that of the coefficient but for the number that it is divided by.
  for (std::size_t t = 0; t < present.size(); ++t) {
    present[t] = belongs[t] != 0 ? present[t] - result.mean : 0.0;
  }
  result.standard_error =
      newey_west_standard_error(present, lag) * static_cast<double>(present.size()) / members;
  return result;
}

}  // namespace orrery
