#include "orrery/app/explain_decision.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "orrery/app/run_folder.h"
#include "orrery/app/run_index.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/parquet.h"
#include "plugins/providers/registry.h"
#include "plugins/providers/simulated.h"
#include "testing/study_plugins.h"
#include "testing/temporary_folder.h"

namespace orrery::explain_decision_test {
namespace {

using testing::study_plugins;

namespace fs = std::filesystem;

constexpr const char* kStudy = R"yaml(name: small
data:       {path: market/ohlcv.parquet}
universe:   {min_history: 20}
factors:    {extra: {reversal_5: "Ref($close,5)/$close-1", range_5: "Mean($high/$low-1,5)"}}
preprocess: {label: cs_rank_norm, features: [robust_zscore, {clip: 3}, {fill_na: 0}]}
model:      {name: lightgbm, params: {num_iterations: 20, num_leaves: 4}}
validation: {train: 1y, valid: 3m, test: 6m}
portfolio:  {strategy: topk_dropout, k: 10, drop: 2}
baselines:  false
)yaml";

/// One run of a simulated market, made once for all tests.
class ExplainDecision : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    root_ = new testing::TemporaryFolder();
    plugins::providers::SimulatedMarketOptions options;
    options.instruments = 40;
    options.years = 2.2;
    write_simulated_market(simulate_market(options), root_->path() / "market");
    write_file_atomically(root_->path() / "study.yaml", kStudy);
    const Study study = read_study(root_->path() / "study.yaml", {}, study_plugins());
    StudyRun run = run_study(study, study_plugins(), {1});
    write_run_folder(study, run, folder(), "", {1});
  }
  static void TearDownTestSuite() { delete root_; }

  static fs::path folder() { return root_->path() / "out" / "run"; }
  static DecisionExplanation explain(const std::string& symbol, Date date) {
    return explain_decision(read_stored_run(folder()), symbol, date, study_plugins(), {});
  }
  static const DecisionStage& stage(const DecisionExplanation& explanation, const std::string& name) {
    return *std::find_if(explanation.stages.begin(), explanation.stages.end(),
                         [&](const auto& found) { return found.name == name; });
  }
  static double number(const DecisionStage& stage, const std::string& name) {
    for (const auto& fact : stage.facts) {
      if (fact.name == name) return std::get<double>(fact.value);
    }
    return std::nan("");
  }

  static testing::TemporaryFolder* root_;
};
testing::TemporaryFolder* ExplainDecision::root_ = nullptr;

/// Every number is held against the table that it comes from.
TEST_F(ExplainDecision, FollowsATradeBackToItsBar) {
  const Table trades = read_parquet(folder() / "trades.parquet");
  const Table prices = read_parquet(root_->path() / "market" / "ohlcv.parquet");
  const auto& dates = dates_of(trades.column("date"));
  std::size_t trade = 0;
  while (text_at(trades.column("kind"), trade) != "trade") ++trade;
  const auto equity_dates = dates_of(read_parquet(folder() / "equity.parquet").column("date"));
  const auto fill = std::lower_bound(equity_dates.begin(), equity_dates.end(), dates[trade]);
  const Date decided = *(fill - 1);
  const auto& symbol = text_at(trades.column("symbol"), trade);
  const auto explanation = explain(symbol, decided);
  ASSERT_EQ(explanation.stages.size(), 9u);
  const auto& filled = stage(explanation, "fill");
  EXPECT_EQ(number(filled, "price"), numbers_of(trades.column("price"))[trade]);
  EXPECT_EQ(number(filled, "quantity"), numbers_of(trades.column("quantity"))[trade]);
  EXPECT_EQ(filled.known, "at the close of " + to_string(dates[trade]));
  EXPECT_GE(number(stage(explanation, "order"), "shares ordered"), number(filled, "quantity"));
  EXPECT_GT(number(stage(explanation, "target weight"), "weight"), 0.0);
  EXPECT_LE(number(stage(explanation, "score"), "rank"), 10.0);
  EXPECT_FALSE(std::isnan(number(stage(explanation, "factors"), "reversal_5")));
  const auto& split = stage(explanation, "contributions");
  EXPECT_NEAR(number(split, "sum"), number(stage(explanation, "score"), "score"), 1e-12);
  EXPECT_NEAR(number(split, "base value") + number(split, "reversal_5") + number(split, "range_5"),
              number(split, "sum"), 1e-12);
  EXPECT_NE(split.sentences.at(0).find("TreeSHAP"), std::string::npos);
  for (std::size_t i = 0; i < prices.rows(); ++i) {
    if (dates_of(prices.column("date"))[i] != decided || text_at(prices.column("symbol"), i) != symbol)
      continue;
    EXPECT_NEAR(number(stage(explanation, "raw bar"), "close"), numbers_of(prices.column("close"))[i], 1e-9);
  }
}

TEST_F(ExplainDecision, SaysWhichRuleLeftANameOut) {
  const Table prices = read_parquet(root_->path() / "market" / "ohlcv.parquet");
  const auto explanation =
      explain(text_at(prices.column("symbol"), 0), dates_of(prices.column("date")).front());
  ASSERT_EQ(stage(explanation, "universe").sentences.size(), 1u);
  EXPECT_NE(stage(explanation, "universe").sentences[0].find("min_history = 20"), std::string::npos);
  EXPECT_NE(stage(explanation, "score").sentences.at(0).find("the run tests"), std::string::npos);
  const auto json = nlohmann::json::parse(explanation_json(explanation));
  EXPECT_EQ(json["stages"][2]["facts"]["eligible"], "no");
}

TEST_F(ExplainDecision, RefusesWhatItCantKnow) {
  EXPECT_THROW(explain("NOBODY", make_date(2018, 6, 1)), Error);
  EXPECT_THROW(explain("SIM00001", make_date(2018, 6, 2)), Error) << "a Saturday";
  StoredRun other = read_stored_run(folder());
  other.key.data_fingerprint = "another";
  try {
    explain_decision(other, "SIM00001", make_date(2018, 6, 1), study_plugins(), {});
    FAIL() << "explained from other prices";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("have changed"), std::string::npos);
  }
}

TEST_F(ExplainDecision, RunsAreListedTaggedAndDeleted) {
  const fs::path root = root_->path() / "copies";
  fs::create_directories(root / "no_run");
  fs::copy(folder(), root / "first", fs::copy_options::recursive);
  EXPECT_EQ(tag_run(root / "first", {"base", "base", "keep"}), (std::vector<std::string>{"base", "keep"}));
  EXPECT_THROW(tag_run(root / "first", {"a,b"}), Error);
  const auto index = list_runs(root);
  ASSERT_EQ(index.runs.size(), 1u);
  EXPECT_EQ(index.runs[0].tags.size(), 2u);
  EXPECT_EQ(nlohmann::json::parse(run_index_json(index))[0]["study"], "small");
  EXPECT_THROW(delete_run(root / "no_run"), Error);
  EXPECT_TRUE(fs::exists(root / "no_run"));
  delete_run(root / "first");
  EXPECT_FALSE(fs::exists(root / "first"));
  EXPECT_TRUE(list_runs(root / "nowhere").runs.empty());
}

}  // namespace
}  // namespace orrery::explain_decision_test
