#include <fmt/format.h>

#include "orrery/report/html.h"
#include "orrery/report/sections.h"

namespace orrery {
namespace {

std::string say_checks(const OrderCheckReport& checks) {
  std::size_t refused = 0;
  std::size_t warned = 0;
  for (const RuleReport& rule : checks.rules) {
    refused += rule.refused;
    warned += rule.warned;
  }
  if (refused + warned == 0) {
    return fmt::format("The checks and rules let all {} orders pass.", html::count(checks.orders));
  }
  return fmt::format("Of {} orders {} were refused before they were sent, and {} warnings were given.",
                     html::count(checks.orders), html::count(refused), html::count(warned));
}

std::string rule_table(const OrderCheckReport& checks) {
  if (checks.rules.empty()) return {};
  std::vector<std::vector<html::TableCell>> rows;
  for (const RuleReport& rule : checks.rules) {
    rows.push_back({{html::escape(rule.rule)},
                    {html::count(rule.refused)},
                    {html::count(rule.warned)},
                    {html::date_range(rule.first, rule.last)},
                    {html::escape(rule.example)}});
  }
  return html::table(
      "What each rule said",
      {{"Rule", true}, {"Refused"}, {"Warned"}, {"First and last", true}, {"Figures of the first", true}},
      rows);
}

}  // namespace

std::string render_order_checks(const OrderCheckReport& checks) {
  return html::section("orders", "Checks of orders", say_checks(checks), rule_table(checks));
}

}  // namespace orrery
