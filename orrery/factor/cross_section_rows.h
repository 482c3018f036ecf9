#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "orrery/factor/compile.h"
#include "orrery/factor/plan.h"
#include "orrery/factor/tile.h"

namespace orrery {

/// Computes the cross-sections of a stage between two turns of the tiles: gathers a row's instruments from
/// all tiles, calls the function, and gives every tile its part.
class CrossSectionRows {
 public:
  /// Keeps references. `tiles` lie side by side in the order of the instruments.
  CrossSectionRows(const CompiledFactors& factors, const Plan& plan, std::size_t instruments,
                   std::span<const std::unique_ptr<Tile>> tiles);

  /// Computes the stage's cross-sections on rows [first_row, first_row + rows), rows on up to `threads`
  /// threads.
  void run(std::size_t stage, std::int64_t first_row, int rows, int threads);

 private:
  /// What one thread computes in.
  struct Bench {
    std::vector<std::vector<double>> inputs;
    std::vector<const double*> pointers;
    std::vector<double> output;
    CrossScratch scratch;
  };

  void run_row(std::size_t stage, std::int64_t row, Bench& bench) const;
  void run_node(std::size_t place, std::int64_t row, Bench& bench) const;

  const CompiledFactors& factors_;
  const Plan& plan_;
  std::size_t instruments_;
  std::span<const std::unique_ptr<Tile>> tiles_;
  std::vector<Bench> benches_;
};

}  // namespace orrery
