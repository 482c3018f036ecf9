#include "orrery/feature/point_in_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "orrery/data/lake/lake_prices.h"
#include "orrery/factor/compile.h"
#include "orrery/factor/compute.h"

namespace orrery {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{32} << 20;

/// The names that pause on a session, each with the row of its last bar before: all that a market that ends
/// there has other than the whole one.
using Pauses = std::vector<std::pair<std::size_t, int>>;

bool compares_instruments(const ViewDefinition& view, const MarketData& market) {
  const auto compiled = compile_factors(view.features, view.precision, false, market.dates);
  const auto& nodes = compiled.graph.nodes();
  return std::any_of(nodes.begin(), nodes.end(),
                     [](const Node& node) { return node.kind == Node::Kind::kCrossSection; });
}

Pauses pauses_on(const MarketData& market, std::size_t row) {
  Pauses pauses;
  const int here = static_cast<int>(row);
  for (std::size_t i = 0; i < market.instruments(); ++i) {
    if (market.first_row[i] > here || market.last_row[i] < here || market.present(row, i) != 0) continue;
    if (const auto last = last_bar_by(market, i, row)) pauses.emplace_back(i, static_cast<int>(*last));
  }
  return pauses;
}

/// Lets names end where they pause, as long as it lives.
class PausedMarket {
 public:
  PausedMarket(MarketData& market, const Pauses& pauses) : market_(market), last_row_(market.last_row) {
    for (const auto& [instrument, row] : pauses) market_.last_row[instrument] = row;
  }
  ~PausedMarket() { market_.last_row = std::move(last_row_); }
  PausedMarket(const PausedMarket&) = delete;
  PausedMarket& operator=(const PausedMarket&) = delete;

 private:
  MarketData& market_;
  std::vector<int> last_row_;
};

/// The cells of one pass, ascending by row, with their places in the result.
struct Pass {
  std::vector<std::pair<FeatureCell, std::size_t>> cells;
};

std::map<Pauses, Pass> passes_of(const ViewDefinition& view, const MarketData& market,
                                 std::span<const FeatureCell> cells) {
  const bool apart = compares_instruments(view, market);
  std::vector<std::size_t> order(cells.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return cells[a].row < cells[b].row; });
  std::map<Pauses, Pass> passes;
  Pauses pauses;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto& cell = cells[order[i]];
    const bool new_row = i == 0 || cells[order[i - 1]].row != cell.row;
    if (apart && new_row) pauses = pauses_on(market, cell.row);
    passes[pauses].cells.emplace_back(cell, order[i]);
  }
  return passes;
}

void compute_pass(const ViewDefinition& view, const MarketData& market, const Pass& pass, int threads,
                  Progress& progress, std::vector<float>& values) {
  FactorOptions options;
  options.precision = view.precision;
  options.threads = threads;
  const std::size_t features = view.features.size();
  auto next = pass.cells.begin();
  compute_factor_blocks(
      view.features, market, options, kBlockBytes,
      [&](RowRange sessions, const FactorFrame& block) {
        for (; next != pass.cells.end() && next->first.row < sessions.end; ++next) {
          const auto& [cell, place] = *next;
          for (std::size_t feature = 0; feature < features; ++feature)
            values[place * features + feature] =
                block.panels[feature](cell.row - sessions.begin, cell.instrument);
        }
      },
      progress);
}

}  // namespace

std::optional<std::size_t> last_bar_by(const MarketData& market, std::size_t instrument, std::size_t row) {
  int at = std::min(static_cast<int>(row), market.last_row[instrument]);
  for (; at >= market.first_row[instrument]; --at) {
    if (market.present(static_cast<std::size_t>(at), instrument) != 0) return static_cast<std::size_t>(at);
  }
  return std::nullopt;
}

std::vector<float> point_in_time_values(const ViewDefinition& view, MarketData& market,
                                        std::span<const FeatureCell> cells, int threads, Progress& progress) {
  std::vector<std::string> fields;
  for (const auto& [name, panel] : market.fields) fields.push_back(name);
  check_factors(view.features, fields);
  std::vector<float> values(cells.size() * view.features.size(), PanelT<float>::missing());
  if (cells.empty()) return values;
  for (const auto& [pauses, pass] : passes_of(view, market, cells)) {
    const PausedMarket paused(market, pauses);
    compute_pass(view, market, pass, threads, progress, values);
  }
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
