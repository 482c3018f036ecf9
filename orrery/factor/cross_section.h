#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "orrery/factor/kernels/kernel_table.h"

namespace orrery {

/// Keys as the sorting kernels want them.
struct alignas(64) KeyBlock {
  std::uint32_t keys[16];
};

/// A value that a key could not tell from its neighbours'.
struct TiedValue {
  double value;
  std::uint32_t instrument;
};

/// Groups of the rows before, which the next row mostly has, too.
struct GroupOrder {
  std::size_t inputs = 0;             ///< how many codes make a group; none: all are one
  std::size_t instruments = 0;        ///< 0: no row was seen yet
  std::vector<double> codes;          ///< by input and instrument the latest that was there
  std::vector<std::uint32_t> order;   ///< instruments with codes, group after group
  std::vector<std::uint32_t> groups;  ///< by place in the order: the group's number
};

/// Memory that a thread lends to cross-sections, row after row, so that none is allocated once it has grown.
struct CrossScratch {
  std::vector<std::uint32_t> present;  ///< instruments that take part, in the order of their symbols
  std::vector<std::uint32_t> order;
  std::vector<double> values;
  std::vector<double> columns;
  std::vector<std::size_t> bounds;
  std::vector<KeyBlock> keys;
  std::vector<KeyBlock> ties;
  std::vector<TiedValue> tied;
  std::vector<double> plain_ranks;  ///< by element in the order of the values, if all differ
  std::vector<double> ranks;        ///< the same where some are equal
  GroupOrder groups;
};

/// All instruments of one row, in the order of their symbols.
struct CrossRow {
  std::size_t instruments = 0;
  std::span<const double* const> inputs;  ///< by input a value an instrument, NaN where missing
  std::span<const double> constants;
  double* output = nullptr;  ///< a value an instrument; NaN everywhere before the function runs
  CrossScratch* scratch = nullptr;
  const kernels::RowKernels* kernels = nullptr;

  std::span<const double> input(std::size_t i) const { return {inputs[i], instruments}; }
};

/// A function of all instruments of a row, such as a rank among them. It reads one row and remembers nothing.
/// Its result must not depend on threads or tiles: whoever adds up does so by lane_sum over the values that
/// are there, in the order of the symbols. A row on which nobody has a value has none as result.
struct CrossSection {
  const char* name = "";
  void (*run)(const CrossRow& row) = nullptr;
  bool idempotent = false;  ///< of its own result it makes the same again
};

/// How many places the inputs and the output of a row have: more than instruments, and NaN behind them.
std::size_t cross_slots(std::size_t instruments);

/// Returns the instruments whose value in every input of [0, inputs) is finite, in the order of their
/// symbols; they stay in `scratch.present`.
std::span<const std::uint32_t> present_instruments(const CrossRow& row, std::size_t inputs);

/// Adds up in 16 virtual lanes (value i in lane i mod 16), then the lanes pair by pair: the same bits
/// whatever the instructions.
double lane_sum(std::span<const double> values);

/// Sorts the instruments of `members` by their value in `values`, equal values by symbol.
void sort_by_value(std::span<std::uint32_t> members, std::span<const double> values);

/// Instruments that belong together.
struct CrossGroups {
  std::span<const std::uint32_t> members;  ///< group after group, in each in the order of the symbols
  std::span<const std::size_t> bounds;     ///< group g is [bounds[g], bounds[g + 1])

  std::size_t size() const { return bounds.empty() ? 0 : bounds.size() - 1; }
  std::span<const std::uint32_t> group(std::size_t g) const {
    return members.subspan(bounds[g], bounds[g + 1] - bounds[g]);
  }
};

/// Groups the instruments whose value in input 0 and in the inputs [first, end) is finite, by the latter.
/// Lies in `scratch.order` and `scratch.bounds`.
CrossGroups group_instruments(const CrossRow& row, std::size_t first, std::size_t end);

/// Writes the average rank of input 0 among all instruments that have one, from 1, over their number.
void rank_row(const CrossRow& row);

/// Writes the average rank among `members`, from 1, over their number. `members` is sorted by value.
void write_ranks(const CrossRow& row, std::span<const std::uint32_t> members);

}  // namespace orrery
