#include "orrery/data/corporate_actions.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "orrery/data/action_steps.h"

namespace orrery {
namespace {

/// Prices often pass through float32 on their way, Yahoo's do: four times its relative rounding.
constexpr double kFloatNoise = 5e-7;

/// What a step of the factor stands for.
struct Step {
  double factor = 1.0;
  double dividend = 0.0;
  double split_ratio = 1.0;
  bool explained = true;
};

bool near(double value, double target, double tolerance) {
  return std::abs(value - target) <= tolerance * target;
}

double dividend_factor(double close_before, double dividend) {
  return close_before / (close_before - dividend);
}

Step derive_step(double step, double close_before, double tolerance) {
  if (const auto ratio = find_split_ratio(step, tolerance)) return {*ratio, 0.0, *ratio, true};
  if (step < 1.0) return {step, 0.0, 1.0, false};
  const double dividend =
      shortest_decimal(close_before * (1.0 - 1.0 / step), close_before * tolerance / step);
  return {dividend_factor(close_before, dividend), dividend, 1.0, true};
}

double given_dividend(const ActionInput& input, std::size_t i) {
  if (input.dividend.empty() || !(input.dividend[i] > 0.0)) return 0.0;
  return input.dividend[i];
}

double given_split(const ActionInput& input, std::size_t i) {
  if (input.split_ratio.empty() || !(input.split_ratio[i] > 0.0)) return 1.0;
  return input.split_ratio[i];
}

bool is_join(const ActionInput& input, std::size_t i) { return !input.joins.empty() && input.joins[i] != 0; }

double further_step(const ActionInput& input, std::size_t i) {
  return input.adjustment.empty() ? 1.0 : input.adjustment[i];
}

/// Chains the factor of one instrument bar by bar.
class ActionFinder {
 public:
  explicit ActionFinder(const ActionInput& input) : input_(input) {}

  ActionSeries run() {
    const std::size_t count = input_.close.size();
    series_.factor.assign(count, 1.0);
    series_.dividend.assign(count, 0.0);
    series_.split_ratio.assign(count, 1.0);
    if (input_.adj_close.empty()) {
      follow_given();
    } else {
      follow_adjusted();
    }
    return std::move(series_);
  }

 private:
  void follow_given() {
    for (std::size_t i = 1; i < input_.close.size(); ++i) {
      const double dividend = given_dividend(input_, i);
      const double split = given_split(input_, i);
      const bool possible = dividend < input_.close[i - 1];
      if (!possible) ++series_.unexplained;
      const double paid = possible ? dividend : 0.0;
      const double further = further_step(input_, i);
      apply(i, {split * dividend_factor(input_.close[i - 1], paid) * further, paid, split, further == 1.0});
    }
  }

  void follow_adjusted() {
    if (input_.close.empty()) return;
    start_segment(0);
    double first_segment_level = level_;
    for (std::size_t i = 1; i < input_.close.size(); ++i) {
      const double k = ratio(i);
      if (is_join(input_, i)) {
        apply(i, join(i, k));
        first_segment_level = k / series_.factor[i];
        start_segment(i);
        ++steps_;
        continue;
      }
      if (near(k, level_, 2.0 * kFloatNoise) || near(k, level_, noise(i) + noise(i - 1))) {
        extend_segment(k);
        if (steps_ == 0) first_segment_level = level_;
        series_.factor[i] = series_.factor[i - 1];
        if (given_dividend(input_, i) != 0.0 || given_split(input_, i) != 1.0) ++series_.unconfirmed;
        continue;
      }
      // Measured from the first bar's level, so that roundings of earlier steps do not add up.
      const double step = k / (first_segment_level * series_.factor[i - 1]);
      apply(i, explain(i, step, noise(i) + noise(i - 1)));
      start_segment(i);
      ++steps_;
    }
  }

