#include <fmt/format.h>

#include "apps/cli/command_line.h"
#include "apps/cli/run_summary.h"
#include "orrery/app/own_scores.h"
#include "orrery/app/run_folder.h"
#include "orrery/app/trial_recorder.h"
#include "orrery/base/fingerprint.h"

namespace orrery::cli {
namespace {

struct BacktestArguments {
  std::string predictions;
  std::string prices;
  std::string study;
  std::string out = "out/backtest";
  std::vector<std::string> settings;
  int threads = 0;
  bool json = false;
};

void backtest_command(CommandLine& line, BacktestArguments& arguments) {
  const OwnScores scores{arguments.predictions, arguments.prices, arguments.study,
                         split_settings(arguments.settings)};
  check_run_folder(arguments.out);
  const Study study = own_scores_study(scores, line.plugins);
  TrialRecorder recorder({study, scores.overrides, fingerprint_file(arguments.predictions)},
                         default_trial_ledger());
  RunOptions options{arguments.threads};
  options.scores_read = [&](const PriceLoad& prices, const Panel& placed) {
    recorder.locate_scores(prices, placed);
  };
  StudyRun run = run_own_scores(scores, study, line.plugins, options, line.terminal.progress());
  const auto summary = write_run_folder(study, run, arguments.out, "", options);
  const LedgerVerdict verdict = recorder.finish(run.evaluation);
  line.terminal.print(arguments.json ? run_summary_json(summary, verdict)
                                     : run_summary_text(summary, verdict, line.terminal.width()));
}

}  // namespace

void add_backtest(CLI::App& app, CommandLine& line) {
  auto* command =
      add_command(app, "backtest", "Trade scores made elsewhere (date, symbol, score) and report",
                  "orrery backtest --predictions scores.parquet --prices ohlcv.parquet --out out/mine "
                  "--set portfolio.k=30");
  auto arguments = std::make_shared<BacktestArguments>();
  command->add_option("--predictions", arguments->predictions, "Scores: date, symbol, score")
      ->required()
      ->type_name("FILE.parquet");
  command->add_option("--prices", arguments->prices, "Prices: .parquet, .csv or .csv.gz")->type_name("FILE");
  command->add_option("--study", arguments->study, "A study whose execution, portfolio and costs hold")
      ->type_name("STUDY.yaml");
  command->add_option("--out", arguments->out, "Folder of the results")
      ->capture_default_str()
      ->type_name("DIR");
  add_set_option(*command, arguments->settings);
  add_threads_option(*command, arguments->threads);
  command->add_flag("--json", arguments->json, "Print the summary as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { backtest_command(line, *arguments); }; });
}

}  // namespace orrery::cli
