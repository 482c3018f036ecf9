#include "orrery/ml/search_file.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "orrery/base/files.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

/// JSON has no NaN and no infinities; none of them says anything.
Json numbers_json(const std::vector<double>& values) {
  Json json = Json::array();
  for (const double value : values) json.push_back(std::isfinite(value) ? Json(value) : Json());
  return json;
}

std::vector<double> read_numbers(const Json& json) {
  std::vector<double> values;
  for (const auto& value : json)
    values.push_back(value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>());
  return values;
}

Json settings_json(const ParameterMap& settings) {
  Json json = Json::object();
  for (const auto& [name, value] : settings)
    std::visit([&, &key = name](const auto& plain) { json[key] = plain; }, value);
  return json;
}

ParameterMap read_settings(const Json& json) {
  ParameterMap settings;
  for (const auto& [name, value] : json.items()) {
    if (value.is_boolean()) settings[name] = value.get<bool>();
    if (value.is_number_integer()) settings[name] = value.get<std::int64_t>();
    if (value.is_number_float()) settings[name] = value.get<double>();
    if (value.is_string()) settings[name] = value.get<std::string>();
  }
  return settings;
}

Json trial_json(const SearchTrial& trial) {
  return {{"model", trial.model},
          {"settings", settings_json(trial.settings)},
          {"state", static_cast<int>(trial.state)},
          {"loss", std::isfinite(trial.loss) ? Json(trial.loss) : Json()},
          {"steps", numbers_json(trial.steps)},
          {"note", trial.note}};
}

SearchTrial read_trial(const Json& json) {
  SearchTrial trial;
  trial.model = json.at("model").get<std::string>();
  trial.settings = read_settings(json.at("settings"));
  trial.state = static_cast<TuningTrial::State>(json.at("state").get<int>());
  trial.loss = read_numbers(Json::array({json.at("loss")})).front();
  trial.steps = read_numbers(json.at("steps"));
  trial.note = json.at("note").get<std::string>();
  return trial;
}

}  // namespace

SearchFile::SearchFile(const std::filesystem::path& folder, std::string definition)
    : file_(folder.empty() ? folder : folder / "search.json"), definition_(std::move(definition)) {}

KeptSearch SearchFile::read() const {
  KeptSearch kept;
  if (file_.empty() || !std::filesystem::exists(file_)) return kept;
  const Json json = Json::parse(read_file(file_), nullptr, false);
  if (!json.is_object() || json.value("definition", "") != definition_) return kept;
  kept.seconds = json.at("seconds").get<double>();
  for (const auto& entry : json.at("trials")) {
    KeptTrial trial{entry.at("family").get<std::size_t>(), read_numbers(entry.at("point")),
                    read_trial(entry.at("trial"))};
    trial.trial.spreads.rows = entry.at("rows").get<std::vector<std::size_t>>();
    trial.trial.spreads.values = read_numbers(entry.at("spreads"));
    kept.trials.push_back(std::move(trial));
  }
  return kept;
}

void SearchFile::write(const KeptSearch& kept) const {
  if (file_.empty()) return;
  Json trials = Json::array();
  for (const auto& trial : kept.trials)
    trials.push_back({{"family", trial.family},
                      {"point", numbers_json(trial.point)},
                      {"trial", trial_json(trial.trial)},
                      {"rows", trial.trial.spreads.rows},
                      {"spreads", numbers_json(trial.trial.spreads.values)}});
  const Json json = {{"definition", definition_}, {"seconds", kept.seconds}, {"trials", trials}};
  write_file_atomically(file_, json.dump() + "\n");
}

std::string search_report_json(const SearchReport& report) {
  Json trials = Json::array();
  for (const auto& trial : report.trials) trials.push_back(trial_json(trial));
  return Json{{"objective", report.objective},
              {"judged", {report.judged.begin, report.judged.end}},
              {"chosen", report.chosen},
              {"trials", trials}}
      .dump();
}

SearchReport parse_search_report(const std::string& text) {
  const Json json = Json::parse(text);
  SearchReport report;
  report.objective = json.at("objective").get<std::string>();
  report.judged = {json.at("judged").at(0).get<std::size_t>(), json.at("judged").at(1).get<std::size_t>()};
  report.chosen = json.at("chosen").get<std::size_t>();
  for (const auto& trial : json.at("trials")) report.trials.push_back(read_trial(trial));
  return report;
}

}  // namespace orrery
