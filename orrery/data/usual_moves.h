#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "orrery/data/price_history.h"

namespace orrery {

/// Makes a median absolute deviation the standard deviation of a normal distribution.
inline constexpr double kNormalConsistency = 1.4826;

/// One instrument's moves from day to day, and how large they usually are. Bars within a day count as one
/// day. A fall is 1 − price / close before. Rows without a close are passed over.
class UsualMoves {
 public:
  explicit UsualMoves(const PriceHistory& history);

  std::size_t days() const { return days_.size(); }
  /// Returns the day that bears a row: its own, else the next with a close; `days()` where there is none.
  std::size_t day_of(std::size_t row) const { return day_of_row_[row]; }
  std::size_t first_row(std::size_t day) const { return days_[day].first_row; }
  /// Whether the day's prices tell anything: there is a day before, somebody traded, and some price is
  /// another than the close before.
  bool tells(std::size_t day) const;
  /// Falls of the close and the low since the close before. NaN on the first day.
  double close_fall(std::size_t day) const;
  double low_fall(std::size_t day) const;
  /// Returns how far the falls of a day lie from what a distribution worth `yield` of the price before makes
  /// usual: in robust standard deviations of the days around it.
  double close_surprise(std::size_t day, double yield) const;
  double low_surprise(std::size_t day, double yield) const;
  /// Returns the log likelihood of a day's falls under a distribution of that yield; 0 where the day tells
  /// nothing. Student's t with 4 degrees of freedom (moves have fat tails), the mean of close and low, which
  /// say nearly the same.
  double log_likelihood(std::size_t day, double yield) const;
  /// The robust standard deviation of the falls of the close around a day.
  double close_scale(std::size_t day) const { return usual(day).close_scale; }

 private:
  struct Day {
    Date date;
    std::size_t first_row = 0;
    double high = 0.0, low = 0.0, close = 0.0;
    bool is_traded = false;
    bool is_usual = false;  ///< a traded day after another, without dividend or split
  };
  struct Usual {
    double close_centre = 0.0, close_scale = 0.0, low_centre = 0.0, low_scale = 0.0;
  };

  void add_row(const PriceHistory& history, std::size_t row, bool volume_tells);
  bool has_moved(std::size_t day) const;
  void mark_usual(const PriceHistory& history);
  Usual usual(std::size_t day) const;

  std::vector<Day> days_;
  std::vector<std::size_t> day_of_row_;
};

/// Returns whether the source says what was traded: some row has a volume above zero.
bool volume_tells(const PriceHistory& history);

}  // namespace orrery
