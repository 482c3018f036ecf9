#include "orrery/data/price_repair.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "orrery/base/error.h"
#include "orrery/base/same_number.h"
#include "orrery/data/adjusted_closes.h"
#include "orrery/data/dividend_errors.h"
#include "orrery/data/price_flags.h"
#include "orrery/data/split_errors.h"
#include "orrery/data/unit_errors.h"

namespace orrery {
namespace {

bool is_split(double ratio) { return ratio > 0.0 && ratio != 1.0; }

void check(const PriceHistory& history) {
  for (const auto* column : {&history.open, &history.high, &history.low, &history.close}) {
    if (column->size() == history.size()) continue;
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("a price column has {} rows, dates {}", column->size(), history.size()));
  }
  for (const auto* column : {&history.adj_close, &history.volume, &history.dividend, &history.split_ratio,
                             &history.capital_gain}) {
    if (column->empty() || column->size() == history.size()) continue;
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("a column has {} rows, dates {}", column->size(), history.size()));
  }
  if (!std::is_sorted(history.date.begin(), history.date.end())) {
    throw user_error(ErrorCode::kInvalidArgument, "days of a price history go back; expected them to ascend");
  }
}

/// By row the shares that one of that day has become by the last row.
std::vector<double> later_shares(const PriceHistory& history) {
  std::vector<double> shares(history.size(), 1.0);
  for (std::size_t row = history.split_ratio.size(); row-- > 1;) {
    const double ratio = history.split_ratio[row];
    shares[row - 1] = shares[row] * (is_split(ratio) ? ratio : 1.0);
  }
  return shares;
}

/// Puts per-share values on the shares of the last row, or back.
void rebase(PriceHistory& history, const std::vector<double>& shares, bool back) {
  const auto apply = [&](std::vector<double>& values, bool per_share) {
    for (std::size_t row = 0; row < values.size(); ++row) {
      if (shares[row] == 1.0) continue;
      values[row] = per_share != back ? values[row] / shares[row] : values[row] * shares[row];
    }
  };
  for (auto* column : {&history.open, &history.high, &history.low, &history.close}) apply(*column, true);
  apply(history.volume, false);
  // A dividend is per share held the evening before, which is that of the row before.
  for (std::size_t row = 1; row < history.dividend.size(); ++row) {
    const double before = shares[row - 1];
    if (before != 1.0)
      history.dividend[row] = back ? history.dividend[row] * before : history.dividend[row] / before;
  }
}

/// Puts what a finding says of its last row back on the shares of that row.
void rebase(PriceFinding& finding, const std::vector<double>& shares) {
  const std::size_t row = finding.last_row;
  const bool is_dividend = finding.field == "dividend";
  const double by = shares[is_dividend && row > 0 ? row - 1 : row];
  finding.was *= by;
  finding.is *= by;
}

void append(std::vector<PriceFinding>& findings, std::vector<PriceFinding>&& more) {
  std::move(more.begin(), more.end(), std::back_inserter(findings));
}

std::vector<PriceFinding> repair_adjusted(PriceHistory& history, bool are_as_traded,
                                          const RepairRules& rules) {
  std::vector<PriceFinding> findings;
  if (rules.splits) append(findings, repair_splits(history, are_as_traded));
  if (rules.units) append(findings, repair_units(history));
  if (rules.dividends) append(findings, repair_dividends(history));
  if (rules.flags) append(findings, flag_prices(history));
  if (!rules.flags) std::erase_if(findings, [](const auto& finding) { return !finding.repaired; });
  return findings;
}

/// Values of rows that no repair touched are given back as they were: to the shares of the last day and back
/// again may cost the last bit.
void keep_untouched(PriceHistory& history, const PriceHistory& rebased, const PriceHistory& repaired,
                    const PriceHistory& as_given) {
  const auto keep = [&](std::vector<double> PriceHistory::*column) {
    for (std::size_t row = 0; row < (history.*column).size(); ++row) {
      const double before = (rebased.*column)[row], after = (repaired.*column)[row];
      if (is_same_number(before, after)) {
        (history.*column)[row] = (as_given.*column)[row];
      }
    }
  };
  for (const auto column : {&PriceHistory::open, &PriceHistory::high, &PriceHistory::low,
                            &PriceHistory::close, &PriceHistory::volume, &PriceHistory::dividend}) {
    keep(column);
  }
}

}  // namespace

SplitBasis split_basis_of(const PriceHistory& history) {
  const AdjustedCloses adjusted(history);
  int traded = 0, splits = 0;
  for (std::size_t row = 0; row < history.split_ratio.size() && !history.adj_close.empty(); ++row) {
    const double ratio = history.split_ratio[row];
    const double step = 1.0 - adjusted.taken_off(row);
    if (!is_split(ratio) || !(step > 0.0)) continue;
    ++splits;
    // The ratio of adjusted to plain close rises by the split where prices are as traded.
    if (std::abs(std::log(step * ratio)) < std::abs(std::log(step))) ++traded;
  }
  return 2 * traded > splits ? SplitBasis::kAsTraded : SplitBasis::kAdjusted;
}

PriceRepair repair_prices(PriceHistory history, SplitBasis basis, const RepairRules& rules) {
  check(history);
  PriceRepair repair;
  if (basis == SplitBasis::kAdjusted) {
    repair.findings = repair_adjusted(history, false, rules);
    repair.history = std::move(history);
    return repair;
  }
  const auto shares = later_shares(history);
  PriceHistory rebased = history;
  rebase(rebased, shares, false);
  PriceHistory repaired = rebased;
  repair.findings = repair_adjusted(repaired, true, rules);
  for (auto& finding : repair.findings) rebase(finding, shares);
  repair.history = repaired;
  rebase(repair.history, shares, true);
  keep_untouched(repair.history, rebased, repaired, history);
  return repair;
}

}  // namespace orrery
