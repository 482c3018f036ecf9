#include "orrery/app/study_robustness.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "orrery/app/study_label.h"
#include "orrery/app/study_model.h"
#include "orrery/app/study_regimes.h"
#include "orrery/app/trade_scores.h"
#include "orrery/base/statistics.h"
#include "orrery/base/threads.h"

namespace orrery {
namespace {

constexpr const char* kPurgedKFold = "purged_kfold";
constexpr const char* kCombinatorial = "cpcv";

RowRange tested_and_learned(const std::vector<Fold>& folds) {
  RowRange sample = {folds.front().train.begin, folds.front().test.end};
  for (const Fold& fold : folds) {
    sample.begin = std::min(sample.begin, fold.train.begin);
    sample.end = std::max(sample.end, fold.test.end);
  }
  return sample;
}

double annual_sharpe(const std::vector<double>& returns, double periods_per_year) {
  const auto known = drop_missing(returns);
  return mean(known) / standard_deviation(known) * std::sqrt(periods_per_year);
}

/// What one session earns, whatever the label spans, so that days do not overlap.
Panel one_session_return(const Study& study, const MarketData& market, const RunOptions& options) {
  Study one = study;
  one.label.expression.expression.clear();
  return study_forward_return(one, market, options);
}

void append_series(const BacktestSeries& from, BacktestSeries& to) {
  const auto append = [](const auto& more, auto& all) { all.insert(all.end(), more.begin(), more.end()); };
  append(from.dates, to.dates);
  append(from.net, to.net);
  append(from.gross, to.gross);
  append(from.costs, to.costs);
  append(from.turnover, to.turnover);
  append(from.cash, to.cash);
}

/// Scores of one path, judged and traded.
class PathJudge {
 public:
  PathJudge(const RobustnessInputs& inputs, const std::vector<RowRange>& blocks, const RunOptions& options)
      : inputs_(inputs),
        blocks_(blocks),
        session_return_(one_session_return(inputs.study, inputs.prices.market, options)),
        regimes_(study_regimes(inputs.study, inputs.prices.market)) {
    signal_options_.threads = 1;
  }

  /// Judges a path and adds what its models say of their blocks.
  RobustnessPath judge(const Panel& scores, std::vector<RobustnessBlock>& blocks) const {
    RobustnessPath path;
    const auto& dates = inputs_.prices.market.dates;
    const auto signal = evaluate_signal(scores, inputs_.forward_return, dates, signal_options_);
    path.ic_mean = signal.ic.mean;
    path.rank_ic_mean = signal.rank_ic.mean;
    const auto earned = evaluate_signal(scores, session_return_, dates, signal_options_);
    path.long_short_sharpe = annual_sharpe(earned.quantiles.long_short, periods_per_year());
    BacktestSeries whole;
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const BacktestSeries traded = trade_block(scores, blocks_[i]);
      blocks[i].rank_ic.push_back(mean_on(signal, blocks[i]));
      blocks[i].sharpe.push_back(performance_of(traded).sharpe);
      append_series(traded, whole);
    }
    const Performance performance = performance_of(whole);
    path.annual_return = performance.annual_return;
    path.sharpe = performance.sharpe;
    return path;
  }

 private:
  double periods_per_year() const { return inputs_.prices.calendar.sessions_per_year(); }

  BacktestSeries trade_block(const Panel& scores, RowRange block) const {
    const TradedMarket market{inputs_.prices.market, regimes_ ? &*regimes_ : nullptr};
    const auto result =
        trade_scores(inputs_.study, inputs_.plugins, market, scores, block, inputs_.forward_return, 0.0);
    return series_of(result, inputs_.study.cash_rate, periods_per_year());
  }

  Performance performance_of(const BacktestSeries& series) const {
    return measure_performance(series.inputs({}, periods_per_year()));
  }

  static double mean_on(const SignalEvaluation& signal, const RobustnessBlock& block) {
    std::vector<double> daily;
    for (std::size_t day = 0; day < signal.dates.size(); ++day) {
      if (signal.dates[day] >= block.first && signal.dates[day] <= block.last)
        daily.push_back(signal.rank_ic.daily[day]);
    }
    return mean(drop_missing(daily));
  }

  const RobustnessInputs& inputs_;
  const std::vector<RowRange>& blocks_;
  Panel session_return_;
  const std::optional<RegimeHistory> regimes_;
  SignalEvaluationOptions signal_options_;
};

std::vector<RobustnessBlock> dated_blocks(const std::vector<RowRange>& blocks,
                                          const std::vector<Date>& dates) {
  std::vector<RobustnessBlock> result;
  for (const RowRange block : blocks) result.push_back({dates[block.begin], dates[block.end - 1], {}, {}});
  return result;
}

/// Judges the paths beside each other; what they say of the blocks is joined in their order.
void judge_paths(const RobustnessInputs& inputs, const CrossValidationResult& result,
                 const RunOptions& options, Robustness& robustness) {
  const auto& dates = inputs.prices.market.dates;
  const PathJudge judge(inputs, result.splits.blocks, options);
  robustness.blocks = dated_blocks(result.splits.blocks, dates);
  robustness.paths.resize(result.paths.size());
  std::vector<std::vector<RobustnessBlock>> by_path(result.paths.size(), robustness.blocks);
  parallel_for(result.paths.size(), options.threads, [&](std::size_t path) {
    robustness.paths[path] = judge.judge(result.paths[path], by_path[path]);
  });
  for (const auto& blocks : by_path) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      robustness.blocks[i].rank_ic.push_back(blocks[i].rank_ic.front());
      robustness.blocks[i].sharpe.push_back(blocks[i].sharpe.front());
    }
  }
}

}  // namespace

