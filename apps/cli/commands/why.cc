#include <fmt/format.h>

#include <cmath>

#include "apps/cli/command_line.h"
#include "orrery/app/explain_decision.h"
#include "orrery/base/error.h"

namespace orrery::cli {
namespace {

struct WhyArguments {
  std::string symbol, date, run;
  bool all = false;
  bool json = false;
  int threads = 0;
};

std::string value_text(const DecisionFact& fact) {
  if (const auto* text = std::get_if<std::string>(&fact.value)) return *text;
  const double number = std::get<double>(fact.value);
  if (std::isnan(number)) return "–";
  const bool whole = number == std::floor(number) && std::abs(number) < 1e15;
  return whole ? fmt::format("{:.0f}", number) : fmt::format("{:.6g}", number);
}

std::string stage_text(const DecisionStage& stage) {
  std::string text = fmt::format("{}, known {}\n", stage.name, stage.known);
  for (const auto& fact : stage.facts) text += fmt::format("    {:<24}{}\n", fact.name, value_text(fact));
  for (const auto& sentence : stage.sentences) text += fmt::format("    {}\n", sentence);
  return text + "\n";
}

void why_command(CommandLine& line, const WhyArguments& arguments) {
  const auto date = parse_date(arguments.date);
  if (!date)
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("a day is YYYY-MM-DD, found '{}'", arguments.date));
  ExplainOptions options;
  options.factors = arguments.all ? 0 : options.factors;
  options.threads = arguments.threads;
  const auto explanation = explain_decision(read_stored_run(find_run(arguments.run)), arguments.symbol, *date,
                                            line.plugins, options, line.terminal.progress());
  if (arguments.json) {
    line.terminal.print(explanation_json(explanation));
    return;
  }
  std::string text = explanation.banner.empty() ? "" : explanation.banner + "\n\n";
  for (const auto& stage : explanation.stages) text += stage_text(stage);
  text.pop_back();
  line.terminal.print(text);
}

}  // namespace

void add_why(CLI::App& app, CommandLine& line) {
  auto* command =
      add_command(app, "why", "Follow one decision of a run: bar, factors, score, rank, weight, order, fill",
                  "orrery why AAPL 2019-05-02 --run out/demo");
  auto arguments = std::make_shared<WhyArguments>();
  command->add_option("symbol", arguments->symbol, "The name")->required()->type_name("SYMBOL");
  command->add_option("date", arguments->date, "The session after whose close was decided")
      ->required()
      ->type_name("YYYY-MM-DD");
  command->add_option("--run", arguments->run, "A run's folder, or its name under out/")
      ->required()
      ->type_name("RUN");
  command->add_flag("--all", arguments->all, "Show every factor, not the ten most important");
  add_threads_option(*command, arguments->threads);
  command->add_flag("--json", arguments->json, "Print as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { why_command(line, *arguments); }; });
}

}  // namespace orrery::cli
