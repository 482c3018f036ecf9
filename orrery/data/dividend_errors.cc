#include "orrery/data/dividend_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "orrery/data/dividend_evidence.h"

namespace orrery {
namespace {

constexpr int kTwiceWithinDays = 17;     ///< of a month or a quarter between true ones
constexpr double kTheSameAmount = 0.05;  ///< the two may be converted at rates of two days
constexpr double kEarlierIsRight = 1.0;  ///< log odds
constexpr double kShown = 3.0;           ///< log likelihood by which a price shows a dividend for certain
constexpr std::size_t kMovedDays = 5;    ///< sessions on each side
constexpr double kRefuted = -3.0;       ///< log likelihood against a usual day at which prices refute a yield
constexpr double kOutOfTheUsual = 3.0;  ///< robust standard deviations
constexpr double kWrongAdjustmentFold = 3.0;

constexpr std::string_view kAdjustedClose = "adj_close";

std::string percent(double part) { return fmt::format("{:.3g} %", 100.0 * part); }

std::string moved(double fall) {
  if (std::isnan(fall)) return "did not move";
  return fmt::format("{} by {}", fall < 0.0 ? "rose" : "fell", percent(std::abs(fall)));
}

std::string taken_text(double part) {
  return std::isnan(part) ? "say nothing" : fmt::format("take {} off", percent(part));
}

/// Judges one instrument's dividends, one kind of mistake after another.
class DividendRepair {
 public:
  explicit DividendRepair(PriceHistory& history)
      : history_(history),
        moves_(history),
        adjusted_(history),
        dividends_(gather_dividends(history, moves_, adjusted_)),
        is_settled_(dividends_.size(), false) {}

  std::vector<PriceFinding> run() {
    remove_phantoms();
    move_days();
    correct_amounts();
    undo_double_gains();
    correct_adjustments();
    rechain_closes();
    std::stable_sort(findings_.begin(), findings_.end(),
                     [](const auto& a, const auto& b) { return a.last_row < b.last_row; });
    return std::move(findings_);
  }

 private:
  void note(const DividendEvidence& dividend, PriceFault fault, double is, std::string reason) {
    findings_.push_back({.first_row = dividend.row,
                         .last_row = dividend.row,
                         .field = "dividend",
                         .was = dividend.amount,
                         .is = is,
                         .fault = fault,
                         .repaired = is_repairable(fault),
                         .reason = std::move(reason)});
  }

  /// Makes adjusted closes take `part` off at a row, where they don't yet.
  void adjust(std::size_t row, double part, PriceFault fault, std::string reason) {
    if (history_.adj_close.empty()) return;
    steps_.push_back({row, part});
    findings_.push_back({.first_row = 0,
                         .last_row = *adjusted_.before(row),
                         .field = kAdjustedClose,
                         .fault = fault,
                         .repaired = true,
                         .reason = std::move(reason)});
  }

  void rechain_closes() {
    const auto given = history_.adj_close;
    rechain(history_, steps_);
    for (auto& finding : findings_) {
      if (finding.field != kAdjustedClose) continue;
      finding.was = given[finding.last_row];
      finding.is = history_.adj_close[finding.last_row];
    }
  }

  /// What the prices say for a dividend on its day rather than none.
  double worth(const DividendEvidence& one) const {
    return moves_.log_likelihood(one.day, one.yield) - moves_.log_likelihood(one.day, 0.0);
  }

  bool is_taken_off(const DividendEvidence& one) const {
    return one.adjustment != AdjustmentSays::kNothing && one.adjustment != AdjustmentSays::kUnknown;
  }

  /// Of two that are the same, the one that adjusted closes leave out, else the later one, unless the price
  /// shows it clearly better: sources add the day of record to the first day without the dividend.
  std::size_t phantom_of(std::size_t a, std::size_t b) const {
    if (is_taken_off(dividends_[a]) != is_taken_off(dividends_[b]))
      return is_taken_off(dividends_[a]) ? b : a;
    return worth(dividends_[a]) + kEarlierIsRight < worth(dividends_[b]) ? a : b;
  }

  bool is_soon_after(std::size_t i) const {
    return history_.date[dividends_[i].row] - history_.date[dividends_[i - 1].row] <= kTwiceWithinDays;
  }

