#include "orrery/execution/financing.h"

#include <fmt/format.h>

#include "orrery/base/error.h"

namespace orrery {
namespace {

constexpr double kDaysOfAYear = 365.0;
constexpr double kMostAYear = 100.0;

void check_rate(const char* name, double rate, double least) {
  if (rate >= least && rate <= kMostAYear) return;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("financing: the annual rate {} must lie in [{}, {}]; found {}", name, least,
                               kMostAYear, rate));
}

}  // namespace

Rate accrued_rate(double annual, int days) { return to_rate(annual * days / kDaysOfAYear); }

void check_financing(const FinancingRates& rates, std::size_t instruments) {
  check_rate("borrow", rates.borrow, 0.0);
  for (const double rate : rates.borrow_of) check_rate("borrow", rate, 0.0);
  check_rate("cash", rates.cash, -1.0);
  check_rate("loan", rates.loan, -1.0);
  if (rates.borrow_of.empty() || rates.borrow_of.size() == instruments) return;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("financing: a rate of borrowing is needed for each of {} instruments; found {}",
                  instruments, rates.borrow_of.size()));
}

}  // namespace orrery
