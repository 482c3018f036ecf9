#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/cli/command_line.h"
#include "orrery/app/own_scores.h"
#include "orrery/app/trial_recorder.h"
#include "orrery/base/fingerprint.h"
#include "orrery/report/metrics.h"

namespace orrery::cli {
namespace {

struct EvaluateArguments {
  std::string predictions;
  std::string prices;
  std::string study;
  std::vector<std::string> settings;
  int threads = 0;
  bool json = false;
};

std::string value_text(const MetricValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{:.6g}", *number);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *whole);
  return std::get<std::string>(value);
}

void evaluate_command(CommandLine& line, const EvaluateArguments& arguments) {
  const OwnScores scores{arguments.predictions, arguments.prices, arguments.study,
                         split_settings(arguments.settings)};
  const Study study = own_scores_study(scores, line.plugins);
  TrialRecorder recorder({study, scores.overrides, fingerprint_file(arguments.predictions)},
                         default_trial_ledger());
  RunOptions options{arguments.threads};
  options.scores_read = [&](const PriceLoad& prices, const Panel& placed) {
    recorder.locate_scores(prices, placed);
  };
  const StudyRun run = run_own_scores(scores, study, line.plugins, options, line.terminal.progress());
  const LedgerVerdict verdict = recorder.finish(run.evaluation);
  const auto metrics = flatten_metrics(&run.evaluation.signal, &run.evaluation.performance, nullptr,
                                       &run.evaluation.trust, run.sources ? &*run.sources : nullptr);
  if (arguments.json) {
    auto json = nlohmann::ordered_json::parse(metrics_json(metrics));
    json["ledger"] = nlohmann::ordered_json::parse(verdict_json(verdict));
    line.terminal.print(json.dump(1) + "\n");
    return;
  }
  TextTable table = {{"metric", "value", "unit"}};
  for (const auto& metric : metrics)
    table.push_back({metric.key, value_text(metric.value), std::string(metric.unit)});
  line.terminal.print_table(table);
  line.terminal.print("\n" + verdict_text(verdict));
}

}  // namespace

void add_evaluate(CLI::App& app, CommandLine& line) {
  auto* command =
      add_command(app, "evaluate", "Judge scores made elsewhere: IC, rank IC, quantiles, performance",
                  "orrery evaluate --predictions scores.parquet --prices ohlcv.parquet");
  auto arguments = std::make_shared<EvaluateArguments>();
  command->add_option("--predictions", arguments->predictions, "Scores: date, symbol, score")
      ->required()
      ->type_name("FILE.parquet");
  command->add_option("--prices", arguments->prices, "Prices: .parquet, .csv or .csv.gz")->type_name("FILE");
  command->add_option("--study", arguments->study, "A study whose label, execution, portfolio and costs hold")
      ->type_name("STUDY.yaml");
  add_set_option(*command, arguments->settings);
  add_threads_option(*command, arguments->threads);
  command->add_flag("--json", arguments->json, "Print as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { evaluate_command(line, *arguments); }; });
}

}  // namespace orrery::cli
