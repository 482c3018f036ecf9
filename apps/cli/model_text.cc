#include "apps/cli/model_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "apps/cli/decimals.h"

namespace orrery::cli {
namespace {

using Json = nlohmann::ordered_json;

/// 2026-01-31T12:00:00Z as a person reads it, to the minute.
std::string minute_of(const std::string& moment) {
  auto text = moment.substr(0, 16);
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text;
}

std::string day_of(const std::string& moment) { return moment.substr(0, 10); }

double metric_of(const ModelVersion& version, const std::string& key) {
  const auto found = version.lineage.metrics.find(key);
  return found == version.lineage.metrics.end() ? std::nan("") : found->second;
}

std::string span_text(const DateSpan& span) {
  return fmt::format("{} to {}", to_string(span.first), to_string(span.last));
}

std::string span_text(const std::optional<DateSpan>& span) { return span ? span_text(*span) : "–"; }

Json span_json(const std::optional<DateSpan>& span) {
  if (!span) return nullptr;
  return Json::array({to_string(span->first), to_string(span->last)});
}

Json change_json(const StageChange& change) {
  return {{"at", change.at},
          {"name", change.name},
          {"version", change.version},
          {"action", change.action},
          {"from", change.from ? Json(to_string(*change.from)) : Json()},
          {"to", to_string(change.to)},
          {"reason", change.reason}};
}

Json lineage_json(const ModelLineage& lineage) {
  return {{"run", lineage.run},
          {"run_folder", lineage.run_folder},
          {"finished", lineage.finished.empty() ? Json() : Json(lineage.finished)},
          {"study", lineage.study_name},
          {"study_fingerprint", lineage.study_fingerprint},
          {"data_fingerprint", lineage.data_fingerprint},
          {"code", lineage.code},
          {"model", lineage.model},
          {"train", span_json(lineage.train)},
          {"valid", span_json(lineage.valid)},
          {"test", span_json(lineage.test)},
          {"tested", span_json(lineage.tested)}};
}

Json summary_json(const ModelVersion& version) {
  return {{"model", version.reference()},      {"name", version.name},
          {"version", version.version},        {"stage", to_string(version.stage)},
          {"registered", version.registered},  {"lineage", lineage_json(version.lineage)},
          {"metrics", version.lineage.metrics}};
}

std::vector<StageChange> history_of(const ModelStore& registry, const ModelVersion& version) {
  auto history = registry.history(version.name);
  std::erase_if(history, [&](const auto& change) { return change.version != version.version; });
  return history;
}

TextTable lineage_table(const ModelVersion& version) {
  const auto& lineage = version.lineage;
  const auto metric = [&](const char* key, int digits) { return decimals(metric_of(version, key), digits); };
  return {{version.reference(), std::string(to_string(version.stage))},
          {"registered, UTC", minute_of(version.registered)},
          {"model", lineage.model},
          {"trained on", span_text(lineage.train)},
          {"early stopping on", span_text(lineage.valid)},
          {"tested on", span_text(lineage.test)},
          {"run tested on", span_text(lineage.tested)},
          {"IC of the run", fmt::format("{}, t {}", metric("ic_mean", 4), metric("ic_t", 2))},
          {"rank IC", fmt::format("{}, t {}", metric("rank_ic_mean", 4), metric("rank_ic_t", 2))},
          {"Sharpe, net", fmt::format("{} ± {}", metric("sharpe", 2), metric("sharpe_standard_error", 2))},
          {"deflated Sharpe", metric("deflated_sharpe", 3)},
          {"data", lineage.data_fingerprint},
          {"study", fmt::format("{}, {}", lineage.study_name, lineage.study_fingerprint)},
          {"code", "Orrery " + lineage.code},
          {"run", fmt::format("{}, {}", lineage.run, lineage.run_folder)}};
}

}  // namespace

TextTable versions_table(const std::vector<ModelVersion>& versions) {
  TextTable table = {
      {"model", "stage", "trained to", "tested to", "rank IC", "Sharpe", "deflated", "registered"}};
  for (const auto& version : versions) {
    table.push_back({version.reference(), std::string(to_string(version.stage)),
                     to_string(version.lineage.train.last), to_string(version.lineage.tested.last),
                     decimals(metric_of(version, "rank_ic_mean"), 4),
                     decimals(metric_of(version, "sharpe"), 2),
                     decimals(metric_of(version, "deflated_sharpe"), 3), day_of(version.registered)});
  }
  return table;
}

std::string versions_json(const std::vector<ModelVersion>& versions) {
  Json list = Json::array();
  for (const auto& version : versions) list.push_back(summary_json(version));
  return list.dump(1) + "\n";
}

std::string version_text(const ModelStore& registry, const ModelVersion& version, std::size_t width) {
  std::string text = format_table(lineage_table(version), width);
  std::int64_t bytes = 0;
  for (const auto& file : version.files) bytes += file.bytes;
  text += fmt::format("\n{} files, {:.1f} MB, in {}\n\n", version.files.size(),
                      static_cast<double>(bytes) / 1e6, registry.folder_of(version).string());
  return text + changes_text(history_of(registry, version));
}

std::string version_json(const ModelStore& registry, const ModelVersion& version) {
  Json json = summary_json(version);
  json["study_yaml"] = version.lineage.study_yaml;
  json["folder"] = registry.folder_of(version).string();
  json["files"] = Json::array();
  for (const auto& file : version.files) {
    json["files"].push_back({{"path", file.path}, {"bytes", file.bytes}, {"fingerprint", file.fingerprint}});
  }
  json["history"] = Json::array();
  for (const auto& change : history_of(registry, version)) json["history"].push_back(change_json(change));
  return json.dump(1) + "\n";
}

std::string changes_text(const std::vector<StageChange>& changes) {
  std::string text;
  for (const auto& change : changes) {
    const auto from = change.from ? fmt::format("{} → ", to_string(*change.from)) : std::string();
    const auto reason = change.reason.empty() ? std::string() : ": " + change.reason;
    text += fmt::format("{}  {}@{}  {}{} ({}){}\n", minute_of(change.at), change.name, change.version, from,
                        to_string(change.to), change.action, reason);
  }
  return text;
}

std::string changes_json(const std::vector<StageChange>& changes) {
  Json list = Json::array();
  for (const auto& change : changes) list.push_back(change_json(change));
  return list.dump(1) + "\n";
}

}  // namespace orrery::cli
