#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/cli/command_line.h"
#include "orrery/app/study_lookahead.h"
#include "orrery/base/error.h"

namespace orrery::cli {
namespace {

struct LookaheadArguments {
  std::string study;
  std::vector<std::string> settings;
  int cuts = 3;
  int threads = 0;
  bool json = false;
};

using Json = nlohmann::ordered_json;

std::string stage_text(const LookaheadFinding& finding) {
  return finding.name.empty() ? finding.stage : finding.stage + ": " + finding.name;
}

Json lookahead_json(const LookaheadReport& report, const std::vector<std::string>& unverifiable) {
  Json cuts = Json::array();
  for (const auto date : report.cuts) cuts.push_back(to_string(date));
  Json findings = Json::array();
  for (const auto& finding : report.findings) {
    findings.push_back({{"stage", finding.stage},
                        {"name", finding.name},
                        {"symbol", finding.symbol},
                        {"date", to_string(finding.date)},
                        {"with_future", finding.with_future},
                        {"without_future", finding.without_future},
                        {"cut", to_string(finding.cut)},
                        {"changed", finding.changed}});
  }
  Json dependent = Json::array();
  for (const auto& factor : report.adjustment_dependent) {
    dependent.push_back({{"factor", factor.factor},
                         {"date", to_string(factor.date)},
                         {"before", factor.before},
                         {"after", factor.after}});
  }
  return {{"passed", report.passed()},
          {"cuts", cuts},
          {"compared", report.compared},
          {"findings", findings},
          {"scaled_symbol", report.scaled_symbol},
          {"adjustment_dependent", dependent},
          {"unverifiable", unverifiable}};
}

void print_findings(const Terminal& terminal, const LookaheadReport& report) {
  if (report.passed()) {
    std::vector<std::string> dates;
    for (const auto date : report.cuts) dates.push_back(to_string(date));
    terminal.print(
        fmt::format("no look-ahead found: {} values are the same with and without the future after {}\n",
                    report.compared, fmt::join(dates, ", ")));
    return;
  }
  TextTable table = {{"stage", "symbol", "date", "with the future", "without", "changed"}};
  for (const auto& finding : report.findings) {
    table.push_back({stage_text(finding), finding.symbol, to_string(finding.date), finding.with_future,
                     finding.without_future, std::to_string(finding.changed)});
  }
  terminal.print(fmt::format("LOOK-AHEAD: these first values change when the data end on {}\n\n",
                             to_string(report.cuts.back())));
  terminal.print_table(table);
}

void print_notes(const Terminal& terminal, const LookaheadReport& report,
                 const std::vector<std::string>& unverifiable) {
  if (!report.adjustment_dependent.empty()) {
    terminal.print(
        fmt::format("\nadjustment-dependent: change when all prices of {} are multiplied by 4 and its "
                    "volume divided by 4\n\n",
                    report.scaled_symbol));
    TextTable table = {{"factor", "date", "before", "after"}};
    for (const auto& factor : report.adjustment_dependent) {
      table.push_back({factor.factor, to_string(factor.date), fmt::format("{:.6g}", factor.before),
                       fmt::format("{:.6g}", factor.after)});
    }
    terminal.print_table(table);
  }
  if (unverifiable.empty()) return;
  terminal.print("\nunverifiable: taken as known on the dates they carry\n");
  for (const auto& input : unverifiable) terminal.print(fmt::format("  {}\n", input));
}

void lookahead_command(CommandLine& line, const LookaheadArguments& arguments) {
  const Study study = read_study(arguments.study, split_settings(arguments.settings), line.plugins);
  const RunOptions options{arguments.threads};
  const PriceLoad prices = read_study_prices(study, options, line.terminal.progress());
  const auto report = examine_lookahead(prices.market, study_lookahead_subject(study, line.plugins, options),
                                        {arguments.cuts}, line.terminal.progress());
  const auto unverifiable = unverifiable_inputs(study, prices.summary);
  if (arguments.json) {
    line.terminal.print(lookahead_json(report, unverifiable).dump(1) + "\n");
  } else {
    print_findings(line.terminal, report);
    print_notes(line.terminal, report, unverifiable);
  }
  if (report.passed()) return;
  const auto& first = report.findings.front();
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("the study knows the future; first in {} {} {}: {} with it, {} without", stage_text(first),
                  first.symbol, to_string(first.date), first.with_future, first.without_future));
}

}  // namespace

void add_doctor(CLI::App& app, CommandLine& line) {
  auto* doctor = app.add_subcommand("doctor", "Examine a study for what makes results too good");
  doctor->require_subcommand(1);
  auto* command = add_command(*doctor, "lookahead",
                              "Cut the future off at several dates and see whether the past changes",
                              "orrery doctor lookahead examples/demo.yaml --cuts 5");
  auto arguments = std::make_shared<LookaheadArguments>();
  command->add_option("study", arguments->study, "The study")->required()->type_name("STUDY.yaml");
  command->add_option("--cuts", arguments->cuts, "At how many dates; each takes about as long as a run")
      ->capture_default_str()
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  add_set_option(*command, arguments->settings);
  add_threads_option(*command, arguments->threads);
  command->add_flag("--json", arguments->json, "Print as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { lookahead_command(line, *arguments); }; });
}

}  // namespace orrery::cli
