#include "orrery/data/adjusted_closes.h"

#include <algorithm>
#include <cmath>

#include "orrery/base/not_a_number.h"
#include "orrery/base/statistics.h"

namespace orrery {
namespace {

/// Prices pass through 32-bit numbers at most sources: 24 bits, in two columns and two rows.
constexpr double kNoiseFloor = 2e-6;
constexpr double kNoiseQuantile = 0.95;
constexpr double kNoiseMargin = 3.0;
constexpr double kLargestNoise = 0.003;

bool is_ratio(double value) { return std::isfinite(value) && value != 0.0; }

double ratio_at(const PriceHistory& history, std::size_t row) {
  return is_price(history.close[row]) ? history.adj_close[row] / history.close[row] : kNaN;
}

bool is_eventful(const PriceHistory& history, std::size_t row) {
  return (!history.dividend.empty() && history.dividend[row] > 0.0) ||
         (!history.split_ratio.empty() && history.split_ratio[row] > 0.0);
}

/// Walks from the last row back and gives every row with a close its ratio of adjusted to plain.
class Chain {
 public:
  explicit Chain(PriceHistory& history) : history_(history) {}

  void put(std::size_t row) {
    const double given = ratio_at(history_, row);
    const double theirs = step_from(given);
    const double step = has_step_ ? step_ : theirs;
    if (has_step_) scale_ *= step / theirs;
    is_changed_ |= has_step_;
    set(row, given, step);
    has_step_ = false;
    step_ = 1.0;
    given_ = given;
  }

  /// The step between this row and the one before it.
  void replace_step(double taken_off) {
    step_ *= 1.0 - taken_off;
    has_step_ = true;
  }

 private:
  /// What the source multiplies with from the row behind to this one; 1 where that can't be told.
  double step_from(double given) const {
    const double step = is_ratio(given) && is_ratio(given_) ? given / given_ : 1.0;
    return std::isfinite(step) && step != 0.0 ? step : 1.0;
  }

  void set(std::size_t row, double given, double step) {
    ratio_ *= std::isnan(ratio_) ? 1.0 : step;
    if (std::isnan(ratio_)) ratio_ = is_price(given) ? given : 1.0;
    if (!is_changed_) {
      ratio_ = is_price(given) ? given : ratio_;
      return;
    }
    const double scaled = history_.adj_close[row] * scale_;
    history_.adj_close[row] = is_price(scaled) && is_trusted_ ? scaled : history_.close[row] * ratio_;
    is_trusted_ = is_trusted_ && is_price(scaled);
  }

  PriceHistory& history_;
  double step_ = 1.0;  ///< given for between this row and the one before
  bool has_step_ = false;
  double given_ = kNaN;  ///< the source's ratio in the row behind
  double ratio_ = kNaN;  ///< ours
  double scale_ = 1.0;   ///< ours over the source's
  bool is_changed_ = false;
  bool is_trusted_ = true;  ///< no absurd value so far
};

}  // namespace

AdjustedCloses::AdjustedCloses(const PriceHistory& history)
    : ratio_(history.size(), kNaN), before_(history.size(), 0), from_(history.size(), history.size()) {
  std::size_t last = 0;
  for (std::size_t row = 0; row < history.size(); ++row) {
    before_[row] = last;
    if (!is_price(history.close[row])) continue;
    last = row + 1;
    if (!history.adj_close.empty()) ratio_[row] = ratio_at(history, row);
  }
  for (std::size_t row = history.size(), next = history.size(); row-- > 0;) {
    if (is_price(history.close[row])) next = row;
    from_[row] = next;
  }
  measure_noise(history);
}

std::optional<std::size_t> AdjustedCloses::before(std::size_t row) const {
  if (before_[row] == 0) return std::nullopt;
  return before_[row] - 1;
}

std::optional<std::size_t> AdjustedCloses::from(std::size_t row) const {
  if (from_[row] >= ratio_.size()) return std::nullopt;
  return from_[row];
}

double AdjustedCloses::taken_off(std::size_t row) const {
  const auto earlier = before(row);
  const auto later = from(row);
  if (!earlier || !later || !is_ratio(ratio_[*earlier]) || !is_ratio(ratio_[*later])) return kNaN;
  return 1.0 - ratio_[*earlier] / ratio_[*later];
}

void AdjustedCloses::measure_noise(const PriceHistory& history) {
  std::vector<double> quiet;
  for (std::size_t row = 1; row < ratio_.size(); ++row) {
    if (is_eventful(history, row) || from_[row] != row) continue;
    const double step = std::abs(taken_off(row));
    if (step < kLargestNoise) quiet.push_back(step);
  }
  noise_ =
      quiet.empty() ? kNoiseFloor : std::max(kNoiseFloor, kNoiseMargin * quantile(quiet, kNoiseQuantile));
}

void rechain(PriceHistory& history, const std::vector<AdjustmentStep>& steps) {
  if (steps.empty() || history.adj_close.empty()) return;
  Chain chain(history);
  for (std::size_t row = history.size(); row-- > 0;) {
    if (is_price(history.close[row])) chain.put(row);
    for (const auto& step : steps) {
      if (step.row == row) chain.replace_step(step.taken_off);
    }
  }
}

}  // namespace orrery
