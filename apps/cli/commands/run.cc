#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "apps/cli/command_line.h"
#include "apps/cli/continuation_text.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/run_summary.h"
#include "orrery/app/run_continuation.h"
#include "orrery/app/run_folder.h"
#include "orrery/app/search_trials.h"
#include "orrery/app/trial_recorder.h"
#include "orrery/base/error.h"
#include "plugins/providers/simulated.h"

namespace orrery::cli {
namespace {

struct RunArguments {
  std::string study;
  std::string out;
  std::vector<std::string> settings;
  std::optional<std::uint64_t> seed;
  int threads = 0;
  bool update = false;
  bool json = false;
};

/// A run that was stopped says how to go on.
StudyRun run_or_stop(CommandLine& line, const Study& study, const RunOptions& options,
                     const RunContinuation& continuation) {
  try {
    return run_study(study, line.plugins, options, line.terminal.progress());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCancelled) throw;
    const bool kept = std::filesystem::exists(continuation.partial_folder());
    throw user_error(ErrorCode::kCancelled,
                     kept ? fmt::format("stopped; the same command goes on from the folds finished in {}",
                                        continuation.partial_folder().string())
                          : "stopped; no fold was finished, nothing is left behind");
  }
}

/// What earlier runs spared this one. Notes are for people, so that JSON stays alone on standard output.
void print_continuation(const CommandLine& line, const RunArguments& arguments, const StudyRun& run,
                        const RunContinuation& continuation) {
  for (const auto& note : continuation.notes()) fmt::print(stderr, "orrery: {}\n", note);
  const auto& origins = continuation.origins();
  const bool resumed = std::find(origins.begin(), origins.end(), FoldOrigin::kResumed) != origins.end();
  if (arguments.json || (!arguments.update && !resumed)) return;
  line.terminal.print(continuation_text(continuation, run, line.terminal.width()));
}

void run_command(CommandLine& line, const RunArguments& arguments) {
  auto overrides = split_settings(arguments.settings);
  if (arguments.seed) overrides.emplace_back("seed", std::to_string(*arguments.seed));
  const Study study = read_study(arguments.study, overrides, line.plugins);
  const std::filesystem::path folder = arguments.out.empty() ? std::filesystem::path("out") / study.name
                                                             : std::filesystem::path(arguments.out);
  check_run_folder(folder);
  TrialRecorder recorder({study, overrides}, default_trial_ledger());
  RunOptions options{arguments.threads};
  options.prices_read = [&](const PriceLoad& prices) { recorder.locate_folds(prices); };
  RunContinuation continuation(study, line.plugins, folder, arguments.update);
  watch_interrupts();
  options.cancelled = interrupted;
  options.folds = &continuation;
  StudyRun run = run_or_stop(line, study, options, continuation);
  record_search_trials(study, run, default_trial_ledger());
  const RunSummary summary = write_run_folder(
      study, run, folder, plugins::providers::simulation_banner_of(study.data.path), options);
  continuation.finish();
  print_continuation(line, arguments, run, continuation);
  const LedgerVerdict verdict = recorder.finish(run.evaluation);
  line.terminal.print(arguments.json ? run_summary_json(summary, verdict)
                                     : run_summary_text(summary, verdict, line.terminal.width()));
  if (arguments.update && !arguments.json)
    line.terminal.print(recommendations_text(run, line.terminal.width()));
}

}  // namespace

void add_run(CLI::App& app, CommandLine& line) {
  auto* command =
      add_command(app, "run", "Run a study: prices to factors, models, portfolio, backtest, report",
                  "orrery run examples/demo.yaml --out out/demo --set portfolio.k=30");
  auto arguments = std::make_shared<RunArguments>();
  command->add_option("study", arguments->study, "The study: one YAML file that says everything")
      ->required()
      ->type_name("STUDY.yaml");
  command
      ->add_option("--out", arguments->out,
                   "Folder of the results; an earlier run there is replaced [out/NAME]")
      ->type_name("DIR");
  add_set_option(*command, arguments->settings);
  command->add_option("--seed", arguments->seed, "Seed of all randomness, over the study's own")
      ->type_name("S");
  add_threads_option(*command, arguments->threads);
  command->add_flag(
      "--update", arguments->update,
      "Take up the earlier run in the folder: where its data only grew, its models stay, the new "
      "sessions are scored, and the last one's recommendations are printed");
  command->add_flag("--json", arguments->json, "Print the summary as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { run_command(line, *arguments); }; });
}

}  // namespace orrery::cli
