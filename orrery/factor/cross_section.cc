#include "orrery/factor/cross_section.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace orrery {

std::span<const std::uint32_t> present_instruments(const CrossRow& row, std::size_t inputs) {
  auto& present = row.scratch->present;
  present.clear();
  for (std::size_t i = 0; i < row.instruments; ++i) {
    bool finite = true;
    for (std::size_t input = 0; input < inputs; ++input) finite &= std::isfinite(row.inputs[input][i]);
    if (finite) present.push_back(static_cast<std::uint32_t>(i));
  }
  return present;
}

double lane_sum(std::span<const double> values) {
  constexpr std::size_t kVirtualLanes = 16;
  std::array<double, kVirtualLanes> lanes{};
  for (std::size_t i = 0; i < values.size(); ++i) lanes[i % kVirtualLanes] += values[i];
  for (std::size_t half = kVirtualLanes / 2; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

void sort_by_value(std::span<std::uint32_t> members, std::span<const double> values) {
  std::sort(members.begin(), members.end(), [&](std::uint32_t a, std::uint32_t b) {
    return values[a] != values[b] ? values[a] < values[b] : a < b;
  });
}

CrossGroups group_instruments(const CrossRow& row, std::size_t first, std::size_t end) {
  auto& order = row.scratch->order;
  auto& bounds = row.scratch->bounds;
  order.clear();
  bounds.clear();
  for (std::size_t i = 0; i < row.instruments; ++i) {
    bool finite = std::isfinite(row.inputs[0][i]);
    for (std::size_t input = first; input < end; ++input) finite &= std::isfinite(row.inputs[input][i]);
    if (finite) order.push_back(static_cast<std::uint32_t>(i));
  }
  const auto compare = [&](std::uint32_t a, std::uint32_t b) {
    for (std::size_t input = first; input < end; ++input) {
      const double left = row.inputs[input][a];
      const double right = row.inputs[input][b];
      if (left != right) return left < right ? -1 : 1;
    }
    return 0;
  };
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int groups = compare(a, b);
    return groups != 0 ? groups < 0 : a < b;
  });
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || compare(order[i - 1], order[i]) != 0) bounds.push_back(i);
  }
  if (!order.empty()) bounds.push_back(order.size());
  return {order, bounds};
}

void write_ranks(const CrossRow& row, std::span<const std::uint32_t> members) {
  const std::span<const double> values = row.input(0);
  const auto count = static_cast<double>(members.size());
  for (std::size_t begin = 0; begin < members.size();) {
    std::size_t end = begin + 1;
    while (end < members.size() && values[members[end]] == values[members[begin]]) ++end;
    const double rank = 0.5 * static_cast<double>(begin + 1 + end) / count;
    for (std::size_t i = begin; i < end; ++i) row.output[members[i]] = rank;
    begin = end;
  }
}

}  // namespace orrery
