#include "orrery/app/own_scores.h"

#include <fmt/format.h>

#include "orrery/app/comparison_models.h"
#include "orrery/app/return_sources.h"
#include "orrery/app/scores_table.h"
#include "orrery/app/study_strategy.h"
#include "orrery/app/study_survivorship.h"
#include "orrery/base/error.h"
#include "orrery/data/parquet.h"

namespace orrery {
namespace {

/// Own scores need no factors and no model, but a study must have them; none is computed.
constexpr const char* kDefaultStudy = R"(name: own-scores
data: {path: ""}
factors: {set: alpha158}
portfolio: {strategy: topk_dropout, k: 50, drop: 5}
)";

Panel place_scores(const Table& table, const MarketData& market, const std::string& source) {
  PlacedRows rows;
  Panel scores = place_column(table, "score", market, source, &rows);
  if (rows.placed == 0) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("{}: none of its {} rows has a date and symbol of the prices ({} with unknown dates, "
                    "{} with unknown symbols)",
                    source, table.rows(), rows.unknown_dates, rows.unknown_symbols));
  }
  return scores;
}

}  // namespace

Study own_scores_study(const OwnScores& scores, const Plugins& plugins) {
  StudyOverrides overrides = scores.overrides;
  if (!scores.prices.empty())
    overrides.emplace_back("data.path", fmt::format("\"{}\"", scores.prices.string()));
  if (!scores.study.empty()) return read_study(scores.study, overrides, plugins);
  if (scores.prices.empty()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     "prices are needed to judge scores: give --prices or --study");
  }
  return parse_study(kDefaultStudy, "default study", overrides, plugins);
}

StudyRun run_own_scores(const OwnScores& scores, const Study& study, const Plugins& plugins,
                        const RunOptions& options, Progress& progress) {
  if (study.intervals.method != IntervalMethod::kAdaptive) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        "intervals.method split and cqr need a model's validation sessions, and scores made elsewhere have "
        "none; take method: adaptive");
  }
  if (study_strategy(study, plugins, nullptr)->needs_deviations()) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        "portfolio.weights: inverse_deviation needs the deviation that a model gives with each score, and "
        "scores made elsewhere have none; take weights: inverse_width or equal");
  }
  StudyRun run;
  const auto factor_returns = read_attribution_factors(study);
  {
    const auto stage = run.timings.stage("read");
    run.prices = read_study_prices(study, options, progress);
    run.eligible = study_universe(study, run.prices.market);
    run.survivorship = study_survivorship(study, run.prices.market);
    run.walk.scores =
        place_scores(read_parquet(scores.predictions), run.prices.market, scores.predictions.string());
  }
  if (options.scores_read) options.scores_read(run.prices, run.walk.scores);
  {
    const auto stage = run.timings.stage("backtest and evaluate");
    run.forward_return = study_forward_return(study, run.prices.market, options);
    run.label = run.forward_return;
    run.evaluation = evaluate_scores(study, plugins, run.prices, run.eligible, run.walk.scores,
                                     run.forward_return, nullptr, options, progress);
    run.evaluation.trust.survivorship = run.survivorship;
    run.sources = explain_returns(study, run, factor_returns);
  }
  if (study.baselines) {
    const auto stage = run.timings.stage("baselines");
    Study own = study;
    own.seeds = 1;  // the scores are there, the model is not
    add_baselines(own, plugins, {}, options, run, progress);
  }
  return run;
}

}  // namespace orrery
