#include "orrery/operate/step_kinds.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "orrery/base/address.h"

namespace orrery {
namespace {

using Arguments = std::vector<std::string>;

void append(Arguments& arguments, std::initializer_list<std::string> more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
}

/// A list of plain texts, or one text.
Arguments read_list(ConfigReader& reader, std::string_view key) {
  const ConfigNode* node = reader.node(key);
  Arguments found;
  if (node == nullptr) return found;
  if (node->kind == ConfigNode::Kind::kScalar) return {node->scalar};
  for (const ConfigNode& item : node->items) {
    if (item.kind == ConfigNode::Kind::kScalar) found.push_back(item.scalar);
  }
  const bool is_list = node->kind == ConfigNode::Kind::kSequence && found.size() == node->items.size();
  if (!is_list) reader.problem(key, fmt::format("expected a list of texts, found {}", describe(*node)));
  return found;
}

/// A lake may stand at an address instead of a path.
std::string path_or(ConfigReader& reader, std::string_view key, const std::string& fallback) {
  if (!reader.has(key)) {
    reader.node(key);
    return fallback;
  }
  const std::string text = reader.text(key, "");
  return is_address(text) ? text : reader.path(key).string();
}

std::string required_path(ConfigReader& reader, std::string_view key) {
  return reader.has(key) ? path_or(reader, key, "") : reader.required_text(key);
}

/// `set: {model.params.num_leaves: 8}` as `--set` of the command.
void append_settings(Arguments& arguments, ConfigReader& reader, const ParameterMap& fallback = {}) {
  const ParameterMap settings = reader.has("set") ? reader.parameters("set") : fallback;
  for (const auto& [key, value] : settings)
    append(arguments, {"--set", fmt::format("{}={}", key, to_string(value))});
}

Arguments fetch_arguments(ConfigReader& reader) {
  Arguments arguments = {"fetch", reader.required_text("provider")};
  append(arguments, {"--lake", path_or(reader, "lake", "lake"), "--to", "{session}"});
  const Arguments symbols = read_list(reader, "symbols");
  if (!symbols.empty()) append(arguments, {"--symbols", fmt::format("{}", fmt::join(symbols, ","))});
  const Arguments chain = read_list(reader, "chain");
  if (!chain.empty()) append(arguments, {"--chain", fmt::format("{}", fmt::join(chain, ","))});
  const std::string from = reader.text("from", "");
  if (!from.empty()) append(arguments, {"--from", from});
  if (reader.has("need")) append(arguments, {"--need", std::to_string(reader.integer("need", 1, 1))});
  append_settings(arguments, reader);
  return arguments;
}

Arguments import_arguments(ConfigReader& reader) {
  return {"import", "prices", required_path(reader, "file"), "--lake", path_or(reader, "lake", "lake")};
}

Arguments validate_arguments(ConfigReader& reader) {
  Arguments arguments = {"data", "validate", reader.text("table", "bars_1d"), "--lake",
                         path_or(reader, "lake", "lake")};
  if (reader.boolean("repair", true)) arguments.emplace_back("--repair");
  if (reader.boolean("strict", false)) arguments.emplace_back("--strict");
  return arguments;
}

Arguments study_arguments(ConfigReader& reader) {
  Arguments arguments = {"run", required_path(reader, "study"), "--out", required_path(reader, "run")};
  if (reader.boolean("update", true)) arguments.emplace_back("--update");
  append_settings(arguments, reader);
  return arguments;
}

/// Without other settings the last fold's model has learned from all but the last month.
Arguments retrain_arguments(ConfigReader& reader) {
  Arguments arguments = {"run", required_path(reader, "study"), "--out", required_path(reader, "run")};
  append_settings(arguments, reader, {{"validation.test", std::string("1m")}});
  return arguments;
}

Arguments publish_arguments(ConfigReader& reader) {
  Arguments arguments = {"publish", required_path(reader, "run"), "--to", required_path(reader, "to")};
  append(arguments, {"--session", "{session}"});
  append(arguments, {"--min-names", std::to_string(reader.integer("min_names", 1, 1))});
  return arguments;
}

Arguments monitor_arguments(ConfigReader& reader) {
  Arguments arguments = {"monitor",
                         reader.has("run") ? required_path(reader, "run") : reader.required_text("model")};
  if (reader.has("data")) append(arguments, {"--data", reader.path("data").string()});
  if (reader.has("out")) append(arguments, {"--out", reader.path("out").string()});
  if (reader.has("thresholds")) append(arguments, {"--thresholds", reader.path("thresholds").string()});
  if (reader.has("sessions"))
    append(arguments, {"--sessions", std::to_string(reader.integer("sessions", 60, 10))});
  if (reader.boolean("apply", false)) arguments.emplace_back("--apply");
  return arguments;
}

Arguments trade_arguments(ConfigReader& reader) {
  Arguments arguments = {"trade",     required_path(reader, "study"),
                         "--account", required_path(reader, "account"),
                         "--until",   "{session}"};
  if (reader.has("broker")) append(arguments, {"--broker", reader.required_text("broker")});
  if (reader.has("routes")) append(arguments, {"--routes", reader.path("routes").string()});
  return arguments;
}

/// Of a session that was made up for, values stay where later ones are served already.
Arguments materialize_arguments(ConfigReader& reader) {
  Arguments arguments = {"feature", "materialize", required_path(reader, "features")};
  append(arguments, {"--until", "{session}", "--keep-newer"});
  const Arguments views = read_list(reader, "views");
  if (!views.empty()) append(arguments, {"--view", fmt::format("{}", fmt::join(views, ","))});
  return arguments;
}

Arguments command_arguments(ConfigReader& reader) {
  Arguments arguments = read_list(reader, "arguments");
  if (arguments.empty()) reader.problem("arguments", "is required: the words behind 'orrery', as a list");
  return arguments;
}

struct StepKind {
  std::string_view name;
  Arguments (*arguments)(ConfigReader&);
};

constexpr std::array kKinds = {
    StepKind{"command", command_arguments}, StepKind{"fetch", fetch_arguments},
    StepKind{"import", import_arguments},   StepKind{"materialize", materialize_arguments},
    StepKind{"monitor", monitor_arguments}, StepKind{"publish", publish_arguments},
    StepKind{"retrain", retrain_arguments}, StepKind{"study", study_arguments},
    StepKind{"trade", trade_arguments},     StepKind{"validate", validate_arguments},
};

}  // namespace

std::vector<std::string> step_kind_names() {
  std::vector<std::string> names;
  for (const StepKind& kind : kKinds) names.emplace_back(kind.name);
  return names;
}

std::vector<std::string> step_arguments(const std::string& kind, ConfigReader& reader) {
  const auto* found = std::find_if(kKinds.begin(), kKinds.end(),
                                   [&kind](const StepKind& known) { return known.name == kind; });
  return found == kKinds.end() ? Arguments{} : found->arguments(reader);
}

}  // namespace orrery
