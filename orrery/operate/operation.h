#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "orrery/alert/alert_settings.h"
#include "orrery/base/config.h"
#include "orrery/operate/round_schedule.h"

namespace orrery {

/// One step of a round: a command of `orrery`, done once a session.
struct StepSettings {
  std::string name;
  std::string kind;
  std::vector<std::string> needs;      ///< steps that must have gone well before
  std::vector<std::string> arguments;  ///< of `orrery`, with placeholders (see fill_placeholders)
  int retries = 2;
  double retry_seconds = 30.0;             ///< before the first one; doubles, up to 15 minutes
  double timeout_minutes = 120.0;          ///< of one attempt
  std::optional<double> deadline_minutes;  ///< after the round was due; later is an alert
  bool announce = false;                   ///< what it prints is told as an alert of level info
  /// Name of a step: done only where that one found something to be done (exit code 3); "": always.
  std::string when;
};

/// What is done every session: the file of `orrery operate`.
struct Operation {
  std::filesystem::path file;
  std::string name;
  Calendar calendar;
  RoundSchedule schedule;
  std::filesystem::path state;  ///< folder of what was done, of logs and alerts
  int catch_up = 5;             ///< most missed sessions that are made up for
  int parallel = 1;             ///< steps at a time
  AlertSettings alerts;
  std::vector<StepSettings> steps;  ///< each behind those that it needs
};

/// Exit code of a step that found something to be done.
inline constexpr int kActionIsDue = 3;

/// Reads the file. Relative paths start at its folder. Errors: kNotFound; kInvalidArgument with line and
/// column of each fault: unknown keys, needs that lead in a circle, placeholders that nobody knows.
Operation read_operation(const std::filesystem::path& file, const AlertChannelRegistry& channels);

/// Replaces `{session}` (the session's day), `{previous}` (the session before), `{moment}` (when the round
/// was due, UTC) and
/// `{name}` in an argument. Errors: kInvalidArgument for any other `{word}`.
std::string fill_placeholders(const Operation& operation, const std::string& argument, Date session);

/// Returns the folder in which an operation whose runs are in `runs` keeps its state, where its file names no
/// other.
std::filesystem::path operation_state(const std::filesystem::path& runs);

/// Returns the database of rounds in a state folder.
std::filesystem::path operation_database(const std::filesystem::path& state);

/// Returns the database of alerts in a state folder.
std::filesystem::path alert_database(const std::filesystem::path& state);

}  // namespace orrery
