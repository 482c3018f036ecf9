#include "orrery/feature/feature_definitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "orrery/base/config.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/fingerprint.h"
#include "orrery/base/name_pattern.h"
#include "orrery/base/plain_name.h"
#include "orrery/base/spelling.h"

namespace orrery {
namespace {

constexpr std::int64_t kMinute = 60 * kNanosecondsPerSecond;
constexpr std::size_t kLongestFeatureName = 100;  // and view name
constexpr std::string_view kTtlForms = "'5 sessions', '3 days', '36 hours' or '90 minutes'";

/// Adds what goes wrong in `work` at the key's place.
void told_at(ConfigReader& reader, std::string_view key, const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    reader.problem(key, error.what());
  }
}

struct Length {
  std::int64_t count = 0;
  std::string unit;  ///< without the plural's s
};

/// Reads "5 sessions".
std::optional<Length> parse_length(std::string_view text) {
  Length length;
  const auto* end = text.data() + text.size();
  const auto [rest, code] = std::from_chars(text.data(), end, length.count);
  if (code != std::errc() || length.count < 1 || length.count > 100'000) return std::nullopt;
  length.unit.assign(rest, end);
  length.unit.erase(0, length.unit.find_first_not_of(' '));
  if (length.unit.ends_with('s')) length.unit.pop_back();
  return length;
}

std::optional<std::int64_t> nanoseconds_of(const Length& length) {
  if (length.unit == "minute") return length.count * kMinute;
  if (length.unit == "hour") return length.count * 60 * kMinute;
  if (length.unit == "day") return length.count * kNanosecondsPerDay;
  return std::nullopt;
}

std::optional<TimeToLive> read_ttl(ConfigReader& reader, const std::string& calendar) {
  const auto text = reader.text("ttl", "");
  if (!reader.has("ttl")) return std::nullopt;
  const auto length = parse_length(text);
  if (length && length->unit == "session") {
    if (calendar == "file")
      reader.problem("ttl",
                     "the sessions to come of 'calendar: file' are not known; say days, such as '3 days'");
    return TimeToLive{static_cast<int>(length->count), 0};
  }
  if (length) {
    if (const auto time = nanoseconds_of(*length)) return TimeToLive{0, *time};
  }
  reader.problem("ttl", fmt::format("how long a value is good for is {}; found '{}'", kTtlForms, text));
  return std::nullopt;
}

void read_delay(ConfigReader& reader, FeatureData& data) {
  const auto text = reader.text("delay", "");
  if (!reader.has("delay")) return;
  const auto length = parse_length(text);
  const auto time = length ? nanoseconds_of(*length) : std::nullopt;
  if (!time)
    return reader.problem("delay",
                          fmt::format("is a time such as '30 minutes' or '2 hours'; found '{}'", text));
  data.delay_nanoseconds = *time;
}

void read_adjustment(ConfigReader& reader, FeatureData& data) {
  const auto name = reader.text("adjustment", "forward", adjustment_names());
  told_at(reader, "adjustment", [&] { data.prices.adjustment = parse_adjustment(name); });
  if (data.prices.adjustment == Adjustment::kBackward) {
    reader.problem("adjustment",
                   "backward prices change with every dividend to come, so that a value of the past can't be "
                   "repeated; use forward");
  }
}

FeatureData read_data(ConfigReader reader) {
  FeatureData data;
  const auto source = reader.text("source", "file", {"file", "lake"});
  data.prices.path = reader.path("path");
  if (!reader.has("path")) reader.problem("path", "is required and missing: the file of daily prices");
  if (source == "lake") {
    data.lake.emplace().folder = data.prices.path;
    data.lake->bars = reader.text("table", data.lake->bars);
  } else if (reader.node("table") != nullptr) {
    reader.problem("table", "belongs to source: lake");
  }
  data.prices.sectors = reader.path("sectors");
  data.prices.series = reader.paths("series");
  data.prices.calendar = reader.text("calendar", "XNYS");
  told_at(reader, "calendar", [&] {
    if (data.prices.calendar != "file") find_calendar(data.prices.calendar);
  });
  read_adjustment(reader, data);
  read_delay(reader, data);
  return data;
}

/// Checks an expression; names of fields are only known once the data is read.
void check_feature(const FactorDefinition& feature) {
  if (!is_plain_name(feature.name, kLongestFeatureName))
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("a feature's name has letters, digits and _ - . only, found '{}'", feature.name));
  const auto span = expression_span(feature.name, feature.expression);
  if (span.look_ahead_rows > 0)
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("feature '{}' reads {} sessions into the future: {}", feature.name,
                                 span.look_ahead_rows, feature.expression));
}

/// The factors of a set, of which `only` names some.
std::vector<FactorDefinition> read_set(ConfigReader& reader) {
  const auto set = reader.text("set", "");
  const auto* only = reader.node("only");
  if (set.empty()) {
    if (only != nullptr) reader.problem("only", "chooses from a set, and there is none");
    return {};
  }
  std::vector<FactorDefinition> all;
  told_at(reader, "set", [&] { all = factor_set(set); });
  if (only == nullptr) return all;
  if (only->kind != ConfigNode::Kind::kSequence) {
    reader.problem("only", fmt::format("a list of names or patterns is expected, found {}", describe(*only)));
    return all;
  }
  std::vector<FactorDefinition> chosen;
  for (const auto& pattern : only->items) {
    const auto before = chosen.size();
    std::copy_if(all.begin(), all.end(), std::back_inserter(chosen), [&](const auto& one) {
      return matches_pattern(one.name, pattern.scalar) &&
             std::find(chosen.begin(), chosen.end(), one) == chosen.end();
    });
    if (chosen.size() == before && !all.empty())
      reader.problem("only", fmt::format("no further factor of {} is called '{}'", set, pattern.scalar));
  }
  return chosen;
}

