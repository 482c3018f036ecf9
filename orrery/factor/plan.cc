#include "orrery/factor/plan.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace orrery {
namespace {

constexpr std::size_t kAlignment = 64;

std::size_t aligned(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

/// Gives out places of a memory and takes them back.
class PlaceList {
 public:
  /// The first free place that is large enough, since what is used most is in the cache; what is left of it
  /// stays free.
  std::size_t take(std::size_t bytes) {
    bytes = aligned(bytes);
    const auto place =
        std::find_if(free_.begin(), free_.end(), [&](const auto& free) { return free.second >= bytes; });
    if (place == free_.end()) return take_new(bytes);
    const auto [offset, found] = *place;
    free_.erase(place);
    if (found > bytes) free_.emplace(offset + bytes, found - bytes);
    return offset;
  }
  /// Free neighbours become one place.
  void give_back(std::size_t offset, std::size_t bytes) {
    auto place = free_.emplace(offset, aligned(bytes)).first;
    const auto next = std::next(place);
    if (next != free_.end() && place->first + place->second == next->first) {
      place->second += next->second;
      free_.erase(next);
    }
    if (place == free_.begin()) return;
    const auto previous = std::prev(place);
    if (previous->first + previous->second != place->first) return;
    previous->second += place->second;
    free_.erase(place);
  }
  std::size_t end() const { return end_; }

 private:
  std::size_t take_new(std::size_t bytes) {
    const std::size_t offset = end_;
    end_ += bytes;
    return offset;
  }

  std::map<std::size_t, std::size_t> free_;  // bytes by offset
  std::size_t end_ = 0;
};

class Planner {
 public:
  Planner(const Graph& graph, const std::vector<Operand>& roots, const ExecutionShape& shape)
      : graph_(graph), roots_(roots), shape_(shape) {
    const std::size_t count = graph.nodes().size();
    plan_.placements.resize(count);
    plan_.state_offsets.resize(count);
    plan_.sinks.resize(count);
    plan_.direct.resize(count);
    last_use_.resize(count);
    history_.resize(count);
    place_of_.resize(count);
    across_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      last_use_[i].assign(graph.nodes()[i].outputs.size(), -1);
      history_[i].assign(graph.nodes()[i].outputs.size(), 0);
      plan_.placements[i].resize(graph.nodes()[i].outputs.size());
    }
  }

  Plan make() {
    lay_stages(find_live());
    for (std::size_t i = 0; i < plan_.order.size(); ++i) {
      const auto node = static_cast<std::size_t>(plan_.order[i]);
      place_of_[node] = static_cast<int>(i);
      for (int& use : last_use_[node]) use = static_cast<int>(i);
      for (const Edge& edge : graph_.nodes()[node].inputs) note_reader(edge, static_cast<int>(i));
    }
    note_roots();
    for (const int node : plan_.order) plan_.direct[static_cast<std::size_t>(node)] = is_direct(node);
    for (const int node : plan_.order) place(node);
    lay_shared_behind_own();
    plan_.block_rows = shape_.rows;
    return std::move(plan_);
  }

 private:
  std::vector<bool> find_live() const {
    std::vector<bool> live(graph_.nodes().size(), false);
    for (const Operand& root : roots_) {
      if (!root.is_constant) live[static_cast<std::size_t>(root.series.node)] = true;
    }
    for (std::size_t i = live.size(); i-- > 0;) {
      if (!live[i] && graph_.nodes()[i].kind != Node::Kind::kAlive) continue;
      live[i] = true;
      for (const Edge& edge : graph_.nodes()[i].inputs)
        live[static_cast<std::size_t>(edge.series.node)] = true;
    }
    return live;
  }

  /// A node's stage lies behind those of the cross-sections that it reads.
  std::vector<std::size_t> stages_of_nodes() const {
    std::vector<std::size_t> result(graph_.nodes().size(), 0);
    for (std::size_t i = 0; i < result.size(); ++i) {
      for (const Edge& edge : graph_.nodes()[i].inputs) {
        const auto input = static_cast<std::size_t>(edge.series.node);
        result[i] = std::max(result[i], result[input] + (is_cross_section(input) ? 1 : 0));
      }
    }
    return result;
  }

  bool is_cross_section(std::size_t node) const {
    return graph_.nodes()[node].kind == Node::Kind::kCrossSection;
  }

  void lay_stages(const std::vector<bool>& live) {
    const auto stages = stages_of_nodes();
    const std::size_t last = stages.empty() ? 0 : *std::max_element(stages.begin(), stages.end());
    const auto append = [&](std::size_t stage, bool cross_sections) {
      for (std::size_t i = 0; i < live.size(); ++i) {
        if (live[i] && stages[i] == stage && is_cross_section(i) == cross_sections)
          plan_.order.push_back(static_cast<int>(i));
      }
      return plan_.order.size();
    };
    for (std::size_t stage = 0; stage <= last; ++stage) {
      Stage laid;
      laid.begin = plan_.order.size();
      laid.cross_sections = append(stage, false);
      laid.end = append(stage, true);
      if (laid.end > laid.begin || stage == 0) plan_.stages.push_back(laid);
    }
    // What the last cross-sections gave is still to be written.
    if (plan_.stages.back().end > plan_.stages.back().cross_sections) {
      plan_.stages.push_back({plan_.order.size(), plan_.order.size(), plan_.order.size()});
    }
  }

  void note_roots() {
    for (std::size_t i = 0; i < roots_.size(); ++i) {
      const Operand& root = roots_[i];
      plan_.maximum_latency = std::max(plan_.maximum_latency, root.latency);
      if (root.is_constant) continue;
      plan_.sinks[static_cast<std::size_t>(root.series.node)].push_back(i);
      note_reader({root.series, root.delay, 0}, place_of_[static_cast<std::size_t>(root.series.node)]);
    }
  }

  bool is_direct(int id) const {
    const auto node = static_cast<std::size_t>(id);
    return plan_.placements[node].size() == 1 && plan_.sinks[node].size() == 1 &&
           last_use_[node][0] == place_of_[node] && history_[node][0] == 0 && !across_[node];
  }

  void note_reader(const Edge& edge, int reader) {
    const auto node = static_cast<std::size_t>(edge.series.node);
    const auto output = static_cast<std::size_t>(edge.series.output);
    last_use_[node][output] = std::max(last_use_[node][output], reader);
    if (is_cross_section(static_cast<std::size_t>(plan_.order[static_cast<std::size_t>(reader)])))
      across_[node] = true;
    history_[node][output] = std::max(history_[node][output], edge.delay + edge.reach);
  }

  std::size_t bytes_of(std::size_t node, std::size_t output, int rows) const {
    return kernels::element_bytes(graph_.nodes()[node].outputs[output]) * static_cast<std::size_t>(rows) *
           static_cast<std::size_t>(shape_.lanes);
  }

  void place(int id) {
    const auto node = static_cast<std::size_t>(id);
    for (std::size_t output = 0; output < plan_.placements[node].size(); ++output) place_series(node, output);
    plan_.state_offsets[node] = own_.take(state_bytes(graph_.nodes()[node]));
    for (const Edge& edge : graph_.nodes()[node].inputs) release(edge.series, place_of_[node]);
    for (std::size_t output = 0; output < plan_.placements[node].size(); ++output) {
      release({id, static_cast<int>(output)}, place_of_[node]);
    }
  }

  void place_series(std::size_t node, std::size_t output) {
    Placement& placement = plan_.placements[node][output];
    const Node::Kind kind = graph_.nodes()[node].kind;
    const bool source = kind != Node::Kind::kKernel && kind != Node::Kind::kCrossSection;
    const int history =
        source ? std::max(history_[node][output], plan_.maximum_latency) : history_[node][output];
    // Several threads compute cross-sections of different rows at once: nothing that they read or write is
    // used for anything else in the same block.
    placement.kept = source || history >= shape_.rows || across_[node] || is_cross_section(node);
    placement.history = history;
    placement.rows = history + (placement.moves() ? rows_ahead(history) : shape_.rows);
    const std::size_t bytes = bytes_of(node, output, placement.rows);
    placement.offset = (placement.kept ? own_ : shared_).take(bytes);
    if (placement.has_tail()) placement.tail = own_.take(bytes_of(node, output, history));
  }

  void lay_shared_behind_own() {
    for (auto& placements : plan_.placements) {
      for (Placement& placement : placements) {
        if (!placement.kept) placement.offset += own_.end();
      }
    }
    plan_.bytes = own_.end() + shared_.end();
  }

  /// Rows for whole blocks to come: enough that no more rows are copied than computed.
  int rows_ahead(int history) const {
    constexpr int kLeast = 16;
    const int least = std::max(history, kLeast);
    return (least + shape_.rows - 1) / shape_.rows * shape_.rows;
  }

  std::size_t state_bytes(const Node& node) const {
    if (node.kernel == nullptr || node.kernel->state_bytes == nullptr) return 0;
    kernels::KernelCall call;
    call.constants = node.constants.data();
    call.constant_count = static_cast<int>(node.constants.size());
    call.lanes = shape_.lanes;
    return node.kernel->state_bytes(call);
  }

  /// Frees a series' place behind its last reader.
  void release(SeriesId series, int reader) {
    const auto node = static_cast<std::size_t>(series.node);
    const auto output = static_cast<std::size_t>(series.output);
    Placement& placement = plan_.placements[node][output];
    if (placement.kept || last_use_[node][output] != reader) return;
    shared_.give_back(placement.offset, bytes_of(node, output, placement.rows));
    last_use_[node][output] = -1;
  }

  const Graph& graph_;
  const std::vector<Operand>& roots_;
  ExecutionShape shape_;
  Plan plan_;
  PlaceList own_;                           // places that nothing else uses
  PlaceList shared_;                        // the others, counted from the end of these
  std::vector<int> place_of_;               // by node: its place in the order
  std::vector<bool> across_;                // by node: a cross-section reads it
  std::vector<std::vector<int>> last_use_;  // by node and output: its last reader's place in the order
  std::vector<std::vector<int>> history_;
};

}  // namespace

Plan make_plan(const Graph& graph, const std::vector<Operand>& roots, const ExecutionShape& shape) {
  return Planner(graph, roots, shape).make();
}

}  // namespace orrery
