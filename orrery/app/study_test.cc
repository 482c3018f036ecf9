#include "orrery/app/study.h"

#include <gtest/gtest.h>

#include "orrery/app/study_label.h"
#include "orrery/base/error.h"
#include "testing/study_plugins.h"

namespace orrery::study_test {
namespace {

using testing::study_plugins;

constexpr const char* kStudy = R"(name: test
data:       {source: parquet, path: prices.parquet, sectors: sectors.csv, calendar: XNYS}
universe:   {min_history: 60, min_price: 1.0, min_dollar_volume: 1.0e6}
factors:    {set: alpha158, extra: {reversal_5: "Ref($close,5)/$close-1"}}
label:      {expression: "Ref($close,-2)/Ref($close,-1)-1"}
preprocess: {label: cs_rank_norm, features: [robust_zscore, {clip: 3}, {fill_na: 0}]}
model:      {name: lightgbm, params: {num_leaves: 64, learning_rate: 0.05}}
validation: {scheme: walk_forward, train: 2y, valid: 6m, test: 6m, purge: auto}
execution:  {price: close, delay: 1}
portfolio:  {strategy: topk_dropout, k: 50, drop: 5}
costs:      {commission_bps: 5, slippage_bps: 5, min_cost: 0}
)";

std::string error_of(const StudyOverrides& overrides) {
  try {
    parse_study(kStudy, "dir/study.yaml", overrides, study_plugins());
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Study, ReadsEverySection) {
  const Study study = parse_study(kStudy, "dir/study.yaml", {}, study_plugins());
  EXPECT_EQ(study.name, "test");
  EXPECT_EQ(study.data.path, "dir/prices.parquet");
  EXPECT_EQ(study.universe.min_history, 60);
  EXPECT_EQ(study.factors.definitions.size(), 159u);
  EXPECT_EQ(study.label.span_rows, 2);
  EXPECT_EQ(study.preprocess.label, LabelStep::kCrossRankNorm);
  EXPECT_EQ(study.preprocess.features.size(), 3u);
  EXPECT_EQ(study.validation.train, (Period{2, Period::Unit::kYears}));
  EXPECT_EQ(std::get<std::int64_t>(study.strategy_parameters.at("k")), 50);
  EXPECT_EQ(study.yaml, kStudy);
}

TEST(Study, SelectsFeaturesOnlyWhenAsked) {
  EXPECT_FALSE(parse_study(kStudy, "dir/study.yaml", {}, study_plugins()).selection.has_value());
  const auto select = [](const StudyOverrides& overrides) {
    return parse_study(kStudy, "dir/study.yaml", overrides, study_plugins()).selection.value();
  };
  EXPECT_EQ(select({{"select", "{}"}}), (SelectionSpec{SelectionSpec::By::kRankIc, 50, 0.7}));
  EXPECT_EQ(select({{"select", "{by: ic, top: 10, max_correlation: 1}"}}),
            (SelectionSpec{SelectionSpec::By::kIc, 10, 1.0}));
  EXPECT_NE(error_of({{"select.by", "gain"}}).find("select.by"), std::string::npos);
  EXPECT_NE(error_of({{"select.top", "0"}}).find("select.top"), std::string::npos);
  EXPECT_NE(error_of({{"select.max_correlation", "1.5"}}).find("select.max_correlation"), std::string::npos);
  EXPECT_NE(error_of({{"select.tpo", "5"}}).find("did you mean 'top'"), std::string::npos);
}

TEST(Study, TakesFactorsByNameInAModelsSettings) {
  const Study study =
      parse_study(kStudy, "dir/study.yaml",
                  {{"model", "{name: lightgbm, params: {monotone: {KMID: 1, KLEN: -1}, stop_on: rank_ic}}"}},
                  study_plugins());
  EXPECT_EQ(get_string(study.model_parameters, "monotone"), "KMID: 1, KLEN: -1");
}

TEST(Study, BaselinesAreTradedUnlessTheStudySaysOtherwise) {
  EXPECT_TRUE(parse_study(kStudy, "dir/study.yaml", {}, study_plugins()).baselines);
  EXPECT_FALSE(parse_study(kStudy, "dir/study.yaml", {{"baselines", "false"}}, study_plugins()).baselines);
}

TEST(Study, SeedsAreFiveUnlessComparisonsAreLeftOut) {
  EXPECT_EQ(parse_study(kStudy, "dir/study.yaml", {}, study_plugins()).seeds, 5);
  EXPECT_EQ(parse_study(kStudy, "dir/study.yaml", {{"seeds", "3"}}, study_plugins()).seeds, 3);
  EXPECT_EQ(parse_study(kStudy, "dir/study.yaml", {{"baselines", "false"}}, study_plugins()).seeds, 1);
}

TEST(Study, ReadsAttributionAndCapacity) {
  const Study study =
      parse_study(kStudy, "dir/study.yaml",
                  {{"attribution.unit", "percent"}, {"capacity.impact_coefficient", "0.5"}}, study_plugins());
  EXPECT_TRUE(study.attribution.factors.empty());
  EXPECT_EQ(study.attribution.unit, ReturnUnit::kPercent);
  EXPECT_EQ(study.impact_coefficient, 0.5);
}

struct BadValue {
  const char* key;
  const char* value;
  const char* expected;  ///< a part of the message
};

class StudyErrors : public ::testing::TestWithParam<BadValue> {};

TEST_P(StudyErrors, NameTheKeyAndWhatIsAllowed) {
  const auto& [key, value, expected] = GetParam();
  const auto message = error_of({{key, value}});
  EXPECT_NE(message.find(expected), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    Table, StudyErrors,
    ::testing::Values(
        BadValue{"data.calender", "XNYS", "data.calender: unknown key; did you mean 'calendar'?"},
        BadValue{"data.calendar", "XNYC", "data.calendar"},
        BadValue{"model", "{name: lightgbm, params: {categorical: {KMID: -1}}}",
                 "categorical: KMID must be 1 or 0, found '-1'"},
        BadValue{"model", "{name: lightgbm, params: {monotone: {KMIDD: 1}}}",
                 "monotone names 'KMIDD', which is no factor of the study"},
        BadValue{"model", "{name: ensemble, members: [{name: xgboost, params: {categorical: [KMIDD]}}]}",
                 "categorical names 'KMIDD'"},
        BadValue{"weights", "{linear_decay: -1}", "weights.linear_decay"},
        BadValue{"weights", "{linear_decay: 0.5, half_life: 20}", "another way of forgetting"},
        BadValue{"intervals", "{method: jackknife}", "intervals.method"},
        BadValue{"intervals", "{method: split, window: 100}", "intervals.window: is of method: adaptive"},
        BadValue{"intervals", "{method: split, model: {name: xgboost}}",
                 "intervals.model: is of method: cqr"},
        BadValue{"intervals", "{method: cqr, model: {name: ridge}}", "intervals.model.name"},
        BadValue{"intervals", "{method: cqr, model: {params: {num_leafs: 3}}}", "num_leafs"},
        BadValue{"intervals", "{method: cqr, model: {params: {loss: quantile}}}",
                 "loss: follows from intervals.coverage"},
        BadValue{"intervals", "{method: cqr, model: {name: xgboost, params: {quantile_alpha: 0.1}}}",
                 "quantile_alpha: follows from intervals.coverage"},
        BadValue{"data.path", "${ORRERY_NO_SUCH_VARIABLE}", "ORRERY_NO_SUCH_VARIABLE is not set"},
        BadValue{"factors.set", "alpha185", "did you mean 'alpha158'?"},
        BadValue{"factors.extra.peek", "Ref($close,-1)/$close", "'peek'"},
        BadValue{"factors.extra.bad", "Maen($close,5)", "did you mean 'Mean'"},
        BadValue{"factors.extra.KMID", "$close", "a factor of this name is in the set already"},
        BadValue{"label.expression", "Ref($close,-1)/$close-1", "the label's entry is not the fill"},
        BadValue{"label.gain", "0.1", "a label is either an expression, a gain or a triple_barrier"},
        BadValue{"label", "{expression: 'Ref($close,-2)/Ref($close,-1)-1', within: 3}",
                 "label.within: says nothing here"},
        BadValue{"label", "{triple_barrier: {profit: 2, stop: 1}, touch: range}",
                 "label.touch: says nothing here"},
        BadValue{"label", "{triple_barrier: {within: 5}}",
                 "label.triple_barrier.profit: a triple barrier needs profit, stop or both"},
        BadValue{"label", "{triple_barrier: {profit: 0}}",
                 "label.triple_barrier.profit: must be at least 1e-06, found 0"},
        BadValue{"label", "{triple_barrier: {profit: 2, within: 0}}", "within: must be at least 1, found 0"},
        BadValue{"label", "{triple_barrier: {profit: 2, touch: high}}", "label.triple_barrier.touch"},
        BadValue{"label", "{triple_barrier: {profit: 2, value: sing}}", "did you mean 'sign'"},
        BadValue{"label", "{triple_barrier: {profits: 2}}", "unknown key; did you mean 'profit'?"},
        BadValue{"label", "{triple_barrier: {stop: 2, value: profit}}", "there is none: set profit"},
        BadValue{"label", "{triple_barrier: {stop: 2, volatility: 'Std(Ref($close,-1),5)'}}",
                 "the barriers' width reads 1 sessions into the future"},
        BadValue{"label", "{triple_barrier: {stop: 2, volatility: 'Sdt($close,5)'}}", "did you mean 'Std'"},
        BadValue{"label", "{triple_barrier: {stop: 0.1, unit: return, volatility: $close}}",
                 "barriers in unit: return have no volatility"},
        BadValue{"label", "{triple_barrier: {profit: 2, value: profit}}", "needs a model of probabilities"},
        BadValue{"label", "{triple_barrier: 2}", "label.triple_barrier"},
        BadValue{"weights", "unique", "weights: must be one of uniqueness, found 'unique'"},
        BadValue{"weights", "{half_life: 0}", "weights.half_life: must be at least 1, found 0"},
        BadValue{"weights", "{halflife: 250}", "did you mean 'half_life'"},
        BadValue{"weights", "{uniqueness: much}", "weights.uniqueness"},
        BadValue{"calibration", "platt", "calibration: only probabilities can be calibrated"},
        BadValue{"calibration", "isotonc", "did you mean 'isotonic'"},
        BadValue{"calibration", "{method: platt, shares: 0.5}", "did you mean 'share'"},
        BadValue{"calibration", "{share: 1}", "calibration.share: must be at most 0.95, found 1"},
        BadValue{"preprocess.features", "[robust_zscroe]", "did you mean 'robust_zscore'"},
        BadValue{"preprocess.features", "[{clip: x}]", "a step is a name or one {name: number}"},
        BadValue{"model.name", "lightgmb", "did you mean 'lightgbm'"},
        BadValue{"model.params.num_leafs", "64", "did you mean 'num_leaves'"},
        BadValue{"model.params.num_leaves", "many", "must be a whole number, found many"},
        BadValue{"model.params.objective", "binary",
                 "model: a model of probabilities needs a label of 0 and 1"},
        BadValue{"model", "{name: logistic}", "model: a model of probabilities needs a label of 0 and 1"},
        BadValue{"validation.train", "2 years", "2 years"},
        BadValue{"validation.purge", "1", "validation.purge"},
        BadValue{"validation.folds", "[{train: [2015-01-01], test: [2016-01-01, 2016-02-01]}]",
                 "folds[0].train"},
        BadValue{"portfolio.strategy", "topk", "portfolio.strategy"},
        BadValue{"portfolio.kk", "3", "portfolio.kk: unknown key; did you mean 'k'?"},
        BadValue{"portfolio.k", "-1", "portfolio.k"}, BadValue{"attribution.unit", "bps", "attribution.unit"},
        BadValue{"attribution.factor", "x.csv", "did you mean 'factors'?"},
        BadValue{"capacity.impact_coefficient", "-1", "capacity.impact_coefficient"},
        BadValue{"seeds", "0", "seeds: must be at least 1"},
        BadValue{"execution.delay", "0", "execution.delay: must be at least 1"},
        BadValue{"costs.commission_bps", "five", "costs.commission_bps: must be a number, found 'five'"}));

TEST(Study, GivesLineAndColumnOfTheFile) {
  std::string text = kStudy;
  text.replace(text.find("min_price: 1.0"), 14, "min_price: low");
  try {
    parse_study(text, "study.yaml", {}, study_plugins());
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "study.yaml:3:42: universe.min_price: must be a number, found 'low'");
  }
}

TEST(Study, GainLabelNeedsProbabilities) {
  const std::string text = [] {
    std::string made = kStudy;
    const auto begin = made.find("{expression:");
    made.replace(begin, made.find('\n', begin) - begin, "{gain: 0.10, within: 3}");
    return made;
  }();
  EXPECT_THROW(parse_study(text, "s", {}, study_plugins()), Error);
  const Study study = parse_study(
      text, "s", {{"model.params.objective", "binary"}, {"preprocess.label", "none"}}, study_plugins());
  ASSERT_TRUE(study.label.gain.has_value());
  EXPECT_EQ(study.label.span_rows, 4);
}

TEST(Study, LabelsArePurgedByTheirTouchWhereThatSaysNothingOfThem) {
  Study study = parse_study(kStudy, "s", {}, study_plugins());
  EXPECT_FALSE(purges_by_touch(study));
  study.label.barriers.emplace();
  study.label.barriers->profit = 2.0;
  EXPECT_FALSE(purges_by_touch(study));  // what is known early is up
  study.label.barriers->stop = 2.0;
  EXPECT_TRUE(purges_by_touch(study));
  study.label.barriers->value = TripleBarrier::Value::kProfit;
  EXPECT_FALSE(purges_by_touch(study));  // the zeros are known late
  study.label.barriers->value = TripleBarrier::Value::kTouch;
  study.validation.purge.automatic = false;
  EXPECT_FALSE(purges_by_touch(study));
}

TEST(Study, BarriersAreReadWithTheFillsDelay) {
  const std::string text = [] {
    std::string made = kStudy;
    const auto begin = made.find("{expression:");
    made.replace(begin, made.find('\n', begin) - begin,
                 "{triple_barrier: {profit: 2, stop: 1.5, within: 8, touch: range, value: sign}}");
    return made;
  }();
  const Study study = parse_study(text, "s", {{"execution.delay", "2"}}, study_plugins());
  ASSERT_TRUE(study.label.barriers.has_value());
  const TripleBarrierChoice& barriers = *study.label.barriers;
  EXPECT_EQ(barriers.profit, 2.0);
  EXPECT_EQ(barriers.stop, 1.5);
  EXPECT_EQ(barriers.delay, 2);
  EXPECT_EQ(barriers.touch, TripleBarrier::Touch::kRange);
  EXPECT_EQ(barriers.value, TripleBarrier::Value::kSign);
  EXPECT_EQ(barriers.width.expression, "Std($close/Ref($close,1)-1,20)");
  EXPECT_EQ(study.label.span_rows, 10);
  EXPECT_FALSE(study.label.is_event());
  EXPECT_THROW(parse_study(text, "s", {{"validation.purge", "8"}}, study_plugins()), Error);
}

TEST(Study, WeightsAreAWordOrASection) {
  const auto read = [](const std::string& weights) {
    return parse_study(kStudy, "s", {{"weights", weights}}, study_plugins()).weights;
  };
  EXPECT_TRUE(read("uniqueness").uniqueness);
  EXPECT_FALSE(read("uniqueness").half_life.has_value());
  EXPECT_EQ(read("{half_life: 250}").half_life, 250.0);
  EXPECT_FALSE(read("{half_life: 250}").uniqueness);
  EXPECT_TRUE(read("{uniqueness: true, half_life: 20}").any());
}

TEST(Study, AnEventIsLearnedAsItStands) {
  const auto message = error_of({{"label", "{gain: 0.1, within: 3}"}, {"model.params.objective", "binary"}});
  EXPECT_NE(message.find("preprocess.label must be none"), std::string::npos) << message;
}

TEST(Study, LabelAndFillsBelongTogether) {
  EXPECT_EQ(default_label_expression("close", 1), "Ref($close,-2)/Ref($close,-1)-1");
  EXPECT_TRUE(label_matches_fills("Ref($close, -6) / Ref($close, -1) - 1", "close", 1));
  EXPECT_FALSE(label_matches_fills("Ref($close,-2)/Ref($close,-1)-1", "open", 1));
  EXPECT_FALSE(label_matches_fills("Ref($close,-2)/Ref($close,-1)-1", "close", 2));
  EXPECT_EQ(error_of({{"label.expression", "Ref($close,-1)/$close-1"}, {"label.allow_mismatch", "true"}}),
            "");
}

TEST(Study, AShorterPurgeIsRefusedUnlessDemanded) {
  EXPECT_NE(error_of({{"validation.purge", "0"}}), "");
  EXPECT_EQ(error_of({{"validation.purge", "0"}, {"validation.allow_leak", "true"}}), "");
}

}  // namespace
}  // namespace orrery::study_test
