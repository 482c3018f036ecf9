#include "orrery/app/predict_scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "orrery/app/live_model.h"
#include "orrery/app/score_intervals.h"
#include "orrery/base/error.h"
#include "orrery/base/statistics.h"
#include "orrery/base/stopwatch.h"
#include "orrery/ml/rank_correlation.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

/// The sessions that are asked for.
RowRange asked_rows(const LiveModel& model, const PredictOptions& options) {
  const auto& dates = model.market().dates;
  const Date last = options.last.value_or(dates.back());
  const RowRange upto{0, model.market().lower_row({last.days + 1})};
  const RowRange rows{options.first ? model.market().lower_row(*options.first)
                                    : upto.end - std::min<std::size_t>(upto.end, 1),
                      upto.end};
  if (rows.begin >= rows.end) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("there is no session from {} to {}; the prices go from {} to {}",
                                 options.first ? to_string(*options.first) : "the start", to_string(last),
                                 to_string(dates.front()), to_string(dates.back())));
  }
  if (rows.begin >= model.first_unseen) return rows;
  const auto first = model.first_unseen < dates.size() ? to_string(dates[model.first_unseen]) : "none here";
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("{} is a session that the model learned from, or that its labels reach; the "
                               "first one after is {}",
                               to_string(dates[rows.begin]), first));
}

void add_session(const LiveModel& model, const Panel& scores, const ReturnIntervals& intervals,
                 std::size_t row, std::vector<Prediction>& predictions) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < scores.columns(); ++i) {
    if (std::isfinite(scores(row, i))) order.push_back(i);
  }
  std::ranges::stable_sort(order, [&](auto a, auto b) { return scores(row, a) > scores(row, b); });
  for (std::size_t place = 0; place < order.size(); ++place) {
    const std::size_t i = order[place];
    predictions.push_back({model.market().dates[row], model.market().symbols[i], scores(row, i), place + 1,
                           intervals.expected(row, i), intervals.lower(row, i), intervals.upper(row, i)});
  }
}

/// One session's finite scores of both panels, cell by cell.
struct TwoScores {
  std::vector<double> trained;
  std::vector<double> served;
};

TwoScores scores_of_both(const Panel& trained, const Panel& served, std::size_t row) {
  TwoScores both;
  for (std::size_t i = 0; i < trained.columns(); ++i) {
    if (!std::isfinite(trained(row, i))) continue;
    both.trained.push_back(trained(row, i));
    both.served.push_back(served(row, i));
  }
  return both;
}

void compare(const Panel& trained, const Panel& served, RowRange rows, PrecisionCost& cost) {
  std::vector<double> correlations;
  std::vector<double> all;
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    const auto both = scores_of_both(trained, served, row);
    for (std::size_t i = 0; i < both.trained.size(); ++i)
      cost.largest_difference =
          std::max(cost.largest_difference, std::fabs(both.served[i] - both.trained[i]));
    all.insert(all.end(), both.trained.begin(), both.trained.end());
    correlations.push_back(rank_correlation(both.trained, both.served));
  }
  cost.rank_correlation = mean(drop_missing(correlations));
  cost.deviation = all.size() < 2 ? 0.0 : standard_deviation(all);
}

/// Scores again in the numbers that are asked for. The model has scored before, so that its library is
/// loaded.
Panel served_scores(const LiveModel& model, RowRange rows, const Panel& trained,
                    const PredictOptions& options, PrecisionCost& cost) {
  Panel served = trained;
  const auto seconds_of = [&](ServingPrecision precision) {
    model.fold.fitted.model->serve_in(precision);
    const Stopwatch watch;
    const auto scores = score_rows(model, rows, options.threads);
    const double seconds = watch.seconds();
    place_scores(model.eligible, rows, scores, served);
    return seconds;
  };
  cost.precision = options.precision;
  cost.trained_seconds = seconds_of(ServingPrecision::kTrained);
  cost.seconds = seconds_of(options.precision);
  compare(trained, served, rows, cost);
  return served;
}

Json cost_json(const PrecisionCost& cost) {
  return {{"precision", to_string(cost.precision)},        {"rank_correlation", cost.rank_correlation},
          {"largest_difference", cost.largest_difference}, {"deviation", cost.deviation},
          {"trained_seconds", cost.trained_seconds},       {"seconds", cost.seconds}};
}

}  // namespace

Predictions predict_scores(const StoredRun& run, const Plugins& plugins, const PredictOptions& options,
                           Progress& progress) {
  const LiveModel model = open_live_model(run, plugins, options.data, options.threads, progress);
  const RowRange rows = asked_rows(model, options);
  Predictions result;
  result.model = model.fold.fitted.model->describe().name;
  result.banner = run.banner;
  result.trained_first = model.fold.dates.train.first;
  result.trained_last = model.fold.dates.train.last;
  result.coverage = model.study.intervals.coverage;
  if (!model.fold.fitted.model->serve_in(options.precision)) {
    throw user_error(ErrorCode::kInvalidArgument, fmt::format("the model {} has no {} form; networks do",
                                                              result.model, to_string(options.precision)));
  }
  model.fold.fitted.model->serve_in(ServingPrecision::kTrained);
  Panel scores = live_scores(run, model, rows, options.threads).scores;
  if (options.precision != ServingPrecision::kTrained)
    scores = served_scores(model, rows, scores, options, result.cost.emplace());
  RunOptions run_options;
  run_options.threads = options.threads;
  const Panel outcome = study_forward_return(model.study, model.market(), run_options);
  const auto intervals = score_intervals(model.study, model.market(), scores, outcome, options.threads);
  for (std::size_t row = rows.begin; row < rows.end; ++row)
    add_session(model, scores, intervals, row, result.rows);
  if (!result.rows.empty()) return result;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("no name is in the study's universe from {} to {}",
                               to_string(model.market().dates[rows.begin]),
                               to_string(model.market().dates[rows.end - 1])));
}

Table prediction_table(const Predictions& predictions) {
  std::vector<Date> dates;
  std::vector<std::string> symbols;
  std::vector<double> scores, expected, lower, upper;
  std::vector<std::int64_t> ranks;
  for (const auto& row : predictions.rows) {
    dates.push_back(row.date);
    symbols.push_back(row.symbol);
    scores.push_back(row.score);
    ranks.push_back(static_cast<std::int64_t>(row.rank));
    expected.push_back(row.expected);
    lower.push_back(row.lower);
    upper.push_back(row.upper);
  }
  return {{{"date", std::move(dates)},
           {"symbol", std::move(symbols)},
           {"score", std::move(scores)},
           {"rank", std::move(ranks)},
           {"expected", std::move(expected)},
           {"lower", std::move(lower)},
           {"upper", std::move(upper)}}};
}

std::string predictions_json(const Predictions& predictions) {
  Json rows = Json::array();
  for (const auto& row : predictions.rows) {
    rows.push_back({{"date", to_string(row.date)},
                    {"symbol", row.symbol},
                    {"score", row.score},
                    {"rank", row.rank},
                    {"expected", row.expected},
                    {"lower", row.lower},
                    {"upper", row.upper}});
  }
  const Json json = {{"model", predictions.model},
                     {"banner", predictions.banner},
                     {"trained", {to_string(predictions.trained_first), to_string(predictions.trained_last)}},
                     {"coverage", predictions.coverage},
                     {"precision", predictions.cost ? cost_json(*predictions.cost) : Json()},
                     {"predictions", rows}};
  return json.dump(1) + "\n";
}

}  // namespace orrery
