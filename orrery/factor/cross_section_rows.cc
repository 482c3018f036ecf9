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
      io_(kernels::tile_io(instructions)),
      benches_(workers) {
  std::size_t inputs = 0;
  for (const Node& node : factors.graph.nodes()) inputs = std::max(inputs, node.inputs.size());
  const std::size_t slots = cross_slots(instruments);
  for (Bench& bench : benches_) {
    // Places behind the instruments stay NaN: tiles write NaN to lanes without instrument, nobody writes the
    // rest.
    bench.inputs = Panel(inputs, slots);
    bench.output = Panel(1, slots);
    bench.tiles.resize(tiles.size());
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
  Bench& bench = benches_[worker];
  for (std::size_t place = part.cross_sections; place < part.end; ++place) {
    for (std::size_t i = 0; i < tiles_.size(); ++i) tiles_[i]->find_series(place, bench.tiles[i]);
    const Node& node = factors_.graph.nodes()[static_cast<std::size_t>(plan_.order[place])];
    // A cross-section's rows lie behind one another.
    for (std::int64_t row = begin; row < end; ++row) run_row(node, row, bench);
  }
}

void CrossSectionRows::run_row(const Node& node, std::int64_t row, Bench& bench) const {
  const std::size_t inputs = node.inputs.size() - 1;  // the last says who has a bar
  for (std::size_t input = 0; input < inputs; ++input)
    gather(factors_.graph.element(node.inputs[input].series), input, row, bench);
  std::fill_n(bench.output.row_data(0), bench.output.stride(), std::numeric_limits<double>::quiet_NaN());
  node.cross_section->run({instruments_,
                           {bench.pointers.data(), inputs},
                           node.constants,
                           bench.output.row_data(0),
                           &bench.scratch,
                           &kernels_});
  scatter(row, bench);
}

namespace {

/// Asks for a series' rows to come: a cross-section takes one of each tile by turns, which the machine does
/// not guess.
template <class T>
void fetch_rows_ahead(const T* row, std::int64_t lanes) {
  constexpr int kRows = 4;
  constexpr int kLine = 64 / sizeof(T);
  for (std::int64_t lane = 0; lane < lanes; lane += kLine) __builtin_prefetch(row + kRows * lanes + lane);
}

}  // namespace

/// Copies an input's row out of all tiles; NaN where an instrument has no bar.
void CrossSectionRows::gather(kernels::Element element, std::size_t input, std::int64_t row,
                              Bench& bench) const {
  double* to = bench.inputs.row_data(input);
  for (const Tile::CrossSeries& tile : bench.tiles) {
    const std::int64_t cells = (row - tile.block_row) * tile.lanes;
    if (element == kernels::Element::kFloat) {
      const float* values = reinterpret_cast<const float*>(tile.inputs[input].data) + cells;
      fetch_rows_ahead(values, tile.lanes);
      io_.widen(to + tile.first_instrument, values, tile.present + cells, tile.lanes);
    } else {
      const double* values = reinterpret_cast<const double*>(tile.inputs[input].data) + cells;
      fetch_rows_ahead(values, tile.lanes);
      io_.load_double(to + tile.first_instrument, values, tile.present + cells, tile.lanes);
    }
  }
}

/// Copies the result's row into all tiles; NaN where an instrument has no bar.
void CrossSectionRows::scatter(std::int64_t row, Bench& bench) const {
  const double* from = bench.output.row_data(0);
  for (const Tile::CrossSeries& tile : bench.tiles) {
    const std::int64_t cells = (row - tile.block_row) * tile.lanes;
    fetch_rows_ahead(tile.output + cells, tile.lanes);
    io_.load_double(tile.output + cells, from + tile.first_instrument, tile.present + cells, tile.lanes);
  }
}

}  // namespace orrery
