#include "orrery/data/price_panels.h"

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "orrery/base/threads.h"
#include "orrery/data/adjustment.h"
#include "orrery/data/price_actions.h"

namespace orrery {
namespace {

/// Instruments handled together: the doubles of one cache line, which is written once and whole.
constexpr std::size_t kTile = 8;
constexpr std::array kRawColumns = {kOpen, kHigh, kLow, kClose, kVolume};

/// One instrument's good bars, and what happened between them.
struct Series {
  std::size_t instrument = 0;
  std::vector<std::size_t> session;
  std::vector<std::size_t> source;
  ActionSeries actions;
};

/// Up to eight neighbouring instruments, laid out by session: where each cell comes from and its multiplier.
struct Tile {
  std::size_t first_instrument = 0;
  std::size_t sessions = 0;
  std::vector<Series> series;
  std::vector<std::int32_t> sources;  ///< [session][lane]: row in PriceRows, or kNoBar
  std::vector<double> multiplier;     ///< [session][lane]: fields = raw × this
};

/// The panels to fill, found once.
struct Targets {
  std::array<Panel*, kRawColumns.size()> raw{};
  std::array<Panel*, kRawColumns.size()> field{};
  Panel* vwap = nullptr;
  std::vector<Panel*> further;
};

Targets make_panels(const PriceRows& rows, MarketData& market, int threads) {
  const std::size_t sessions = market.rows();
  const std::size_t instruments = market.instruments();
  const auto make = [&](Panel& panel) {
    panel = Panel(sessions, instruments, Panel::Unfilled());
    return &panel;
  };
  Targets targets;
  for (std::size_t i = 0; i < kRawColumns.size(); ++i) {
    const auto name = std::string(price_column_name(kRawColumns[i]));
    targets.raw[i] = make(market.raw[name]);
    targets.field[i] = make(market.fields[name]);
  }
  targets.vwap = make(market.fields["vwap"]);
  for (const auto& field : rows.further) targets.further.push_back(make(market.fields[field.name]));
  parallel_for(3, threads, [&](std::size_t i) {
    if (i == 0) market.dividend = Panel(sessions, instruments, 0.0);
    if (i == 1) market.split_ratio = Panel(sessions, instruments, 1.0);
    if (i == 2) market.present = MaskPanel(sessions, instruments);
  });
  return targets;
}

/// Four neighbouring cells of a panel, by the rows they come from.
class FourBars {
 public:
  explicit FourBars(const std::int32_t* sources)
      : sources_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(sources))),
        present_(_mm256_castsi256_pd(_mm256_cvtepi32_epi64(_mm_xor_si128(sources_, _mm_set1_epi32(-1))))) {}

  /// Returns the bars' values in a column of PriceRows, NaN where there is no bar.
  __m256d of(const double* values) const {
    return _mm256_mask_i32gather_pd(_mm256_set1_pd(Panel::missing()), values, sources_, present_,
                                    sizeof(double));
  }

 private:
  __m128i sources_;
  __m256d present_;  ///< sign bit set where there is a bar, whose source is not negative
};

/// Fills all panels, tile by tile.
class PanelFiller {
 public:
  PanelFiller(const PriceRows& rows, const BarIndex& index, Adjustment adjustment, MarketData& market,
              const Targets& targets, double rounding)
      : rows_(rows),
        index_(index),
        adjustment_(adjustment),
        market_(market),
        targets_(targets),
        rounding_(rounding) {}

  void fill_tile(std::size_t number, PanelCounts& counts) {
    const auto tile = make_tile(number);
    for (const auto& series : tile.series) {
      count(series, counts);
      mark(series);
    }
    fill_prices(tile);
    for (std::size_t i = 0; i < targets_.further.size(); ++i) {
      const double* const values = rows_.further[i].values.data();
      write(tile, *targets_.further[i], [values](const FourBars& bars, __m256d) { return bars.of(values); });
    }
  }

 private:
  Tile make_tile(std::size_t number) const {
    Tile tile;
    tile.first_instrument = number * kTile;
    tile.sessions = index_.sessions.size();
    tile.sources.assign(tile.sessions * kTile, BarIndex::kNoBar);
    tile.multiplier.assign(tile.sessions * kTile, 1.0);
    const std::size_t end = std::min(tile.first_instrument + kTile, index_.symbols.size());
    for (std::size_t instrument = tile.first_instrument; instrument < end; ++instrument)
      add_series(instrument, tile);
    return tile;
  }

