#include "orrery/feature/point_in_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "orrery/data/lake/lake_prices.h"
#include "orrery/factor/compute.h"

namespace orrery {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{32} << 20;

/// The cells' places in the order of their sessions.
std::vector<std::size_t> by_session(std::span<const FeatureCell> cells) {
  std::vector<std::size_t> order(cells.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return cells[a].row < cells[b].row; });
  return order;
}

}  // namespace

std::optional<std::size_t> last_bar_by(const MarketData& market, std::size_t instrument, std::size_t row) {
  int at = std::min(static_cast<int>(row), market.last_row[instrument]);
  for (; at >= market.first_row[instrument]; --at) {
    if (market.present(static_cast<std::size_t>(at), instrument) != 0) return static_cast<std::size_t>(at);
  }
  return std::nullopt;
}

std::vector<float> point_in_time_values(const ViewDefinition& view, const MarketData& market,
                                        std::span<const FeatureCell> cells, int threads, Progress& progress) {
  std::vector<std::string> fields;
  for (const auto& [name, panel] : market.fields) fields.push_back(name);
  check_factors(view.features, fields);
  const std::size_t features = view.features.size();
  std::vector<float> values(cells.size() * features, PanelT<float>::missing());
  if (cells.empty()) return values;
  const auto order = by_session(cells);
  auto next = order.begin();
  compute_factor_blocks(
      view.features, market, {view.precision, threads, false}, kBlockBytes,
      [&](RowRange sessions, const FactorFrame& block) {
        for (; next != order.end() && cells[*next].row < sessions.end; ++next) {
          const auto& cell = cells[*next];
          for (std::size_t feature = 0; feature < features; ++feature)
            values[*next * features + feature] =
                block.panels[feature](cell.row - sessions.begin, cell.instrument);
        }
      },
      progress);
  return values;
}

MarketData& FeatureMarkets::of(const ViewDefinition& view) {
  const auto& data = view.data;
  std::string key = fmt::format("{}|{}|{}|{}|{}", data.prices.path.string(), data.lake ? data.lake->bars : "",
                                data.prices.sectors.string(), data.prices.calendar,
                                static_cast<int>(data.prices.adjustment));
  for (const auto& file : data.prices.series) key += fmt::format("|{}", file.string());
  auto& load = loads_[key];
  if (!load) {
    PriceSource source = data.prices;
    source.threads = threads_;
    load = std::make_unique<PriceLoad>(data.lake ? load_lake_prices(*data.lake, source, progress_)
                                                 : load_prices(source, progress_));
    load->market.raw.clear();  // features don't read them
  }
  return load->market;
}

}  // namespace orrery
