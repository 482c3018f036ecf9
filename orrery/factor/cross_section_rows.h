#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "orrery/factor/compile.h"
#include "orrery/factor/plan.h"
#include "orrery/factor/tile.h"
#include "orrery/market/panel.h"

namespace orrery {

/// Computes the cross-sections of a stage between two turns of the tiles: gathers a row's instruments from
/// all tiles, calls the function, and gives every tile its part.
class CrossSectionRows {
 public:
  /// Keeps references. `tiles` lie side by side in the order of the instruments. Up to `workers` may run at a
  /// time.
  CrossSectionRows(const CompiledFactors& factors, const Plan& plan, std::size_t instruments,
                   std::span<const std::unique_ptr<Tile>> tiles, std::size_t workers,
                   kernels::InstructionSet instructions);

  /// Computes worker `worker`'s part of the stage's cross-sections on rows [first_row, first_row + rows):
  /// an equal share of them. Who computes what never shows.
  void run(std::size_t stage, std::int64_t first_row, int rows, std::size_t worker);

 private:
  /// What one thread computes in.
  struct Bench {
    Panel inputs;  ///< a row an input
    std::vector<const double*> pointers;
    Panel output;
    CrossScratch scratch;
    std::vector<Tile::CrossSeries> tiles;  ///< what a node reads and writes in each tile
  };

  void run_row(const Node& node, std::int64_t row, Bench& bench) const;
  void gather(kernels::Element element, std::size_t input, std::int64_t row, Bench& bench) const;
  void scatter(std::int64_t row, Bench& bench) const;

  const CompiledFactors& factors_;
  const Plan& plan_;
  std::size_t instruments_;
  std::span<const std::unique_ptr<Tile>> tiles_;
  const kernels::RowKernels& kernels_;
  const kernels::TileIo& io_;
  std::vector<Bench> benches_;
};

}  // namespace orrery
