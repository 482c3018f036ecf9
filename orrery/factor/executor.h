#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "orrery/base/progress.h"
#include "orrery/factor/compile.h"
#include "orrery/factor/kernels/kernel_table.h"
#include "orrery/factor/plan.h"
#include "orrery/market/factor_frame.h"
#include "orrery/market/market_data.h"
#include "orrery/market/panel.h"

namespace orrery {

class CrossSectionRows;
class Tile;

/// Returns the shape that suits factors best: what has cross-sections takes longer blocks, because no tile's
/// memory stays in the cache until its next turn, and tiles so narrow that every thread has one.
ExecutionShape shape_for(const CompiledFactors& factors, std::size_t instruments, int threads);

/// Computes compiled factors over all instruments and rows: tiles of instruments by blocks of rows, tiles on
/// several threads. Results do not depend on shape, threads or instructions to the bit.
///
/// Without cross-sections a worker takes a tile through all rows, then the next. With them all tiles go
/// through the rows together, block by block and stage by stage: every worker its tiles, then, when all have
/// done so, its rows of the stage's cross-sections. A stream does the same with blocks of one row.
class BatchExecutor {
 public:
  /// Keeps references; `factors` and `market` must outlive the executor.
  BatchExecutor(const CompiledFactors& factors, const MarketData& market, const ExecutionShape& shape,
                kernels::InstructionSet instructions);

  /// Writes every cell of the results, padding included; one panel a factor, of the market's shape.
  void run(std::vector<FloatPanel>& results, int threads, Progress& progress) const;
  void run(std::vector<Panel>& results, int threads, Progress& progress) const;

  /// Computes into a block of rows, which is handed out and used again: `taken` is called with the rows that
  /// it holds from its first row on; those behind are of no use. Memory is bounded by the block and the
  /// tiles. Errors: an internal one for factors that look ahead, whose last rows come after their block.
  void run_blocks(std::vector<FloatPanel>& block, int threads, Progress& progress,
                  const std::function<void(RowRange rows)>& taken) const;

 private:
  template <class T>
  void run_all(std::vector<PanelT<T>>& results, int threads, Progress& progress) const;
  template <class T>
  void run_tiles(std::vector<PanelT<T>>& results, int threads, Progress& progress) const;
  template <class T>
  void run_stages(std::vector<PanelT<T>>& results, int threads, Progress& progress) const;
  std::int64_t end_row() const;
  struct Rows {
    std::int64_t begin;
    std::int64_t end;
  };
  template <class T>
  void advance_together(std::span<const std::unique_ptr<Tile>> tiles, CrossSectionRows& rows_across,
                        Rows rows, std::vector<PanelT<T>>& results, int threads) const;
  template <class T>
  void advance_tiles(std::span<const std::unique_ptr<Tile>> tiles, Rows rows, std::vector<PanelT<T>>& results,
                     int threads) const;
  std::vector<std::unique_ptr<Tile>> make_tiles(std::size_t stride, int threads) const;

  const CompiledFactors& factors_;
  const MarketData& market_;
  ExecutionShape shape_;
  kernels::InstructionSet instructions_;
  Plan plan_;
};

}  // namespace orrery
