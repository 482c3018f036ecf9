#include "orrery/factor/cross_section_rows.h"

#include <algorithm>
#include <limits>

#include "orrery/base/threads.h"

namespace orrery {

CrossSectionRows::CrossSectionRows(const CompiledFactors& factors, const Plan& plan, std::size_t instruments,
                                   std::span<const std::unique_ptr<Tile>> tiles)
    : factors_(factors), plan_(plan), instruments_(instruments), tiles_(tiles) {}

void CrossSectionRows::run(std::size_t stage, std::int64_t first_row, int rows, int threads) {
  const Stage& part = plan_.stages[stage];
  if (part.end == part.cross_sections) return;
  const auto workers = static_cast<std::size_t>(std::min(resolve_threads(threads), rows));
  benches_.resize(std::max(benches_.size(), workers));
  // Which rows share a bench never shows: it is only memory.
  parallel_for(workers, threads, [&](std::size_t worker) {
    for (auto row = static_cast<std::int64_t>(worker); row < rows; row += static_cast<std::int64_t>(workers))
      run_row(stage, first_row + row, benches_[worker]);
  });
}

void CrossSectionRows::run_row(std::size_t stage, std::int64_t row, Bench& bench) const {
  const Stage& part = plan_.stages[stage];
  for (std::size_t place = part.cross_sections; place < part.end; ++place) run_node(place, row, bench);
}

void CrossSectionRows::run_node(std::size_t place, std::int64_t row, Bench& bench) const {
  const Node& node = factors_.graph.nodes()[static_cast<std::size_t>(plan_.order[place])];
  const std::size_t inputs = node.inputs.size();
  bench.inputs.resize(std::max(bench.inputs.size(), inputs));
  bench.pointers.resize(bench.inputs.size());
  for (std::size_t input = 0; input < inputs; ++input) {
    bench.inputs[input].resize(instruments_);
    bench.pointers[input] = bench.inputs[input].data();
    for (const auto& tile : tiles_) tile->gather(place, input, row, bench.inputs[input].data());
  }
  bench.output.assign(instruments_, std::numeric_limits<double>::quiet_NaN());
  node.cross_section->run(
      {instruments_, {bench.pointers.data(), inputs}, node.constants, bench.output.data(), &bench.scratch});
  for (const auto& tile : tiles_) tile->scatter(place, row, bench.output.data());
}

}  // namespace orrery
