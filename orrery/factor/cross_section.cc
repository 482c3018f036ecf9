#include "orrery/factor/cross_section.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace orrery {

std::size_t cross_slots(std::size_t instruments) {
  return std::max<std::size_t>(kernels::kFewestSlots, std::bit_ceil(instruments));
}

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

namespace {

/// Whether the codes are those that the groups were made of; keeps them if not.
bool same_codes(const CrossRow& row, std::size_t first, std::size_t end, std::vector<double>& codes) {
  const std::size_t bytes = row.instruments * sizeof(double);
  bool same = first < end && codes.size() == (end - first) * row.instruments;
  for (std::size_t input = first; same && input < end; ++input)
    same = std::memcmp(codes.data() + (input - first) * row.instruments, row.inputs[input], bytes) == 0;
  if (same) return true;
  codes.clear();
  for (std::size_t input = first; input < end; ++input)
    codes.insert(codes.end(), row.inputs[input], row.inputs[input] + row.instruments);
  return false;
}

/// Numbers the instruments' groups in the order of their codes.
void order_groups(const CrossRow& row, std::size_t first, std::size_t end, GroupOrder& groups) {
  groups.order.clear();
  groups.groups.clear();
  for (std::size_t i = 0; i < row.instruments; ++i) {
    bool finite = true;
    for (std::size_t input = first; input < end; ++input) finite &= std::isfinite(row.inputs[input][i]);
    if (finite) groups.order.push_back(static_cast<std::uint32_t>(i));
  }
  const auto compare = [&](std::uint32_t a, std::uint32_t b) {
    for (std::size_t input = first; input < end; ++input) {
      const double left = row.inputs[input][a];
      const double right = row.inputs[input][b];
      if (left != right) return left < right ? -1 : 1;
    }
    return 0;
  };
  std::sort(groups.order.begin(), groups.order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int order = compare(a, b);
    return order != 0 ? order < 0 : a < b;
  });
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < groups.order.size(); ++i) {
    if (i > 0 && compare(groups.order[i - 1], groups.order[i]) != 0) ++group;
    groups.groups.push_back(group);
  }
}

}  // namespace