  void add_series(std::size_t instrument, Tile& tile) const {
    Series series;
    series.instrument = instrument;
    const std::size_t lane = instrument - tile.first_instrument;
    const auto* sources = index_.sources_of(instrument);
    for (std::size_t session = 0; session < tile.sessions; ++session) {
      tile.sources[session * kTile + lane] = sources[session];
      if (sources[session] == BarIndex::kNoBar) continue;
      series.session.push_back(session);
      series.source.push_back(static_cast<std::size_t>(sources[session]));
    }
    const auto multiplier = adjust(series);
    for (std::size_t k = 0; k < multiplier.size(); ++k) {
      tile.multiplier[series.session[k] * kTile + lane] = multiplier[k];
    }
    tile.series.push_back(std::move(series));
  }

  /// Finds the actions, and returns by bar what raw prices are multiplied with.
  std::vector<double> adjust(Series& series) const {
    series.actions = actions_of(rows_, series.source, rounding_);
    const auto close = gather(rows_.values[kClose], series.source);
    auto adj_close = gather(rows_.values[kAdjClose], series.source);
    // Adjusted closes of two symbols may have two bases.
    if (!joins_of(rows_, series.source).empty()) adj_close.clear();
    return price_multiplier(adjustment_, series.actions, close, adj_close);
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

  void mark(const Series& series) const {
    const auto& actions = series.actions;
    market_.first_row[series.instrument] = static_cast<int>(series.session.front());
    market_.last_row[series.instrument] = static_cast<int>(series.session.back());
    for (std::size_t k = 0; k < series.session.size(); ++k) {
      const std::size_t session = series.session[k];
      market_.present(session, series.instrument) = 1;
      if (actions.dividend[k] != 0.0) market_.dividend(session, series.instrument) = actions.dividend[k];
      if (actions.split_ratio[k] != 1.0)
        market_.split_ratio(session, series.instrument) = actions.split_ratio[k];
    }
  }

  /// Writes value(bars, multipliers) into every cell of the tile's columns, four at a time. A value made from
  /// a missing bar is NaN.
  static void write(const Tile& tile, Panel& panel, const auto& value) {
    const std::int32_t* source = tile.sources.data();
    const double* multiplier = tile.multiplier.data();
    double* cells = panel.row_data(0) + tile.first_instrument;
    const std::size_t cells_of_tile = tile.sessions * kTile;
    const std::size_t next_row = panel.stride() - kTile;
    for (std::size_t i = 0; i < cells_of_tile; i += 4) {
      // Past the caches: each line is written whole, so that its old content need not be read first.
      _mm256_stream_pd(cells, value(FourBars(source + i), _mm256_loadu_pd(multiplier + i)));
      cells += 4 + (i % kTile == 4 ? next_row : 0);
    }
    _mm_sfence();
  }

  void fill_prices(const Tile& tile) const {
    for (std::size_t i = 0; i < kRawColumns.size(); ++i) {
      const double* const values = rows_.values[kRawColumns[i]].data();
      write(tile, *targets_.raw[i], [values](const FourBars& bars, __m256d) { return bars.of(values); });
      if (kRawColumns[i] == kVolume) {
        write(tile, *targets_.field[i],
              [values](const FourBars& bars, __m256d by) { return _mm256_div_pd(bars.of(values), by); });
      } else {
        write(tile, *targets_.field[i],
              [values](const FourBars& bars, __m256d by) { return _mm256_mul_pd(bars.of(values), by); });
      }
    }
    if (rows_.has(kVwap)) {
      fill_given_vwap(tile);
    } else {
      write(tile, *targets_.vwap, [this](const FourBars& bars, __m256d by) { return mean_price(bars, by); });
    }
  }

  /// (high + low + close) / 3 of the adjusted bar.
  __m256d mean_price(const FourBars& bars, __m256d by) const {
    const auto adjusted = [&](PriceColumn column) {
      return _mm256_mul_pd(bars.of(rows_.values[column].data()), by);
    };
    const __m256d sum = _mm256_add_pd(_mm256_add_pd(adjusted(kHigh), adjusted(kLow)), adjusted(kClose));
    return _mm256_div_pd(sum, _mm256_set1_pd(3.0));
  }

  void fill_given_vwap(const Tile& tile) const {
    const double* const given = rows_.values[kVwap].data();
    write(tile, *targets_.vwap, [this, given](const FourBars& bars, __m256d by) {
      const __m256d vwap = bars.of(given);
      const __m256d usable = _mm256_cmp_pd(vwap, _mm256_setzero_pd(), _CMP_GT_OQ);
      return _mm256_blendv_pd(mean_price(bars, by), _mm256_mul_pd(vwap, by), usable);
    });
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
  PanelFiller filler(rows, index, adjustment, market, targets, price_rounding(rows, threads));
  const std::size_t tiles = targets.vwap->stride() / kTile;  // the padding lanes are written too
  std::vector<PanelCounts> parts(tiles);
  parallel_for(tiles, threads, [&](std::size_t tile) { filler.fill_tile(tile, parts[tile]); });
  for (const auto& part : parts) add(counts, part);
  return market;
}

}  // namespace orrery
