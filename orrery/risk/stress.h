#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/portfolio/portfolio_problem.h"

namespace orrery {

/// A fall of the market that everybody remembers, from the close of the S&P 500 before it to that at its end.
struct StressWindow {
  const char* name;
  const char* peak;    ///< date of the close before; the returns of the days after it count
  const char* trough;  ///< date of the last return that counts
};

/// Returns the known windows, oldest first.
std::span<const StressWindow> stress_windows();

/// What today's weights would have done in a window, kept by trading back every period.
struct WindowLoss {
  std::string name;
  Date peak, trough;
  std::size_t periods = 0;    ///< that the series has of it
  double loss = 0.0;          ///< over the window, positive = loss
  double deepest = 0.0;       ///< deepest fall from the highest value within, the start counted; >= 0
  double worst_period = 0.0;  ///< largest loss of a single period
};

/// Replays the windows that the series has whole: its first period at or before the first day after the
/// peak, at most `kWindowSlackDays` later, and its last not before the trough; the others are left out.
/// `dates` are those of the returns, ascending. Errors: kInvalidArgument for lengths that differ.
std::vector<WindowLoss> replay_windows(std::span<const Date> dates, std::span<const double> returns);

/// Holidays and weekends between a peak and the first return after it.
inline constexpr int kWindowSlackDays = 5;

/// A move of one name of a shock.
struct NameShock {
  std::size_t name = 0;  ///< place among the names
  double move = 0.0;     ///< return, −0.2 = a fall by 20 %
};

/// Returns what all names would do were some to move so and the others as they usually do then: the mean of a
/// normal distribution under that condition, Σ.ₛ Σₛₛ⁻¹ move. Source: Kupiec (1998), "Stress testing in a
/// value at risk framework". Errors: kInvalidArgument for a name twice or that is not there, no shock, or
/// shocked names of which one follows from the others (Σₛₛ not positive definite).
std::vector<double> propagate_shocks(const RiskModel& risk, std::span<const NameShock> shocks);

/// Returns the moves of names that load on factors: B × shock. Errors: kInvalidArgument for a model that is
/// not by factors, or another number of shocks than of factors.
std::vector<double> factor_shock(const RiskModel& risk, std::span<const double> shocks);

/// Returns Σ w × move with the sign turned: positive = loss.
double shock_loss(std::span<const double> weights, std::span<const double> moves);

/// The portfolio's deviation when correlations change and each name's own deviation does not.
struct CorrelationStress {
  double now = 0.0;
  double all_one = 0.0;  ///< every correlation 1: |Σ w σ|; longs and shorts then hedge fully
  double hedges_fail =
      0.0;  ///< 1 within the longs and within the shorts, −1 between: Σ |w| σ, the most there is
};

CorrelationStress stress_correlations(const RiskModel& risk, std::span<const double> weights);

/// Returns the portfolio's deviation with every correlation ρ moved to ρ + part (1 − ρ), 0 <= part <= 1.
double deviation_towards_one(const RiskModel& risk, std::span<const double> weights, double part);

/// What a move that nobody could trade in would cost.
struct GapStress {
  std::size_t largest = 0;    ///< place of the name whose own worst period would cost most
  double largest_loss = 0.0;  ///< by that name alone
  double all_loss = 0.0;      ///< every position's own worst period on one day
};

/// Gives each position its own worst period of the history: the deepest fall of a long, the highest rise of a
/// short. Errors: kInvalidArgument for another number of weights or no period.
GapStress stress_gaps(const ReturnTable& returns, std::span<const double> weights);

}  // namespace orrery
