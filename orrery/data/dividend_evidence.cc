#include "orrery/data/dividend_evidence.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "orrery/base/statistics.h"

namespace orrery {
namespace {

constexpr double kSameAmount = 0.03;   ///< the source divides by its own, longer close
constexpr double kGroupGap = 8.0;      ///< between yields of dividends that are judged apart
constexpr double kUsualYield = 0.01;   ///< the middle of what shares pay at a time
constexpr double kUsualSpread = 1.2;   ///< standard deviation of its logarithm
constexpr double kLargestPrior = 6.0;  ///< no more than this against a yield for being unusual
constexpr double kLargestYield = 0.9;  ///< nobody pays out nearly all that the share is worth
constexpr double kImpossible = 50.0;
constexpr double kCostOfWrongAmount = 4.0;
constexpr double kCostOfWrongAdjustment = 4.0;
constexpr double kCostOfFollowing = 0.5;  ///< of adjusted closes that were made from the wrong amount
constexpr std::size_t kFewestOthers = 3;
constexpr double kLikeTheOthers = 0.3;       ///< of the logarithm
constexpr double kOthersSay = 4.0;           ///< for a yield that is like those of the other dividends
constexpr double kLeastPriceEvidence = 3.0;  ///< 20 to 1
constexpr double kLeastSplit = 3.0;
constexpr int kLongestGapDays = 10;  ///< to a close that a dividend is held against

bool is_near(double value, double expected, double noise) {
  return std::abs(value - expected) <= noise + kSameAmount * expected;
}

AdjustmentSays say(const DividendEvidence& dividend, double noise) {
  const double off = dividend.taken_off;
  if (!std::isfinite(off)) return std::isnan(off) ? AdjustmentSays::kUnknown : AdjustmentSays::kOther;
  if (dividend.yield <= noise) return AdjustmentSays::kUnknown;
  if (is_near(off, dividend.yield, noise)) return AdjustmentSays::kTheSame;
  if (is_near(off, dividend.yield / kMinorUnits, noise) && dividend.yield / kMinorUnits > 2.0 * noise)
    return AdjustmentSays::kHundredth;
  if (is_near(off, dividend.yield * kMinorUnits, noise)) return AdjustmentSays::kHundredfold;
  return std::abs(off) <= noise ? AdjustmentSays::kNothing : AdjustmentSays::kOther;
}

double split_at(const PriceHistory& history, std::size_t row) {
  const double ratio = history.split_ratio.empty() ? 1.0 : history.split_ratio[row];
  return ratio > 0.0 ? ratio : 1.0;
}

/// The price of a yield for being unusual.
double log_prior(double yield) {
  if (yield > kLargestYield) return -kImpossible;
  const double distance = std::log(yield / kUsualYield) / kUsualSpread;
  return -std::min(kLargestPrior, 0.5 * distance * distance);
}

/// What it takes to believe that a dividend is `factor` times its amount, given what the adjusted closes say.
double cost(const DividendEvidence& dividend, double factor) {
  const bool is_as_it_stands = factor == 1.0;
  const double amount = is_as_it_stands ? 0.0 : kCostOfWrongAmount;
  if (dividend.adjustment == AdjustmentSays::kUnknown) return amount;
  if (is_near(dividend.taken_off, dividend.yield * factor, 0.0)) return amount;
  if (!is_as_it_stands && dividend.adjustment == AdjustmentSays::kTheSame) return amount + kCostOfFollowing;
  return amount + kCostOfWrongAdjustment;
}

/// The factors that a source's mistakes put between a dividend and what it writes.
std::vector<double> factors_of(const DividendEvidence& dividend) {
  std::vector<double> factors = {1.0 / kMinorUnits, kMinorUnits};
  const double split = dividend.later_split;
  if (split >= kLeastSplit || split <= 1.0 / kLeastSplit) factors.push_back(1.0 / split);
  return factors;
}

/// The middle yield of the dividends outside a group; 0 where they are too few to say anything.
double others_yield(const std::vector<DividendEvidence>& dividends, const std::vector<std::size_t>& group) {
  std::vector<double> yields;
  for (std::size_t i = 0; i < dividends.size(); ++i) {
    if (std::find(group.begin(), group.end(), i) == group.end()) yields.push_back(dividends[i].yield);
  }
  return yields.size() < kFewestOthers || yields.size() <= group.size() ? 0.0 : quantile(yields, 0.5);
}

}  // namespace

std::vector<DividendEvidence> gather_dividends(const PriceHistory& history, const UsualMoves& moves,
                                               const AdjustedCloses& adjusted) {
  std::vector<DividendEvidence> found;
  double later_split = 1.0;
  for (std::size_t row = history.dividend.size(); row-- > 0;) {
    const auto before = adjusted.before(row);
    const double amount = history.dividend[row];
    if (amount > 0.0 && before && adjusted.from(row) &&
        history.date[row] - history.date[*before] <= kLongestGapDays) {
      DividendEvidence one{.row = row, .day = moves.day_of(row), .before = *before, .amount = amount};
      one.gain = history.capital_gain.empty() ? 0.0 : history.capital_gain[row];
      one.close_before = history.close[*before];
      one.yield = amount / one.close_before;
      one.taken_off = adjusted.taken_off(row);
      one.later_split = later_split;
      one.adjustment = say(one, adjusted.noise());
      found.push_back(one);
    }
    later_split *= split_at(history, row);
  }
  std::reverse(found.begin(), found.end());
  return found;
}

std::vector<std::vector<std::size_t>> alike(const std::vector<DividendEvidence>& dividends) {
  std::vector<std::size_t> order(dividends.size());
  std::iota(order.begin(), order.end(), 0u);
  const auto key = [&](std::size_t i) {
    return std::tuple(dividends[i].adjustment, dividends[i].later_split, dividends[i].yield, i);
  };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const auto& one = dividends[order[k]];
    const bool goes_on = k > 0 && one.adjustment == dividends[order[k - 1]].adjustment &&
                         one.later_split == dividends[order[k - 1]].later_split &&
                         one.yield < kGroupGap * dividends[order[k - 1]].yield;
    if (!goes_on) groups.emplace_back();
    groups.back().push_back(order[k]);
  }
  return groups;
}

