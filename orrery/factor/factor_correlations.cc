#include "orrery/factor/factor_correlations.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "orrery/base/float_dot.h"
#include "orrery/base/threads.h"

namespace orrery {
namespace {

static_assert(FloatPanel::kLanes % kDotLanes == 0);
/// Parts of the days that are summed apart, whatever the threads, so that sums have one order.
constexpr std::size_t kParts = 16;

/// One day's ranks of some factors, each centred and of length 1; zeros where missing or without spread.
struct UnitRanks {
  FloatPanel rows;  ///< [factor × instrument]
  std::vector<std::uint8_t> has_spread;

  UnitRanks(std::size_t factors, std::size_t instruments)
      : rows(factors, instruments, 0.0F), has_spread(factors) {}
};

bool scale_to_unit(std::span<const float> ranks, float* unit) {
  double sum = 0.0;
  double names = 0.0;
  for (const float rank : ranks) {
    if (std::isnan(rank)) continue;
    sum += static_cast<double>(rank);
    names += 1.0;
  }
  const auto center = static_cast<float>(sum / names);  // half of a whole number: exact
  double squares = 0.0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    unit[i] = std::isnan(ranks[i]) ? 0.0F : ranks[i] - center;
    squares += static_cast<double>(unit[i]) * static_cast<double>(unit[i]);
  }
  if (!(squares > 0.0)) return false;
  const auto scale = static_cast<float>(1.0 / std::sqrt(squares));
  for (std::size_t i = 0; i < ranks.size(); ++i) unit[i] *= scale;
  return true;
}

void read_day(const std::vector<FloatPanel>& ranks, std::size_t row, UnitRanks& unit) {
  for (std::size_t f = 0; f < ranks.size(); ++f) {
    unit.has_spread[f] = scale_to_unit(ranks[f].row(row), unit.rows.row_data(f)) ? 1 : 0;
  }
}

/// Sums over a part of the days, by pair of factors.
struct RankSums {
  std::vector<double> sum;
  std::vector<std::uint32_t> days;
};

void add_day(const UnitRanks& a, const UnitRanks& b, bool same, RankSums& sums) {
  const std::size_t columns = b.has_spread.size();
  for (std::size_t i = 0; i < a.has_spread.size(); ++i) {
    if (a.has_spread[i] == 0) continue;
    for (std::size_t j = 0; j < (same ? i : columns); ++j) {
      if (b.has_spread[j] == 0) continue;
      sums.sum[i * columns + j] += dot(a.rows.row_data(i), b.rows.row_data(j), a.rows.stride());
      ++sums.days[i * columns + j];
    }
    if (same) {
      sums.sum[i * columns + i] += 1.0;
      ++sums.days[i * columns + i];
    }
  }
}

RankSums sum_part(const RankedFactors& a, const RankedFactors& b, RowRange rows, bool same) {
  const std::size_t instruments = a.ranks.front().columns();
  UnitRanks left(a.ranks.size(), instruments);
  UnitRanks right(same ? 0 : b.ranks.size(), instruments);
  const std::size_t pairs = a.ranks.size() * b.ranks.size();
  RankSums sums{std::vector<double>(pairs), std::vector<std::uint32_t>(pairs)};
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    read_day(a.ranks, row, left);
    if (!same) read_day(b.ranks, row, right);
    add_day(left, same ? left : right, same, sums);
  }
  return sums;
}

}  // namespace

void correlate_factors(const RankedFactors& a, const RankedFactors& b, RowRange rows, int threads,
                       Panel& correlations) {
  const bool same = a.first == b.first;
  std::vector<RankSums> parts(kParts);
  parallel_for(kParts, threads, [&](std::size_t p) {
    const RowRange part{rows.begin + rows.size() * p / kParts, rows.begin + rows.size() * (p + 1) / kParts};
    parts[p] = sum_part(a, b, part, same);
  });
  for (std::size_t i = 0; i < a.ranks.size(); ++i) {
    for (std::size_t j = 0; j < (same ? i + 1 : b.ranks.size()); ++j) {
      double sum = 0.0;
      double days = 0.0;
      for (const auto& part : parts) {
        sum += part.sum[i * b.ranks.size() + j];
        days += part.days[i * b.ranks.size() + j];
      }
      const double correlation = days > 0.0 ? sum / days : Panel::missing();
      correlations(a.first + i, b.first + j) = correlation;
      correlations(b.first + j, a.first + i) = correlation;
    }
  }
}

}  // namespace orrery
