#include "orrery/app/live_model.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "orrery/app/register_run.h"
#include "orrery/app/scores_table.h"
#include "orrery/app/study_model.h"
#include "orrery/base/address.h"
#include "orrery/data/parquet.h"
#include "orrery/ml/fit_fold.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;

Study study_of(const StoredRun& run, const Plugins& plugins, const fs::path& data) {
  if (data.empty()) return reread_study(run, plugins);
  StudyOverrides paths = run.paths;
  const auto path = is_address(data.string()) ? data : fs::absolute(data).lexically_normal();
  paths.emplace_back("data.path", nlohmann::json(path.string()).dump());
  return parse_study(run.study_yaml, (run.folder / "manifest.json").string(), paths, plugins);
}

/// Labels of the last rows that a model saw reach to where its test begins.
std::size_t first_unseen_row(const FoldDates& dates, const MarketData& market) {
  const DateRange& last = dates.valid.last < dates.valid.first ? dates.train : dates.valid;
  return std::max(market.lower_row({last.last.days + 1}),
                  std::min(market.rows(), market.lower_row(dates.test.first)));
}

}  // namespace

LiveModel open_live_model(const StoredRun& run, const Plugins& plugins, const fs::path& data, int threads,
                          Progress& progress) {
  const auto folder = last_fold_folder(run.folder);
  Study study = study_of(run, plugins, data);
  FoldOnDisk fold = read_fold_files(folder, study_model(study, plugins));
  RunOptions options;
  options.threads = threads;
  PriceLoad prices = read_study_prices(study, options, progress);
  MaskPanel eligible = study_universe(study, prices.market);
  FactorFrame factors = study_factors(study, prices.market, options, progress);
  const std::size_t first_unseen = first_unseen_row(fold.dates, prices.market);
  return {std::move(study),    std::move(fold),    std::move(prices),
          std::move(eligible), std::move(factors), first_unseen};
}

std::vector<double> score_rows(const LiveModel& model, RowRange rows, int threads) {
  const Panel none(model.eligible.rows(), model.eligible.columns());
  std::vector<double> scores;
  predict_fold({model.factors, none, none, model.eligible}, model.fold.fitted, rows, threads, scores);
  return scores;
}

LiveScores live_scores(const StoredRun& run, const LiveModel& model, RowRange rows, int threads) {
  const auto file = run.folder / "predictions.parquet";
  const Table predictions = read_parquet(file, {"date", "symbol", "score"});
  const auto& dates = dates_of(predictions.column("date"));
  const auto last = std::max_element(dates.begin(), dates.end());
  const std::size_t after_run = last == dates.end() ? rows.begin : model.market().lower_row({last->days + 1});
  LiveScores result{place_column(predictions, "score", model.market(), file.string()),
                    {std::min(after_run, rows.begin), rows.end}};
  for (std::size_t row = result.live.begin; row < model.eligible.rows(); ++row)
    std::ranges::fill(result.scores.row(row), std::numeric_limits<double>::quiet_NaN());
  place_scores(model.eligible, result.live, score_rows(model, result.live, threads), result.scores);
  return result;
}

}  // namespace orrery
