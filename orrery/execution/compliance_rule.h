#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/base/parameters.h"
#include "orrery/base/registry.h"
#include "orrery/execution/order_check.h"

namespace orrery {

/// What a rule is made for.
struct RuleContext {
  std::string jurisdiction;  ///< such as "us"
  bool margin_account = true;
  std::span<const std::string> symbols;  ///< by instrument; hold only while the rule is made
  double commission = 0.0;               ///< that a trade is expected to cost, of its value
  double slippage = 0.0;                 ///< of its value, beside the commission
  double least_commission = 0.0;         ///< of a trade, in money
};

/// A row of a rule's table as a reader sees it: what holds from a day on, and who says so.
struct RuleRow {
  Date from;
  std::string terms;
  std::string source;
};

/// The terms of a rule by the day from which they are in force.
template <class Terms>
struct DatedTerms {
  Date from;
  Terms terms;
  std::string words;   ///< the terms as a reader sees them
  std::string source;  ///< who says so
};

/// Returns the terms in force on a day, of a table in ascending order; null before its first.
template <class Terms>
const Terms* terms_on(Date day, const std::vector<DatedTerms<Terms>>& table) {
  const auto after = std::upper_bound(table.begin(), table.end(), day,
                                      [](Date date, const auto& row) { return date < row.from; });
  return after == table.begin() ? nullptr : &std::prev(after)->terms;
}

/// Returns a table as a reader sees it.
template <class Terms>
std::vector<RuleRow> rule_rows(const std::vector<DatedTerms<Terms>>& table) {
  std::vector<RuleRow> rows;
  for (const auto& row : table) rows.push_back({row.from, row.words, row.source});
  return rows;
}

/// What a rule says about itself.
struct RuleInfo {
  std::string summary;                     ///< one line
  std::vector<std::string> jurisdictions;  ///< where it holds; empty: wherever it is asked for
  std::vector<ParameterInfo> parameters;   ///< the first is `mode`
  std::vector<RuleRow> table;              ///< ascending
};

struct RuleEntry {
  RuleInfo info;
  /// Takes complete parameters (see complete_parameters). Errors: kInvalidArgument, kNotFound for symbols.
  std::function<std::unique_ptr<OrderCheck>(const RuleContext&, const ParameterMap&)> factory;
};

using RuleRegistry = NamedRegistry<RuleEntry>;

/// Checks the settings and makes a rule. Errors: kNotFound; kInvalidArgument, also where the rule does not
/// hold in the jurisdiction.
std::unique_ptr<OrderCheck> make_rule(const RuleRegistry& registry, std::string_view name,
                                      const RuleContext& context, const ParameterMap& parameters);

/// The setting `mode` that says what becomes of an order that breaks a rule.
ParameterInfo rule_mode(std::string_view usual, std::vector<std::string> choices = {"warn", "block"});

/// Reads a text of symbols, "A,B": 1 for each of them by instrument. Errors: kNotFound.
std::vector<std::uint8_t> marked_symbols(std::string_view list, std::span<const std::string> symbols);

/// Reads a text of symbols with numbers, "A=1,B=2.5": by instrument, 0 for those that aren't named.
/// Errors: kNotFound, kInvalidArgument for a number that is not above 0.
std::vector<double> symbol_numbers(std::string_view list, std::span<const std::string> symbols);

}  // namespace orrery
