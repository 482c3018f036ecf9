#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "apps/cli/command_line.h"
#include "apps/cli/interrupt.h"
#include "orrery/app/tune_report.h"
#include "orrery/app/tune_study.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "plugins/providers/simulated.h"

namespace orrery::cli {
namespace {

constexpr std::size_t kShownTrials = 10;

struct TuneArguments {
  std::string study;
  std::string out;
  std::vector<std::string> settings;
  std::optional<int> trials;
  std::optional<double> minutes;
  int threads = 0;
  bool json = false;
};

using State = TuningRecord::State;

/// Complete trials, best first.
std::vector<const TuningRecord*> ranked(const TuneResult& result) {
  std::vector<const TuningRecord*> complete;
  for (const auto& trial : result.trials) {
    if (trial.state == State::kComplete) complete.push_back(&trial);
  }
  std::stable_sort(complete.begin(), complete.end(),
                   [](const auto* a, const auto* b) { return a->loss < b->loss; });
  return complete;
}

TextTable trial_table(const TuneResult& result) {
  TextTable table = {{"trial", result.objective}};
  for (const auto& parameter : result.space) table.front().push_back(parameter.name);
  const auto trials = ranked(result);
  for (std::size_t i = 0; i < std::min(kShownTrials, trials.size()); ++i) {
    const auto& trial = *trials[i];
    auto& row = table.emplace_back();
    row = {std::to_string(trial.number), fmt::format("{:.4f}", objective_of(result.objective, trial.loss))};
    for (std::size_t p = 0; p < result.space.size(); ++p)
      row.push_back(shown_setting(setting_of(result.space[p], trial.point[p])));
  }
  return table;
}

std::string counts_text(const TuneResult& result) {
  std::size_t counts[4] = {};
  for (const auto& trial : result.trials) ++counts[static_cast<std::size_t>(trial.state)];
  std::string text = fmt::format("trials   {} complete, {} pruned", counts[1], counts[2]);
  if (counts[3] > 0) text += fmt::format(", {} failed", counts[3]);
  if (counts[0] > 0) text += fmt::format(", {} running elsewhere", counts[0]);
  return text + "\n";
}

/// One line a trial while it goes on, for people who watch.
void tell_trial(const TuneArguments& arguments, const Study& study, std::int64_t number,
                const std::vector<TuningRecord>& trials) {
  if (arguments.json) return;
  const auto best = best_trial(trials);
  const auto& last = trials[static_cast<std::size_t>(number) - 1];
  const double shown = last.state == State::kComplete ? last.loss
                       : last.steps.empty()           ? std::nan("")
                                                      : last.steps.back();
  fmt::print(stderr, "trial {:>3} of {}: {} {:.4f}, best {:.4f}\n", last.number, study.tune->trials,
             state_name(last.state), objective_of(study.tune->objective, shown),
             objective_of(study.tune->objective, best ? trials[*best].loss : std::nan("")));
}

std::string result_text(const CommandLine& line, const Study& study, const TuneResult& result,
                        const std::filesystem::path& folder) {
  std::string text = counts_text(result);
  if (!result.best) return text + "no trial is complete yet\n";
  text += format_table(trial_table(result), line.terminal.width());
  const auto verdict = tuning_verdict(result);
  for (const auto& sentence : verdict)
    text += fmt::format("{}{}\n", &sentence == verdict.data() ? "\n" : "", sentence);
  text += "\n" + best_model_yaml(study, result);
  return text + fmt::format("\nbest     {}\nreport   {}\n", (folder / "best.yaml").string(),
                            (folder / "report.html").string());
}

nlohmann::ordered_json settings_json(const TuneResult& result, const TuningPoint& point) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& [name, value] : settings_of(result.space, point))
    std::visit([&, &key = name](const auto& plain) { json[key] = plain; }, value);
  return json;
}

std::string result_json(const TuneResult& result) {
  nlohmann::ordered_json trials = nlohmann::ordered_json::array();
  for (const auto& trial : result.trials) {
    nlohmann::ordered_json json = {{"trial", trial.number},
                                   {"state", state_name(trial.state)},
                                   {"value", nullptr},
                                   {"settings", settings_json(result, trial.point)}};
    if (trial.state == State::kComplete) json["value"] = objective_of(result.objective, trial.loss);
    if (!trial.note.empty()) json["note"] = trial.note;
    trials.push_back(std::move(json));
  }
  nlohmann::ordered_json json = {{"objective", result.objective}, {"best", nullptr}, {"trials", trials}};
  if (result.best) {
    json["best"] = trials[*result.best];
    json["ledger"] = nlohmann::ordered_json::parse(verdict_json(result.verdict));
  }
  return json.dump(1) + "\n";
}

void tune_command(CommandLine& line, const TuneArguments& arguments) {
  auto overrides = split_settings(arguments.settings);
  if (arguments.trials) overrides.emplace_back("tune.trials", std::to_string(*arguments.trials));
  if (arguments.minutes) overrides.emplace_back("tune.minutes", fmt::format("{}", *arguments.minutes));
  const Study study = read_study(arguments.study, overrides, line.plugins);
  TuneOptions options;
  options.threads = arguments.threads;
  options.folder = arguments.out.empty() ? std::filesystem::path("out") / (study.name + "-tune")
                                         : std::filesystem::path(arguments.out);
  options.ledger = default_trial_ledger();
  watch_interrupts();
  options.cancelled = interrupted;
  options.trial_done = [&](auto number, const auto& trials) { tell_trial(arguments, study, number, trials); };
  const TuneResult result = tune_study(study, line.plugins, options, line.terminal.progress());
  if (result.best) write_file_atomically(options.folder / "best.yaml", best_model_yaml(study, result));
  const auto banner = plugins::providers::simulation_banner_of(study.data.path);
  write_file_atomically(options.folder / "report.html",
                        render_tuning_report(build_tuning_report(study, result, banner)));
  line.terminal.print(arguments.json ? result_json(result)
                                     : result_text(line, study, result, options.folder));
  if (result.stopped)
    throw user_error(ErrorCode::kCancelled, "stopped; the same command goes on from the trials that ended");
}

}  // namespace

void add_tune(CLI::App& app, CommandLine& line) {
  auto* command =
      add_command(app, "tune", "Search for the model's best settings, before the first tested session",
                  "orrery tune study.yaml --trials 100");
  auto arguments = std::make_shared<TuneArguments>();
  command->add_option("study", arguments->study, "A study with a key 'tune', which says what to search for")
      ->required()
      ->type_name("STUDY.yaml");
  command
      ->add_option("--out", arguments->out,
                   "Folder of the trials; a search there is gone on with, also by several processes at once "
                   "[out/NAME-tune]")
      ->type_name("DIR");
  command->add_option("--trials", arguments->trials, "How many in all, over tune.trials")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  command->add_option("--minutes", arguments->minutes, "Begin no trial after so long, over tune.minutes")
      ->check(CLI::PositiveNumber)
      ->type_name("M");
  add_set_option(*command, arguments->settings);
  add_threads_option(*command, arguments->threads);
  command->add_flag("--json", arguments->json, "Print all trials as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { tune_command(line, *arguments); }; });
}

}  // namespace orrery::cli
