#include "apps/cli/run_summary.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "apps/cli/decimals.h"
#include "apps/cli/terminal.h"

namespace orrery::cli {
namespace {

double number_of(const RunSummary& summary, std::string_view key) {
  for (const auto& metric : summary.metrics) {
    if (metric.key != key) continue;
    if (const auto* number = std::get_if<double>(&metric.value)) return *number;
    if (const auto* whole = std::get_if<std::int64_t>(&metric.value)) return static_cast<double>(*whole);
  }
  return std::nan("");
}

}  // namespace

std::string run_summary_text(const RunSummary& summary, const LedgerVerdict& verdict, std::size_t width) {
  const auto number = [&](std::string_view key) { return number_of(summary, key); };
  const TextTable table = {
      {"measure", "value", "how sure"},
      {"IC, mean a day", decimals(number("ic_mean"), 4), "t " + decimals(number("ic_t"), 2)},
      {"rank IC, mean a day", decimals(number("rank_ic_mean"), 4), "t " + decimals(number("rank_ic_t"), 2)},
      {"annual return, net", percent(number("annual_return")),
       "gross " + percent(number("annual_return_gross"))},
      {"annual return of the universe", percent(number("benchmark_annual_return")), "equal weight, no costs"},
      {"annual volatility", percent(number("annual_volatility")), ""},
      {"Sharpe, net", decimals(number("sharpe"), 2), "± " + decimals(number("sharpe_standard_error"), 2)},
      {"largest drawdown", percent(number("max_drawdown")), ""},
      {"turnover a day, both sides", percent(number("turnover_two_way")), ""},
  };
  std::string text;
  if (!summary.banner.empty()) text += summary.banner + "\n\n";
  text += format_table(table, width);
  for (const auto& choice : summary.choices)
    text += fmt::format("{}{}\n", &choice == summary.choices.data() ? "\nchosen   " : "         ", choice);
  text += fmt::format("\nreport   {}\nresults  {}\n", summary.report.string(), summary.folder.string());
  text += "\n" + verdict_text(verdict);
  return text;
}

std::string run_summary_json(const RunSummary& summary, const LedgerVerdict& verdict) {
  nlohmann::ordered_json json = {{"folder", summary.folder.string()},
                                 {"report", summary.report.string()},
                                 {"banner", summary.banner},
                                 {"choices", summary.choices},
                                 {"metrics", nlohmann::ordered_json::parse(metrics_json(summary.metrics))},
                                 {"ledger", nlohmann::ordered_json::parse(verdict_json(verdict))}};
  return json.dump(1) + "\n";
}

}  // namespace orrery::cli
