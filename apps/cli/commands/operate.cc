#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "apps/cli/alert_channels.h"
#include "apps/cli/command_line.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/moment_option.h"
#include "apps/cli/operation_text.h"
#include "orrery/base/child_process.h"
#include "orrery/base/error.h"
#include "orrery/base/file_lock.h"
#include "orrery/operate/daily_operation.h"
#include "orrery/operate/scheduler.h"

namespace orrery::cli {
namespace {

constexpr int kRoundFailed = 1;
constexpr std::size_t kOpenAlerts = 20;

struct OperateArguments {
  std::string file, backfill, replay;
  std::size_t rounds = 5;
  bool once = false;
  bool anew = false;
  bool json = false;
};

struct DaySpan {
  Date from, to;
};

/// Reads `2024-01-02..2024-01-31`, or one day.
DaySpan span_of(const std::string& option, const std::string& text) {
  const auto dots = text.find("..");
  const auto from = parse_date(text.substr(0, dots));
  const auto to = dots == std::string::npos ? from : parse_date(text.substr(dots + 2));
  if (!from || !to || *from > *to) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("{}: found '{}'; expected a day, or two as 2024-01-02..2024-01-31", option, text));
  }
  return {*from, *to};
}

std::filesystem::path lock_file(const Operation& operation) { return operation.state / "lock"; }

OperationEnd do_rounds(const Operation& operation, const OperateArguments& arguments,
                       const RunnerTools& tools, ReplayClock& replayed) {
  if (!arguments.backfill.empty()) {
    const DaySpan span = span_of("--backfill", arguments.backfill);
    return backfill(operation, tools, span.from, span.to, arguments.anew);
  }
  if (!arguments.replay.empty()) {
    const DaySpan span = span_of("--replay", arguments.replay);
    return replay(operation, tools, replayed, span.from, span.to);
  }
  return keep_operating(operation, tools, arguments.once);
}

void operate_command(CommandLine& line, const OperateArguments& arguments) {
  const Operation operation = read_operation(arguments.file, alert_channels());
  std::filesystem::create_directories(operation.state);
  const FileLock lock(lock_file(operation),
                      fmt::format("another 'orrery operate' uses {}", operation.state.string()));
  std::filesystem::current_path(operation.file.parent_path());  // where the words of a step's command begin
  watch_interrupts();
  OperationStore store(operation_database(operation.state));
  AlertStore alerts(alert_database(operation.state));
  AlertRouter router(operation.alerts, alert_channels(), alerts);
  const auto launcher = make_process_launcher(own_program());
  ReplayClock replayed(system_wait_clock());
  WaitClock& clock = arguments.replay.empty() ? system_wait_clock() : replayed;
  const bool waits = arguments.backfill.empty() && arguments.replay.empty() && !arguments.once;
  if (waits) {
    line.terminal.print(fmt::format("{} is in operation; the next round is due {}. Ctrl-C stops it.\n",
                                    operation.name, to_string(next_round(operation, clock.now()))));
  }
  const RunnerTools tools{
      store, router, *launcher, clock, interrupted, [&line](Date session, const KeptStep& step) {
        if (step.state != StepState::kWaiting) line.terminal.print(step_line(session, step));
      }};
  const OperationEnd end = do_rounds(operation, arguments, tools, replayed);
  if (end == OperationEnd::kFailed) line.exit_code = kRoundFailed;
  if (end == OperationEnd::kInterrupted && !waits) line.exit_code = kInterruptedStatus;
}

bool is_in_operation(const Operation& operation) {
  if (!std::filesystem::exists(lock_file(operation))) return false;
  try {
    const FileLock probe(lock_file(operation), "");
    return false;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kUnavailable) return true;
    throw;
  }
}

void status_command(CommandLine& line, const OperateArguments& arguments) {
  const Operation operation = read_operation(arguments.file, alert_channels());
  OperationStatus status;
  status.name = operation.name;
  status.is_running = is_in_operation(operation);
  status.next = next_round(operation, system_wait_clock().now());
  if (std::filesystem::exists(operation_database(operation.state)))
    status.rounds = OperationStore(operation_database(operation.state)).rounds(arguments.rounds);
  if (std::filesystem::exists(alert_database(operation.state)))
    status.open = AlertStore(alert_database(operation.state)).alerts(kOpenAlerts, true);
  line.terminal.print(arguments.json ? operation_status_json(status)
                                     : operation_status_text(status, line.terminal.width()));
}

void add_operate_status(CLI::App& operate, CommandLine& line) {
  auto* command =
      add_command(operate, "status", "Show the last rounds, their steps, and alerts that are open",
                  "orrery operate status daily.yaml");
  auto arguments = std::make_shared<OperateArguments>();
  command->add_option("file", arguments->file, "The file of the operation")
      ->required()
      ->type_name("DAILY.yaml");
  command->add_option("--rounds", arguments->rounds, "How many rounds to show")
      ->capture_default_str()
      ->type_name("N");
  command->add_flag("--json", arguments->json, "Print as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { status_command(line, *arguments); }; });
}

}  // namespace

void add_operate(CLI::App& app, CommandLine& line) {
  auto* command = add_command(app, "operate",
                              "Do the daily round after each session: fetch, validate, run, publish, watch",
                              "orrery operate daily.yaml");
  command->require_subcommand(0, 1);
  auto arguments = std::make_shared<OperateArguments>();
  command->add_option("file", arguments->file, "The file of the operation (docs/operate.md)")
      ->type_name("DAILY.yaml");
  auto* once = command->add_flag("--once", arguments->once, "Do what is due, and end");
  auto* backfill = command
                       ->add_option("--backfill", arguments->backfill,
                                    "Do the rounds of these sessions, or what is left of them, and end")
                       ->excludes(once)
                       ->type_name("DAY..DAY");
  command
      ->add_option("--replay", arguments->replay,
                   "Do them as if it were the moment at which each was due, and end")
      ->excludes(once)
      ->excludes(backfill)
      ->type_name("DAY..DAY");
  command->add_flag("--again", arguments->anew, "Of a backfill: also steps that are done")->needs(backfill);
  add_operate_status(*command, line);
  command->callback([&line, arguments, command] {
    if (!command->get_subcommands().empty()) return;
    if (arguments->file.empty()) throw CLI::RequiredError("DAILY.yaml, or the subcommand status,");
    line.action = [&line, arguments] { operate_command(line, *arguments); };
  });
}

}  // namespace orrery::cli
