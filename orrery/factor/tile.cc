#include "orrery/factor/tile.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <utility>

#include "orrery/factor/group_codes.h"
#include "orrery/factor/row_clock.h"

namespace orrery {
namespace {

using kernels::Element;

void fill(std::byte* to, Element element, std::size_t cells, double value) {
  if (element == Element::kFloat) {
    std::fill_n(reinterpret_cast<float*>(to), cells, static_cast<float>(value));
  } else {
    std::fill_n(reinterpret_cast<double*>(to), cells, value);
  }
}

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Asks for a row that comes soon: rows of a panel lie too far apart for the machine to guess. Much farther
/// ahead they would be gone again, because rows that lie a page apart share few places of a cache.
void fetch_ahead(const Panel& panel, const double* row, int lanes) {
  constexpr int kLine = 8;
  constexpr std::size_t kRows = 16;
  const double* ahead = row + kRows * panel.stride();
  for (int lane = 0; lane < lanes; lane += kLine) __builtin_prefetch(ahead + lane);
}

std::size_t count_moving(const Plan& plan) {
  std::size_t count = 0;
  for (const int node : plan.order) {
    const auto& placements = plan.placements[static_cast<std::size_t>(node)];
    count += static_cast<std::size_t>(std::count_if(placements.begin(), placements.end(),
                                                    [](const Placement& each) { return each.moves(); }));
  }
  return count;
}

}  // namespace

Tile::Tile(const CompiledFactors& factors, const Plan& plan, const MarketData& market, int lanes,
           kernels::InstructionSet instructions)
    : factors_(factors),
      plan_(plan),
      lanes_(lanes),
      market_rows_(static_cast<std::int64_t>(market.rows())),
      io_(kernels::tile_io(instructions)),
      memory_(plan.bytes, count_moving(plan), plan.block_rows),
      steps_(plan.order.size()),
      market_(market),
      life_(2, static_cast<std::size_t>(lanes)) {
  const bool wide = instructions == kernels::InstructionSet::kAvx512;
  for (std::size_t place = 0; place < steps_.size(); ++place) {
    const auto id = static_cast<std::size_t>(plan.order[place]);
    Step& step = steps_[place];
    step.node = &factors.graph.nodes()[id];
    step.sinks = &plan.sinks[id];
    if (step.node->kind == Node::Kind::kAlive) alive_ = &step;
    const kernels::Kernel* kernel = step.node->kernel;
    if (kernel == nullptr) continue;
    step.run = wide && kernel->run_wide != nullptr ? kernel->run_wide : kernel->run;
    if (plan.direct[id]) step.run_to_results = wide ? kernel->run_to_results_wide : kernel->run_to_results;
  }
  bind_pointers();
  keep_late_series();
  for (std::size_t place = 0; place < steps_.size(); ++place) bind_source(place);
}

const Placement& Tile::placement(SeriesId series) const {
  return plan_.placements[static_cast<std::size_t>(series.node)][static_cast<std::size_t>(series.output)];
}

std::size_t Tile::row_bytes(SeriesId series) const {
  return kernels::element_bytes(factors_.graph.element(series)) * lanes_size();
}

/// What the steps need lies in the order in which they need it.
void Tile::bind_pointers() {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::size_t constants = 0;
  for (const Step& step : steps_) {
    inputs += step.node->inputs.size();
    outputs += step.node->outputs.size();
    constants += step.node->constants.size();
  }
  inputs_.reserve(inputs);
  outputs_.reserve(outputs);
  constants_.reserve(constants);
  tails_.reserve(outputs);
  for (std::size_t place = 0; place < steps_.size(); ++place) bind(place);
}

void Tile::bind(std::size_t place) {
  const int id = plan_.order[place];
  const Node& node = *steps_[place].node;
  kernels::KernelCall& call = steps_[place].call;
  call.inputs = inputs_.data() + inputs_.size();
  call.outputs = outputs_.data() + outputs_.size();
  call.constants = constants_.data() + constants_.size();
  call.constant_count = static_cast<int>(node.constants.size());
  call.output_count = static_cast<int>(node.outputs.size());
  call.lanes = lanes_;
  call.block_row = &block_row_;
  call.state = memory_.at(plan_.state_offsets[static_cast<std::size_t>(id)]);
  for (const Edge& edge : node.inputs) {
    const Placement& from = placement(edge.series);
    const auto rows = static_cast<std::size_t>(from.history - edge.delay);
    inputs_.push_back({memory_.at(from.offset) + rows * row_bytes(edge.series)});
  }
  const std::size_t first_tail = tails_.size();
  for (int output = 0; output < call.output_count; ++output) {
    const Placement& to = placement({id, output});
    const std::size_t row = row_bytes({id, output});
    const std::size_t past = static_cast<std::size_t>(to.history) * row;
    outputs_.push_back({memory_.at(to.offset) + past});
    if (to.has_tail()) tails_.push_back({memory_.at(to.offset), memory_.at(to.tail), past, row});
  }
  steps_[place].tails = std::span(tails_).subspan(first_tail);
  constants_.insert(constants_.end(), node.constants.begin(), node.constants.end());
}

void Tile::keep_late_series() {
  std::map<SeriesId, std::vector<kernels::Input*>> readers;
  std::size_t input = 0;
  for (const Step& step : steps_) {
    for (const Edge& edge : step.node->inputs) readers[edge.series].push_back(&inputs_[input++]);
  }
  std::size_t writer = 0;
  for (const int node : plan_.order) {
    for (const Placement& place : plan_.placements[static_cast<std::size_t>(node)]) {
      const SeriesId series{node, static_cast<int>(&place - &placement({node, 0}))};
      kernels::Output* output = &outputs_[writer++];
      if (place.moves()) memory_.keep(place, row_bytes(series), output, std::move(readers[series]));
    }
  }
}

void Tile::bind_source(std::size_t place) {
  const Node& node = *steps_[place].node;
  Source source;
  source.place = place;
  if (node.kind == Node::Kind::kField) source.field = &market_.field(node.field);
  if (node.kind == Node::Kind::kGroup) {
    source.groups = group_codes(market_, node.field);
    source.groups.resize(source.groups.size() + lanes_size(), std::nanf(""));
  }
  if (node.kind == Node::Kind::kClock) {
    source.clock_rows = rows_of_time(static_cast<int>(node.constants[0]), market_.dates);
  }
  if (node.kind == Node::Kind::kPresent) source.present = &market_.present;
  const bool reads = source.field != nullptr || source.present != nullptr || !source.groups.empty() ||
                     node.kind == Node::Kind::kClock;
  // The others ask which instruments exist, so that comes first.
  if (node.kind == Node::Kind::kAlive) {
    sources_.insert(sources_.begin(), std::move(source));
  } else if (reads) {
    sources_.push_back(std::move(source));
  }
}

void Tile::start(std::size_t first_instrument) {
  first_instrument_ = first_instrument;
  read_lives();
  memory_.restart();
  block_row_ = -1;
  for (Step& step : steps_) reset(step);
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

/// The row before the first: fields are missing everywhere; what the kernels make of that fills the past. The
/// block's first row serves as that row.
void Tile::reset(Step& step) {
  const Node& node = *step.node;
  if (node.kind != Node::Kind::kKernel) {  // cross-sections of nothing are missing, too
    const Placement& place = placement({plan_.order[static_cast<std::size_t>(&step - steps_.data())], 0});
    const double value = node.kind == Node::Kind::kConstant ? node.constants[0] : kNan;
    fill(memory_.at(place.offset), node.outputs[0], static_cast<std::size_t>(place.rows) * lanes_size(),
         value);
    return;
  }
  if (node.kernel->reset != nullptr) node.kernel->reset(step.call);
  step.run(step.call, 0, 1);
  fill_history(step);
  for (const Tail& tail : step.tails) tail.put_back(0);
}

void Tile::run(const Step& step, int rows) {
  for (const Tail& tail : step.tails) tail.fetch();
  step.run(step.call, 0, rows);
  for (const Tail& tail : step.tails) tail.put_back(rows);
}

void Tile::fill_history(const Step& step) {
  const int id = plan_.order[static_cast<std::size_t>(&step - steps_.data())];
  for (int output = 0; output < step.call.output_count; ++output) {
    const std::size_t bytes = row_bytes({id, output});
    std::byte* from = step.call.outputs[output].data;
    for (int row = 1; row <= placement({id, output}).history; ++row)
      std::memcpy(from - static_cast<std::size_t>(row) * bytes, from, bytes);
  }
}

std::byte* Tile::row_of(const Step& step, std::int64_t row) const {
  const std::size_t bytes = kernels::element_bytes(step.node->outputs[0]) * lanes_size();
  return step.call.outputs[0].data + static_cast<std::size_t>(row - block_row_) * bytes;
}

void Tile::begin_block(std::int64_t first_row, int rows) {
  memory_.begin_block(rows);
  block_row_ = first_row;
  for (const Source& source : sources_) load(source, rows);
}

void Tile::load(const Source& source, int rows) {
  const Step& step = steps_[source.place];
  const Element element = step.node->outputs[0];
  for (std::int64_t row = block_row_; row < block_row_ + rows; ++row) {
    std::byte* to = row_of(step, row);
    if (&step == alive_) {
      io_.mark_life(reinterpret_cast<float*>(to), row, life_.row_data(0), life_.row_data(1), lanes_);
    } else if (row >= market_row_ + market_rows_) {
      fill(to, element, lanes_size(), kNan);
    } else {
      load_row(source, row, to);
    }
  }
}

void Tile::load_row(const Source& source, std::int64_t row, std::byte* to) {
  const Node& node = *steps_[source.place].node;
  const Element element = node.outputs[0];
  if (node.kind == Node::Kind::kGroup) {
    const float* from = source.groups.data() + first_instrument_;
    std::copy_n(from, lanes_, reinterpret_cast<float*>(to));
    return;
  }
  if (node.kind == Node::Kind::kClock) {
    fill(to, element, lanes_size(), source.clock_rows[static_cast<std::size_t>(row - market_row_)]);
    return;
  }
  if (node.kind == Node::Kind::kPresent) {
    const std::uint8_t* bars =
        source.present->row_data(static_cast<std::size_t>(row - market_row_)) + first_instrument_;
    auto* marks = reinterpret_cast<float*>(to);
    for (int lane = 0; lane < lanes_; ++lane) marks[lane] = bars[lane] != 0 ? 0.0F : std::nanf("");
    return;
  }
  const double* from =
      source.field->row_data(static_cast<std::size_t>(row - market_row_)) + first_instrument_;
  const auto* alive = reinterpret_cast<const float*>(row_of(*alive_, row));
  fetch_ahead(*source.field, from, lanes_);
  if (element == Element::kFloat) {
    io_.load_float(reinterpret_cast<float*>(to), from, alive, lanes_);
  } else {
    io_.load_double(reinterpret_cast<double*>(to), from, alive, lanes_);
  }
}

void Tile::find_series(std::size_t place, CrossSeries& found) const {
  const Step& step = steps_[place];
  const std::size_t last = step.node->inputs.size() - 1;
  found.inputs.assign(step.call.inputs, step.call.inputs + last);
  found.present = step.call.input_row<float>(static_cast<int>(last), 0);
  found.output = step.call.output_row<double>(0, 0);
  found.block_row = block_row_;
  found.first_instrument = first_instrument_;
  found.lanes = lanes_;
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
void Tile::write(const Step& step, const Operand& root, std::int64_t first_row, int rows, PanelT<T>& result) {
  // Results run `latency` rows behind; those before the first row and behind the last are nobody's.
  const std::int64_t first_result = results_row_ + root.latency;
  const std::int64_t begin = std::max<std::int64_t>(first_row, first_result);
  const std::int64_t end =
      std::min<std::int64_t>(first_row + rows, first_result + static_cast<std::int64_t>(result.rows()));
  if (begin >= end) return;
  const auto count = static_cast<int>(end - begin);
  kernels::ResultRows<T> results;
  results.to = result.row_data(static_cast<std::size_t>(begin - first_result)) + first_instrument_;
  results.stride = static_cast<std::int64_t>(result.stride());
  results.alive = {alive_->call.outputs[0].data -
                   static_cast<std::size_t>(root.latency) * lanes_size() * sizeof(float)};
  results.all_alive_from = all_alive_from_ + root.latency - block_row_;
  results.all_alive_to = all_alive_to_ + root.latency - block_row_;
  if constexpr (sizeof(T) == sizeof(float)) {
    if (step.run_to_results != nullptr)
      return step.run_to_results(step.call, begin - block_row_, count, results);
  }
  const std::byte* data = step.call.outputs[root.series.output].data;
  copy({data - static_cast<std::size_t>(root.delay) * row_bytes(root.series)}, root.element,
       begin - block_row_, count, results);
}

template <class T>
void Tile::advance_stage(std::size_t stage, std::int64_t first_row, int rows,
                         std::vector<PanelT<T>>& results) {
  if (stage == 0) begin_block(first_row, rows);
  const std::size_t begin = stage == 0 ? plan_.stages[0].begin : plan_.stages[stage - 1].cross_sections;
  for (std::size_t place = begin; place < plan_.stages[stage].cross_sections; ++place) {
    const Step& step = steps_[place];
    const bool direct = sizeof(T) == sizeof(float) && step.run_to_results != nullptr;
    if (step.run != nullptr && !direct) run(step, rows);
    for (const std::size_t root : *step.sinks)
      write(step, factors_.roots[root], first_row, rows, results[root]);
  }
}

template void Tile::advance_stage(std::size_t stage, std::int64_t first_row, int rows,
                                  std::vector<FloatPanel>& results);
template void Tile::advance_stage(std::size_t stage, std::int64_t first_row, int rows,
                                  std::vector<Panel>& results);

}  // namespace orrery
