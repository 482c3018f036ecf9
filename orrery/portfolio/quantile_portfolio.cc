#include "orrery/portfolio/quantile_portfolio.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "orrery/base/error.h"

namespace orrery {
namespace {

/// Returns the weight on one side (sign +1 long, -1 short) that can't be traded on this session.
double stuck_weight(const StrategyInput& input, double sign) {
  double sum = 0.0;
  for (const Holding& holding : input.holdings) {
    if (input.tradable[holding.instrument] == 0) sum += std::max(0.0, sign * holding.weight);
  }
  return sum;
}

/// How unsure a name's score is, by what its weight goes; NaN where it can't be told.
double doubt(SideWeights weights, const ScoreUncertainty& uncertainty, std::uint32_t instrument) {
  const bool by_width = weights == SideWeights::kInverseWidth;
  if (by_width && !uncertainty.lower.empty() && !uncertainty.upper.empty())
    return uncertainty.upper[instrument] - uncertainty.lower[instrument];
  if (!by_width && !uncertainty.deviation.empty()) return uncertainty.deviation[instrument];
  return std::numeric_limits<double>::quiet_NaN();
}

/// 1 / doubt of each name; NaN where it can't be told.
std::vector<double> confidence(SideWeights weights, std::span<const RankedName> names,
                               const ScoreUncertainty& uncertainty) {
  std::vector<double> result;
  result.reserve(names.size());
  for (const RankedName& name : names) {
    const double unsure = doubt(weights, uncertainty, name.instrument);
    const bool known = std::isfinite(unsure) && unsure > 0.0;
    result.push_back(known ? 1.0 / unsure : std::numeric_limits<double>::quiet_NaN());
  }
  return result;
}

/// Nobody is so much surer than the rest: a width or deviation near 0 would take the whole side.
constexpr double kMostOverMedian = 10.0;

/// Holds the known shares to so many times their median.
void cap_shares(std::vector<double>& shares) {
  std::vector<double> known;
  std::copy_if(shares.begin(), shares.end(), std::back_inserter(known),
               [](double share) { return !std::isnan(share); });
  if (known.empty()) return;
  const auto middle = known.begin() + static_cast<std::ptrdiff_t>((known.size() - 1) / 2);
  std::nth_element(known.begin(), middle, known.end());
  for (double& share : shares) {
    if (share > kMostOverMedian * *middle) share = kMostOverMedian * *middle;
  }
}

}  // namespace

SideWeights parse_side_weights(const std::string& name) {
  if (name == "equal") return SideWeights::kEqual;
  if (name == "inverse_width") return SideWeights::kInverseWidth;
  if (name == "inverse_deviation") return SideWeights::kInverseDeviation;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("weights must be equal, inverse_width or inverse_deviation; found '{}'", name));
}

ParameterInfo side_weights_setting() {
  ParameterInfo info{
      "weights", std::string("equal"),
      "how the names of a side share its weight: alike, by 1 / the width of the interval of each name's "
      "return, or by 1 / the deviation that the model gives with each score"};
  info.choices = {"equal", "inverse_width", "inverse_deviation"};
  return info;
}

std::vector<double> side_shares(SideWeights weights, std::span<const RankedName> names,
                                const ScoreUncertainty& uncertainty) {
  std::vector<double> equal(names.size(), 1.0 / static_cast<double>(names.size()));
  if (weights == SideWeights::kEqual) return equal;
  std::vector<double> shares = confidence(weights, names, uncertainty);
  cap_shares(shares);
  double sum = 0.0;
  double known = 0.0;
  for (const double share : shares) {
    if (std::isnan(share)) continue;
    sum += share;
    known += 1.0;
  }
  if (known == 0.0) return equal;
  const double total = sum / known * static_cast<double>(names.size());
  for (double& share : shares) share = (std::isnan(share) ? sum / known : share) / total;
  return shares;
}

void QuantilePortfolio::decide(const StrategyInput& input, Decision& decision) {
  if (until_next_ > 0) {
    --until_next_;
    return;
  }
  rank_by_score(input.scores, ranking_);
  std::erase_if(ranking_, [&](const RankedName& name) { return input.tradable[name.instrument] == 0; });
  const std::size_t count = names_per_side(ranking_.size());
  if (count == 0) return;
  until_next_ = settings_.every - 1;
  decision.rebalance = true;
  chosen_.assign(input.scores.size(), 0);
  add_side(input, 0, count, 1.0, decision);
  if (settings_.short_weight > 0.0) add_side(input, ranking_.size() - count, count, -1.0, decision);
  add_leftover_holdings(input, decision);
}

std::size_t QuantilePortfolio::names_per_side(std::size_t ranked) const {
  const std::size_t sides = settings_.short_weight > 0.0 ? 2 : 1;
  if (ranked < sides) return 0;
  // The slack keeps 0.2 × 5 at one name.
  const double names = std::floor(settings_.quantile * static_cast<double>(ranked) + 1e-9);
  return std::clamp(static_cast<std::size_t>(names), std::size_t{1}, ranked / sides);
}

void QuantilePortfolio::add_side(const StrategyInput& input, std::size_t first, std::size_t count,
                                 double sign, Decision& decision) {
  const double side = sign > 0.0 ? settings_.long_weight : settings_.short_weight;
  const double free = std::max(0.0, side - stuck_weight(input, sign));
  const auto shares =
      side_shares(settings_.weights, std::span(ranking_).subspan(first, count), input.uncertainty);
  for (std::size_t i = first; i < first + count; ++i) {
    const RankedName& name = ranking_[i];
    chosen_[name.instrument] = 1;
    const double weight = sign * free * shares[i - first];
    decision.targets.push_back({name.instrument, TargetKind::kWeight, weight, 0.0, name.score,
                                static_cast<int>(i) + 1, sign > 0.0 ? "top quantile" : "bottom quantile"});
  }
}

void QuantilePortfolio::add_leftover_holdings(const StrategyInput& input, Decision& decision) {
  for (const Holding& holding : input.holdings) {
    if (chosen_[holding.instrument] != 0) continue;
    const bool stuck = input.tradable[holding.instrument] == 0;
    Target target;
    target.instrument = holding.instrument;
    target.kind = stuck ? TargetKind::kHold : TargetKind::kWeight;
    target.weight = stuck ? holding.weight : 0.0;
    target.score = input.scores[holding.instrument];
    target.reason = stuck ? "halted" : "left the quantile";
    decision.targets.push_back(target);
  }
}

}  // namespace orrery