  /// Whether the instrument pays that often, as funds do that pay every week.
  bool pays_often() const {
    std::size_t soon = 0;
    for (std::size_t i = 1; i < dividends_.size(); ++i) soon += is_soon_after(i) ? 1 : 0;
    return soon > std::max<std::size_t>(1, dividends_.size() / 3);
  }

  void remove_phantoms() {
    if (pays_often()) return;
    for (std::size_t i = 1; i < dividends_.size(); ++i) {
      const double a = dividends_[i - 1].amount, b = dividends_[i].amount;
      if (is_settled_[i - 1] || !is_soon_after(i) || std::abs(a - b) > kTheSameAmount * std::max(a, b))
        continue;
      const std::size_t phantom = phantom_of(i - 1, i);
      if (worth(dividends_[phantom]) < kShown) remove(phantom, i);
    }
  }

  const char* phantom_reason(const DividendEvidence& one) const {
    if (one.adjustment == AdjustmentSays::kUnknown) return "the price shows one of them at most";
    return is_taken_off(one) ? "adjusted closes take both off" : "adjusted closes take only that one off";
  }

  void remove(std::size_t phantom, std::size_t later) {
    const auto& one = dividends_[phantom];
    const auto& other = dividends_[phantom == later ? later - 1 : later];
    is_settled_[phantom] = true;
    history_.dividend[one.row] = 0.0;
    note(one, PriceFault::kPhantomDividend, 0.0,
         fmt::format("the same stands on {}; {}", to_string(history_.date[other.row]), phantom_reason(one)));
    if (!is_taken_off(one)) return;
    adjust(one.row, 0.0, PriceFault::kPhantomDividend, "what was taken off for it is put back");
  }

  /// Whether another day's fall is what the dividend should have made, and far from usual without it.
  bool shows(std::size_t day, double yield) const {
    return moves_.tells(day) && std::abs(moves_.low_surprise(day, yield)) < kOutOfTheUsual &&
           std::abs(moves_.close_surprise(day, yield)) < kOutOfTheUsual &&
           moves_.low_surprise(day, 0.0) > kOutOfTheUsual && moves_.close_surprise(day, 0.0) > kOutOfTheUsual;
  }

  std::optional<std::size_t> day_that_shows(const DividendEvidence& one) const {
    for (std::size_t distance = 1; distance <= kMovedDays; ++distance) {
      if (one.day + distance < moves_.days() && shows(one.day + distance, one.yield))
        return one.day + distance;
      if (one.day > distance && shows(one.day - distance, one.yield)) return one.day - distance;
    }
    return std::nullopt;
  }

  void move_days() {
    for (std::size_t i = 0; i < dividends_.size(); ++i) {
      const auto& one = dividends_[i];
      if (is_settled_[i] || one.yield >= 1.0 || worth(one) > kRefuted) continue;
      const auto day = day_that_shows(one);
      if (!day) continue;
      const std::size_t row = moves_.first_row(*day);
      if (history_.dividend[row] > 0.0) continue;
      is_settled_[i] = true;
      move(one, row, *day);
    }
  }

  void move(const DividendEvidence& one, std::size_t row, std::size_t day) {
    history_.dividend[one.row] = 0.0;
    history_.dividend[row] = one.amount;
    note(one, PriceFault::kDividendDay, 0.0,
         fmt::format("the price {} on {}, and {} on this day; the dividend is {} of it",
                     moved(moves_.close_fall(day)), to_string(history_.date[row]),
                     moved(moves_.close_fall(one.day)), percent(one.yield)));
    auto there = one;
    there.row = row;
    there.amount = 0.0;
    note(there, PriceFault::kDividendDay, one.amount,
         fmt::format("stood on {}", to_string(history_.date[one.row])));
    const auto before = *adjusted_.before(row);
    adjust(one.row, 0.0, PriceFault::kDividendDay, "what was taken off on the wrong day is put back");
    adjust(row, one.amount / history_.close[before], PriceFault::kDividendDay,
           "taken off on the day on which the price fell");
  }

