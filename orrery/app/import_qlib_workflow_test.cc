#include "orrery/app/import_qlib_workflow.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "orrery/app/study.h"
#include "orrery/base/error.h"
#include "plugins/models/registry.h"
#include "plugins/strategies/registry.h"

namespace orrery {
namespace {

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

Study study_of(const ImportedWorkflow& imported) {
  Plugins plugins;
  plugins::models::register_all(plugins.models);
  plugins::strategies::register_all(plugins.strategies);
  return parse_study(imported.study_yaml, "imported", {}, plugins);
}

bool warns_of(const ImportedWorkflow& imported, const std::string& text) {
  return std::any_of(imported.warnings.begin(), imported.warnings.end(),
                     [&](const auto& warning) { return warning.find(text) != std::string::npos; });
}

TEST(ImportQlibWorkflow, MakesAStudyOfQlibsOwnExample) {
  const auto imported = import_qlib_workflow(kWorkflow, "workflow.yaml", "lgb", "prices.parquet");
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
  EXPECT_TRUE(warns_of(imported, "csi300"));
  for (const auto& warning : imported.warnings)
    EXPECT_NE(imported.study_yaml.find("# Not carried over: " + warning), std::string::npos);
}

TEST(ImportQlibWorkflow, TakesQlibsDefaultsOfAlpha360) {
  auto text = replaced(kWorkflow, "class: Alpha158", "class: Alpha360");
  text = text.replace(text.find("    infer_processors"),
                      text.find("    label:") - text.find("    infer_processors"), "");
  const auto imported = import_qlib_workflow(text, "workflow.yaml", "lgb", "prices.parquet");
  const Study study = study_of(imported);
  EXPECT_EQ(study.factors.definitions.size(), 360u);
  EXPECT_EQ(study.preprocess.label, parse_label_step("cs_zscore"));
  EXPECT_NE(imported.study_yaml.find("features: [zscore, {fill_na: 0}]"), std::string::npos);
}

TEST(ImportQlibWorkflow, NamesWhatItCantReadAndWritesTheRest) {
  auto text = replaced(kWorkflow, "class: LGBModel", "class: DNNModelPytorch");
  text = replaced(text, "class: Fillna", "class: TanhProcess");
  const auto imported = import_qlib_workflow(text, "workflow.yaml", "x", "prices.parquet");
  EXPECT_TRUE(warns_of(imported, "task.model.class: DNNModelPytorch"));
  EXPECT_TRUE(warns_of(imported, "infer_processors: TanhProcess"));
  EXPECT_EQ(study_of(imported).model, "lightgbm");
  EXPECT_THROW(import_qlib_workflow("name: x", "study.yaml", "x", "p"), Error);
}

TEST(ImportQlibWorkflow, ReadsALinearModel) {
  auto text = std::string(kWorkflow);
  const auto from = text.find("        class: LGBModel");
  text.replace(from, text.find("    dataset:") - from,
               "        class: LinearModel\n        kwargs: {estimator: ridge, alpha: 0.05}\n");
  const Study study = study_of(import_qlib_workflow(text, "workflow.yaml", "x", "prices.parquet"));
  EXPECT_EQ(study.model, "ridge");
  EXPECT_EQ(std::get<double>(study.model_parameters.at("alpha")), 0.05);
}

}  // namespace
}  // namespace orrery
