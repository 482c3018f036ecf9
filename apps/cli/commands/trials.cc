#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "apps/cli/command_line.h"
#include "orrery/data/trial_ledger.h"

namespace orrery::cli {
namespace {

std::string outcome_text(const RecordedTrial& recorded) {
  if (!recorded.outcome) return "unfinished";
  return recorded.outcome->failed ? "failed" : "finished";
}

bool has_numbers(const RecordedTrial& recorded) { return recorded.outcome && !recorded.outcome->failed; }

nlohmann::ordered_json trial_json(const RecordedTrial& recorded) {
  const auto& trial = recorded.trial;
  nlohmann::ordered_json json = {{"id", recorded.id},
                                 {"started", recorded.started},
                                 {"study", trial.study},
                                 {"study_fingerprint", trial.study_fingerprint},
                                 {"data_fingerprint", trial.key.data_fingerprint},
                                 {"test_first", to_string(trial.key.test_first)},
                                 {"test_last", to_string(trial.key.test_last)},
                                 {"overrides", trial.overrides},
                                 {"seed", trial.seed},
                                 {"outcome", outcome_text(recorded)}};
  if (!has_numbers(recorded)) return json;
  json["sharpe"] = recorded.outcome->sharpe;
  json["periods"] = recorded.outcome->periods;
  json["skewness"] = recorded.outcome->skewness;
  json["kurtosis"] = recorded.outcome->kurtosis;
  return json;
}

void trials_command(CommandLine& line, bool json) {
  const TrialLedger ledger(default_trial_ledger());
  auto list = nlohmann::ordered_json::array();
  TextTable table = {
      {"trial", "started", "study", "data", "tested from", "to", "overrides", "outcome", "Sharpe a day"}};
  for (const auto& recorded : ledger.trials()) {
    list.push_back(trial_json(recorded));
    const auto& key = recorded.trial.key;
    table.push_back({std::to_string(recorded.id), recorded.started, recorded.trial.study,
                     key.data_fingerprint.substr(0, 8), to_string(key.test_first), to_string(key.test_last),
                     recorded.trial.overrides, outcome_text(recorded),
                     has_numbers(recorded) ? fmt::format("{:.4f}", recorded.outcome->sharpe) : ""});
  }
  if (json) {
    line.terminal.print(list.dump(1) + "\n");
  } else {
    line.terminal.print_table(table);
  }
}

}  // namespace

void add_trials(CLI::App& app, CommandLine& line) {
  auto* command = add_command(
      app, "trials", "List every run there was, failed and unfinished ones too: the ledger of trials",
      "orrery trials --json");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Print as JSON");
  command->callback([&line, json] { line.action = [&line, json] { trials_command(line, *json); }; });
}

}  // namespace orrery::cli
