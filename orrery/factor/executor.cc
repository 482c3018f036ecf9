#include "orrery/factor/executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <barrier>
#include <memory>
#include <mutex>

#include "orrery/base/error.h"
#include "orrery/base/threads.h"
#include "orrery/factor/cross_section_rows.h"
#include "orrery/factor/group_codes.h"
#include "orrery/factor/tile.h"

namespace orrery {
namespace {

/// Tiles that no worker uses at the moment, to be used again by the next.
class TilePool {
 public:
  std::unique_ptr<Tile> take(int lanes) {
    const std::lock_guard lock(mutex_);
    const auto found =
        std::find_if(tiles_.begin(), tiles_.end(), [&](const auto& tile) { return tile->lanes() == lanes; });
    if (found == tiles_.end()) return nullptr;
    auto result = std::move(*found);
    tiles_.erase(found);
    return result;
  }
  void give_back(std::unique_ptr<Tile> tile) {
    const std::lock_guard lock(mutex_);
    tiles_.push_back(std::move(tile));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Tile>> tiles_;
};

bool compares_instruments(const CompiledFactors& factors) {
  const auto& nodes = factors.graph.nodes();
  return std::any_of(nodes.begin(), nodes.end(),
                     [](const Node& node) { return node.kind == Node::Kind::kCrossSection; });
}

void check_shape(const MarketData& market, bool needs_bars) {
  if (market.first_row.size() != market.instruments() || market.last_row.size() != market.instruments())
    throw internal_error(fmt::format("first_row and last_row must have one entry an instrument: {}, {} of {}",
                                     market.first_row.size(), market.last_row.size(), market.instruments()));
  const MaskPanel& present = market.present;
  if (!needs_bars || (present.rows() == market.rows() && present.columns() == market.instruments())) return;
  throw internal_error(fmt::format("present must have the market's shape of {} by {}: {} by {}",
                                   market.rows(), market.instruments(), present.rows(), present.columns()));
}

}  // namespace

ExecutionShape shape_for(const CompiledFactors& factors, std::size_t instruments, int threads) {
  if (!compares_instruments(factors)) return {};
  constexpr std::size_t kMostLanes = 32;
  const std::size_t own = (instruments + static_cast<std::size_t>(resolve_threads(threads)) - 1) /
                          static_cast<std::size_t>(resolve_threads(threads));
  const std::size_t groups = (std::min(own, kMostLanes) + kernels::kLaneGroup - 1) / kernels::kLaneGroup;
  return {static_cast<int>(std::max<std::size_t>(groups, 1)) * kernels::kLaneGroup, 128};
}

BatchExecutor::BatchExecutor(const CompiledFactors& factors, const MarketData& market,
                             const ExecutionShape& shape, kernels::InstructionSet instructions)
    : factors_(factors),
      market_(market),
      shape_(shape),
      instructions_(instructions),
      plan_(make_plan(factors.graph, factors.roots, shape)) {
  check_shape(market, compares_instruments(factors));
  for (const auto& field : factors.fields) market.field(field);
  for (const auto& group : factors.groups) group_codes(market, group);
  if (factors.time_windows_open)
    throw internal_error("windows in time were compiled without the market's dates");
}

std::int64_t BatchExecutor::end_row() const {
  return static_cast<std::int64_t>(market_.rows()) + plan_.maximum_latency;
}

template <class T>
void BatchExecutor::run_tiles(std::vector<PanelT<T>>& results, int threads, Progress& progress) const {
  const std::size_t stride = results.empty() ? 0 : results.front().stride();
  const auto tile_lanes = static_cast<std::size_t>(shape_.lanes);
  const std::size_t tiles = (stride + tile_lanes - 1) / tile_lanes;
  const std::int64_t end = end_row();
  TilePool pool;
  progress.begin("factors", tiles);
  parallel_for(tiles, threads, [&](std::size_t i) {
    const std::size_t first_instrument = i * tile_lanes;
    const int lanes = static_cast<int>(std::min(tile_lanes, stride - first_instrument));
    auto tile = pool.take(lanes);
    if (!tile) tile = std::make_unique<Tile>(factors_, plan_, market_, lanes, instructions_);
    tile->start(first_instrument);
    for (std::int64_t row = 0; row < end; row += shape_.rows) {
      tile->advance(row, static_cast<int>(std::min<std::int64_t>(shape_.rows, end - row)), results);
    }
    pool.give_back(std::move(tile));
    progress.advance();
  });
  progress.end();
}

/// Tiles that cover all instruments and go through the rows together.
std::vector<std::unique_ptr<Tile>> BatchExecutor::make_tiles(std::size_t stride, int threads) const {
  const auto tile_lanes = static_cast<std::size_t>(shape_.lanes);
  std::vector<std::unique_ptr<Tile>> tiles((stride + tile_lanes - 1) / tile_lanes);
  parallel_for(tiles.size(), threads, [&](std::size_t i) {
    const int lanes = static_cast<int>(std::min(tile_lanes, stride - i * tile_lanes));
    tiles[i] = std::make_unique<Tile>(factors_, plan_, market_, lanes, instructions_);
    tiles[i]->start(i * tile_lanes);
  });
  return tiles;
}

/// Without cross-sections each tile goes its way while its memory is hot.
template <class T>
void BatchExecutor::advance_tiles(std::span<const std::unique_ptr<Tile>> tiles, Rows rows,
                                  std::vector<PanelT<T>>& results, int threads) const {
  parallel_for(tiles.size(), threads, [&](std::size_t i) {
    for (std::int64_t row = rows.begin; row < rows.end; row += shape_.rows) {
      tiles[i]->advance(row, static_cast<int>(std::min<std::int64_t>(shape_.rows, rows.end - row)), results);
    }
  });
}

/// A cross-section needs all tiles at its row: workers wait for one another twice a stage.
template <class T>
void BatchExecutor::advance_together(std::span<const std::unique_ptr<Tile>> tiles,
                                     CrossSectionRows& rows_across, Rows rows,
                                     std::vector<PanelT<T>>& results, int threads) const {
  if (plan_.stages.size() == 1) return advance_tiles(tiles, rows, results, threads);
  const auto workers = static_cast<std::size_t>(resolve_threads(threads));
  std::barrier together(static_cast<std::ptrdiff_t>(workers));
  parallel_for(workers, threads, [&](std::size_t worker) {
    for (std::int64_t row = rows.begin; row < rows.end; row += shape_.rows) {
      const auto count = static_cast<int>(std::min<std::int64_t>(shape_.rows, rows.end - row));
      for (std::size_t stage = 0; stage < plan_.stages.size(); ++stage) {
        for (std::size_t i = worker; i < tiles.size(); i += workers)
          tiles[i]->advance_stage(stage, row, count, results);
        together.arrive_and_wait();
        rows_across.run(stage, row, count, worker);
        together.arrive_and_wait();
      }
    }
  });
}

template <class T>
void BatchExecutor::run_stages(std::vector<PanelT<T>>& results, int threads, Progress& progress) const {
  constexpr std::int64_t kBlocks = 64;  // between two signs of progress
  const auto tiles = make_tiles(results.empty() ? 0 : results.front().stride(), threads);
  CrossSectionRows rows_across(factors_, plan_, market_.instruments(), tiles,
                               static_cast<std::size_t>(resolve_threads(threads)), instructions_);
  const std::int64_t end = end_row();
  progress.begin("factors", static_cast<std::size_t>(end));
  for (std::int64_t row = 0; row < end; row += kBlocks * shape_.rows) {
    const std::int64_t behind = std::min<std::int64_t>(row + kBlocks * shape_.rows, end);
    advance_together(tiles, rows_across, {row, behind}, results, threads);
    progress.advance(static_cast<std::size_t>(behind - row));
  }
  progress.end();
}

void BatchExecutor::run_blocks(std::vector<FloatPanel>& block, int threads, Progress& progress,
                               const std::function<void(RowRange rows)>& taken) const {
  if (plan_.maximum_latency > 0) throw internal_error("factors that look ahead don't come out in blocks");
  if (block.empty() || block.front().rows() == 0) throw internal_error("a block of results without rows");
  const auto tiles = make_tiles(block.front().stride(), threads);
  CrossSectionRows rows_across(factors_, plan_, market_.instruments(), tiles,
                               static_cast<std::size_t>(resolve_threads(threads)), instructions_);
  const std::int64_t end = end_row();
  const auto block_rows = static_cast<std::int64_t>(block.front().rows());
  progress.begin("factors", static_cast<std::size_t>(end));
  for (std::int64_t first = 0; first < end; first += block_rows) {
    const std::int64_t behind = std::min(end, first + block_rows);
    for (const auto& tile : tiles) tile->move_results_to(first);
    advance_together(tiles, rows_across, {first, behind}, block, threads);
    taken({static_cast<std::size_t>(first), static_cast<std::size_t>(behind)});
    progress.advance(static_cast<std::size_t>(behind - first));
  }
  progress.end();
}

template <class T>
void BatchExecutor::run_all(std::vector<PanelT<T>>& results, int threads, Progress& progress) const {
  if (plan_.stages.size() > 1) {
    run_stages(results, threads, progress);
  } else {
    run_tiles(results, threads, progress);
  }
}

void BatchExecutor::run(std::vector<FloatPanel>& results, int threads, Progress& progress) const {
  run_all(results, threads, progress);
}

void BatchExecutor::run(std::vector<Panel>& results, int threads, Progress& progress) const {
  run_all(results, threads, progress);
}

}  // namespace orrery
