#include "orrery/factor/cross_section.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace orrery {

std::size_t cross_slots(std::size_t instruments) {
  return std::max<std::size_t>(kernels::kFewestSlots, std::bit_ceil(instruments));
}

std::span<const std::uint32_t> present_instruments(const CrossRow& row, std::size_t inputs) {
  auto& present = row.scratch->present;
  present.resize(row.instruments);
  std::size_t count = 0;
  for (std::size_t i = 0; i < row.instruments; ++i) {
    bool finite = true;
    for (std::size_t input = 0; input < inputs; ++input) finite &= std::isfinite(row.inputs[input][i]);
    present[count] = static_cast<std::uint32_t>(i);
    count += finite ? 1 : 0;
  }
  present.resize(count);
  return present;
}

double lane_sum(std::span<const double> values) {
  constexpr std::size_t kVirtualLanes = 16;
  std::array<double, kVirtualLanes> lanes{};
  std::size_t i = 0;
  for (; i + kVirtualLanes <= values.size(); i += kVirtualLanes) {
    for (std::size_t lane = 0; lane < kVirtualLanes; ++lane) lanes[lane] += values[i + lane];
  }
  for (; i < values.size(); ++i) lanes[i % kVirtualLanes] += values[i];
  for (std::size_t half = kVirtualLanes / 2; half > 0; half /= 2) {
    for (std::size_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  }
  return lanes[0];
}

void sort_by_value(std::span<std::uint32_t> members, std::span<const double> values) {
  std::sort(members.begin(), members.end(), [&](std::uint32_t a, std::uint32_t b) {
    return values[a] != values[b] ? values[a] < values[b] : a < b;
  });
}

namespace {

/// Takes over the codes of the row's groups that are there; an instrument without one keeps the one that it
/// had. Returns whether any is another one than before, or of other groups.
bool learn_codes(const CrossRow& row, std::size_t first, std::size_t end, GroupOrder& groups) {
  const std::size_t inputs = end - first;
  bool changed = groups.inputs != inputs || groups.instruments != row.instruments;
  if (changed) {
    groups.inputs = inputs;
    groups.instruments = row.instruments;
    groups.codes.assign(inputs * row.instruments, std::numeric_limits<double>::quiet_NaN());
  }
  for (std::size_t input = 0; input < inputs; ++input) {
    const double* now = row.inputs[first + input];
    double* known = groups.codes.data() + input * row.instruments;
    for (std::size_t i = 0; i < row.instruments; ++i) {
      const bool is_new = std::isfinite(now[i]) && now[i] != known[i];
      known[i] = is_new ? now[i] : known[i];
      changed |= is_new;
    }
  }
  return changed;
}

/// Whether an instrument has all its codes on the row.
bool has_codes(const CrossRow& row, std::size_t first, std::size_t end, std::uint32_t instrument) {
  bool finite = true;
  for (std::size_t input = first; input < end; ++input)
    finite &= std::isfinite(row.inputs[input][instrument]);
  return finite;
}

/// Numbers the instruments' groups in the order of their codes.
void order_groups(GroupOrder& groups) {
  groups.order.clear();
  groups.groups.clear();
  const auto code = [&](std::size_t input, std::size_t i) {
    return groups.codes[input * groups.instruments + i];
  };
  for (std::size_t i = 0; i < groups.instruments; ++i) {
    bool finite = true;
    for (std::size_t input = 0; input < groups.inputs; ++input) finite &= std::isfinite(code(input, i));
    if (finite) groups.order.push_back(static_cast<std::uint32_t>(i));
  }
  const auto compare = [&](std::uint32_t a, std::uint32_t b) {
    for (std::size_t input = 0; input < groups.inputs; ++input) {
      const double left = code(input, a);
      const double right = code(input, b);
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
  if (learn_codes(row, first, end, groups)) order_groups(groups);
  auto& order = row.scratch->order;
  auto& bounds = row.scratch->bounds;
  order.resize(groups.order.size());
  bounds.clear();
  const double* values = row.inputs[0];
  std::uint32_t latest = std::numeric_limits<std::uint32_t>::max();
  std::size_t count = 0;
  for (std::size_t i = 0; i < groups.order.size(); ++i) {
    const std::uint32_t instrument = groups.order[i];
    if (!std::isfinite(values[instrument]) || !has_codes(row, first, end, instrument)) continue;
    if (groups.groups[i] != latest) bounds.push_back(count);
    latest = groups.groups[i];
    order[count++] = instrument;
  }
  order.resize(count);
  if (count > 0) bounds.push_back(count);
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
  std::uint32_t* keys;
  const std::uint32_t* ties;
  int vector_bits = std::countr_zero(static_cast<unsigned>(sorted.vectors));

  int vector(int element) const { return element & (sorted.vectors - 1); }
  int lane(int element) const { return element >> vector_bits; }
  std::uint32_t& key(int element) const { return keys[vector(element) * sorted.lanes + lane(element)]; }
  std::uint32_t instrument(std::uint32_t key) const { return key & ((1U << sorted.index_bits) - 1); }
  /// The word of ties that begins with element `element`.
  std::uint32_t ties_from(int element) const {
    return ties[vector(element) / kernels::kTieBits * sorted.lanes + lane(element)];
  }
};

/// The ranks of elements that all differ.
void plain_ranks(std::span<double> ranks) {
  const auto count = static_cast<double>(ranks.size());
  const double share = 1.0 / count;
  for (int element = 0; element < static_cast<int>(ranks.size()); ++element) {
    // One correction by the exact remainder makes the product the rounded quotient.
    const auto number = static_cast<double>(element + 1);
    const double estimate = number * share;
    ranks[static_cast<std::size_t>(element)] = std::fma(std::fma(-estimate, count, number), share, estimate);
  }
}

/// Calls `run(first, last)` for every run of elements that are tied with their successors.
template <class Run>
void for_each_tie(const SortedKeys& keys, Run run) {
  const int chunk = std::min(kernels::kTieBits, keys.sorted.vectors);
  const std::uint32_t chunk_bits = ~std::uint32_t{0} >> (kernels::kTieBits - chunk);
  std::uint32_t before = 0;
  int first = 0;
  for (int begin = 0; begin < keys.sorted.lanes * keys.sorted.vectors; begin += chunk) {
    const std::uint32_t tied = keys.ties_from(begin);
    // Where runs begin and, by turns, end.
    for (std::uint32_t edges = (tied ^ (tied << 1 | before)) & chunk_bits; edges != 0; edges &= edges - 1) {
      const int at = std::countr_zero(edges);
      if ((tied >> at & 1U) != 0) {
        first = begin + at;
      } else {
        run(first, begin + at);
      }
    }
    before = tied >> (chunk - 1);
  }
}

/// Of two elements in a row that the keys cannot tell apart, the greater one comes last; equal ones share
/// their rank.
void settle_pair(const CrossRow& row, const SortedKeys& keys, int first, std::span<double> ranks) {
  const double* values = row.inputs[0];
  std::uint32_t& left = keys.key(first);
  std::uint32_t& right = keys.key(first + 1);
  const double left_value = values[keys.instrument(left)];
  const double right_value = values[keys.instrument(right)];
  if (left_value > right_value) std::swap(left, right);
  if (left_value != right_value) return;
  const double rank = 0.5 * static_cast<double>(2 * first + 3) / static_cast<double>(keys.sorted.present);
  ranks[static_cast<std::size_t>(first)] = rank;
  ranks[static_cast<std::size_t>(first) + 1] = rank;
}

/// Gives equal values their average rank; the first of them is element `first` of `present`.
void share_ranks(std::span<const TiedValue> tied, int first, int present, std::span<double> ranks) {
  for (std::size_t begin = 0; begin < tied.size();) {
    std::size_t end = begin + 1;
    while (end < tied.size() && tied[end].value == tied[begin].value) ++end;
    const std::size_t before = static_cast<std::size_t>(first) + begin;
    const std::size_t equal = end - begin;
    const double rank = 0.5 * static_cast<double>(2 * before + equal + 1) / static_cast<double>(present);
    std::fill_n(ranks.begin() + static_cast<std::ptrdiff_t>(before), equal, rank);
    begin = end;
  }
}

/// The same of any number of elements.
void settle_run(const CrossRow& row, const SortedKeys& keys, int first, int last, std::span<double> ranks) {
  auto& tied = row.scratch->tied;
  tied.clear();
  for (int element = first; element <= last; ++element) {
    const std::uint32_t instrument = keys.instrument(keys.key(element));
    tied.push_back({row.inputs[0][instrument], instrument});
  }
  const auto less = [](const TiedValue& a, const TiedValue& b) { return a.value < b.value; };
  if (!std::is_sorted(tied.begin(), tied.end(), less)) {
    std::sort(tied.begin(), tied.end(), less);
    for (int element = first; element <= last; ++element)
      keys.key(element) = tied[static_cast<std::size_t>(element - first)].instrument;
  }
  share_ranks(tied, first, keys.sorted.present, ranks);
}

/// Puts the elements that keys could not tell apart in order; equal ones share their rank.
void settle_ties(const CrossRow& row, const SortedKeys& keys, std::span<double> ranks) {
  for_each_tie(keys, [&](int first, int last) {
    if (last == first + 1) {
      settle_pair(row, keys, first, ranks);
    } else {
      settle_run(row, keys, first, last, ranks);
    }
  });
}

/// Writes the elements' ranks to their instruments.
void write_element_ranks(const SortedKeys& keys, std::span<const double> ranks, double* output) {
  const double* rank = ranks.data();
  const double* const end = rank + ranks.size();
  for (int lane = 0; rank < end; ++lane) {
    const std::uint32_t* key = keys.keys + lane;
    const double* const lane_end = std::min(rank + keys.sorted.vectors, end);
#pragma GCC unroll 4
    for (; rank < lane_end; ++rank, key += keys.sorted.lanes) output[keys.instrument(*key)] = *rank;
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
  scratch.ties.resize(scratch.keys.size());
  std::uint32_t* places = scratch.keys.data()->keys;
  std::uint32_t* ties = scratch.ties.data()->keys;
  const auto sorted = row.kernels->sort(row.inputs[0], static_cast<int>(slots), places, ties);
  const SortedKeys keys{sorted, places, ties};
  if (scratch.plain_ranks.size() != static_cast<std::size_t>(sorted.present)) {
    scratch.plain_ranks.resize(static_cast<std::size_t>(sorted.present));
    plain_ranks(scratch.plain_ranks);
  }
  if (!sorted.has_ties) return write_element_ranks(keys, scratch.plain_ranks, row.output);
  scratch.ranks = scratch.plain_ranks;
  settle_ties(row, keys, scratch.ranks);
  write_element_ranks(keys, scratch.ranks, row.output);
}

}  // namespace orrery
