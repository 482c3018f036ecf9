#include "orrery/data/price_panels.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "orrery/base/threads.h"
#include "orrery/data/corporate_actions.h"

namespace orrery {
namespace {

/// Instruments handled together: their cells of one session share cache lines.
constexpr std::size_t kTile = Panel::kLanes;
constexpr std::array kRawColumns = {kOpen, kHigh, kLow, kClose, kVolume};

/// One instrument's good bars: where they come from, where they go, and their factors.
struct Series {
  std::size_t instrument = 0;
  std::vector<std::size_t> session;
  std::vector<std::size_t> source;
  ActionSeries actions;
  std::vector<double> multiplier;  ///< fields = raw × this
};

/// The panels to fill, found once.
struct Targets {
  std::array<Panel*, kRawColumns.size()> raw{};
  std::array<Panel*, kRawColumns.size()> field{};
  Panel* vwap = nullptr;
  std::vector<Panel*> further;
};

/// Makes the panels, in parallel, since touching their memory for the first time is a good part of the work.
class PanelSet {
 public:
  PanelSet(std::size_t rows, std::size_t columns) : rows_(rows), columns_(columns) {}
  void add(Panel& panel, double fill) { wanted_.push_back({&panel, fill}); }
  void make(int threads) {
    parallel_for(wanted_.size(), threads,
                 [this](std::size_t i) { *wanted_[i].first = Panel(rows_, columns_, wanted_[i].second); });
  }

 private:
  std::size_t rows_;
  std::size_t columns_;
  std::vector<std::pair<Panel*, double>> wanted_;
};

Targets make_panels(const PriceRows& rows, MarketData& market, int threads) {
  PanelSet set(market.rows(), market.instruments());
  Targets targets;
  for (std::size_t i = 0; i < kRawColumns.size(); ++i) {
    const auto name = std::string(price_column_name(kRawColumns[i]));
    targets.raw[i] = &market.raw[name];
    targets.field[i] = &market.fields[name];
    set.add(*targets.raw[i], Panel::missing());
    set.add(*targets.field[i], Panel::missing());
  }
  targets.vwap = &market.fields["vwap"];
  set.add(*targets.vwap, Panel::missing());
  for (const auto& field : rows.further) {
    targets.further.push_back(&market.fields[field.name]);
    set.add(*targets.further.back(), Panel::missing());
  }
  set.add(market.dividend, 0.0);
  set.add(market.split_ratio, 1.0);
  set.make(threads);
  market.present = MaskPanel(market.rows(), market.instruments());
  return targets;
}

std::vector<double> gather(const std::vector<double>& values, const std::vector<std::size_t>& source) {
  std::vector<double> result;
  if (values.empty()) return result;
  result.reserve(source.size());
  for (const std::size_t row : source) result.push_back(values[row]);
  return result;
}

/// Prices are written with two decimals at least, and with as many in both columns.
double price_rounding(const PriceRows& rows) {
  constexpr double kCents = 0.005;
  if (!rows.has(kAdjClose)) return kCents;
  return std::min({kCents, rounding_of(rows.values[kClose]), rounding_of(rows.values[kAdjClose])});
}

/// Fills all panels, tile by tile.
class PanelFiller {
 public:
  PanelFiller(const PriceRows& rows, const BarIndex& index, Adjustment adjustment, MarketData& market,
              const Targets& targets)
      : rows_(rows),
        index_(index),
        adjustment_(adjustment),
        market_(market),
        targets_(targets),
        rounding_(price_rounding(rows)) {}

  void fill_tile(std::size_t tile, PanelCounts& counts) {
    std::vector<Series> series;
    const std::size_t end = std::min((tile + 1) * kTile, index_.symbols.size());
    for (std::size_t instrument = tile * kTile; instrument < end; ++instrument) {
      series.push_back(make_series(instrument));
      count(series.back(), counts);
    }
    fill_prices(series);
    for (std::size_t i = 0; i < targets_.further.size(); ++i) {
      write(series, *targets_.further[i],
            [values = rows_.further[i].values.data()](const Series& one, std::size_t k) {
              return values[one.source[k]];
            });
    }
    for (const auto& one : series) mark(one);
  }

 private:
  Series make_series(std::size_t instrument) const {
    Series series;
    series.instrument = instrument;
    const auto* sources = index_.sources_of(instrument);
    for (std::size_t session = 0; session < index_.sessions.size(); ++session) {
      if (sources[session] == BarIndex::kNoBar) continue;
      series.session.push_back(session);
      series.source.push_back(static_cast<std::size_t>(sources[session]));
    }
    adjust(series);
    return series;
  }

