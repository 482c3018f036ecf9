#include "orrery/factor/tile.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "orrery/factor/group_codes.h"
#include "orrery/factor/row_clock.h"

namespace orrery {
namespace {

using kernels::Element;

/// Copies the cells of `row` into every other row of a ring.
void fill_ring(std::byte* data, int rows, std::size_t row_bytes, std::int64_t row) {
  const std::byte* from = data + static_cast<std::size_t>(row & (rows - 1)) * row_bytes;
  for (int i = 0; i < rows; ++i) {
    std::byte* to = data + static_cast<std::size_t>(i) * row_bytes;
    if (to != from) std::memcpy(to, from, row_bytes);
  }
}

void fill(std::byte* to, Element element, std::size_t cells, double value) {
  if (element == Element::kFloat) {
    std::fill_n(reinterpret_cast<float*>(to), cells, static_cast<float>(value));
  } else {
    std::fill_n(reinterpret_cast<double*>(to), cells, value);
  }
}

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

Tile::Tile(const CompiledFactors& factors, const Plan& plan, const MarketData& market, int lanes,
           kernels::InstructionSet instructions)
    : factors_(factors),
      plan_(plan),
      lanes_(lanes),
      market_rows_(static_cast<std::int64_t>(market.rows())),
      io_(kernels::tile_io(instructions)),
      memory_(static_cast<std::byte*>(
          ::operator new(std::max<std::size_t>(plan.bytes, kAlignment), std::align_val_t(kAlignment)))),
      market_(market),
      life_(2, static_cast<std::size_t>(lanes)) {
  // Places of series that nobody keeps are written before they are read; zeros make snapshots repeatable.
  std::memset(memory_.get(), 0, plan.bytes);
  nodes_.resize(plan.order.size());
  const bool wide = instructions == kernels::InstructionSet::kAvx512;
  for (std::size_t i = 0; i < plan.order.size(); ++i) {
    BoundNode& bound = nodes_[i];
    bound.node = &factors.graph.nodes()[static_cast<std::size_t>(plan.order[i])];
    if (bound.node->kernel != nullptr) {
      bound.run = wide && bound.node->kernel->run_wide != nullptr ? bound.node->kernel->run_wide
                                                                  : bound.node->kernel->run;
    }
    if (bound.node->kernel != nullptr && plan.direct[static_cast<std::size_t>(plan.order[i])]) {
      bound.run_to_results =
          wide ? bound.node->kernel->run_to_results_wide : bound.node->kernel->run_to_results;
    }
    bind(plan.order[i], plan, bound);
    if (bound.node->kind == Node::Kind::kAlive) alive_ = &bound;
  }
}

void Tile::bind(int id, const Plan& plan, BoundNode& bound) {
  const auto data_of = [&](SeriesId series) {
    return plan.placements[static_cast<std::size_t>(series.node)][static_cast<std::size_t>(series.output)];
  };
  for (const Edge& edge : bound.node->inputs) {
    const Placement placement = data_of(edge.series);
    bound.inputs.push_back({memory_.get() + placement.offset, placement.rows - 1, edge.delay});
  }
  for (std::size_t output = 0; output < bound.node->outputs.size(); ++output) {
    const Placement placement = data_of({id, static_cast<int>(output)});
    bound.outputs.push_back({memory_.get() + placement.offset, placement.rows - 1});
  }
  bound.call.inputs = bound.inputs.data();
  bound.call.outputs = bound.outputs.data();
  bound.call.constants = bound.node->constants.data();
  bound.call.constant_count = static_cast<int>(bound.node->constants.size());
  bound.call.output_count = static_cast<int>(bound.outputs.size());
  bound.call.lanes = lanes_;
  bound.call.state = memory_.get() + plan.state_offsets[static_cast<std::size_t>(id)];
  bound.sinks = &plan.sinks[static_cast<std::size_t>(id)];
  bind_source(bound);
}

void Tile::bind_source(BoundNode& bound) {
  const Node& node = *bound.node;
  if (node.kind == Node::Kind::kField) bound.field = &market_.field(node.field);
  if (node.kind == Node::Kind::kGroup) {
    bound.groups = group_codes(market_, node.field);
    bound.groups.resize(bound.groups.size() + static_cast<std::size_t>(lanes_), std::nanf(""));
  }
  if (node.kind == Node::Kind::kClock) {
    bound.clock_rows = rows_of_time(static_cast<int>(node.constants[0]), market_.dates);
  }
}

void Tile::start(std::size_t first_instrument) {
  first_instrument_ = first_instrument;
  read_lives();
  for (BoundNode& bound : nodes_) reset(bound);
}

void Tile::read_lives() {
  std::int32_t latest_first = 0;
  std::int32_t earliest_last = std::numeric_limits<std::int32_t>::max();
  for (std::size_t lane = 0; lane < static_cast<std::size_t>(lanes_); ++lane) {
    const std::size_t instrument = first_instrument_ + lane;
    const bool exists = instrument < market_.instruments();
    life_(0, lane) = exists ? market_.first_row[instrument] : std::numeric_limits<std::int32_t>::max();
    life_(1, lane) = exists ? market_.last_row[instrument] : -1;
    latest_first = std::max(latest_first, life_(0, lane));
    earliest_last = std::min(earliest_last, life_(1, lane));
  }
  all_alive_from_ = latest_first;
  all_alive_to_ = earliest_last;
}

/// The row before the first: fields are missing everywhere; what the kernels make of that fills their rings.
void Tile::reset(BoundNode& bound) {
  constexpr std::int64_t kRowBefore = -1;
  const Node& node = *bound.node;
  if (node.kind != Node::Kind::kKernel) {  // cross-sections of nothing are missing, too
    const double value = node.kind == Node::Kind::kConstant ? node.constants[0] : kNan;
    const auto cells =
        static_cast<std::size_t>(bound.outputs[0].row_mask + 1) * static_cast<std::size_t>(lanes_);
    fill(bound.outputs[0].data, node.outputs[0], cells, value);
    return;
  }
  if (node.kernel->reset != nullptr) node.kernel->reset(bound.call);
  bound.run(bound.call, kRowBefore, 1);
  for (std::size_t i = 0; i < bound.outputs.size(); ++i) {
    const std::size_t row_bytes = kernels::element_bytes(node.outputs[i]) * static_cast<std::size_t>(lanes_);
    const kernels::Output& output = bound.outputs[i];
    if (output.row_mask > 0)
      fill_ring(output.data, static_cast<int>(output.row_mask) + 1, row_bytes, kRowBefore);
  }
}

void Tile::load(const BoundNode& bound, std::int64_t first_row, int rows) {
  for (std::int64_t row = first_row; row < first_row + rows; ++row) {
    if (bound.node->kind == Node::Kind::kAlive) {
      io_.mark_life(bound.call.output_row<float>(0, row), row, life_.row_data(0), life_.row_data(1), lanes_);
      continue;
    }
    const Element element = bound.node->outputs[0];
    std::byte* to = element == Element::kFloat
                        ? reinterpret_cast<std::byte*>(bound.call.output_row<float>(0, row))
                        : reinterpret_cast<std::byte*>(bound.call.output_row<double>(0, row));
    if (row >= market_row_ + market_rows_) {
      fill(to, element, static_cast<std::size_t>(lanes_), kNan);
    } else {
      load_row(bound, row, to);
    }
  }
}

void Tile::load_row(const BoundNode& bound, std::int64_t row, std::byte* to) {
  const Element element = bound.node->outputs[0];
  if (bound.node->kind == Node::Kind::kGroup) {
    const float* from = bound.groups.data() + first_instrument_;
    std::copy_n(from, lanes_, reinterpret_cast<float*>(to));
    return;
  }
  if (bound.node->kind == Node::Kind::kClock) {
    fill(to, element, lanes_size(), bound.clock_rows[static_cast<std::size_t>(row - market_row_)]);
    return;
  }
  const double* from = bound.field->row_data(static_cast<std::size_t>(row - market_row_)) + first_instrument_;
  const float* alive = alive_->call.output_row<float>(0, row);
  if (element == Element::kFloat) {
    io_.load_float(reinterpret_cast<float*>(to), from, alive, lanes_);
  } else {
    io_.load_double(reinterpret_cast<double*>(to), from, alive, lanes_);
  }
}

void Tile::gather(std::size_t place, std::size_t input, std::int64_t row, double* to) const {
  const BoundNode& bound = nodes_[place];
  const auto life = static_cast<int>(bound.inputs.size()) - 1;
  const float* alive = bound.call.input_row<float>(life, row);
  const auto from = static_cast<int>(input);
  if (factors_.graph.element(bound.node->inputs[input].series) == Element::kFloat) {
    io_.widen(to + first_instrument_, bound.call.input_row<float>(from, row), alive, lanes_);
  } else {
    io_.load_double(to + first_instrument_, bound.call.input_row<double>(from, row), alive, lanes_);
  }
}

void Tile::scatter(std::size_t place, std::int64_t row, const double* from) {
  const BoundNode& bound = nodes_[place];
  const float* alive = bound.call.input_row<float>(static_cast<int>(bound.inputs.size()) - 1, row);
  io_.load_double(bound.call.output_row<double>(0, row), from + first_instrument_, alive, lanes_);
}

void Tile::copy(const kernels::Input& series, Element element, std::int64_t first_row, int rows,
                const kernels::ResultRows<float>& results) const {
  const auto store = element == Element::kFloat ? io_.float_to_floats : io_.double_to_floats;
  store(series, lanes_, first_row, rows, results);
}

void Tile::copy(const kernels::Input& series, Element element, std::int64_t first_row, int rows,
                const kernels::ResultRows<double>& results) const {
  const auto store = element == Element::kFloat ? io_.float_to_doubles : io_.double_to_doubles;
  store(series, lanes_, first_row, rows, results);
}

template <class T>
void Tile::write(const BoundNode& bound, const Operand& root, std::int64_t first_row, int rows,
                 PanelT<T>& result) {
  // Results run `latency` rows behind; those before the first row and behind the last are nobody's.
  const std::int64_t first_result = results_row_ + root.latency;
  const std::int64_t begin = std::max<std::int64_t>(first_row, first_result);
  const std::int64_t end =
      std::min<std::int64_t>(first_row + rows, first_result + static_cast<std::int64_t>(result.rows()));
  if (begin >= end) return;
  kernels::ResultRows<T> results;
  results.to = result.row_data(static_cast<std::size_t>(begin - first_result)) + first_instrument_;
  results.stride = static_cast<std::int64_t>(result.stride());
  const kernels::Output& life = alive_->outputs[0];
  results.alive = {life.data, life.row_mask, root.latency};
  results.all_alive_from = all_alive_from_ + root.latency;
  results.all_alive_to = all_alive_to_ + root.latency;
  if constexpr (sizeof(T) == sizeof(float)) {
    if (bound.run_to_results != nullptr) {
      return bound.run_to_results(bound.call, begin, static_cast<int>(end - begin), results);
    }
  }
  const kernels::Output& series = bound.outputs[static_cast<std::size_t>(root.series.output)];
  copy({series.data, series.row_mask, root.delay}, root.element, begin, static_cast<int>(end - begin),
       results);
}

template <class T>
void Tile::advance_stage(std::size_t stage, std::int64_t first_row, int rows,
                         std::vector<PanelT<T>>& results) {
  const std::size_t begin = stage == 0 ? plan_.stages[0].begin : plan_.stages[stage - 1].cross_sections;
  for (std::size_t place = begin; place < plan_.stages[stage].cross_sections; ++place) {
    const BoundNode& bound = nodes_[place];
    const bool direct = sizeof(T) == sizeof(float) && bound.run_to_results != nullptr;
    if (bound.run == nullptr) {
      if (bound.node->kind != Node::Kind::kConstant && bound.node->kind != Node::Kind::kCrossSection)
        load(bound, first_row, rows);
    } else if (!direct) {
      bound.run(bound.call, first_row, rows);
    }
    for (const std::size_t root : *bound.sinks)
      write(bound, factors_.roots[root], first_row, rows, results[root]);
  }
}

template void Tile::advance_stage(std::size_t stage, std::int64_t first_row, int rows,
                                  std::vector<FloatPanel>& results);
template void Tile::advance_stage(std::size_t stage, std::int64_t first_row, int rows,
                                  std::vector<Panel>& results);

}  // namespace orrery
