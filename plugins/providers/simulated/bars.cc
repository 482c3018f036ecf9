#include "plugins/providers/simulated/bars.h"

#include <algorithm>
#include <cmath>

#include "plugins/providers/simulated/economy.h"

namespace orrery::plugins::providers::simulated {
namespace {

constexpr double kOvernightShare = 0.3;  // of a day's variance
constexpr double kDearPrice = 300.0;
constexpr double kCheapPrice = 2.5;
constexpr double kSplitProbability = 0.01;    // a session, of a dear or cheap share
constexpr double kWhimProbability = 0.00006;  // a session, of any share above 60

// Rule 612 of Regulation NMS: cents from one dollar on, hundredths of a cent below.
double to_tick(double price) {
  const double ticks = price >= 1.0 ? 100.0 : 10000.0;
  return std::max(1.0, std::round(price * ticks)) / ticks;
}

double draw_split(Random& random, double price) {
  const double chance = random.uniform();
  if (price > kDearPrice && chance < kSplitProbability) return 2.0 + static_cast<double>(random.below(3));
  if (price < kCheapPrice && chance < kSplitProbability) return 0.1;
  return price > 60.0 && chance < kWhimProbability ? 2.0 : 1.0;
}

CorporateAction draw_action(Random& random, const Instrument& instrument, std::size_t row, double price) {
  const double ratio = draw_split(random, price);
  // A session has one action, as nearly always in life, so that adj_close tells which.
  if (ratio != 1.0 || row % kDividendPeriod != instrument.dividend_row) return {row, ratio, 0.0};
  return {row, 1.0, std::round(100.0 * price * instrument.dividend_yield / 4.0) / 100.0};
}

// The highest point of a Brownian bridge from 0 to `end`: P(max > m) = exp(-2 m (m - end) / variance).
double bridge_maximum(Random& random, double end, double variance) {
  const double u = 1.0 - random.uniform();
  return 0.5 * (end + std::sqrt(end * end - 2.0 * variance * std::log(u)));
}

// Draws open, high and low around a day that goes from `reference` (the last close less what went ex) to
// `close`.
void draw_range(Random& random, double reference, double close, double volatility, Bar& bar) {
  const double move = std::log(close / reference);
  const double variance = volatility * volatility;
  const double gap_deviation = std::sqrt(variance * kOvernightShare * (1.0 - kOvernightShare));
  const double gap = kOvernightShare * move + gap_deviation * random.normal();
  const double open = reference * std::exp(gap);
  const double day_variance = (1.0 - kOvernightShare) * variance;
  const double rise = bridge_maximum(random, move - gap, day_variance);
  const double fall = bridge_maximum(random, gap - move, day_variance);
  bar.open = to_tick(open);
  bar.close = to_tick(close);
  bar.high = std::max({to_tick(open * std::exp(rise)), bar.open, bar.close});
  bar.low = std::min({to_tick(open * std::exp(-fall)), bar.open, bar.close});
}

// adj_close falls back from the last bar by each adjustment's factor (c - dividend) / c, c being the last
// close before it, in new shares. Source: CRSP and Yahoo adjust in this way.
void adjust_backward(BarSeries& series) {
  double factor = 1.0;
  std::size_t action = series.actions.size();
  for (std::size_t k = series.bars.size(); k-- > 0;) {
    Bar& bar = series.bars[k];
    bar.adjusted_close = bar.close * factor;
    if (action == 0 || series.actions[action - 1].row != bar.row || k == 0) continue;
    const CorporateAction& due = series.actions[--action];
    const double before = series.bars[k - 1].close;
    factor *= (before / due.split_ratio - due.dividend) / before;
  }
}

}  // namespace

BarSeries make_bars(const SimulatedMarketOptions& options, const std::vector<Instrument>& instruments,
                    const Paths& paths, std::size_t i) {
  const Instrument& instrument = instruments[i];
  Random random = part_random(options, kBarPart).fork(2).fork(i);
  BarSeries series;
  series.bars.reserve(instrument.last_row - instrument.first_row + 1);
  double price = instrument.initial_price;  // as traded, before it is rounded to the tick
  double shares = 1.0;                      // for one share of the first day
  for (std::size_t row = instrument.first_row; row <= instrument.last_row; ++row) {
    if (row > instrument.first_row) {
      const CorporateAction action = draw_action(random, instrument, row, price);
      if (action.split_ratio != 1.0 || action.dividend > 0.0) series.actions.push_back(action);
      price = price / action.split_ratio - action.dividend;
      shares *= action.split_ratio;
    }
    const double reference = price;
    price *= 1.0 + paths.total_return(row, i);
    Bar& bar = series.bars.emplace_back();
    bar.row = row;
    draw_range(random, reference, price, paths.volatility(row, i), bar);
    bar.volume = std::max<std::int64_t>(1, std::llround(paths.volume(row, i) * shares));
  }
  adjust_backward(series);
  return series;
}

}  // namespace orrery::plugins::providers::simulated
