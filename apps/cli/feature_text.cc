#include "apps/cli/feature_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "apps/cli/plural.h"

namespace orrery::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShownFeatureMismatches = 20;

/// The shortest text that reads back to the same float.
std::string feature_value_text(float value) { return std::isnan(value) ? "" : fmt::format("{}", value); }

Json feature_value_json(float value) {
  return std::isnan(value) ? Json() : Json(std::stod(fmt::format("{}", value)));
}

std::string feature_age_text(double seconds) {
  if (seconds < 0.0) return "in the future";
  if (seconds < 7200.0) return fmt::format("{:.0f} min", seconds / 60.0);
  if (seconds < 172800.0) return fmt::format("{:.0f} h", seconds / 3600.0);
  return fmt::format("{:.0f} days", seconds / 86400.0);
}

std::string freshness_state(const ViewFreshness& view) {
  if (!view.latest) return "never materialized";
  if (view.other_definition) return "of another definition: materialize again";
  if (view.expired) return "expired";
  return view.sessions_behind.value_or(0) > 0 ? "behind" : "fresh";
}

/// Texts that repeat, as a column.
template <class TextOf>
Column repeated_text_column(std::string name, std::size_t rows, const TextOf& text_of) {
  DictionaryStrings texts;
  std::map<std::string, std::int32_t, std::less<>> codes;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::string text(text_of(i));
    const auto [found, is_new] = codes.emplace(text, static_cast<std::int32_t>(texts.dictionary.size()));
    if (is_new) texts.dictionary.push_back(text);
    texts.codes.push_back(found->second);
  }
  return {std::move(name), std::move(texts)};
}

}  // namespace

std::string materialized_json(const std::vector<MaterializedView>& views) {
  Json list = Json::array();
  for (const auto& view : views) {
    const OnlineWrite write = view.write.value_or(OnlineWrite{});
    list.push_back({{"view", view.about.view},
                    {"session", to_string(view.about.session)},
                    {"known", to_string(view.about.known)},
                    {"features", view.about.features.size()},
                    {"symbols", view.symbols},
                    {"generation", view.write ? Json(write.generation) : Json()},
                    {"written", write.written},
                    {"unchanged", write.unchanged},
                    {"removed", write.removed},
                    {"kept_newer", !view.write.has_value()},
                    {"seconds", view.seconds}});
  }
  return Json{{"views", std::move(list)}}.dump(1) + "\n";
}

TextTable materialized_table(const std::vector<MaterializedView>& views) {
  TextTable table = {
      {"view", "session", "features", "symbols", "written", "unchanged", "removed", "seconds"}};
  for (const auto& view : views) {
    table.push_back(
        {view.about.view, to_string(view.about.session), std::to_string(view.about.features.size()),
         std::to_string(view.symbols), view.write ? std::to_string(view.write->written) : "later ones stay",
         view.write ? std::to_string(view.write->unchanged) : "",
         view.write ? std::to_string(view.write->removed) : "", fmt::format("{:.2f}", view.seconds)});
  }
  return table;
}

TextTable served_table(const FeatureDefinitions& definitions, const std::vector<std::string>& symbols,
                       const std::vector<AnsweredView>& answers) {
  TextTable table = {{"symbol", "feature", "value", "status", "session"}};
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    for (const auto& answer : answers) {
      for (std::size_t j = 0; j < answer.features.size(); ++j) {
        const std::size_t place = i * answer.features.size() + j;
        table.push_back({symbols[i], feature_name(definitions, {answer.view, answer.features[j]}),
                         feature_value_text(answer.values[place]),
                         std::string(to_string(answer.statuses[place])),
                         answer.sessions[i] ? to_string(*answer.sessions[i]) : ""});
      }
    }
  }
  return table;
}

std::string served_json(const FeatureDefinitions& definitions, const std::vector<std::string>& symbols,
                        const std::vector<AnsweredView>& answers) {
  Json list = Json::array();
  for (const auto& answer : answers) {
    for (std::size_t j = 0; j < answer.features.size(); ++j) {
      Json values = Json::array();
      Json statuses = Json::array();
      Json sessions = Json::array();
      for (std::size_t i = 0; i < symbols.size(); ++i) {
        const std::size_t place = i * answer.features.size() + j;
        values.push_back(feature_value_json(answer.values[place]));
        statuses.push_back(to_string(answer.statuses[place]));
        sessions.push_back(answer.sessions[i] ? Json(to_string(*answer.sessions[i])) : Json());
      }
      list.push_back({{"feature", feature_name(definitions, {answer.view, answer.features[j]})},
                      {"values", std::move(values)},
                      {"statuses", std::move(statuses)},
                      {"sessions", std::move(sessions)}});
    }
  }
  return Json{{"symbols", symbols}, {"features", std::move(list)}}.dump(1) + "\n";
}

