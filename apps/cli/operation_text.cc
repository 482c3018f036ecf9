#include "apps/cli/operation_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

namespace orrery::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string to_the_minute(Timestamp moment) {
  std::string text = to_string(moment).substr(0, 16);
  text[10] = ' ';
  return text;
}

std::string seconds_of(const KeptStep& step) {
  if (!step.started || !step.ended) return "";
  const auto nanoseconds = static_cast<double>(step.ended->nanoseconds - step.started->nanoseconds);
  return fmt::format("{:.1f}", nanoseconds / static_cast<double>(kNanosecondsPerSecond));
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string words_of(const KeptStep& step) {
  std::string words(to_string(step.state));
  if (step.attempts > 1) words += fmt::format(", attempt {}", step.attempts);
  if (step.late) words += ", late";
  return words;
}

std::string rounds_text(const std::vector<KeptRound>& rounds, std::size_t width) {
  TextTable table = {{"session", "round", "why", "due, UTC", "done", "not done"}};
  for (const auto& round : rounds) {
    std::size_t done = 0;
    std::vector<std::string> open;
    for (const auto& step : round.steps) {
      if (went_well(step.state)) {
        ++done;
      } else {
        open.push_back(fmt::format("{} {}", step.name, to_string(step.state)));
      }
    }
    table.push_back({to_string(round.session), std::string(to_string(round.state)),
                     std::string(to_string(round.mode)), to_the_minute(round.due),
                     fmt::format("{} of {}", done, round.steps.size()),
                     fmt::format("{}", fmt::join(open, ", "))});
  }
  return format_table(table, width);
}

std::string steps_text(const KeptRound& round, std::size_t width) {
  TextTable table = {{"step", "state", "began, UTC", "seconds", "message"}};
  for (const auto& step : round.steps) {
    table.push_back({step.name, words_of(step), step.started ? to_the_minute(*step.started) : "",
                     seconds_of(step), first_line(step.message)});
  }
  return format_table(table, width);
}

Json moment_json(const std::optional<Timestamp>& moment) {
  return moment ? Json(to_string(*moment)) : Json(nullptr);
}

Json round_json(const KeptRound& round) {
  Json steps = Json::array();
  for (const auto& step : round.steps) {
    steps.push_back({{"step", step.name},
                     {"kind", step.kind},
                     {"state", to_string(step.state)},
                     {"attempts", step.attempts},
                     {"started", moment_json(step.started)},
                     {"ended", moment_json(step.ended)},
                     {"status", step.status ? Json(*step.status) : Json(nullptr)},
                     {"late", step.late},
                     {"message", step.message},
                     {"log", step.log}});
  }
  return {{"session", to_string(round.session)},
          {"state", to_string(round.state)},
          {"mode", to_string(round.mode)},
          {"due", to_string(round.due)},
          {"started", moment_json(round.started)},
          {"ended", moment_json(round.ended)},
          {"steps", std::move(steps)}};
}

Json alert_json(const KeptAlert& kept) {
  Json deliveries = Json::array();
  for (const auto& delivery : kept.deliveries) {
    deliveries.push_back({{"channel", delivery.channel},
                          {"state", to_string(delivery.state)},
                          {"escalation", delivery.escalation},
                          {"due", to_string(delivery.due)},
                          {"attempts", delivery.attempts},
                          {"problem", delivery.problem}});
  }
  return {{"number", kept.number},
          {"level", to_string(kept.alert.level)},
          {"key", kept.alert.key},
          {"title", kept.alert.title},
          {"text", kept.alert.text},
          {"source", kept.alert.source},
          {"raised", to_string(kept.raised)},
          {"last", to_string(kept.last)},
          {"times", kept.times},
          {"acknowledged", moment_json(kept.acknowledged)},
          {"acknowledged_by", kept.acknowledged_by},
          {"deliveries", std::move(deliveries)}};
}

Json alert_list(const std::vector<KeptAlert>& alerts) {
  Json all = Json::array();
  for (const auto& alert : alerts) all.push_back(alert_json(alert));
  return all;
}

std::string dumped(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string step_line(Date session, const KeptStep& step) {
  std::string line = fmt::format("{}  {}  {}", to_string(session), step.name, words_of(step));
  const std::string seconds = seconds_of(step);
  if (is_over(step.state) && !seconds.empty()) line += fmt::format(", {} s", seconds);
  if (!step.message.empty()) line += ": " + first_line(step.message);
  return line + "\n";
}

std::string operation_status_text(const OperationStatus& status, std::size_t width) {
  std::string text =
      fmt::format("{}: {}; the next round is due {} UTC\n", status.name,
                  status.is_running ? "in operation" : "not in operation", to_the_minute(status.next));
  if (status.rounds.empty()) return text + "No round has been done.\n";
  text += "\n" + rounds_text(status.rounds, width);
  text += fmt::format("\nThe round of {}\n", to_string(status.rounds.front().session));
  text += steps_text(status.rounds.front(), width);
  if (status.open.empty()) return text + "\nNo alert is open.\n";
  return text + "\nAlerts that nobody has acknowledged\n" + format_table(alert_table(status.open), width);
}

std::string operation_status_json(const OperationStatus& status) {
  Json rounds = Json::array();
  for (const auto& round : status.rounds) rounds.push_back(round_json(round));
  return dumped({{"name", status.name},
                 {"running", status.is_running},
                 {"next", to_string(status.next)},
                 {"rounds", std::move(rounds)},
                 {"open_alerts", alert_list(status.open)}});
}

TextTable alert_table(const std::vector<KeptAlert>& alerts) {
  TextTable table = {{"number", "level", "raised, UTC", "times", "title", "told", "acknowledged"}};
  for (const auto& kept : alerts) {
    std::vector<std::string> told;
    for (const auto& delivery : kept.deliveries)
      told.push_back(fmt::format("{} {}", delivery.channel, to_string(delivery.state)));
    table.push_back({std::to_string(kept.number), std::string(to_string(kept.alert.level)),
                     to_the_minute(kept.raised), std::to_string(kept.times), kept.alert.title,
                     fmt::format("{}", fmt::join(told, ", ")), kept.acknowledged_by});
  }
  return table;
}

std::string alerts_json(const std::vector<KeptAlert>& alerts) { return dumped(alert_list(alerts)); }

}  // namespace orrery::cli
