#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "apps/cli/command_line.h"
#include "apps/cli/health_tables.h"
#include "apps/cli/model_subject.h"
#include "apps/cli/model_text.h"
#include "orrery/app/health_text.h"
#include "orrery/app/monitor_model.h"
#include "orrery/app/monitor_thresholds.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/model_store.h"

namespace orrery::cli {
namespace {

constexpr int kActionIsDue = 3;
constexpr std::size_t kShownFeatures = 10;

struct MonitorArguments {
  std::string subject;
  std::string data;
  std::string thresholds;
  std::string out;
  std::optional<int> sessions;
  int threads = 0;
  bool all = false;
  bool apply = false;
  bool json = false;
};

/// Why, in one line, for the history.
std::string reason_of(const ModelHealth& health) {
  std::vector<std::string> reasons;
  for (const auto& line : health.lines) {
    if (line.action != DriftAction::kNone) reasons.push_back(fmt::format("{}: {}", line.check, line.value));
  }
  return fmt::format("monitor, {} to {}: {}", to_string(health.recent_first), to_string(health.recent_last),
                     fmt::join(reasons, "; "));
}

/// A stage that the action leads to, for a version in its stage; nothing where the stage stays.
bool changes_stage(DriftAction action, ModelStage stage) {
  if (action == DriftAction::kDemote) return stage == ModelStage::kLive;
  return action == DriftAction::kRetire && stage != ModelStage::kRetired;
}

std::vector<std::string> next_commands(const ModelHealth& health, const ModelSubject& subject) {
  const auto action = health.judgement.action;
  if (action == DriftAction::kNone) return {};
  const auto folder = subject.version ? subject.version->lineage.run_folder : subject.folder.string();
  std::vector<std::string> commands;
  if (subject.version && changes_stage(action, subject.version->stage))
    commands.push_back(fmt::format("orrery models {} {}", to_string(action), subject.title));
  commands.push_back(fmt::format("orrery run STUDY.yaml --update --out {}", folder));
  commands.push_back(fmt::format("orrery models add {}", folder));
  return commands;
}

std::filesystem::path out_folder(const MonitorArguments& arguments, const ModelSubject& subject) {
  if (!arguments.out.empty()) return arguments.out;
  auto name = subject.version ? subject.title : subject.folder.filename().string();
  if (name.empty()) name = subject.folder.parent_path().filename().string();
  return std::filesystem::path("out") / (name + "-monitor");
}

void write_health(const ModelHealth& health, const std::filesystem::path& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);  // writing says it better
  write_file_atomically(folder / "monitor.json", model_health_json(health));
  write_file_atomically(folder / "monitor.html", render_model_health(health));
}

/// Changes the version's stage as the action says. Where another process did in the meantime, it stays so.
std::vector<StageChange> apply_action(ModelHealth& health, ModelVersion& version) {
  const auto action = health.judgement.action;
  if (!changes_stage(action, version.stage)) return {};
  ModelStore store(default_model_store());
  const ModelReference reference{version.name, version.version};
  const auto reason = reason_of(health);
  std::vector<StageChange> changes;
  try {
    changes =
        action == DriftAction::kRetire ? store.retire(reference, reason) : store.demote(reference, reason);
  } catch (const Error& refusal) {
    const bool was_changed =
        refusal.code() == ErrorCode::kInvalidArgument || refusal.code() == ErrorCode::kAlreadyExists;
    if (!was_changed) throw;
    health.notes.push_back(fmt::format("--apply changed nothing: {}", refusal.what()));
  }
  version = store.find(reference);
  return changes;
}

void monitor_command(CommandLine& line, const MonitorArguments& arguments) {
  auto subject = find_model(arguments.subject);
  if (arguments.apply && !subject.version) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("--apply changes the stage of a registered version; register the run first, "
                                 "with 'orrery models add {}'",
                                 subject.title));
  }
  MonitorOptions options;
  options.data = arguments.data;
  options.sessions = arguments.sessions;
  options.threads = arguments.threads;
  if (!arguments.thresholds.empty()) options.thresholds = read_thresholds_file(arguments.thresholds);
  const auto run = read_stored_run(subject.folder);
  ModelHealth health = monitor_model(run, line.plugins, options, line.terminal.progress());
  health.title = subject.title;
  health.banner = banner_of(run, arguments.data);
  std::vector<StageChange> changes;
  if (arguments.apply) changes = apply_action(health, *subject.version);
  if (subject.version) health.stage = std::string(to_string(subject.version->stage));
  health.next = next_commands(health, subject);
  const auto folder = out_folder(arguments, subject);
  write_health(health, folder);
  if (arguments.json) {
    line.terminal.print(model_health_json(health));
  } else {
    line.terminal.print(health_text(health, arguments.all ? 0 : kShownFeatures, line.terminal.width()));
    line.terminal.print(fmt::format("\nreport   {}\n", (folder / "monitor.html").string()));
    line.terminal.print(changes_text(changes));
  }
  if (health.judgement.action != DriftAction::kNone) line.exit_code = kActionIsDue;
}

}  // namespace

void add_monitor(CLI::App& app, CommandLine& line) {
  auto* command = add_command(
      app, "monitor", "Look whether a model still fits the market; exit code 3 where something is to be done",
      "orrery monitor sp500-daily --data prices.parquet --apply");
  auto arguments = std::make_shared<MonitorArguments>();
  command
      ->add_option(
          "model", arguments->subject,
          "A registered model, its live version if none is named, or a run's folder [the one that is live]")
      ->type_name("NAME[@VERSION]|RUN");
  command->add_option("--data", arguments->data, "Prices with newer sessions [the study's]")
      ->type_name("FILE|LAKE");
  command->add_option("--sessions", arguments->sessions, "How many of the last ones to look at [60]")
      ->check(CLI::Range(10, 100000))
      ->type_name("N");
  command
      ->add_option("--thresholds", arguments->thresholds, "YAML with thresholds [the study's key 'monitor']")
      ->type_name("FILE");
  command->add_option("--out", arguments->out, "Folder of monitor.html and monitor.json [out/NAME-monitor]")
      ->type_name("DIR");
  command->add_flag("--all", arguments->all, "Show every feature, not only those that moved");
  command->add_flag("--apply", arguments->apply, "Demote or retire the version where that is due");
  add_threads_option(*command, arguments->threads);
  command->add_flag("--json", arguments->json, "Print as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { monitor_command(line, *arguments); }; });
}

}  // namespace orrery::cli