Table historical_table(const FeatureDefinitions& definitions, const EntityRows& rows,
                       const std::vector<AnsweredView>& answers, bool statuses) {
  const std::size_t count = rows.symbols.size();
  Table table;
  table.columns.push_back(repeated_text_column("symbol", count, [&](auto i) { return rows.symbols[i]; }));
  table.columns.push_back(
      repeated_text_column("time", count, [&](auto i) { return to_string(rows.times[i]); }));
  for (const auto& answer : answers) {
    const std::size_t width = answer.features.size();
    for (std::size_t j = 0; j < width; ++j) {
      const std::string name = feature_name(definitions, {answer.view, answer.features[j]});
      std::vector<float> values(count);
      for (std::size_t i = 0; i < count; ++i) values[i] = answer.values[i * width + j];
      table.columns.push_back({name, std::move(values)});
      if (!statuses) continue;
      table.columns.push_back(repeated_text_column(fmt::format("{}:status", name), count, [&](auto i) {
        return to_string(answer.statuses[i * width + j]);
      }));
    }
  }
  return table;
}

std::string audit_json(const FeatureAudit& audit) {
  Json list = Json::array();
  for (const auto& one : audit.mismatches) {
    list.push_back({{"time", to_string(one.time)},
                    {"feature", one.feature},
                    {"symbol", one.symbol},
                    {"session", to_string(one.session)},
                    {"served", feature_value_json(one.served)},
                    {"computed", feature_value_json(one.computed)},
                    {"what", one.what}});
  }
  return Json{{"records", audit.records},
              {"values", audit.values},
              {"expired", audit.expired},
              {"never_known", audit.never_known},
              {"other_definition", audit.other_definition},
              {"mismatches", std::move(list)}}
             .dump(1) +
         "\n";
}

std::string audit_text(const FeatureAudit& audit) {
  if (audit.records == 0) return "Nothing that was served is written down.\n";
  std::string text = fmt::format("{} recomputed from {}: {}\n", plural(audit.values, "value"),
                                 plural(audit.records, "record"),
                                 audit.mismatches.empty() ? "every one the same to the bit"
                                                          : fmt::format("{} not", audit.mismatches.size()));
  text += fmt::format("{} served as expired, {} as never known\n", audit.expired, audit.never_known);
  if (audit.other_definition > 0)
    text += fmt::format("{} of views that are defined otherwise today: not recomputed\n",
                        plural(audit.other_definition, "record"));
  const std::size_t shown = std::min(audit.mismatches.size(), kShownFeatureMismatches);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& one = audit.mismatches[i];
    text += fmt::format("  {} {} {} of {}: served {}, computed {}: {}\n", to_string(one.time), one.feature,
                        one.symbol, to_string(one.session), feature_value_text(one.served),
                        feature_value_text(one.computed), one.what);
  }
  if (shown < audit.mismatches.size())
    text += fmt::format("  … {} more (--json lists all)\n", audit.mismatches.size() - shown);
  return text;
}

std::string freshness_json(const FeatureDefinitions& definitions, const std::vector<ViewFreshness>& views) {
  Json list = Json::array();
  for (const auto& view : views) {
    const auto& about = view.latest;
    const auto& ttl = definitions.view(view.view).ttl;
    list.push_back({{"view", view.view},
                    {"features", definitions.view(view.view).features.size()},
                    {"ttl", ttl ? Json(to_string(*ttl)) : Json()},
                    {"state", freshness_state(view)},
                    {"session", about ? Json(to_string(about->session)) : Json()},
                    {"known", about ? Json(to_string(about->known)) : Json()},
                    {"made", about ? Json(to_string(about->made)) : Json()},
                    {"generation", about ? Json(about->generation) : Json()},
                    {"age_seconds", view.age_seconds ? Json(*view.age_seconds) : Json()},
                    {"sessions_behind", view.sessions_behind ? Json(*view.sessions_behind) : Json()},
                    {"expired", view.expired}});
  }
  return Json{{"store", definitions.store}, {"views", std::move(list)}}.dump(1) + "\n";
}

TextTable freshness_table(const FeatureDefinitions& definitions, const std::vector<ViewFreshness>& views) {
  TextTable table = {{"view", "features", "session", "age", "sessions behind", "ttl", "state"}};
  for (const auto& view : views) {
    const auto& defined = definitions.view(view.view);
    table.push_back({view.view, std::to_string(defined.features.size()),
                     view.latest ? to_string(view.latest->session) : "",
                     view.age_seconds ? feature_age_text(*view.age_seconds) : "",
                     view.sessions_behind ? std::to_string(*view.sessions_behind) : "",
                     defined.ttl ? to_string(*defined.ttl) : "none", freshness_state(view)});
  }
  return table;
}

}  // namespace orrery::cli
