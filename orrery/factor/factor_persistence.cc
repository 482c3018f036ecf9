#include "orrery/factor/factor_persistence.h"

#include <cmath>
#include <span>

#include "orrery/base/statistics.h"

namespace orrery {
namespace {

/// Pearson correlation of two rows of ranks over the instruments that have both.
double correlate_ranks(std::span<const float> now, std::span<const float> before, int minimum_names) {
  double n = 0.0;
  double x = 0.0;
  double y = 0.0;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (std::isnan(now[i]) || std::isnan(before[i])) continue;
    n += 1.0;
    x += static_cast<double>(now[i]);
    y += static_cast<double>(before[i]);
  }
  if (n < minimum_names) return Panel::missing();
  double xx = 0.0;
  double yy = 0.0;
  double xy = 0.0;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (std::isnan(now[i]) || std::isnan(before[i])) continue;
    const double dx = static_cast<double>(now[i]) - x / n;
    const double dy = static_cast<double>(before[i]) - y / n;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return xx > 0.0 && yy > 0.0 ? xy / std::sqrt(xx * yy) : Panel::missing();
}

/// Sums the shares of new names by group over the days on which the group exists on both.
class TurnoverSum {
 public:
  explicit TurnoverSum(int quantiles)
      : sum_(static_cast<std::size_t>(quantiles)),
        days_(sum_.size()),
        now_(sum_.size()),
        before_(sum_.size()),
        entered_(sum_.size()) {}

  void add(std::span<const std::uint8_t> groups, std::span<const std::uint8_t> groups_before) {
    std::fill(now_.begin(), now_.end(), 0);
    std::fill(before_.begin(), before_.end(), 0);
    std::fill(entered_.begin(), entered_.end(), 0);
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (groups_before[i] != kNoQuantile) ++before_[groups_before[i]];
      if (groups[i] == kNoQuantile) continue;
      ++now_[groups[i]];
      entered_[groups[i]] += groups[i] != groups_before[i] ? 1 : 0;
    }
    for (std::size_t q = 0; q < sum_.size(); ++q) {
      if (now_[q] == 0 || before_[q] == 0) continue;
      sum_[q] += static_cast<double>(entered_[q]) / now_[q];
      ++days_[q];
    }
  }

  std::vector<double> means() const {
    std::vector<double> means;
    for (std::size_t q = 0; q < sum_.size(); ++q) {
      means.push_back(days_[q] > 0 ? sum_[q] / days_[q] : Panel::missing());
    }
    return means;
  }

 private:
  std::vector<double> sum_;
  std::vector<int> days_;
  std::vector<int> now_;
  std::vector<int> before_;
  std::vector<int> entered_;
};

}  // namespace

FactorPersistence measure_persistence(const FloatPanel& ranks, RowRange rows, const MaskPanel& groups,
                                      int quantiles, int sessions, int minimum_names) {
  TurnoverSum turnover(quantiles);
  std::vector<double> correlations;
  for (auto day = static_cast<std::size_t>(sessions); day < rows.size(); ++day) {
    const std::size_t before = day - static_cast<std::size_t>(sessions);
    turnover.add(groups.row(day), groups.row(before));
    correlations.push_back(
        correlate_ranks(ranks.row(rows.begin + day), ranks.row(rows.begin + before), minimum_names));
  }
  return {turnover.means(), mean(drop_missing(correlations))};
}

}  // namespace orrery
