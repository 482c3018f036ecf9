#pragma once

#include <cstdint>
#include <vector>

#include "orrery/execution/money.h"

namespace orrery {

/// What borrowed shares and borrowed money cost, and what lying money earns. Annual rates; 0.05 is 5 %.
struct FinancingRates {
  double borrow = 0.0;            ///< of the value of short positions, paid
  std::vector<double> borrow_of;  ///< by instrument, in its place; empty: `borrow` for all of them
  double cash = 0.0;              ///< of free cash above zero, earned
  double loan = 0.0;              ///< of free cash below zero, paid

  double borrow_rate(std::uint32_t instrument) const {
    return borrow_of.empty() ? borrow : borrow_of[instrument];
  }
  bool any() const { return borrow != 0.0 || !borrow_of.empty() || cash != 0.0 || loan != 0.0; }
};

/// Returns what an annual rate comes to over calendar days, actual / 365, rounded to a billionth.
/// Errors: kInvalidArgument for a rate that is not finite.
Rate accrued_rate(double annual, int days);

/// Errors: kInvalidArgument, naming the rate, for one outside [-1, 100] (of borrowed shares [0, 100]), and
/// for another count of instruments than `instruments`.
void check_financing(const FinancingRates& rates, std::size_t instruments);

}  // namespace orrery