CrossGroups group_instruments(const CrossRow& row, std::size_t first, std::size_t end) {
  GroupOrder& groups = row.scratch->groups;
  if (!same_codes(row, first, end, groups.codes)) order_groups(row, first, end, groups);
  auto& order = row.scratch->order;
  auto& bounds = row.scratch->bounds;
  order.clear();
  bounds.clear();
  const double* values = row.inputs[0];
  std::uint32_t latest = std::numeric_limits<std::uint32_t>::max();
  for (std::size_t i = 0; i < groups.order.size(); ++i) {
    const std::uint32_t instrument = groups.order[i];
    if (!std::isfinite(values[instrument])) continue;
    if (groups.groups[i] != latest) bounds.push_back(order.size());
    latest = groups.groups[i];
    order.push_back(instrument);
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

namespace {

/// Sorted keys and what their upper bits mean.
struct SortedKeys {
  kernels::SortedRow sorted;
  const std::uint32_t* keys;
  const std::uint32_t* ties;
  int vector_bits = std::countr_zero(static_cast<unsigned>(sorted.vectors));

  std::size_t vector(std::size_t element) const { return element & ((std::size_t{1} << vector_bits) - 1); }
  std::size_t lane(std::size_t element) const { return element >> vector_bits; }
  std::uint32_t instrument(std::size_t element) const {
    const std::size_t place = vector(element) * static_cast<std::size_t>(sorted.lanes) + lane(element);
    return keys[place] & ((1U << sorted.index_bits) - 1);
  }
  bool ties_with_next(std::size_t element) const {
    return (ties[vector(element)] >> lane(element) & 1U) != 0;
  }
};

/// By place among sorted keys the element, counted from 1.
const double* element_numbers(const kernels::SortedRow& sorted, CrossScratch& scratch) {
  const auto vectors = static_cast<std::size_t>(sorted.vectors);
  const auto lanes = static_cast<std::size_t>(sorted.lanes);
  if (scratch.numbers.size() == vectors * lanes) return scratch.numbers.data();
  scratch.numbers.resize(vectors * lanes);
  for (std::size_t element = 0; element < scratch.numbers.size(); ++element)
    scratch.numbers[element % vectors * lanes + element / vectors] = static_cast<double>(element + 1);
  return scratch.numbers.data();
}

/// The rank of each place among sorted keys whose values all differ; NaN for the missing ones.
const double* plain_ranks(const kernels::SortedRow& sorted, CrossScratch& scratch) {
  const double* numbers = element_numbers(sorted, scratch);
  scratch.ranks.resize(scratch.numbers.size());
  double* ranks = scratch.ranks.data();
  const auto count = static_cast<double>(sorted.present);
  const double share = 1.0 / count;
  for (std::size_t i = 0; i < scratch.ranks.size(); ++i) {
    // One correction by the exact remainder makes the product the rounded quotient.
    const double estimate = numbers[i] * share;
    const double rank = std::fma(std::fma(-estimate, count, numbers[i]), share, estimate);
    ranks[i] = numbers[i] <= count ? rank : std::numeric_limits<double>::quiet_NaN();
  }
  return ranks;
}

/// Ranks instruments that the keys cannot tell apart, of which the first is element `first`.
void rank_run(const CrossRow& row, std::size_t first, std::span<std::uint32_t> members, double count) {
  const std::span<const double> values = row.input(0);
  const double value = values[members[0]];
  const bool equal =
      std::all_of(members.begin(), members.end(), [&](std::uint32_t i) { return values[i] == value; });
  if (!equal) sort_by_value(members, values);
  for (std::size_t begin = 0; begin < members.size();) {
    std::size_t end = equal ? members.size() : begin + 1;
    while (end < members.size() && values[members[end]] == values[members[begin]]) ++end;
    const double rank = 0.5 * static_cast<double>(2 * first + begin + 1 + end) / count;
    for (std::size_t i = begin; i < end; ++i) row.output[members[i]] = rank;
    begin = end;
  }
}

/// Ranks the run of ties that begins at `element`.
void rank_ties(const CrossRow& row, const SortedKeys& keys, std::size_t element) {
  auto& members = row.scratch->order;
  members.clear();
  std::size_t last = element;
  while (keys.ties_with_next(last)) members.push_back(keys.instrument(last++));
  members.push_back(keys.instrument(last));
  rank_run(row, element, members, static_cast<double>(keys.sorted.present));
}

/// Ranks every run of ties.
void rank_all_ties(const CrossRow& row, const SortedKeys& keys) {
  const int vectors = keys.sorted.vectors;
  // The element before one of vector 0 lies in the last vector, a lane lower.
  std::uint32_t before = keys.ties[vectors - 1] << 1;
  for (int vector = 0; vector < vectors; ++vector) {
    for (std::uint32_t begins = keys.ties[vector] & ~before; begins != 0; begins &= begins - 1) {
      const auto lane = static_cast<std::size_t>(std::countr_zero(begins));
      rank_ties(row, keys, lane * static_cast<std::size_t>(vectors) + static_cast<std::size_t>(vector));
    }
    before = keys.ties[vector];
  }
}

}  // namespace

void rank_row(const CrossRow& row) {
  const std::size_t slots = cross_slots(row.instruments);
  CrossScratch& scratch = *row.scratch;
  if (slots > kernels::kMostSlots) {
    present_instruments(row, 1);
    sort_by_value(scratch.present, row.input(0));
    write_ranks(row, scratch.present);
    return;
  }
  scratch.keys.resize(slots / std::size(KeyBlock{}.keys));
  scratch.ties.resize(slots / 8);
  std::uint32_t* keys = scratch.keys.data()->keys;
  const auto sorted = row.kernels->sort(row.inputs[0], static_cast<int>(slots), keys, scratch.ties.data());
  const double* ranks = plain_ranks(sorted, scratch);
  const std::uint32_t instrument = (1U << sorted.index_bits) - 1;
  for (std::size_t i = 0; i < slots; ++i) row.output[keys[i] & instrument] = ranks[i];
  if (sorted.has_ties) rank_all_ties(row, {sorted, keys, scratch.ties.data()});
}

}  // namespace orrery
