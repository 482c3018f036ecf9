#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "apps/cli/command_line.h"
#include "orrery/app/factor_trials.h"
#include "orrery/app/ledger_verdict.h"
#include "orrery/app/search_trials.h"

namespace orrery::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Trials on the same data and tested sessions.
using TrialGroup = std::vector<RecordedTrial>;

bool same_key(const TrialKey& a, const TrialKey& b) {
  return a.data_fingerprint == b.data_fingerprint && a.test_first == b.test_first &&
         a.test_last == b.test_last;
}

/// Groups in the order of their first trial.
std::vector<TrialGroup> group_trials(const std::vector<RecordedTrial>& trials) {
  std::vector<TrialGroup> groups;
  for (const auto& recorded : trials) {
    const auto same = [&](const auto& group) {
      return same_key(group.front().trial.key, recorded.trial.key);
    };
    auto group = std::find_if(groups.begin(), groups.end(), same);
    if (group == groups.end()) group = groups.insert(groups.end(), TrialGroup());
    group->push_back(recorded);
  }
  return groups;
}

std::string outcome_text(const RecordedTrial& recorded) {
  if (!recorded.outcome) return "unfinished";
  return recorded.outcome->failed ? "failed" : "finished";
}

bool has_numbers(const RecordedTrial& recorded) {
  return recorded.outcome && !recorded.outcome->failed && std::isfinite(recorded.outcome->sharpe);
}

/// The finished trial with the highest Sharpe ratio; null: none finished.
const RecordedTrial* best_of(const TrialGroup& group) {
  const RecordedTrial* best = nullptr;
  for (const auto& recorded : group) {
    if (!has_numbers(recorded)) continue;
    if (best == nullptr || recorded.outcome->sharpe > best->outcome->sharpe) best = &recorded;
  }
  return best;
}

Json trial_json(const RecordedTrial& recorded) {
  const auto& trial = recorded.trial;
  const auto date = [&](Date value) { return trial.key.known() ? Json(to_string(value)) : Json(); };
  Json json = {{"id", recorded.id},
               {"started", recorded.started},
               {"study", trial.study},
               {"study_fingerprint", trial.study_fingerprint},
               {"data_fingerprint", trial.key.known() ? Json(trial.key.data_fingerprint) : Json()},
               {"test_first", date(trial.key.test_first)},
               {"test_last", date(trial.key.test_last)},
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

Json group_json(const TrialGroup& group) {
  const auto& key = group.front().trial.key;
  const auto* best = best_of(group);
  Json json = {{"data_fingerprint", key.data_fingerprint},
               {"test_first", to_string(key.test_first)},
               {"test_last", to_string(key.test_last)},
               {"best_trial", best == nullptr ? Json() : Json(best->id)},
               {"ledger", nullptr}};
  if (best != nullptr) json["ledger"] = Json::parse(verdict_json(judge_among(*best->outcome, group)));
  return json;
}

std::string trials_json(const std::vector<TrialGroup>& groups, const std::vector<RecordedTrial>& trials) {
  Json json = {{"trials", Json::array()}, {"groups", Json::array()}};
  for (const auto& recorded : trials) json["trials"].push_back(trial_json(recorded));
  for (const auto& group : groups) {
    if (group.front().trial.key.known()) json["groups"].push_back(group_json(group));
  }
  return json.dump(1) + "\n";
}

std::string group_heading(const TrialKey& key) {
  if (!key.known()) return "Ended before the data was read; count on no data\n\n";
  return fmt::format("Data {}, tested {} to {}\n\n", key.data_fingerprint.substr(0, 8),
                     to_string(key.test_first), to_string(key.test_last));
}

std::string started_text(const RecordedTrial& recorded) {
  auto started = recorded.started.substr(0, 16);
  std::replace(started.begin(), started.end(), 'T', ' ');
  return started;
}

std::vector<std::string> trial_row(const RecordedTrial& recorded) {
  return {std::to_string(recorded.id),
          started_text(recorded),
          recorded.trial.study,
          recorded.trial.overrides,
          outcome_text(recorded),
          has_numbers(recorded) ? fmt::format("{:.4f}", recorded.outcome->sharpe) : ""};
}

/// Factors, and what a fold tries to choose its settings, come by the hundred.
bool comes_in_numbers(const RecordedTrial& recorded) {
  return recorded.trial.study == kFactorTrial || recorded.trial.study.ends_with(kSearchTrial);
}

/// Those that began together and ended alike are one row, with their number.
std::vector<std::string> alike_row(const TrialGroup& group, std::size_t first, std::size_t end) {
  auto row = trial_row(group[first]);
  if (end - first == 1) return row;
  row[0] = fmt::format("{}–{}", group[first].id, group[end - 1].id);
  row[3] =
      fmt::format("{} {}", end - first, group[first].trial.study == kFactorTrial ? "factors" : "settings");
  const TrialGroup these(group.begin() + static_cast<std::ptrdiff_t>(first),
                         group.begin() + static_cast<std::ptrdiff_t>(end));
  const auto* best = best_of(these);
  row[5] = best == nullptr ? "" : fmt::format("to {:.4f}", best->outcome->sharpe);
  return row;
}

TextTable trial_table(const TrialGroup& group) {
  TextTable table = {{"trial", "started, UTC", "study", "overrides", "outcome", "Sharpe a day"}};
  for (std::size_t first = 0, end = 0; first < group.size(); first = end) {
    const auto alike = [&](const RecordedTrial& other) {
      return comes_in_numbers(other) && other.trial.study == group[first].trial.study &&
             other.started == group[first].started && outcome_text(other) == outcome_text(group[first]);
    };
    end = first + 1;
    while (end < group.size() && alike(group[end])) ++end;
    table.push_back(alike_row(group, first, end));
  }
  return table;
}

std::string group_text(const TrialGroup& group, std::size_t width) {
  const TextTable table = trial_table(group);
  std::string text = group_heading(group.front().trial.key) + format_table(table, width);
  if (const auto* best = best_of(group); best != nullptr && group.front().trial.key.known()) {
    text +=
        fmt::format("\nThe best is trial {}:\n", best->id) + verdict_text(judge_among(*best->outcome, group));
  }
  return text;
}

void trials_command(CommandLine& line, bool json) {
  const auto trials = TrialLedger(default_trial_ledger()).trials();
  const auto groups = group_trials(trials);
  if (json) {
    line.terminal.print(trials_json(groups, trials));
    return;
  }
  if (groups.empty()) line.terminal.print("The ledger holds no trial yet; orrery run writes the first.\n");
  for (std::size_t i = 0; i < groups.size(); ++i) {
    line.terminal.print((i == 0 ? "" : "\n\n") + group_text(groups[i], line.terminal.width()));
  }
}

}  // namespace

void add_trials(CLI::App& app, CommandLine& line) {
  auto* command = add_command(
      app, "trials",
      "List every trial there was, failed and unfinished ones too, and what luck makes of the best",
      "orrery trials --json");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Print as JSON");
  command->callback([&line, json] { line.action = [&line, json] { trials_command(line, *json); }; });
}

}  // namespace orrery::cli
