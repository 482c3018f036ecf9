#include <fmt/format.h>

#include <cmath>

#include "apps/cli/command_line.h"
#include "apps/cli/decimals.h"
#include "orrery/app/compare_runs.h"
#include "orrery/base/files.h"

namespace orrery::cli {
namespace {

struct CompareArguments {
  std::string a, b, out;
  std::uint64_t seed = 7;
  bool json = false;
};

TextTable test_table(const ComparisonReport& report) {
  TextTable table = {{"daily", "A", "B", "A - B", "95 % interval", "p", "sessions"}};
  for (const auto& test : report.tests) {
    const bool earned = test.name == "net return";
    const auto shown = [&](double value) { return earned ? percent(value, 3) : decimals(value, 4); };
    table.push_back({test.name, shown(test.mean_a), shown(test.mean_b), shown(test.difference),
                     std::isnan(test.low) ? "–" : fmt::format("{} to {}", shown(test.low), shown(test.high)),
                     decimals(test.p_value, 3), std::to_string(test.sessions)});
  }
  return table;
}

TextTable metric_table(const ComparisonReport& report) {
  TextTable table = {{"measure", "A", "B", "A - B"}};
  for (const auto& metric : report.metrics) {
    if (std::isnan(metric.a) && std::isnan(metric.b)) continue;
    const auto shown = [&](double value) {
      return metric.percent ? percent(value, metric.decimals) : decimals(value, metric.decimals);
    };
    table.push_back({metric.name, shown(metric.a), shown(metric.b),
                     metric.is_uncertainty ? "" : shown(metric.a - metric.b)});
  }
  return table;
}

TextTable difference_table(const ComparisonReport& report) {
  TextTable table = {{"key of the study", "A", "B"}};
  for (const auto& difference : report.differences) {
    const auto shown = [](const std::string& value) {
      return value.empty() ? std::string("(default)") : value;
    };
    table.push_back({difference.key, shown(difference.a), shown(difference.b)});
  }
  return table;
}

std::string block_lengths(const ComparisonReport& report) {
  std::vector<std::string> lengths;
  for (const auto& test : report.tests) {
    if (test.unavailable.empty()) lengths.push_back(fmt::format("{} {:.1f}", test.name, test.block_length));
  }
  return fmt::format("{} sessions\n", fmt::join(lengths, ", "));
}

/// One statement a line, so that it fits the terminal.
std::string verdict_lines(const ComparisonReport& report) {
  std::string text = comparison_verdict(report);
  for (auto at = text.find("; "); at != std::string::npos; at = text.find("; ", at))
    text.replace(at, 2, ";\n");
  return text + "\n\n";
}

std::string run_line(const ComparedRun& run) {
  return fmt::format("{}  {} ({}), tested {} to {}\n", run.label, run.folder, run.name,
                     to_string(run.test_first), to_string(run.test_last));
}

std::string comparison_text(const RunComparison& comparison, std::size_t width) {
  const auto& report = comparison.report;
  std::string text = run_line(report.a) + run_line(report.b);
  text += report.same_data ? "" : "They read different prices, so that more than the studies differs.\n";
  text += "\n" + (report.differences.empty() ? std::string("The studies are the same.\n")
                                             : format_table(difference_table(report), width));
  text += "\n" + verdict_lines(report) + format_table(test_table(report), width);
  for (const auto& test : report.tests) {
    if (!test.unavailable.empty()) text += fmt::format("No test of {}: {}.\n", test.name, test.unavailable);
  }
  text += "On sessions of both; stationary bootstrap, mean block by Politis and White:\n" +
          block_lengths(report) + "\n";
  text += format_table(metric_table(report), width);
  text += fmt::format("\nrank correlation of the scores {} ({} sessions), of the net returns {} ({})\n",
                      decimals(report.score_correlation, 2), report.score_sessions,
                      decimals(report.return_correlation, 2), report.dates.size());
  text += "\nA\n" + verdict_text(comparison.verdict_a) + "B\n" + verdict_text(comparison.verdict_b);
  return text;
}

void compare_command(CommandLine& line, const CompareArguments& arguments) {
  CompareOptions options;
  options.ledger = default_trial_ledger();
  options.seed = arguments.seed;
  const auto comparison =
      compare_runs(read_stored_run(find_run(arguments.a)), read_stored_run(find_run(arguments.b)), options);
  if (!arguments.out.empty()) write_file_atomically(arguments.out, render_comparison(comparison.report));
  line.terminal.print(arguments.json ? comparison_json(comparison)
                                     : comparison_text(comparison, line.terminal.width()));
  if (!arguments.json && !arguments.out.empty())
    line.terminal.print(fmt::format("\nreport   {}\n", arguments.out));
}

}  // namespace

void add_compare(CLI::App& app, CommandLine& line) {
  auto* command =
      add_command(app, "compare", "Compare two runs: studies, paired tests of daily IC and return, metrics",
                  "orrery compare base wider --out compare.html");
  auto arguments = std::make_shared<CompareArguments>();
  command->add_option("a", arguments->a, "A run's folder, or its name under out/")
      ->required()
      ->type_name("A");
  command->add_option("b", arguments->b, "Another")->required()->type_name("B");
  command->add_option("--out", arguments->out, "Write a page with both side by side")->type_name("FILE.html");
  command->add_option("--seed", arguments->seed, "Seed of the bootstrap")
      ->capture_default_str()
      ->type_name("S");
  command->add_flag("--json", arguments->json, "Print as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { compare_command(line, *arguments); }; });
}

}  // namespace orrery::cli