DividendReading likeliest_reading(const std::vector<DividendEvidence>& dividends,
                                  const std::vector<std::size_t>& group, const UsualMoves& moves) {
  const auto prices = [&](double factor) {
    double sum = 0.0;
    for (const auto i : group) {
      const double yield = dividends[i].yield * factor;
      sum += yield > kLargestYield ? -kImpossible : moves.log_likelihood(dividends[i].day, yield);
    }
    return sum;
  };
  const auto& one = dividends[group[group.size() / 2]];  // the middle one: yields ascend within a group
  const double as_it_stands = prices(1.0);
  const double others = others_yield(dividends, group);
  const bool contradicted =
      one.adjustment == AdjustmentSays::kHundredth || one.adjustment == AdjustmentSays::kHundredfold;
  DividendReading best;
  for (const double factor : factors_of(one)) {
    DividendReading reading{.factor = factor, .price_evidence = prices(factor) - as_it_stands};
    const double yield = one.yield * factor;
    const bool is_like_others = others > 0.0 && std::abs(std::log(yield / others)) < kLikeTheOthers;
    reading.score = reading.price_evidence + log_prior(yield) - log_prior(one.yield) - cost(one, factor) +
                    cost(one, 1.0) + (is_like_others ? kOthersSay : 0.0);
    const bool is_asked_for = contradicted || reading.price_evidence >= kLeastPriceEvidence ||
                              (is_like_others && reading.price_evidence > 0.0);
    if (is_asked_for && reading.score > best.score) best = reading;
  }
  return best;
}

}  // namespace orrery