std::optional<RobustnessChoice> read_robustness(ConfigReader& root) {
  const bool wanted = root.has("robustness");
  ConfigReader section = root.section("robustness");
  RobustnessChoice choice;
  const bool combinatorial =
      section.text("scheme", kCombinatorial, {kCombinatorial, kPurgedKFold}) == kCombinatorial;
  choice.folds = static_cast<int>(section.integer("folds", choice.folds, 2));
  choice.test_folds =
      combinatorial ? static_cast<int>(section.integer("test_folds", choice.test_folds, 2)) : 1;
  if (!combinatorial && section.has("test_folds")) {
    section.node("test_folds");
    section.problem("test_folds", "purged_kfold tests one fold at a time; scheme: cpcv tests several");
  }
  if (choice.test_folds >= choice.folds)
    section.problem("test_folds", fmt::format("must be fewer than the {} folds, found {}", choice.folds,
                                              choice.test_folds));
  if (section.text("embargo", "auto") != "auto")
    choice.embargo_rows = static_cast<int>(section.integer("embargo", 0, 0));
  return wanted ? std::optional(choice) : std::nullopt;
}

void read_validation_scheme(ConfigReader& validation) {
  const ConfigNode* node = validation.node("scheme");
  const bool crossed = node != nullptr && node->kind == ConfigNode::Kind::kScalar &&
                       (node->scalar == kCombinatorial || node->scalar == kPurgedKFold);
  if (!crossed) {
    validation.text("scheme", "walk_forward", {"walk_forward"});
    return;
  }
  validation.problem(
      "scheme",
      fmt::format("{0} is no tradable history, and what a study trades is: keep walk_forward here and write "
                  "robustness: {{scheme: {0}, …}} beside validation",
                  node->scalar));
}

CrossValidationSpec robustness_spec(const Study& study, const std::vector<Fold>& folds, int threads) {
  const RobustnessChoice& choice = *study.robustness;
  CrossValidationSpec spec;
  static_cast<FitSpec&>(spec) = study_fit(study, threads);
  spec.sample = tested_and_learned(folds);
  const int purge = resolve_purge(study.validation.purge, study.label.span_rows);
  const int embargo = choice.embargo_rows.value_or(default_embargo(spec.sample.size(), purge));
  spec.splits = {choice.folds, choice.test_folds, purge, embargo};
  spec.valid_share = valid_share(folds.front());
  return spec;
}

RobustnessPath walk_forward_path(const Study& study, const ScoreEvaluation& evaluation) {
  const Performance& performance = evaluation.performance;
  RobustnessPath path;
  path.ic_mean = evaluation.signal.ic.mean;
  path.rank_ic_mean = evaluation.signal.rank_ic.mean;
  // Returns of a longer label overlap, so that their Sharpe ratio would be another thing than a path's.
  if (study.label.expression.expression.empty() || study.label.span_rows == study.backtest.delay + 1)
    path.long_short_sharpe =
        annual_sharpe(evaluation.signal.quantiles.long_short, performance.periods_per_year);
  path.annual_return = performance.annual_return;
  path.sharpe = performance.sharpe;
  return path;
}

Robustness measure_robustness(const RobustnessInputs& inputs, const RunOptions& options, Progress& progress) {
  const auto spec = robustness_spec(inputs.study, inputs.inputs.folds, options.threads);
  const auto result =
      cross_validate(inputs.inputs.factors, inputs.inputs.label, inputs.inputs.eligible, spec,
                     study_model(inputs.study, inputs.plugins), progress, inputs.inputs.label_ends);
  const auto& dates = inputs.prices.market.dates;
  Robustness robustness;
  robustness.scheme = spec.splits.test_folds > 1 ? kCombinatorial : kPurgedKFold;
  robustness.folds = spec.splits.folds;
  robustness.test_folds = spec.splits.test_folds;
  robustness.splits = result.splits.splits.size();
  robustness.purge_rows = spec.splits.purge_rows;
  robustness.purges_by_touch = purges_by_touch(inputs.study);
  robustness.embargo_rows = spec.splits.embargo_rows;
  robustness.first = dates[spec.sample.begin];
  robustness.last = dates[spec.sample.end - 1];
  judge_paths(inputs, result, options, robustness);
  return robustness;
}

}  // namespace orrery
