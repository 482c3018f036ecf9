#include "orrery/factor/cross_section_rows.h"

#include <algorithm>
#include <limits>

namespace orrery {

CrossSectionRows::CrossSectionRows(const CompiledFactors& factors, const Plan& plan, std::size_t instruments,
                                   std::span<const std::unique_ptr<Tile>> tiles, std::size_t workers,
                                   kernels::InstructionSet instructions)
    : factors_(factors),
      plan_(plan),
      instruments_(instruments),
      tiles_(tiles),
      kernels_(kernels::row_kernels(instructions)),
      benches_(workers) {
  std::size_t inputs = 0;
  for (const Node& node : factors.graph.nodes()) inputs = std::max(inputs, node.inputs.size());
  const std::size_t slots = cross_slots(instruments);
  for (Bench& bench : benches_) {
    // Places behind the instruments stay NaN: tiles write NaN to lanes without instrument, nobody writes the
    // rest.
    bench.inputs = Panel(inputs, slots);
    bench.output = Panel(1, slots);
    for (std::size_t input = 0; input < inputs; ++input)
      bench.pointers.push_back(bench.inputs.row_data(input));
  }
}

void CrossSectionRows::run(std::size_t stage, std::int64_t first_row, int rows, std::size_t worker) {
  const Stage& part = plan_.stages[stage];
  if (part.end == part.cross_sections) return;
  const auto workers = static_cast<std::int64_t>(benches_.size());
  const std::int64_t begin = first_row + rows * static_cast<std::int64_t>(worker) / workers;
  const std::int64_t end = first_row + rows * (static_cast<std::int64_t>(worker) + 1) / workers;
  // A cross-section's rows lie behind one another.
  for (std::size_t place = part.cross_sections; place < part.end; ++place) {
    for (std::int64_t row = begin; row < end; ++row) run_node(place, row, benches_[worker]);
  }
}

void CrossSectionRows::run_node(std::size_t place, std::int64_t row, Bench& bench) const {
  const Node& node = factors_.graph.nodes()[static_cast<std::size_t>(plan_.order[place])];
  const std::size_t inputs = node.inputs.size() - 1;  // the last says who has a bar
  for (std::size_t input = 0; input < inputs; ++input) {
    for (const auto& tile : tiles_) tile->gather(place, input, row, bench.inputs.row_data(input));
  }
  std::fill_n(bench.output.row_data(0), bench.output.stride(), std::numeric_limits<double>::quiet_NaN());
  node.cross_section->run({instruments_,
                           {bench.pointers.data(), inputs},
                           node.constants,
                           bench.output.row_data(0),
                           &bench.scratch,
                           &kernels_});
  for (const auto& tile : tiles_) tile->scatter(place, row, bench.output.row_data(0));
}

}  // namespace orrery
