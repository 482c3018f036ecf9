#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "orrery/factor/compile.h"
#include "orrery/factor/kernels/kernel_table.h"
#include "orrery/factor/plan.h"
#include "orrery/factor/tile_memory.h"
#include "orrery/market/market_data.h"
#include "orrery/market/panel.h"

namespace orrery {

/// The memory of one tile of instruments and the kernels bound to it. A worker computes one tile after
/// another in it.
class Tile {
 public:
  /// Keeps references. `lanes` is at most that of the plan's shape.
  Tile(const CompiledFactors& factors, const Plan& plan, const MarketData& market, int lanes,
       kernels::InstructionSet instructions);

  int lanes() const { return lanes_; }
  std::size_t lanes_size() const { return static_cast<std::size_t>(lanes_); }

  /// Turns to the instruments from `first_instrument` on: sets every series and state to what it is before
  /// anything has been observed.
  void start(std::size_t first_instrument);

  /// Reads again when the tile's instruments begin and end, for a market that grows.
  void read_lives();
  /// Says that the market's first row is row `row`, for a market that holds only the latest rows.
  void move_market_to(std::int64_t row) { market_row_ = row; }
  /// Says that the results' first row is row `row`, for results that hold only a block of rows. What is
  /// computed for rows before and behind the block is dropped.
  void move_results_to(std::int64_t row) { results_row_ = row; }
  /// Everything that the tile remembers from row to row.
  std::span<std::byte> memory() { return memory_.bytes(); }
  /// Goes on from memory() that was replaced.
  void resume() { memory_.follow(); }

  /// Computes rows [first_row, first_row + rows), which follow those of the call before, and writes the
  /// results that are complete. Rows behind the market's last are empty; they let results that look ahead
  /// come out.
  template <class T>
  void advance(std::int64_t first_row, int rows, std::vector<PanelT<T>>& results) {
    advance_stage(0, first_row, rows, results);
  }

  /// The same for one stage of the plan: writes what the cross-sections of the stage before gave, then
  /// computes the stage's series over time.
  template <class T>
  void advance_stage(std::size_t stage, std::int64_t first_row, int rows, std::vector<PanelT<T>>& results);

  /// Where a cross-section's series lie in this tile: from the row `block_row` on, lanes() cells a row.
  struct CrossSeries {
    std::vector<kernels::Input> inputs;  ///< but the last
    const float* present = nullptr;      ///< the last input: 0 where the instrument has a bar, else NaN
    double* output = nullptr;
    std::int64_t block_row = 0;
    std::size_t first_instrument = 0;
    int lanes = 0;
  };
  /// Finds the series of the cross-section at `place` of the plan's order, for the block at hand.
  void find_series(std::size_t place, CrossSeries& found) const;

 private:
  /// The past of a series in a place that it shares.
  struct Tail {
    std::byte* place;
    std::byte* kept;
    std::size_t bytes;
    std::size_t row_bytes;

    void fetch() const { std::memcpy(place, kept, bytes); }
    void put_back(int rows) const {
      std::memcpy(kept, place + static_cast<std::size_t>(rows) * row_bytes, bytes);
    }
  };
  /// A node as the rows need it, in the order of computation.
  struct Step {
    kernels::KernelFunction run = nullptr;             ///< none: a source, or a cross-section's values
    kernels::ResultFunction run_to_results = nullptr;  ///< none: the series is computed first
    kernels::KernelCall call;
    const std::vector<std::size_t>* sinks = nullptr;
    const Node* node = nullptr;
    std::span<const Tail> tails;
  };
  /// Where a source's values come from.
  struct Source {
    std::size_t place = 0;  ///< of its step
    const Panel* field = nullptr;
    const MaskPanel* present = nullptr;
    std::vector<float> groups;    ///< of a group: by instrument
    std::vector<int> clock_rows;  ///< of a clock: by row
  };

  void bind_pointers();
  void bind(std::size_t place);
  void keep_late_series();
  void bind_source(std::size_t place);
  void reset(Step& step);
  void fill_history(const Step& step);
  static void run(const Step& step, int rows);
  void begin_block(std::int64_t first_row, int rows);
  void load(const Source& source, int rows);
  void load_row(const Source& source, std::int64_t row, std::byte* to);
  std::byte* row_of(const Step& step, std::int64_t row) const;
  const Placement& placement(SeriesId series) const;
  std::size_t row_bytes(SeriesId series) const;
  template <class T>
  void write(const Step& step, const Operand& root, std::int64_t first_row, int rows, PanelT<T>& result);
  void copy(const kernels::Input& series, kernels::Element element, std::int64_t first_row, int rows,
            const kernels::ResultRows<float>& results) const;
  void copy(const kernels::Input& series, kernels::Element element, std::int64_t first_row, int rows,
            const kernels::ResultRows<double>& results) const;

  const CompiledFactors& factors_;
  const Plan& plan_;
  int lanes_;
  std::int64_t block_row_ = 0;   ///< row number of the block's first row
  std::int64_t market_row_ = 0;  ///< row number of the market's first row
  std::int64_t market_rows_;
  std::int64_t results_row_ = 0;  ///< row number of the results' first row
  const kernels::TileIo& io_;
  TileMemory memory_;
  std::vector<kernels::Input> inputs_;    ///< of all steps, one behind the other
  std::vector<kernels::Output> outputs_;  ///< of all steps
  std::vector<double> constants_;         ///< of all steps
  std::vector<Step> steps_;
  std::vector<Tail> tails_;  ///< of all steps
  std::vector<Source> sources_;
  const Step* alive_ = nullptr;
  const MarketData& market_;
  std::size_t first_instrument_ = 0;
  /// By lane the instrument's first row and last row; a lane without an instrument begins after every row.
  PanelT<std::int32_t> life_;
  std::int64_t all_alive_from_ = 0;
  std::int64_t all_alive_to_ = -1;
};

}  // namespace orrery
