#include "orrery/backtest/exposure.h"

#include <algorithm>
#include <cmath>

#include "orrery/backtest/backtest.h"
#include "orrery/market/market_data.h"
#include "orrery/market/trailing_volume.h"

namespace orrery {
namespace {

/// Running sums of one instrument's returns y with the universe's x, where y is present.
struct Sums {
  double n = 0.0, x = 0.0, y = 0.0, xx = 0.0, xy = 0.0;

  void add(double market, double own) {
    n += 1.0;
    x += market;
    y += own;
    xx += market * market;
    xy += market * own;
  }
  Sums operator-(const Sums& before) const {
    return {n - before.n, x - before.x, y - before.y, xx - before.xx, xy - before.xy};
  }
  double slope() const {
    const double variance = xx - x * x / n;
    return variance > 0.0 ? (xy - x * y / n) / variance : Panel::missing();
  }
};

/// The sums over all rows before each row; differences of them are windows. Returns are below 1 in size and
/// some thousand in number, so that what rounding leaves in a difference is far below a beta's own error.
std::vector<Sums> running_sums(const Panel& close, std::span<const double> universe_returns,
                               std::size_t instrument) {
  std::vector<Sums> sums(close.rows() + 1);
  for (std::size_t row = 0; row < close.rows(); ++row) {
    sums[row + 1] = sums[row];
    if (row == 0) continue;
    const double change = close(row, instrument) / close(row - 1, instrument) - 1.0;
    if (std::isfinite(change)) sums[row + 1].add(universe_returns[row], change);
  }
  return sums;
}

/// Where each session's holdings lie in the result.
class Holdings {
 public:
  explicit Holdings(const BacktestResult& result) : result_(result) {}

  /// The positions of the next session, which follow those of the one before.
  std::span<const PositionRow> take(Date date) {
    const std::size_t begin = next_;
    while (next_ < result_.positions.size() && result_.positions[next_].date == date) ++next_;
    return std::span(result_.positions).subspan(begin, next_ - begin);
  }

 private:
  const BacktestResult& result_;
  std::size_t next_ = 0;
};

/// Sum of weight × value over the holdings; those without a value take part as the others do on average.
double weighted_sum(std::span<const PositionRow> held, double equity, std::span<const double> values) {
  double sum = 0.0;
  double known = 0.0;
  double all = 0.0;
  for (const PositionRow& position : held) {
    const double weight = multiply(position.mark, position.quantity).units() / equity;
    const double value = values[position.instrument];
    all += std::abs(weight);
    if (!std::isfinite(value)) continue;
    known += std::abs(weight);
    sum += weight * value;
  }
  return known > 0.0 ? sum * (all / known) : Panel::missing();
}

double mean_of_eligible(std::span<const std::uint8_t> eligible, std::span<const double> values) {
  double sum = 0.0;
  double count = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (eligible[i] == 0 || !std::isfinite(values[i])) continue;
    sum += values[i];
    count += 1.0;
  }
  return count > 0.0 ? sum / count : Panel::missing();
}

void standardise(std::vector<double>& values) {
  double sum = 0.0;
  double count = 0.0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    sum += value;
    count += 1.0;
  }
  const double center = sum / count;
  double squares = 0.0;
  for (const double value : values)
    squares += std::isfinite(value) ? (value - center) * (value - center) : 0.0;
  const double deviation = std::sqrt(squares / count);
  for (double& value : values) value = deviation > 0.0 ? (value - center) / deviation : Panel::missing();
}

}  // namespace

Panel trailing_betas(const Panel& close, std::span<const double> universe_returns, std::size_t first_row) {
  Panel betas(close.rows(), close.columns());
  for (std::size_t i = 0; i < close.columns(); ++i) {
    const std::vector<Sums> sums = running_sums(close, universe_returns, i);
    for (std::size_t row = first_row; row < close.rows(); ++row) {
      const std::size_t begin = row + 1 > kBetaSessions ? row + 1 - kBetaSessions : 0;
      const Sums window = sums[row + 1] - sums[begin];
      if (window.n >= static_cast<double>(kFewestBetaReturns)) betas(row, i) = window.slope();
    }
  }
  return betas;
}

std::vector<double> size_scores(const MarketData& market, const MaskPanel& eligible, std::size_t row) {
  const Panel& close = market.raw_field("close");
  const Panel& volume = market.raw_field("volume");
  std::vector<double> scores(market.instruments(), Panel::missing());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (eligible(row, i) == 0) continue;
    const double value = trailing_dollar_volume(close, volume, row, i);
    if (value > 0.0) scores[i] = std::log(value);
  }
  standardise(scores);
  return scores;
}

Exposure measure_exposure(const MarketData& market, const MaskPanel& eligible, const BacktestResult& result,
                          std::span<const double> universe_returns) {
  Exposure exposure;
  if (result.daily.empty()) return exposure;
  const std::size_t first = market.lower_row(result.daily.front().date);
  const Panel betas = trailing_betas(market.field("close"), universe_returns, first);
  Holdings holdings(result);
  for (const DailyRow& day : result.daily) {
    const std::size_t row = market.lower_row(day.date);
    const auto held = holdings.take(day.date);
    exposure.dates.push_back(day.date);
    exposure.size.push_back(weighted_sum(held, day.equity.units(), size_scores(market, eligible, row)));
    exposure.beta.push_back(weighted_sum(held, day.equity.units(), betas.row(row)));
    exposure.universe_beta.push_back(mean_of_eligible(eligible.row(row), betas.row(row)));
  }
  return exposure;
}

}  // namespace orrery