  void adjust(Series& series) const {
    const auto close = gather(rows_.values[kClose], series.source);
    const auto adj_close = gather(rows_.values[kAdjClose], series.source);
    const auto dividend = gather(rows_.values[kDividend], series.source);
    const auto split_ratio = gather(rows_.values[kSplitRatio], series.source);
    series.actions = find_actions({close, adj_close, dividend, split_ratio, rounding_});
    switch (adjustment_) {
      case Adjustment::kForward:
        series.multiplier = series.actions.factor;
        break;
      case Adjustment::kBackward:
        series.multiplier = backward_multiplier(series.actions.factor, close, adj_close);
        break;
      case Adjustment::kNone:
        series.multiplier.assign(close.size(), 1.0);
        break;
    }
  }

  static std::vector<double> backward_multiplier(const std::vector<double>& factor,
                                                 const std::vector<double>& close,
                                                 const std::vector<double>& adj_close) {
    std::vector<double> result;
    for (std::size_t k = 0; k < factor.size(); ++k) {
      result.push_back(adj_close.empty() ? factor[k] / factor.back() : adj_close[k] / close[k]);
    }
    return result;
  }

  void count(const Series& series, PanelCounts& counts) const {
    counts.bars += series.session.size();
    counts.missing_bars += series.session.back() - series.session.front() + 1 - series.session.size();
    for (const std::size_t source : series.source) {
      counts.zero_volume += rows_.values[kVolume][source] == 0.0 ? 1U : 0U;
    }
    counts.dividends += series.actions.dividends;
    counts.splits += series.actions.splits;
    counts.unexplained += series.actions.unexplained;
    counts.unconfirmed += series.actions.unconfirmed;
  }

  /// Writes value(series, k) into the panel for every bar of the tile.
  static void write(const std::vector<Series>& tile, Panel& panel, const auto& value) {
    for (const auto& series : tile) {
      double* const column = panel.row_data(0) + series.instrument;
      for (std::size_t k = 0; k < series.session.size(); ++k) {
        column[series.session[k] * panel.stride()] = value(series, k);
      }
    }
  }

  void fill_prices(const std::vector<Series>& tile) const {
    for (std::size_t i = 0; i < kRawColumns.size(); ++i) {
      const double* const values = rows_.values[kRawColumns[i]].data();
      write(tile, *targets_.raw[i],
            [values](const Series& one, std::size_t k) { return values[one.source[k]]; });
      if (kRawColumns[i] == kVolume) {
        write(tile, *targets_.field[i], [values](const Series& one, std::size_t k) {
          return values[one.source[k]] / one.multiplier[k];
        });
      } else {
        write(tile, *targets_.field[i], [values](const Series& one, std::size_t k) {
          return values[one.source[k]] * one.multiplier[k];
        });
      }
    }
    write(tile, *targets_.vwap, [this](const Series& one, std::size_t k) { return vwap(one, k); });
  }

  double vwap(const Series& series, std::size_t k) const {
    const std::size_t source = series.source[k];
    const double multiplier = series.multiplier[k];
    if (rows_.has(kVwap) && rows_.values[kVwap][source] > 0.0)
      return rows_.values[kVwap][source] * multiplier;
    const auto adjusted = [&](PriceColumn column) { return rows_.values[column][source] * multiplier; };
    return (adjusted(kHigh) + adjusted(kLow) + adjusted(kClose)) / 3.0;
  }

  void mark(const Series& series) const {
    market_.first_row[series.instrument] = static_cast<int>(series.session.front());
    market_.last_row[series.instrument] = static_cast<int>(series.session.back());
    for (std::size_t k = 0; k < series.session.size(); ++k) {
      market_.present(series.session[k], series.instrument) = 1;
      market_.dividend(series.session[k], series.instrument) = series.actions.dividend[k];
      market_.split_ratio(series.session[k], series.instrument) = series.actions.split_ratio[k];
    }
  }

  const PriceRows& rows_;
  const BarIndex& index_;
  Adjustment adjustment_;
  MarketData& market_;
  const Targets& targets_;
  double rounding_;
};

void add(PanelCounts& total, const PanelCounts& part) {
  total.bars += part.bars;
  total.zero_volume += part.zero_volume;
  total.missing_bars += part.missing_bars;
  total.dividends += part.dividends;
  total.splits += part.splits;
  total.unexplained += part.unexplained;
  total.unconfirmed += part.unconfirmed;
}

}  // namespace

MarketData fill_panels(const PriceRows& rows, BarIndex&& index, Adjustment adjustment, int threads,
                       PanelCounts& counts) {
  MarketData market;
  market.dates = index.sessions;
  market.symbols = index.symbols;
  market.first_row.assign(market.instruments(), 0);
  market.last_row.assign(market.instruments(), 0);
  const auto targets = make_panels(rows, market, threads);
  PanelFiller filler(rows, index, adjustment, market, targets);
  const std::size_t tiles = (market.instruments() + kTile - 1) / kTile;
  std::vector<PanelCounts> parts(tiles);
  parallel_for(tiles, threads, [&](std::size_t tile) { filler.fill_tile(tile, parts[tile]); });
  for (const auto& part : parts) add(counts, part);
  return market;
}

}  // namespace orrery
