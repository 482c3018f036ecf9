#include "orrery/factor/executor.h"

#include <fmt/format.h>

#include <algorithm>
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

void check_shape(const MarketData& market) {
  if (market.first_row.size() == market.instruments() && market.last_row.size() == market.instruments())
    return;
  throw internal_error(fmt::format("first_row and last_row must have one entry an instrument: {}, {} of {}",
                                   market.first_row.size(), market.last_row.size(), market.instruments()));
}

}  // namespace

BatchExecutor::BatchExecutor(const CompiledFactors& factors, const MarketData& market,
                             const ExecutionShape& shape, kernels::InstructionSet instructions)
    : factors_(factors),
      market_(market),
      shape_(shape),
      instructions_(instructions),
      plan_(make_plan(factors.graph, factors.roots, shape)) {
  check_shape(market);
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

template <class T>
void BatchExecutor::run_stages(std::vector<PanelT<T>>& results, int threads, Progress& progress) const {
  const std::size_t stride = results.empty() ? 0 : results.front().stride();
  const auto tile_lanes = static_cast<std::size_t>(shape_.lanes);
  std::vector<std::unique_ptr<Tile>> tiles((stride + tile_lanes - 1) / tile_lanes);
  parallel_for(tiles.size(), threads, [&](std::size_t i) {
    const int lanes = static_cast<int>(std::min(tile_lanes, stride - i * tile_lanes));
    tiles[i] = std::make_unique<Tile>(factors_, plan_, market_, lanes, instructions_);
    tiles[i]->start(i * tile_lanes);
  });
  CrossSectionRows rows_across(factors_, plan_, market_.instruments(), tiles);
  const std::int64_t end = end_row();
  progress.begin("factors", static_cast<std::size_t>(end));
  for (std::int64_t row = 0; row < end; row += shape_.rows) {
    const int rows = static_cast<int>(std::min<std::int64_t>(shape_.rows, end - row));
    for (std::size_t stage = 0; stage < plan_.stages.size(); ++stage) {
      parallel_for(tiles.size(), threads,
                   [&](std::size_t i) { tiles[i]->advance_stage(stage, row, rows, results); });
      rows_across.run(stage, row, rows, threads);
    }
    progress.advance(static_cast<std::size_t>(rows));
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