  /// What is known of the bar on which a series goes on from another one, whose adjusted closes may have
  /// another base.
  Step join(std::size_t i, double k) const {
    const double before = input_.close[i - 1];
    const double dividend = given_dividend(input_, i);
    const double split = given_split(input_, i);
    if (dividend < before && (dividend != 0.0 || split != 1.0)) {
      return {split * dividend_factor(before, dividend), dividend, split, true};
    }
    const auto ratio = find_split_ratio(k / level_, noise(i) + noise(i - 1));
    if (!ratio) return {};
    const double move = input_.close[i] / before;
    const bool is_nearer = std::abs(std::log(move * *ratio)) < std::abs(std::log(move));
    return is_nearer ? Step{*ratio, 0.0, *ratio, true} : Step{};
  }

  double ratio(std::size_t i) const { return input_.adj_close[i] / input_.close[i]; }

  /// Bounds the relative error of k: twice the rounding of both prices, and float32's.
  double noise(std::size_t i) const {
    return kFloatNoise + 2.0 * input_.rounding * (1.0 / input_.close[i] + 1.0 / input_.adj_close[i]);
  }

  void start_segment(std::size_t i) {
    level_ = ratio(i);
    bars_ = 1.0;
  }

  void extend_segment(double k) {
    bars_ += 1.0;
    level_ += (k - level_) / bars_;
  }

  /// Prefers what the source says about the day, where the step confirms it.
  Step explain(std::size_t i, double step, double tolerance) const {
    const double before = input_.close[i - 1];
    const double dividend = given_dividend(input_, i);
    const double split = given_split(input_, i);
    if (dividend < before) {
      const double paid = dividend_factor(before, dividend);
      const auto confirmed = [&](double factor) {
        return factor != 1.0 && near(step, factor, tolerance + 1e-3 * std::abs(factor - 1.0));
      };
      if (confirmed(split * paid)) return {split * paid, dividend, split, true};
      if (confirmed(paid)) return {paid, dividend, 1.0, true};
    }
    return derive_step(step, before, tolerance);
  }

  void apply(std::size_t i, const Step& step) {
    series_.factor[i] = series_.factor[i - 1] * step.factor;
    series_.dividend[i] = step.dividend;
    series_.split_ratio[i] = step.split_ratio;
    series_.dividends += step.dividend > 0.0 ? 1U : 0U;
    series_.splits += step.split_ratio != 1.0 ? 1U : 0U;
    series_.unexplained += step.explained ? 0U : 1U;
  }

  const ActionInput& input_;
  ActionSeries series_;
  double level_ = 1.0;  ///< mean of k since the last step
  double bars_ = 0.0;
  std::size_t steps_ = 0;
};

/// Returns how far a value is at most from a whole number of units 1 / scale.
double worst_remainder(std::span<const double> values, double scale) {
  double worst = 0.0;
  for (const double value : values) {
    const double remainder = std::abs(value * scale - std::nearbyint(value * scale));
    worst = remainder > worst ? remainder : worst;  // false for NaN
  }
  return worst;
}

/// Whether all values are whole numbers of the unit 1 / scale; `done` moves on to the first block that has
/// others. The tolerance is half a unit of the eighth decimal, or what a double's own rounding may leave.
bool fits(std::span<const double> values, double scale, std::size_t& done) {
  constexpr std::size_t kBlock = 1024;
  const double tolerance = std::min(1e-3, 0.5e-8 * scale);
  for (; done < values.size(); done += kBlock) {
    const auto block = values.subspan(done, std::min(kBlock, values.size() - done));
    if (worst_remainder(block, scale) > tolerance) return false;
  }
  return true;
}

}  // namespace

ActionSeries find_actions(const ActionInput& input) { return ActionFinder(input).run(); }

double rounding_of(std::span<const double> values) {
  double scale = 1.0;
  std::size_t start = 0;
  for (int decimals = 0; decimals <= kMostDecimals; ++decimals, scale *= 10.0) {
    if (fits(values, scale, start)) return 0.5 / scale;
  }
  return 0.0;
}

}  // namespace orrery
