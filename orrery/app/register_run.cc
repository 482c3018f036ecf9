#include "orrery/app/register_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "orrery/app/fold_files.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/fingerprint.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;

constexpr std::array kRunFiles = {"manifest.json", "metrics.json", "predictions.parquet", "daily_ic.parquet",
                                  "inputs.orrery"};
constexpr std::array kMetrics = {"ic_mean",
                                 "ic_t",
                                 "rank_ic_mean",
                                 "rank_ic_std",
                                 "rank_ic_t",
                                 "sharpe",
                                 "sharpe_standard_error",
                                 "deflated_sharpe",
                                 "annual_return",
                                 "annual_volatility",
                                 "max_drawdown",
                                 "turnover_two_way"};

int fold_number(const fs::path& folder) {
  constexpr std::string_view kPrefix = "fold_";
  const auto name = folder.filename().string();
  int number = 0;
  if (name.starts_with(kPrefix))
    std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), number);
  return number;
}

/// Every file under a folder, as paths within `root`, in order.
std::vector<std::string> files_under(const fs::path& folder, const fs::path& root) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) paths.push_back(fs::relative(entry.path(), root).generic_string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

DateSpan span_of(DateRange range) { return {range.first, range.last}; }

std::optional<DateSpan> span_if_any(DateRange range) {
  if (range.last < range.first) return std::nullopt;
  return span_of(range);
}

std::map<std::string, double> headline_metrics(const StoredRun& run) {
  std::map<std::string, double> metrics;
  for (const auto* key : kMetrics) {
    if (const double value = run.metric(key); std::isfinite(value)) metrics[key] = value;
  }
  return metrics;
}

ModelLineage lineage_of(const StoredRun& run, const fs::path& fold) {
  ModelLineage lineage;
  auto manifest = nlohmann::ordered_json::parse(read_file(run.folder / "manifest.json"));
  lineage.code = manifest.at("versions").at("orrery").get<std::string>();
  lineage.model = manifest.at("versions").at("model").get<std::string>();
  manifest.erase("runtime");
  lineage.run = fingerprint_text(manifest.dump());
  lineage.run_folder = fs::absolute(run.folder).lexically_normal().string();
  lineage.finished = run.finished;
  lineage.study_name = run.name;
  lineage.study_fingerprint = fingerprint_text(run.study_yaml);
  lineage.study_yaml = run.study_yaml;
  lineage.data_fingerprint = run.key.data_fingerprint;
  const FoldDates dates = read_fold_summary(fold).dates;
  lineage.train = span_of(dates.train);
  lineage.valid = span_if_any(dates.valid);
  lineage.test = span_if_any(dates.test);
  lineage.tested = {run.key.test_first, run.key.test_last};
  lineage.metrics = headline_metrics(run);
  return lineage;
}

}  // namespace

fs::path last_fold_folder(const fs::path& run_folder) {
  // Folds may stand in any order.
  fs::path last;
  std::optional<Date> tested;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(run_folder / "models", missing)) {
    if (fold_number(entry.path()) == 0 || !fs::exists(entry.path() / "fold.json")) continue;
    const Date end = span_of(read_fold_summary(entry.path()).dates.test).last;
    if (tested && end <= *tested) continue;
    tested = end;
    last = entry.path();
  }
  if (!last.empty()) return last;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("the run kept no model (runs of scores that were made elsewhere have none): {}",
                  run_folder.string()));
}

NewModelVersion describe_run_model(const StoredRun& run, const std::string& name) {
  const auto fold = last_fold_folder(run.folder);
  NewModelVersion model;
  model.name = name.empty() ? run.name : name;
  check_model_name(model.name);
  model.source = run.folder;
  for (const auto* file : kRunFiles) {
    if (fs::exists(run.folder / file)) model.files.emplace_back(file);
  }
  const auto of_fold = files_under(fold, run.folder);
  model.files.insert(model.files.end(), of_fold.begin(), of_fold.end());
  try {
    model.lineage = lineage_of(run, fold);
  } catch (const nlohmann::json::exception& error) {
    throw external_error(ErrorCode::kDataCorrupt, fmt::format("the manifest of {} lacks something: {}",
                                                              run.folder.string(), error.what()));
  }
  return model;
}

}  // namespace orrery
