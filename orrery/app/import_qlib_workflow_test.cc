#include "orrery/app/import_qlib_workflow.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "orrery/app/study.h"
#include "orrery/base/error.h"
#include "testing/study_plugins.h"

namespace orrery::import_qlib_workflow_test {
namespace {

using testing::study_plugins;

/// In the format of qlib's examples/benchmarks/LightGBM/workflow_config_lightgbm_Alpha158.yaml, with anchors.
constexpr const char* kWorkflow = R"yaml(qlib_init:
    provider_uri: "~/.qlib/qlib_data/cn_data"
    region: cn
market: &market csi300
benchmark: &benchmark SH000300
data_handler_config: &data_handler_config
    start_time: 2008-01-01
    end_time: 2020-08-01
    fit_start_time: 2008-01-01
    fit_end_time: 2014-12-31
    instruments: *market
    infer_processors:
        - class: RobustZScoreNorm
          kwargs: {fields_group: feature, clip_outlier: true}
        - class: Fillna
          kwargs: {fields_group: feature}
    learn_processors:
        - class: DropnaLabel
        - class: CSRankNorm
          kwargs: {fields_group: label}
    label: ["Ref($close, -2) / Ref($close, -1) - 1"]
port_analysis_config: &port_analysis_config
    strategy:
        class: TopkDropoutStrategy
        module_path: qlib.contrib.strategy
        kwargs: {signal: <PRED>, topk: 40, n_drop: 4}
    backtest:
        start_time: 2017-01-01
        end_time: 2020-08-01
        account: 100000000
        benchmark: *benchmark
        exchange_kwargs: {limit_threshold: 0.095, deal_price: close, open_cost: 0.0005, close_cost: 0.0015, min_cost: 5}
task:
    model:
        class: LGBModel
        module_path: qlib.contrib.model.gbdt
        kwargs: {loss: mse, colsample_bytree: 0.8879, learning_rate: 0.2, subsample: 0.8789, lambda_l1: 205.6999, lambda_l2: 580.9768, max_depth: 8, num_leaves: 210, num_threads: 20}
    dataset:
        class: DatasetH
        module_path: qlib.data.dataset
        kwargs:
            handler:
                class: Alpha158
                module_path: qlib.contrib.data.handler
                kwargs: *data_handler_config
            segments:
                train: [2008-01-01, 2014-12-31]
                valid: [2015-01-01, 2016-12-31]
                test: [2017-01-01, 2020-08-01]
    record:
        - class: SignalRecord
          module_path: qlib.workflow.record_temp
)yaml";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

ImportedWorkflow imported_from(const std::string& text) {
  return import_qlib_workflow(text, "workflow.yaml", "lgb", "data/prices.parquet", study_plugins());
}

Study study_of(const ImportedWorkflow& imported) {
  return parse_study(imported.study_yaml, "imported", {}, study_plugins());
}

bool warns_of(const ImportedWorkflow& imported, const std::string& text) {
  return std::any_of(imported.warnings.begin(), imported.warnings.end(),
                     [&](const auto& warning) { return warning.find(text) != std::string::npos; });
}

TEST(ImportQlibWorkflow, MakesAStudyOfQlibsOwnExample) {
  const auto imported = imported_from(kWorkflow);
  const Study study = study_of(imported);
  EXPECT_EQ(study.factors.set, "alpha158");
  EXPECT_EQ(study.label.expression.expression, "Ref($close, -2) / Ref($close, -1) - 1");
  EXPECT_EQ(study.preprocess.features.size(), 3u);
  EXPECT_EQ(study.preprocess.label, parse_label_step("cs_rank_norm"));
  EXPECT_EQ(std::get<double>(study.model_parameters.at("lambda_l2")), 580.9768);
  EXPECT_EQ(std::get<std::int64_t>(study.model_parameters.at("num_boost_round")), 1000) << "qlib's default";
  ASSERT_EQ(study.validation.folds.size(), 1u);
  EXPECT_EQ(study.validation.folds[0].test.last, make_date(2020, 8, 1));
  EXPECT_EQ(std::get<std::int64_t>(study.strategy_parameters.at("k")), 40);
  EXPECT_EQ(study.backtest.costs.commission_bps, 10.0);
  EXPECT_TRUE(warns_of(imported, "0.0005 and 0.0015"));
  EXPECT_TRUE(warns_of(imported, "limit_threshold: 0.095"));
  EXPECT_EQ(study.backtest.initial_cash, 1e8);
  EXPECT_EQ(study.universe.membership.filename(), "prices.members.csv");
  EXPECT_EQ(imported.market, "csi300");
  EXPECT_EQ(imported.store, "~/.qlib/qlib_data/cn_data");
  EXPECT_EQ(std::get<std::int64_t>(study.model_parameters.at("bagging_seed")), 3) << "LightGBM's default";
  for (const auto& warning : imported.warnings)
    EXPECT_NE(imported.study_yaml.find("# Not carried over: " + warning), std::string::npos);
}

/// The settings of qlib's examples/benchmarks/DoubleEnsemble/workflow_config_doubleensemble_Alpha158.yaml.
TEST(ImportQlibWorkflow, TakesDoubleEnsembleWithItsLists) {
  auto text = replaced(kWorkflow, "class: LGBModel", "class: DEnsembleModel");
  text = replaced(text, "{loss: mse,",
                  "{base_model: gbm, loss: mse, num_models: 3, enable_sr: True, enable_fs: True, alpha1: 1, "
                  "alpha2: 1, bins_sr: 10, bins_fs: 5, decay: 0.5, sample_ratios: [0.8, 0.7, 0.6, 0.5, 0.4], "
                  "sub_weights: [1, 0.2, 0.2], epochs: 28,");
  const auto imported = imported_from(text);
  const Study study = study_of(imported);
  EXPECT_EQ(study.model, "double_ensemble");
  EXPECT_EQ(std::get<std::int64_t>(study.model_parameters.at("epochs")), 28);
  EXPECT_EQ(std::get<std::string>(study.model_parameters.at("sub_weights")), "1,0.2,0.2");
  EXPECT_EQ(std::get<bool>(study.model_parameters.at("enable_sr")), true);
  EXPECT_FALSE(warns_of(imported, "task.model"));
  const auto without =
      imported_from(replaced(replaced(text, " decay: 0.5,", ""), "base_model: gbm", "base_model: mlp"));
  EXPECT_TRUE(warns_of(without, "0.5 is taken"));
  EXPECT_TRUE(warns_of(without, "mlp"));
}

TEST(ImportQlibWorkflow, TakesQlibsDefaultsOfAlpha360) {
  auto text = replaced(kWorkflow, "class: Alpha158", "class: Alpha360");
  text = text.replace(text.find("    infer_processors"),
                      text.find("    label:") - text.find("    infer_processors"), "");
  const auto imported = imported_from(text);
  const Study study = study_of(imported);
  EXPECT_EQ(study.factors.definitions.size(), 360u);
  EXPECT_EQ(study.preprocess.label, parse_label_step("cs_zscore"));
  EXPECT_NE(imported.study_yaml.find("features: [zscore, {fill_na: 0}]"), std::string::npos);
}

TEST(ImportQlibWorkflow, NamesWhatItCantReadAndWritesTheRest) {
  auto text = replaced(kWorkflow, "class: LGBModel", "class: DNNModelPytorch");
  text = replaced(text, "class: Fillna", "class: TanhProcess");
  const auto imported = imported_from(text);
  EXPECT_TRUE(warns_of(imported, "task.model.class: DNNModelPytorch"));
  EXPECT_TRUE(warns_of(imported, "infer_processors: TanhProcess"));
  EXPECT_TRUE(warns_of(imported, "backtest.benchmark: SH000300"));
  EXPECT_EQ(study_of(imported).model, "lightgbm");
  EXPECT_THROW(imported_from("name: x"), Error);
}

/// The workflow with another model in the place of LightGBM.
std::string with_model(const std::string& model) {
  auto text = std::string(kWorkflow);
  const auto from = text.find("        class: LGBModel");
  return text.replace(from, text.find("    dataset:") - from, model);
}

TEST(ImportQlibWorkflow, ReadsALinearModel) {
  auto text = with_model("        class: LinearModel\n        kwargs: {estimator: ridge, alpha: 0.05}\n");
  const Study study = study_of(imported_from(text));
  EXPECT_EQ(study.model, "ridge");
  EXPECT_EQ(std::get<double>(study.model_parameters.at("alpha")), 0.05);
  EXPECT_FALSE(std::get<bool>(study.model_parameters.at("fit_intercept"))) << "qlib's default";
  text = replaced(text, "        - class: Fillna\n          kwargs: {fields_group: feature}\n", "");
  const auto unfilled = imported_from(text);
  EXPECT_TRUE(warns_of(unfilled, "filled with 0"));
  EXPECT_EQ(study_of(unfilled).preprocess.features.back(), parse_feature_step("fill_na", 0.0));
}

TEST(ImportQlibWorkflow, TakesXgboostWithTheRoundsOfQlibsOwnFit) {
  const auto imported = imported_from(with_model(
      "        class: XGBModel\n        kwargs: {eta: 0.0421, subsample: 0.8789, eval_metric: rmse, "
      "n_estimators: 647, nthread: 20}\n"));
  const Study study = study_of(imported);
  EXPECT_EQ(study.model, "xgboost");
  EXPECT_EQ(std::get<double>(study.model_parameters.at("eta")), 0.0421);
  EXPECT_EQ(std::get<double>(study.model_parameters.at("subsample")), 0.8789);
  EXPECT_EQ(std::get<std::string>(study.model_parameters.at("eval_metric")), "rmse");
  EXPECT_EQ(std::get<std::int64_t>(study.model_parameters.at("num_boost_round")), 1000);
  EXPECT_EQ(std::get<std::int64_t>(study.model_parameters.at("early_stopping_rounds")), 50);
  EXPECT_TRUE(warns_of(imported, "task.model.kwargs.n_estimators: 647: qlib's class does not heed it"));
}

TEST(ImportQlibWorkflow, KeepsTheSeedOfAWorkflow) {
  const auto imported = imported_from(replaced(kWorkflow, "num_threads: 20", "num_threads: 20, seed: 11"));
  const Study study = study_of(imported);
  EXPECT_EQ(study.seed, 11u);
  EXPECT_FALSE(study.model_parameters.contains("bagging_seed"));
}

TEST(ImportQlibWorkflow, ScoresNoFurtherThanTheHandlerLoads) {
  const auto imported =
      imported_from(replaced(kWorkflow, "    end_time: 2020-08-01", "    end_time: 2019-06-28"));
  EXPECT_EQ(study_of(imported).validation.folds[0].test.last, make_date(2019, 6, 28));
}

TEST(ImportQlibWorkflow, SaysWhichSegmentIsMissing) {
  try {
    imported_from(replaced(kWorkflow, "                test: [2017-01-01, 2020-08-01]\n", ""));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("workflow.yaml: task.dataset.kwargs.segments.test"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace orrery::import_qlib_workflow_test
