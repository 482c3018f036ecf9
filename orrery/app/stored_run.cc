#include "orrery/app/stored_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "orrery/base/address.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/parquet.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

Json read_json(const std::filesystem::path& file) {
  try {
    return Json::parse(read_file(file));
  } catch (const Json::exception& error) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("{} is no JSON: {}", file.string(), error.what()));
  }
}

Date date_of(const Json& text) {
  const auto date = parse_date(text.get<std::string>());
  if (!date)
    throw external_error(ErrorCode::kDataCorrupt, "a manifest holds what is no date: " + text.dump());
  return *date;
}

void read_manifest(const Json& manifest, StoredRun& run) {
  run.name = manifest.at("name").get<std::string>();
  run.banner = manifest.value("banner", "");
  run.study_yaml = manifest.at("study").get<std::string>();
  run.key.data_fingerprint = manifest.at("data").at("fingerprint").get<std::string>();
  for (const auto& fold : manifest.at("folds")) {
    if (fold.at("test").is_array())
      run.tests.emplace_back(date_of(fold["test"][0]), date_of(fold["test"][1]));
  }
  const Json runtime = manifest.value("runtime", Json::object());
  run.finished = runtime.value("finished", "");
  const Json paths = runtime.value("paths", Json::object());
  for (const auto& [key, value] : paths.items()) run.paths.emplace_back(key, value.dump());
}

std::vector<std::string> run_names(const std::filesystem::path& root) {
  std::vector<std::string> names;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(root, missing)) {
    if (is_run_folder(entry.path())) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Own scores have no folds; they are tested where they are.
void set_tested_span(StoredRun& run) {
  if (!run.tests.empty()) {
    run.key.test_first = run.tests.front().first;
    run.key.test_last = run.tests.back().second;
    return;
  }
  const Table table = read_parquet(run.folder / "predictions.parquet", {"date"});
  const auto& dates = dates_of(table.column("date"));
  if (dates.empty()) return;
  run.key.test_first = *std::min_element(dates.begin(), dates.end());
  run.key.test_last = *std::max_element(dates.begin(), dates.end());
}

Error wrong_type(const Column& column) {
  return external_error(
      ErrorCode::kDataCorrupt,
      fmt::format("a run's table holds another type than expected in column '{}'", column.name));
}

}  // namespace

double StoredRun::metric(const std::string& key) const {
  const auto found = metrics.find(key);
  return found == metrics.end() ? std::nan("") : found->second;
}

bool is_run_folder(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(folder / "manifest.json", ignored) &&
         std::filesystem::is_regular_file(folder / "metrics.json", ignored);
}

std::filesystem::path find_run(const std::string& path_or_name, const std::filesystem::path& root) {
  if (is_run_folder(path_or_name)) return path_or_name;
  if (is_run_folder(root / path_or_name)) return root / path_or_name;
  const auto names = run_names(root);
  throw user_error(
      ErrorCode::kNotFound,
      fmt::format("no run here: neither '{}' nor '{}' holds manifest.json and metrics.json; {}", path_or_name,
                  (root / path_or_name).string(),
                  names.empty() ? "no runs under " + root.string()
                                : fmt::format("runs under {}: {}", root.string(), fmt::join(names, ", "))));
}

StoredRun read_stored_run(const std::filesystem::path& folder) {
  if (!is_run_folder(folder))
    throw user_error(ErrorCode::kNotFound, fmt::format("no run in this folder: {}", folder.string()));
  StoredRun run;
  run.folder = folder;
  try {
    read_manifest(read_json(folder / "manifest.json"), run);
    const Json metrics = read_json(folder / "metrics.json");
    for (const auto& [key, value] : metrics.items()) {
      if (value.is_number()) run.metrics[key] = value.get<double>();
    }
  } catch (const Json::exception& error) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("{}: the manifest lacks something: {}", folder.string(), error.what()));
  }
  set_tested_span(run);
  return run;
}

StudyOverrides study_paths(const Study& study) {
  StudyOverrides paths;
  const auto text = [](const std::filesystem::path& path) {
    if (is_address(path.string())) return Json(path.string());
    return Json(std::filesystem::absolute(path).lexically_normal().string());
  };
  const auto add = [&](const char* key, const std::filesystem::path& path) {
    if (!path.empty()) paths.emplace_back(key, text(path).dump());
  };
  add("data.path", study.data.path);
  add("data.renames", study.data.renames);
  add("data.sectors", study.data.sectors);
  add("data.delistings", study.data.delistings);
  add("data.currencies.rates", study.data.currencies.rates);
  add("data.currencies.of", study.data.currencies.file);
  add("data.index_membership", study.index_membership);
  add("universe.membership", study.universe.membership);
  const auto add_list = [&](const char* key, const std::vector<std::filesystem::path>& list) {
    Json files = Json::array();
    for (const auto& file : list) files.push_back(text(file));
    if (!files.empty()) paths.emplace_back(key, files.dump());
  };
  add_list("data.series", study.data.series);
  Json bars = Json::object(), funding = Json::object();
  for (const auto& file : study.data.bars) bars[file.symbol] = text(file.path);
  for (const auto& file : study.data.funding) {
    funding[file.symbol]["rates"] = text(file.rates);
    if (!file.marks.empty()) funding[file.symbol]["marks"] = text(file.marks);
  }
  if (!bars.empty()) paths.emplace_back("data.bars", bars.dump());
  if (!funding.empty()) paths.emplace_back("data.funding", funding.dump());
  add_list("factors.files", study.factors.files);
  return paths;
}

Study reread_study(const StoredRun& run, const Plugins& plugins) {
  return parse_study(run.study_yaml, (run.folder / "manifest.json").string(), run.paths, plugins);
}

std::vector<double> numbers_of(const Column& column) {
  if (const auto* values = std::get_if<std::vector<double>>(&column.values)) return *values;
  if (const auto* values = std::get_if<std::vector<float>>(&column.values))
    return {values->begin(), values->end()};
  if (const auto* values = std::get_if<std::vector<std::int64_t>>(&column.values)) {
    std::vector<double> numbers;
    for (const auto value : *values) numbers.push_back(static_cast<double>(value));
    return numbers;
  }
  throw wrong_type(column);
}

const std::vector<Date>& dates_of(const Column& column) {
  if (const auto* dates = std::get_if<std::vector<Date>>(&column.values)) return *dates;
  throw wrong_type(column);
}

}  // namespace orrery
