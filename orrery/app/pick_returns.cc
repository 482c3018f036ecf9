#include "orrery/app/pick_returns.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace orrery {
namespace {

/// The same slack as the label's own, so that both agree on what reaches the target.
constexpr double kTargetSlack = 1e-12;

/// Price at which a pick of session `row` is sold; NaN when there is none.
double exit_price(const Panel& close, std::size_t row, std::size_t instrument, double entry,
                  const GainLabel& label) {
  const double target = entry * (1.0 + label.gain) * (1.0 - kTargetSlack);
  const std::size_t last = row + 1 + static_cast<std::size_t>(label.within);
  double price = Panel::missing();
  for (std::size_t r = row + 2; r <= last; ++r) {
    if (std::isnan(close(r, instrument))) continue;
    price = close(r, instrument);
    if (price >= target) break;
  }
  return price;
}

std::vector<std::size_t> best_scores(std::span<const double> scores, std::size_t count) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!std::isnan(scores[i])) order.push_back(i);
  }
  count = std::min(count, order.size());
  std::partial_sort(
      order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
      [&](std::size_t a, std::size_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
  order.resize(count);
  return order;
}

}  // namespace

std::vector<PickReturn> gain_pick_returns(const Panel& scores, const Panel& entry_price, const Panel& close,
                                          const GainLabel& label, const Costs& costs,
                                          const std::vector<int>& picks) {
  const double cost = (costs.commission_bps + costs.slippage_bps) / 10000.0;
  const std::size_t span = static_cast<std::size_t>(label_span_rows(label));
  const auto most = static_cast<std::size_t>(*std::max_element(picks.begin(), picks.end()));
  std::vector<double> sums(most, 0.0);
  std::vector<std::size_t> counts(most, 0);
  for (std::size_t row = 0; row + span < scores.rows(); ++row) {
    const auto order = best_scores(scores.row(row), most);
    for (std::size_t place = 0; place < order.size(); ++place) {
      const double entry = entry_price(row + 1, order[place]);
      const double sold = exit_price(close, row, order[place], entry, label);
      const double net = sold * (1.0 - cost) / (entry * (1.0 + cost)) - 1.0;
      if (std::isnan(net)) continue;
      sums[place] += net;
      ++counts[place];
    }
  }
  std::vector<PickReturn> result;
  for (const int k : picks) {
    const auto count = std::accumulate(counts.begin(), counts.begin() + k, std::size_t{0});
    const double sum = std::accumulate(sums.begin(), sums.begin() + k, 0.0);
    result.push_back({k, count, count == 0 ? Panel::missing() : sum / static_cast<double>(count)});
  }
  return result;
}

}  // namespace orrery
