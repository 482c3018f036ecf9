#pragma once

#include <cstddef>
#include <vector>

#include "orrery/factor/compile.h"
#include "orrery/factor/graph.h"

namespace orrery {

/// How the work is cut. It never changes a bit of the results.
struct ExecutionShape {
  int lanes = 32;  ///< instruments of a tile, a multiple of kernels::kLaneGroup
  int rows = 96;   ///< rows of a block
};

/// Where a series lies in a tile's memory: the rows of the past that somebody still reads, and behind them
/// the block's rows, so that the rows that a kernel reads always lie behind one another.
///
/// A kept series has its place for itself: the blocks move through its rows until it ends; then the past is
/// copied to its front. The others share places, each one from its computation to the block's last reader; a
/// past, if shorter than a block, is fetched from the series' tail and put back there. So what a block works
/// on stays in the cache.
struct Placement {
  std::size_t offset = 0;  ///< bytes from the start of the tile's memory
  int history = 0;         ///< rows before the block's first one that are still read
  int rows = 0;            ///< rows of the place, at least history and the rows of a block
  bool kept = false;       ///< the place is this series' alone
  std::size_t tail = 0;    ///< where the past lies between blocks, for a series that is not kept

  bool has_tail() const { return !kept && history > 0; }
  bool moves() const { return kept && history > 0; }
};

/// A part of the order of work: series over time, tile by tile, then the cross-sections of what they gave.
/// Every tile must have done its part of a block before a cross-section of the block begins.
struct Stage {
  std::size_t begin = 0;           ///< first place in the order
  std::size_t cross_sections = 0;  ///< first place of a cross-section
  std::size_t end = 0;             ///< behind the last one
};

/// The order of the work on a tile and the places of all series.
struct Plan {
  std::vector<int> order;  ///< nodes in the order of computation; dead ones are left out
  /// Without cross-sections there is one stage. A stage reads the cross-sections of the stages before.
  std::vector<Stage> stages;
  std::vector<std::vector<Placement>> placements;  ///< by node and output
  std::vector<std::size_t> state_offsets;          ///< by node
  std::vector<std::vector<std::size_t>> sinks;     ///< by node: roots that are written when it is done
  std::vector<bool> direct;                        ///< by node: only one root reads it, as it comes
  std::size_t bytes = 0;                           ///< memory of one tile
  int block_rows = 0;                              ///< the most rows of a block
  int maximum_latency = 0;
};

/// Plans the work on a graph. `roots` are the series to be written.
Plan make_plan(const Graph& graph, const std::vector<Operand>& roots, const ExecutionShape& shape);

}  // namespace orrery
