#include "orrery/app/monitor_thresholds.h"

#include <fmt/format.h>

#include "orrery/base/files.h"

namespace orrery {
namespace {

constexpr int kFewestSessions = 10;

DriftAction action_of(const std::string& text) {
  for (const auto action : {DriftAction::kRetrain, DriftAction::kDemote, DriftAction::kRetire}) {
    if (text == to_string(action)) return action;
  }
  return DriftAction::kNone;
}

/// What a number may be, and whether larger or smaller ones are worse.
struct Range {
  double lowest = 0.0;
  double highest = 1.0;
  bool lower_is_worse = false;
};

void read_threshold(ConfigReader reader, const Range& range, DriftThreshold& threshold) {
  threshold.watch = reader.number("watch", threshold.watch, range.lowest, range.highest);
  threshold.act = reader.number("act", threshold.act, range.lowest, range.highest);
  const bool turned =
      range.lower_is_worse ? threshold.act > threshold.watch : threshold.act < threshold.watch;
  if (turned) {
    reader.problem("act", fmt::format("must be {} than watch, found watch {:g} and act {:g}",
                                      range.lower_is_worse ? "no larger" : "no smaller", threshold.watch,
                                      threshold.act));
  }
  if (threshold.action == DriftAction::kNone) return;
  threshold.action =
      action_of(reader.text("action", to_string(threshold.action), {"none", "retrain", "demote", "retire"}));
}

}  // namespace

DriftThresholds read_thresholds(ConfigReader reader) {
  constexpr double kAny = 1e9;
  DriftThresholds thresholds;
  thresholds.sessions = static_cast<int>(reader.integer("sessions", thresholds.sessions, kFewestSessions));
  read_threshold(reader.section("psi"), {0.0, kAny}, thresholds.psi);
  read_threshold(reader.section("ks"), {0.0, 1.0, true}, thresholds.ks);
  read_threshold(reader.section("missing"), {}, thresholds.missing);
  read_threshold(reader.section("names"), {}, thresholds.names);
  read_threshold(reader.section("features"), {}, thresholds.features);
  read_threshold(reader.section("ic_fall"), {0.0, kAny}, thresholds.ic_fall);
  read_threshold(reader.section("ic_negative"), {0.0, kAny}, thresholds.ic_negative);
  read_threshold(reader.section("calibration"), {0.5, 0.999999}, thresholds.calibration);
  return thresholds;
}

DriftThresholds read_thresholds_file(const std::filesystem::path& file) {
  const ConfigNode root = parse_config(read_file(file), file.string());
  ConfigProblems problems;
  const DriftThresholds thresholds = read_thresholds(ConfigReader(&root, "", problems));
  problems.throw_if_any();
  return thresholds;
}

}  // namespace orrery
