#include "orrery/alert/alert_settings.h"

#include <fmt/format.h>

#include "orrery/base/error.h"
#include "orrery/base/named_value.h"

namespace orrery {
namespace {

std::int64_t read_time_of_day(ConfigReader& reader, std::string_view key) {
  const std::string text = reader.required_text(key);
  const auto found = parse_time_of_day(text);
  if (!found && !text.empty()) {
    reader.problem(key, fmt::format("found '{}'; expected a time such as \"22:30\", in quotes", text));
  }
  return found.value_or(0);
}

QuietHours read_quiet(ConfigReader reader) {
  QuietHours quiet;
  quiet.from = read_time_of_day(reader, "from");
  quiet.to = read_time_of_day(reader, "to");
  try {
    quiet.zone = find_time_zone(reader.text("zone", "UTC"));
  } catch (const Error& error) {
    reader.problem("zone", error.what());
  }
  return quiet;
}

ChannelSettings read_channel(const std::string& name, const ConfigNode& node,
                             const AlertChannelRegistry& kinds, ConfigProblems& problems) {
  ConfigReader reader(&node, "alerts.channels." + name, problems);
  ChannelSettings channel;
  channel.name = name;
  channel.kind = reader.text("kind", name, kinds.names());
  channel.level = find_named<AlertLevel>(reader.text("level", "warning", {"info", "warning", "critical"}))
                      .value_or(AlertLevel::kWarning);
  channel.after_minutes = reader.number("after_minutes", 0.0, 0.0);
  channel.keeps_quiet = reader.boolean("quiet", true);
  if (const auto* kind = kinds.find(channel.kind)) {
    const ParameterMap given = reader.parameters("settings", kind->info.parameters);
    if (check_parameters(given, kind->info.parameters).empty())
      channel.parameters = complete_parameters(given, kind->info.parameters);
  } else {
    reader.node("settings");
  }
  return channel;
}

}  // namespace

AlertSettings read_alert_settings(ConfigReader reader, const AlertChannelRegistry& kinds,
                                  ConfigProblems& problems) {
  AlertSettings settings;
  settings.repeat_minutes = reader.number("repeat_minutes", settings.repeat_minutes, 0.0);
  settings.give_up_hours = reader.number("give_up_hours", settings.give_up_hours, 0.0);
  if (reader.has("quiet")) settings.quiet = read_quiet(reader.section("quiet"));
  const ConfigNode* channels = reader.node("channels");
  if (channels == nullptr) return settings;
  if (channels->kind != ConfigNode::Kind::kMapping) {
    reader.problem("channels", "expected a mapping: {desk: {kind: slack}}");
    return settings;
  }
  for (const auto& [name, node] : channels->entries) {
    settings.channels.push_back(read_channel(name, node, kinds, problems));
  }
  return settings;
}

}  // namespace orrery
