#include "orrery/operate/operation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/plain_name.h"
#include "orrery/base/spelling.h"
#include "orrery/operate/step_kinds.h"

namespace orrery {
namespace {

constexpr std::size_t kLongestStepName = 60;  // it names the log

const std::vector<std::string>& placeholder_names() {
  static const std::vector<std::string> names = {"session", "previous", "moment", "name"};
  return names;
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

/// The first `{word}` from a place on; npos where there is none. Other braces are text, such as YAML in a
/// value.
std::size_t find_placeholder(const std::string& text, std::size_t from, std::string& word) {
  for (std::size_t open = text.find('{', from); open != std::string::npos; open = text.find('{', open + 1)) {
    const std::size_t close = text.find('}', open);
    if (close == std::string::npos) return std::string::npos;
    word = text.substr(open + 1, close - open - 1);
    if (!word.empty() && std::all_of(word.begin(), word.end(), is_lower)) return open;
  }
  return std::string::npos;
}

std::string unknown_placeholder(const std::string& text) {
  std::string word;
  for (std::size_t at = 0; (at = find_placeholder(text, at, word)) != std::string::npos; ++at) {
    const auto& names = placeholder_names();
    if (std::find(names.begin(), names.end(), word) == names.end()) {
      return fmt::format("'{{{}}}' stands for nothing{}; there are {{{}}}", word, did_you_mean(word, names),
                         fmt::join(names, "}, {"));
    }
  }
  return "";
}

RoundSchedule read_schedule(ConfigReader reader) {
  RoundSchedule schedule;
  const int anchors =
      (reader.has("after") ? 1 : 0) + (reader.has("before") ? 1 : 0) + (reader.has("at") ? 1 : 0);
  if (anchors > 1) reader.problem("after", "only one of after, before and at says when");
  if (reader.has("before")) {
    schedule.anchor = RoundSchedule::Anchor::kBeforeOpen;
    reader.text("before", "open", {"open"});
  }
  if (reader.has("at")) {
    schedule.anchor = RoundSchedule::Anchor::kTimeOfDay;
    const auto time = parse_time_of_day(reader.text("at", ""));
    if (!time) reader.problem("at", "expected a time such as \"18:30\", in quotes");
    schedule.time_of_day = time.value_or(0);
  } else {
    schedule.minutes = reader.number("minutes", schedule.minutes, 0.0, 24 * 60.0);
  }
  reader.text("after", "close", {"close"});
  try {
    schedule.zone = find_time_zone(reader.text("zone", "UTC"));
  } catch (const Error& error) {
    reader.problem("zone", error.what());
  }
  return schedule;
}

std::vector<std::string> read_needs(ConfigReader& reader, const std::string& before) {
  const ConfigNode* node = reader.node("needs");
  if (node == nullptr) return before.empty() ? std::vector<std::string>{} : std::vector<std::string>{before};
  std::vector<std::string> needs;
  for (const ConfigNode& item : node->items) needs.push_back(item.scalar);
  if (node->kind != ConfigNode::Kind::kSequence)
    reader.problem("needs", fmt::format("expected a list of steps, found {}", describe(*node)));
  return needs;
}

StepSettings read_step(const std::string& name, const ConfigNode& node, const std::string& before,
                       ConfigProblems& problems) {
  ConfigReader reader(&node, "steps." + name, problems);
  StepSettings step;
  step.name = name;
  if (!is_plain_file_name(name, kLongestStepName))
    problems.add(node.mark, "steps." + name, "a step's name is of letters, digits, '-', '_'");
  const auto kinds = step_kind_names();
  const bool is_kind = std::find(kinds.begin(), kinds.end(), name) != kinds.end();
  step.kind = is_kind && !reader.has("kind") ? name : reader.required_text("kind");
  if (!step.kind.empty() && std::find(kinds.begin(), kinds.end(), step.kind) == kinds.end())
    reader.problem("kind", fmt::format("must be one of {}, found '{}'{}", fmt::join(kinds, ", "), step.kind,
                                       did_you_mean(step.kind, kinds)));
  step.needs = read_needs(reader, before);
  step.retries = static_cast<int>(reader.integer("retries", step.retries, 0));
  step.retry_seconds = reader.number("retry_seconds", step.retry_seconds, 0.0);
  step.timeout_minutes = reader.number("timeout_minutes", step.timeout_minutes, 0.01);
  if (reader.has("deadline_minutes")) step.deadline_minutes = reader.number("deadline_minutes", 0.0, 0.0);
  step.announce = reader.boolean("announce", step.kind == "publish");
  step.when = reader.text("when", "");
  step.arguments = step_arguments(step.kind, reader);
  for (const auto& argument : step.arguments) {
    const std::string problem = unknown_placeholder(argument);
    if (!problem.empty()) problems.add(node.mark, "steps." + name, problem);
  }
  return step;
}

/// Puts each step behind those that it needs, in the file's order where that leaves a choice.
std::vector<StepSettings> in_order(std::vector<StepSettings> steps, const ConfigMark& mark,
                                   ConfigProblems& problems) {
  std::vector<StepSettings> ordered;
  std::set<std::string> placed;
  while (ordered.size() < steps.size()) {
    const auto next = std::find_if(steps.begin(), steps.end(), [&placed](const StepSettings& step) {
      return !placed.contains(step.name) &&
             std::all_of(step.needs.begin(), step.needs.end(),
                         [&placed](const auto& need) { return placed.contains(need); });
    });
    if (next == steps.end()) {
      std::vector<std::string> circle;
      for (const auto& step : steps) {
        if (!placed.contains(step.name)) circle.push_back(step.name);
      }
      problems.add(mark, "steps", fmt::format("needs lead in a circle: {}", fmt::join(circle, ", ")));
      return steps;
    }
    placed.insert(next->name);
    ordered.push_back(*next);
  }
  return ordered;
}

/// What a step names has to be there; `when` is a need as well.
void check_needs(std::vector<StepSettings>& steps, const ConfigNode& node, ConfigProblems& problems) {
  std::vector<std::string> names;
  for (const auto& step : steps) names.push_back(step.name);
  for (auto& step : steps) {
    if (!step.when.empty() && std::find(step.needs.begin(), step.needs.end(), step.when) == step.needs.end())
      step.needs.push_back(step.when);
    std::erase_if(step.needs, [&](const std::string& need) {
      if (std::find(names.begin(), names.end(), need) != names.end()) return false;
      problems.add(node.find(step.name)->mark, fmt::format("steps.{}", step.name),
                   fmt::format("needs '{}', which is no step{}", need, did_you_mean(need, names)));
      return true;
    });
  }
}

std::vector<StepSettings> read_steps(ConfigReader& reader, ConfigProblems& problems) {
  const ConfigNode* node = reader.node("steps");
  std::vector<StepSettings> steps;
  if (node == nullptr || node->kind != ConfigNode::Kind::kMapping || node->entries.empty()) {
    reader.problem("steps", "expected a mapping of steps: {fetch: {provider: yahoo, …}}");
    return steps;
  }
  std::string before;
  for (const auto& [name, one] : node->entries) {
    steps.push_back(read_step(name, one, before, problems));
    before = name;
  }
  check_needs(steps, *node, problems);
  return in_order(std::move(steps), node->mark, problems);
}

Calendar read_calendar(ConfigReader& reader) {
  const std::string name = reader.text("calendar", "XNYS");
  try {
    return find_calendar(name);
  } catch (const Error& error) {
    reader.problem("calendar", error.what());
  }
  return {};
}

}  // namespace

Operation read_operation(const std::filesystem::path& file, const AlertChannelRegistry& channels) {
  Operation operation;
  operation.file = std::filesystem::absolute(file);
  const ConfigNode root = parse_config(read_file(file), file.string());
  ConfigProblems problems;
  {
    ConfigReader reader(&root, "", problems);
    operation.name = reader.text("name", file.stem().string());
    operation.calendar = read_calendar(reader);
    operation.schedule = read_schedule(reader.section("schedule"));
    operation.state = reader.has("state") ? std::filesystem::absolute(reader.path("state"))
                                          : operation_state(operation.file.parent_path() / "out");
    operation.catch_up = static_cast<int>(reader.integer("catch_up", operation.catch_up, 0));
    operation.parallel = static_cast<int>(reader.integer("parallel", operation.parallel, 1));
    operation.alerts = read_alert_settings(reader.section("alerts"), channels, problems);
    operation.steps = read_steps(reader, problems);
  }
  problems.throw_if_any();
  return operation;
}

std::string fill_placeholders(const Operation& operation, const std::string& argument, Date session) {
  const std::string problem = unknown_placeholder(argument);
  if (!problem.empty()) throw user_error(ErrorCode::kInvalidArgument, problem);
  std::string text = argument;
  std::string word;
  for (std::size_t at = 0; (at = find_placeholder(text, at, word)) != std::string::npos;) {
    std::string value = operation.name;
    if (word == "session") value = to_string(session);
    if (word == "previous") value = to_string(operation.calendar.previous_session(session));
    if (word == "moment") value = to_string(round_moment(operation.calendar, operation.schedule, session));
    text.replace(at, word.size() + 2, value);
    at += value.size();
  }
  return text;
}

std::filesystem::path operation_state(const std::filesystem::path& runs) { return runs / ".operate"; }

std::filesystem::path operation_database(const std::filesystem::path& state) {
  return state / "rounds.sqlite";
}

std::filesystem::path alert_database(const std::filesystem::path& state) { return state / "alerts.sqlite"; }

}  // namespace orrery
