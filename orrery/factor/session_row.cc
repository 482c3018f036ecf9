#include "orrery/factor/session_row.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "orrery/base/not_a_number.h"
#include "orrery/factor/evaluation.h"

namespace orrery {
namespace {

constexpr std::size_t kPadding = 16;
/// Products summed side by side, in one order everywhere.
constexpr std::size_t kLanes = 8;

std::size_t padded(std::size_t count) { return (count + kPadding - 1) / kPadding * kPadding; }

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  std::array<double, kLanes> lanes{};
  for (std::size_t i = 0; i < a.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += a[i + lane] * b[i + lane];
  }
  double sum = 0.0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

/// Gives instruments in ascending order of their values their ranks from 1; equal values share the average.
void assign_ranks(std::span<const std::uint32_t> order, std::span<const double> values,
                  std::vector<double>& ranks) {
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    const double value = values[order[begin]];
    while (end < order.size() && values[order[end]] == value) ++end;
    const double rank = 0.5 * static_cast<double>(begin + 1 + end);
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = rank;
  }
}

/// Writes what `order` names of `values`, centred and scaled to length 1.
void scale_to_unit(std::span<const std::uint32_t> order, const std::vector<double>& values,
                   std::vector<double>& unit) {
  double sum = 0.0;
  for (const auto i : order) sum += values[i];
  const double mean = sum / static_cast<double>(order.size());
  double squares = 0.0;
  for (const auto i : order) {
    unit[i] = values[i] - mean;
    squares += unit[i] * unit[i];
  }
  const double scale = squares > 0.0 ? 1.0 / std::sqrt(squares) : 0.0;
  for (const auto i : order) unit[i] *= scale;
}

}  // namespace

void SessionRows::fill(std::span<const double> values, SessionRow& row) {
  row.instruments = values.size();
  row.values.assign(values.begin(), values.end());
  row.present.assign((values.size() + 63) / 64, 0);
  columns_.clear();
  finite_.clear();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      row.values[i] = kNaN;
      continue;
    }
    columns_.push_back(static_cast<std::uint32_t>(i));
    finite_.push_back(values[i]);
    row.present[i / 64] |= std::uint64_t{1} << (i % 64);
  }
  places_.resize(finite_.size());
  ranker_.order(finite_, places_);
  row.order.resize(places_.size());
  for (std::size_t i = 0; i < places_.size(); ++i) row.order[i] = columns_[places_[i]];
  row.has_spread = row.count() > 1 && row.values[row.order.front()] != row.values[row.order.back()];
  row.ranks.assign(values.size(), kNaN);
  assign_ranks(row.order, row.values, row.ranks);
  row.unit_values.assign(padded(values.size()), 0.0);
  row.unit_ranks.assign(padded(values.size()), 0.0);
  if (!row.has_spread) return;
  scale_to_unit(columns_, row.values, row.unit_values);
  scale_to_unit(columns_, row.ranks, row.unit_ranks);
}

/// Returns whether enough instruments have both values; fills the common ones in both orders.
bool SessionRows::keep_common(const SessionRow& x, const SessionRow& y, std::size_t minimum) {
  common_x_.clear();
  common_y_.clear();
  for (const auto i : x.order) {
    if (y.has(i)) common_x_.push_back(i);
  }
  if (common_x_.size() < minimum) return false;
  for (const auto i : y.order) {
    if (x.has(i)) common_y_.push_back(i);
  }
  return true;
}

double SessionRows::correlate_common_ranks(const SessionRow& x, const SessionRow& y) {
  ranks_x_.resize(x.instruments);
  ranks_y_.resize(y.instruments);
  assign_ranks(common_x_, x.values, ranks_x_);
  assign_ranks(common_y_, y.values, ranks_y_);
  first_.clear();
  second_.clear();
  for (const auto i : common_x_) {
    first_.push_back(ranks_x_[i]);
    second_.push_back(ranks_y_[i]);
  }
  return pearson_correlation(first_, second_);
}

SessionRows::Correlation SessionRows::correlate(const SessionRow& x, const SessionRow& y,
                                                std::size_t minimum) {
  if (x.present == y.present) {
    if (x.count() < minimum || !x.has_spread || !y.has_spread) return {};
    return {std::clamp(dot(x.unit_values, y.unit_values), -1.0, 1.0),
            std::clamp(dot(x.unit_ranks, y.unit_ranks), -1.0, 1.0)};
  }
  if (!keep_common(x, y, minimum)) return {};
  const double rank_ic = correlate_common_ranks(x, y);
  first_.clear();
  second_.clear();
  for (const auto i : common_x_) {
    first_.push_back(x.values[i]);
    second_.push_back(y.values[i]);
  }
  return {pearson_correlation(first_, second_), rank_ic};
}

double SessionRows::correlate_ranks(const SessionRow& x, const SessionRow& y, std::size_t minimum) {
  if (x.present == y.present) {
    if (x.count() < minimum || !x.has_spread || !y.has_spread) return kNaN;
    return std::clamp(dot(x.unit_ranks, y.unit_ranks), -1.0, 1.0);
  }
  return keep_common(x, y, minimum) ? correlate_common_ranks(x, y) : kNaN;
}

void assign_quantiles(const SessionRow& row, int quantiles, std::span<std::uint8_t> groups) {
  std::fill(groups.begin(), groups.end(), kNoQuantile);
  if (row.order.empty()) return;
  const std::size_t last = row.count() - 1;
  // The edge above group k lies at (n - 1)(k + 1)/q among the sorted values; a value is above it exactly when
  // the first of its equals stands behind the place below the edge.
  const auto below_edge = [&](int k) {
    return last * static_cast<std::size_t>(k + 1) / static_cast<std::size_t>(quantiles);
  };
  int group = 0;
  for (std::size_t begin = 0, end = 0; begin <= last; begin = end) {
    const double value = row.values[row.order[begin]];
    while (end <= last && row.values[row.order[end]] == value) ++end;
    while (group + 1 < quantiles && begin > below_edge(group)) ++group;
    for (std::size_t i = begin; i < end; ++i) groups[row.order[i]] = static_cast<std::uint8_t>(group);
  }
}

}  // namespace orrery