  void correct_amounts() {
    std::vector<DividendEvidence> open;
    std::vector<std::size_t> place;
    for (std::size_t i = 0; i < dividends_.size(); ++i) {
      if (is_settled_[i]) continue;
      open.push_back(dividends_[i]);
      place.push_back(i);
    }
    for (const auto& group : alike(open)) {
      const auto reading = likeliest_reading(open, group, moves_);
      if (reading.factor == 1.0) continue;
      for (const auto i : group) multiply(dividends_[place[i]], reading, group.size());
    }
  }

  void multiply(DividendEvidence& one, const DividendReading& reading, std::size_t of) {
    const bool is_unit = reading.factor == kMinorUnits || reading.factor == 1.0 / kMinorUnits;
    const auto fault = is_unit ? PriceFault::kDividendUnit : PriceFault::kDividendSplit;
    const double amount =
        reading.factor < 1.0 && is_unit ? one.amount / kMinorUnits : one.amount * reading.factor;
    note(one, fault, amount,
         fmt::format("{} of the price, which {}; adjusted closes {}; {} alike, log odds {:.1f}",
                     percent(one.yield), moved(moves_.close_fall(one.day)), taken_text(one.taken_off), of,
                     reading.score));
    history_.dividend[one.row] = amount;
    one.amount = amount;
    one.yield *= reading.factor;
  }

  /// Whether funds' adjusted closes take the gain off beside a distribution that holds it already. What the
  /// prices say of all of them together decides.
  void undo_double_gains() {
    std::vector<std::size_t> twice;
    double evidence = 0.0;
    for (std::size_t i = 0; i < dividends_.size(); ++i) {
      const auto& one = dividends_[i];
      if (!(one.gain > 0.0) || is_settled_[i]) continue;
      const double both = (one.amount + one.gain) / one.close_before;
      if (std::abs(one.taken_off - both) > adjusted_.noise() + 0.01 * both) continue;
      twice.push_back(i);
      evidence += moves_.log_likelihood(one.day, one.yield) - moves_.log_likelihood(one.day, both);
    }
    if (evidence <= 0.0) return;
    for (const auto i : twice) {
      const auto& one = dividends_[i];
      is_settled_[i] = true;
      adjust(one.row, one.yield, PriceFault::kDoubleCapitalGain,
             fmt::format("the distribution of {} holds the gain of {}; the price {}", one.amount, one.gain,
                         moved(moves_.close_fall(one.day))));
    }
  }

  void correct_adjustments() {
    for (std::size_t i = 0; i < dividends_.size(); ++i) {
      if (!is_settled_[i]) correct_adjustment(dividends_[i]);
    }
  }

  void correct_adjustment(const DividendEvidence& one) {
    const double off = one.taken_off;
    const double noise = adjusted_.noise();
    if (history_.adj_close.empty() || one.yield <= noise || one.yield >= 1.0) return;
    if (std::abs(off) <= noise && one.yield > 2.0 * noise) {
      return adjust(one.row, one.yield, PriceFault::kMissingAdjustment,
                    fmt::format("adjusted closes leave out a dividend of {}", one.amount));
    }
    const double fold = off / one.yield;
    const bool is_far = !(fold > 1.0 / kWrongAdjustmentFold && fold < kWrongAdjustmentFold);
    const bool is_seen = !(std::abs(off - one.yield) <= 2.0 * noise);
    if (is_far && is_seen) {
      return adjust(
          one.row, one.yield, PriceFault::kWrongAdjustment,
          fmt::format("adjusted closes take {} off for a dividend of {}", percent(off), percent(one.yield)));
    }
    if (std::abs(off - one.yield) > 2.0 * noise + 0.05 * one.yield) {
      note(one, PriceFault::kDifferingAdjustment, one.amount,
           fmt::format("adjusted closes take {} off for a dividend of {}", percent(off), percent(one.yield)));
    }
  }

  PriceHistory& history_;
  UsualMoves moves_;
  AdjustedCloses adjusted_;
  std::vector<DividendEvidence> dividends_;
  std::vector<bool> is_settled_;  ///< by dividend: judged already
  std::vector<AdjustmentStep> steps_;
  std::vector<PriceFinding> findings_;
};

}  // namespace

std::vector<PriceFinding> repair_dividends(PriceHistory& history) { return DividendRepair(history).run(); }

}  // namespace orrery
