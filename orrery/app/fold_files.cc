#include "orrery/app/fold_files.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "orrery/app/study_label.h"
#include "orrery/app/version.h"
#include "orrery/base/config.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/fingerprint.h"
#include "orrery/ml/search_file.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

Error unreadable(const std::filesystem::path& folder, const std::string& reason) {
  return external_error(ErrorCode::kDataCorrupt,
                        fmt::format("the fold in {} can't be taken up: {}", folder.string(), reason));
}

/// JSON has no infinities and no NaN; those are written as texts.
Json number_json(double value) { return std::isfinite(value) ? Json(value) : Json(fmt::format("{}", value)); }

double read_number(const Json& json) {
  if (json.is_number()) return json.get<double>();
  const auto text = json.get<std::string>();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (text == "inf") return kInfinity;
  return text == "-inf" ? -kInfinity : std::numeric_limits<double>::quiet_NaN();
}

Json range_json(DateRange range) {
  if (range.last < range.first) return nullptr;
  return Json::array({to_string(range.first), to_string(range.last)});
}

DateRange read_range(const Json& json) {
  if (json.is_null()) return {{1}, {0}};
  const auto first = parse_date(json.at(0).get<std::string>());
  const auto last = parse_date(json.at(1).get<std::string>());
  return {first.value(), last.value()};
}

Json importance_json(const FeatureImportance& feature) {
  return Json::array({feature.feature, number_json(feature.gain), number_json(feature.split)});
}

/// Metrics by round are left out: the library adds them up in an order that depends on its threads.
Json fit_json(const FitReport& fit) {
  Json importance = Json::array();
  for (const auto& feature : fit.importance) importance.push_back(importance_json(feature));
  Json json = {{"rounds", fit.rounds}, {"best_round", fit.best_round}, {"importance", importance}};
  for (const auto& member : fit.members) {
    json["members"].push_back({member.name, number_json(member.weight), number_json(member.valid_rank_ic)});
  }
  if (fit.search) json["search"] = Json::parse(search_report_json(*fit.search));
  return json;
}

FitReport read_fit(const Json& json) {
  FitReport fit;
  fit.rounds = json.at("rounds").get<int>();
  fit.best_round = json.at("best_round").get<int>();
  for (const auto& feature : json.at("importance")) {
    fit.importance.push_back(
        {feature.at(0).get<std::string>(), read_number(feature.at(1)), read_number(feature.at(2))});
  }
  for (const auto& member : json.value("members", Json::array())) {
    fit.members.push_back(
        {member.at(0).get<std::string>(), read_number(member.at(1)), read_number(member.at(2))});
  }
  if (json.contains("search")) fit.search = parse_search_report(json.at("search").dump());
  return fit;
}

std::string fold_json(const FoldFiles& fold, const std::string& steps) {
  const Json json = {{"format", "orrery-fold"},
                     {"version", 1},
                     {"key", fold.key},
                     {"train", range_json(fold.dates.train)},
                     {"valid", range_json(fold.dates.valid)},
                     {"test", range_json(fold.dates.test)},
                     {"train_samples", fold.train_samples},
                     {"valid_samples", fold.valid_samples},
                     {"selects", fold.selection.has_value()},
                     {"preprocess_fingerprint", fingerprint_text(steps)},
                     {"fit", fit_json(fold.fit)}};
  return json.dump(1) + "\n";
}

FoldOnDisk parse_fold(const Json& json, const std::filesystem::path& folder) {
  if (json.at("format") != "orrery-fold" || json.at("version") != 1) {
    throw unreadable(folder, "fold.json is of another format or version");
  }
  FoldOnDisk fold;
  fold.key = json.at("key").get<std::string>();
  fold.dates = {read_range(json.at("train")), read_range(json.at("valid")), read_range(json.at("test"))};
  fold.fitted.train_samples = json.at("train_samples").get<std::size_t>();
  fold.fitted.valid_samples = json.at("valid_samples").get<std::size_t>();
  fold.fitted.fit = read_fit(json.at("fit"));
  if (json.at("selects").get<bool>()) fold.fitted.selection.emplace();
  return fold;
}

/// Runs a reader of the fold's files; what they can't mean is damage.
template <class Read>
auto reading(const std::filesystem::path& folder, const Read& read) {
  try {
    return read(Json::parse(read_file(folder / "fold.json")));
  } catch (const nlohmann::json::exception& error) {
    throw unreadable(folder, error.what());
  } catch (const std::bad_optional_access&) {
    throw unreadable(folder, "a day in fold.json is none");
  }
}

DateRange range_of(RowRange rows, const std::vector<Date>& dates) {
  if (rows.empty()) return {{1}, {0}};
  return {dates[rows.begin], dates[rows.end - 1]};
}

/// The sections of a study that training depends on, in a fixed form.
ConfigNode training_sections(const ConfigNode& root, bool nested) {
  ConfigNode kept;
  kept.kind = ConfigNode::Kind::kMapping;
  for (const auto* section :
       {"seed", "factors", "label", "weights", "select", "preprocess", "model", "calibration"}) {
    if (const auto* node = root.find(section)) kept.entries.emplace_back(section, *node);
  }
  if (nested) kept.entries.emplace_back("tune", *root.find("tune"));
  return kept;
}

}  // namespace

std::string training_key(const Study& study) {
  const ConfigNode root = parse_config(study.yaml, "study");
  return fingerprint_text(fmt::format("orrery {} purge {}{} price {} delay {}\n{}", kVersion,
                                      resolve_purge(study.validation.purge, study.label.span_rows),
                                      purges_by_touch(study) ? " by touch, half a session known" : "",
                                      static_cast<int>(study.backtest.price), study.backtest.delay,
                                      to_yaml(training_sections(root, study.tune && study.tune->nested))));
}

FoldDates fold_dates(const Fold& used, const std::vector<Date>& dates) {
  return {range_of(used.train, dates), range_of(used.valid, dates), range_of(used.test, dates)};
}

void write_fold_files(const std::filesystem::path& folder, const FoldFiles& fold) {
  const std::string steps = fold.steps.to_json();
  fold.model.save(folder);
  write_file_atomically(folder / "preprocess.json", steps);
  if (fold.selection) write_file_atomically(folder / "selection.json", fold.selection->to_json());
  write_file_atomically(folder / "fold.json", fold_json(fold, steps));
}

FoldOnDisk read_fold_summary(const std::filesystem::path& folder) {
  return reading(folder, [&](const Json& json) { return parse_fold(json, folder); });
}

FoldOnDisk read_fold_files(const std::filesystem::path& folder, const ModelEntry& model) {
  return reading(folder, [&](const Json& json) {
    FoldOnDisk fold = parse_fold(json, folder);
    const std::string steps = read_file(folder / "preprocess.json");
    if (fingerprint_text(steps) != json.at("preprocess_fingerprint").get<std::string>()) {
      throw unreadable(folder, "preprocess.json is not the one that was written");
    }
    fold.fitted.steps = FittedFeatures::from_json(steps);
    if (fold.fitted.selection) {
      fold.fitted.selection = FeatureSelection::from_json(read_file(folder / "selection.json"));
    }
    fold.fitted.model = make_model(model, {});
    fold.fitted.model->load(folder);
    return fold;
  });
}

}  // namespace orrery