void read_expressions(ConfigReader& reader, ViewDefinition& view, ConfigProblems& problems) {
  const auto* node = reader.node("features");
  if (node == nullptr) return;
  if (node->kind != ConfigNode::Kind::kMapping)
    return reader.problem("features",
                          fmt::format("expressions by name are expected, found {}", describe(*node)));
  ConfigReader section = reader.section("features");
  for (const auto& [name, value] : node->entries) {
    const FactorDefinition feature{name, section.text(name, "")};
    told_at(section, name, [&] { check_feature(feature); });
    if (view.find_feature(name))
      problems.add(value.mark, section.key_path(name), "a feature of this name is in the set already");
    else
      view.features.push_back(feature);
  }
}

std::string fingerprint_of(const ViewDefinition& view) {
  std::string text = fmt::format("{}\n{}\n{}\n", static_cast<int>(view.precision), view.data.prices.calendar,
                                 static_cast<int>(view.data.prices.adjustment));
  for (const auto& feature : view.features) {
    text += fmt::format("{}={}", feature.name, feature.expression);
    for (const auto& [name, value] : feature.parameters) text += fmt::format(";{}={}", name, value);
    text += '\n';
  }
  return fingerprint_text(text);
}

ViewDefinition read_view(const std::string& name, ConfigReader reader,
                         const std::optional<FeatureData>& shared, ConfigProblems& problems) {
  ViewDefinition view;
  view.name = name;
  view.description = reader.text("description", "");
  if (reader.node("data") != nullptr)
    view.data = read_data(reader.section("data"));
  else if (shared)
    view.data = *shared;
  else
    reader.problem("data", "is required and missing, here or for all views: where the prices are");
  view.features = read_set(reader);
  read_expressions(reader, view, problems);
  if (view.features.empty())
    reader.problem("features", "a view needs features: write expressions by name, or name a set");
  const auto precision = reader.text("precision", "float32", {"float32", "float64"});
  view.precision = precision == "float32" ? Precision::kFloat32 : Precision::kFloat64;
  view.ttl = read_ttl(reader, view.data.prices.calendar);
  view.fingerprint = fingerprint_of(view);
  return view;
}

void read_views(ConfigReader& reader, FeatureDefinitions& definitions, ConfigProblems& problems) {
  std::optional<FeatureData> shared;
  if (reader.node("data") != nullptr) shared = read_data(reader.section("data"));
  const auto* node = reader.node("views");
  if (node == nullptr || node->kind != ConfigNode::Kind::kMapping || node->entries.empty())
    return reader.problem("views", "views by name are expected, such as views: {momentum: {features: …}}");
  ConfigReader section = reader.section("views");
  for (const auto& entry : node->entries) {
    if (!is_plain_name(entry.first, kLongestFeatureName))
      section.problem(entry.first, "a view's name has letters, digits and _ - . only");
    definitions.views.push_back(read_view(entry.first, section.section(entry.first), shared, problems));
  }
}

void read_store(ConfigReader reader, FeatureDefinitions& definitions, const OnlineStoreRegistry& stores) {
  definitions.store = reader.text("kind", definitions.store, stores.names());
  const auto* entry = stores.find(definitions.store);
  if (entry == nullptr) return;
  definitions.store_parameters = reader.parameters("parameters", entry->info.parameters);
}

}  // namespace

std::optional<std::size_t> ViewDefinition::find_feature(std::string_view feature) const {
  const auto found =
      std::find_if(features.begin(), features.end(), [&](const auto& one) { return one.name == feature; });
  if (found == features.end()) return std::nullopt;
  return static_cast<std::size_t>(found - features.begin());
}

const ViewDefinition& FeatureDefinitions::view(std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& one : views) {
    if (one.name == name) return one;
    names.push_back(one.name);
  }
  throw user_error(ErrorCode::kNotFound,
                   fmt::format("{} has no view '{}'{}", file.string(), name, did_you_mean(name, names)));
}

FeatureDefinitions parse_feature_definitions(const std::string& text, const std::string& source,
                                             const OnlineStoreRegistry& stores) {
  const ConfigNode root = parse_config(text, source);
  FeatureDefinitions definitions;
  definitions.file = source;
  definitions.state = definitions.file.parent_path() / (definitions.file.stem().string() + ".features");
  ConfigProblems problems;
  {
    ConfigReader reader(&root, "", problems);
    if (reader.has("state")) definitions.state = reader.path("state");
    read_store(reader.section("store"), definitions, stores);
    {
      ConfigReader log = reader.section("served");
      definitions.log.sample = log.number("sample", definitions.log.sample, 0.0, 1.0);
      definitions.log.megabytes = log.integer("megabytes", definitions.log.megabytes, 1);
    }
    read_views(reader, definitions, problems);
  }
  problems.throw_if_any();
  return definitions;
}

FeatureDefinitions read_feature_definitions(const std::filesystem::path& file,
                                            const OnlineStoreRegistry& stores) {
  return parse_feature_definitions(read_file(file), file.string(), stores);
}

std::string to_string(const TimeToLive& ttl) {
  const auto in = [](std::int64_t count, std::string_view unit) {
    return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
  };
  if (ttl.sessions > 0) return in(ttl.sessions, "session");
  if (ttl.nanoseconds % kNanosecondsPerDay == 0) return in(ttl.nanoseconds / kNanosecondsPerDay, "day");
  if (ttl.nanoseconds % (60 * kMinute) == 0) return in(ttl.nanoseconds / (60 * kMinute), "hour");
  return in(ttl.nanoseconds / kMinute, "minute");
}

}  // namespace orrery
