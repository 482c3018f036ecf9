#include "orrery/app/lookahead_doctor.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "orrery/app/study_label.h"
#include "orrery/app/study_lookahead.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "plugins/models/registry.h"
#include "plugins/providers/registry.h"
#include "plugins/providers/simulated.h"
#include "plugins/strategies/registry.h"

namespace orrery::lookahead_doctor_test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStudy = R"yaml(name: examined
data:       {path: ohlcv.parquet, sectors: sectors.csv, delistings: delistings.csv}
universe:   {min_history: 20, min_price: 2}
factors:
  extra:
    reversal_5: "Ref($close,5)/$close-1"
    volatility_20: "Std($close/Ref($close,1)-1,20)"
    level: "$close"
    money: "$close*$volume"
preprocess: {label: cs_rank_norm, features: [robust_zscore, {clip: 3}, {fill_na: 0}]}
model:      {name: ridge}
validation: {train: 1y, valid: 3m, test: 6m}
portfolio:  {strategy: topk_dropout, k: 5, drop: 2}
)yaml";

/// An honest study of a simulated market, into whose stages tests plant cheats. No static check sees these.
class LookaheadDoctor : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() /
            ("orrery_doctor_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(root_);
    plugins::models::register_all(plugins_.models);
    plugins::strategies::register_all(plugins_.strategies);
    plugins::providers::register_all(plugins_.providers);
    plugins::providers::SimulatedMarketOptions options;
    options.instruments = 25;
    options.years = 2.6;
    options.seed = 5;
    write_simulated_market(simulate_market(options), root_ / "market");
    write_file_atomically(root_ / "market" / "study.yaml", kStudy);
    study_ = read_study(root_ / "market" / "study.yaml", {}, plugins_);
    prices_ = read_study_prices(study_, {}, silent_progress());
    subject_ = study_lookahead_subject(study_, plugins_, {});
  }
  void TearDown() override { fs::remove_all(root_); }

  LookaheadReport examine(int cuts = 2) const { return examine_lookahead(prices_.market, subject_, {cuts}); }
  Panel peek(const std::string& expression, const MarketData& market) const {
    FactorOptions options;
    options.allow_future = true;
    return compute_expression({"peek", expression}, market, options);
  }
  /// Adds a factor made of a double panel to the study's own.
  void plant_factor(const std::string& name, std::function<Panel(const MarketData&)> values) {
    subject_.factors = [honest = subject_.factors, name, values](const MarketData& market) {
      FactorFrame frame = honest(market);
      const Panel panel = values(market);
      FloatPanel floats(panel.rows(), panel.columns());
      for (std::size_t row = 0; row < panel.rows(); ++row) {
        for (std::size_t i = 0; i < panel.columns(); ++i) floats(row, i) = static_cast<float>(panel(row, i));
      }
      frame.names.push_back(name);
      frame.panels.push_back(std::move(floats));
      return frame;
    };
  }

  fs::path root_;
  Plugins plugins_;
  Study study_;
  PriceLoad prices_;
  LookaheadSubject subject_;
};

TEST_F(LookaheadDoctor, FindsNothingInAnHonestStudy) {
  const auto report = examine(3);
  EXPECT_TRUE(report.passed()) << report.findings.front().stage << " " << report.findings.front().symbol;
  EXPECT_EQ(report.cuts.size(), 3u);
  EXPECT_GT(report.compared, 100000u);
}

TEST_F(LookaheadDoctor, PassesLabelsThatArePurgedByTheirTouch) {
  for (const char* how :
       {"{profit: 1, stop: 1, within: 15}", "{profit: 2, stop: 1, within: 15, touch: range, value: sign}"}) {
    study_ =
        read_study(root_ / "market" / "study.yaml",
                   {{"label", fmt::format("{{triple_barrier: {}}}", how)}, {"select", "{top: 2}"}}, plugins_);
    subject_ = study_lookahead_subject(study_, plugins_, {});
    const auto report = examine(4);
    EXPECT_TRUE(report.passed()) << report.findings.front().stage << " " << report.findings.front().name
                                 << " " << to_string(report.findings.front().date);
  }
}

TEST_F(LookaheadDoctor, PassesWeightsAndCalibration) {
  const StudyOverrides weighed = {{"label", "{triple_barrier: {profit: 1, stop: 1, within: 15}}"},
                                  {"weights", "{uniqueness: true, half_life: 100}"}};
  const StudyOverrides calibrated = {
      {"label", "{triple_barrier: {profit: 1, stop: 1, within: 5, value: profit}}"},
      {"preprocess.label", "none"},
      {"model", "{name: logistic}"},
      {"weights", "uniqueness"},
      {"calibration", "isotonic"}};
  for (const StudyOverrides& overrides : {weighed, calibrated}) {
    study_ = read_study(root_ / "market" / "study.yaml", overrides, plugins_);
    subject_ = study_lookahead_subject(study_, plugins_, {});
    const auto report = examine(3);
    EXPECT_TRUE(report.passed()) << report.findings.front().stage << " " << report.findings.front().name;
  }
}

TEST_F(LookaheadDoctor, PassesSidesAndHowLikelyTheyAreRight) {
  study_ = read_study(root_ / "market" / "study.yaml",
                      {{"label", "{triple_barrier: {profit: 1, stop: 1, within: 10}}"},
                       {"model", "{name: meta, primary: {name: ridge}, secondary: {name: logistic}}"}},
                      plugins_);
  subject_ = study_lookahead_subject(study_, plugins_, {});
  const auto report = examine(3);
  EXPECT_TRUE(report.passed()) << report.findings.front().stage << " " << report.findings.front().name;
}

/// The doctor would see it if whole sessions were kept with labels that end after the cut.
TEST_F(LookaheadDoctor, NamesLabelsThatAreNotPurged) {
  study_ = read_study(root_ / "market" / "study.yaml",
                      {{"label", "{triple_barrier: {profit: 3, stop: 3, within: 30}}"},
                       {"validation", "{train: 1y, valid: 0d, test: 3m, purge: 0, allow_leak: true}"}},
                      plugins_);
  subject_ = study_lookahead_subject(study_, plugins_, {});
  const auto report = examine(12);
  ASSERT_FALSE(report.passed());
  EXPECT_EQ(report.findings.front().stage, "predictions");
}

TEST_F(LookaheadDoctor, ListsFactorsThatSeeTheLevelOfPrices) {
  const auto report = examine(1);
  std::vector<std::string> names;
  for (const auto& factor : report.adjustment_dependent) {
    names.push_back(factor.factor);
    EXPECT_EQ(factor.after, 4.0 * factor.before);
  }
  EXPECT_EQ(names, std::vector<std::string>{"level"});
}

TEST_F(LookaheadDoctor, NamesAPeekingExpression) {
  plant_factor("tomorrow",
               [this](const MarketData& market) { return peek("Ref($close,-1)/$close-1", market); });
  const auto report = examine();
  ASSERT_FALSE(report.passed());
  const auto& first = report.findings.front();
  EXPECT_EQ(first.stage, "factors");
  EXPECT_EQ(first.name, "tomorrow");
  EXPECT_EQ(first.date, first.cut);
  EXPECT_EQ(first.without_future, "–");
  const auto& market = prices_.market;
  const auto row = market.lower_row(first.date);
  const auto column = market.find_symbol(first.symbol).value();
  const auto& close = market.field("close");
  EXPECT_NEAR(std::stod(first.with_future), close(row + 1, column) / close(row, column) - 1.0, 1e-6);
}

TEST_F(LookaheadDoctor, NamesTheLabelUsedAsAFactor) {
  plant_factor("answer", [this](const MarketData& market) { return study_label(study_, market, 0).values; });
  const auto report = examine();
  ASSERT_FALSE(report.passed());
  EXPECT_EQ(report.findings.front().name, "answer");
  EXPECT_EQ(report.findings.front().stage, "factors");
  EXPECT_LE(report.findings.front().date, report.findings.front().cut);
}

TEST_F(LookaheadDoctor, NamesWholeSampleNormalisation) {
  plant_factor("standardised", [](const MarketData& market) {
    Panel values = market.field("close");
    for (std::size_t i = 0; i < values.columns(); ++i) {
      double sum = 0.0;
      double count = 0.0;
      for (std::size_t row = 0; row < values.rows(); ++row) {
        if (std::isnan(values(row, i))) continue;
        sum += values(row, i);
        ++count;
      }
      for (std::size_t row = 0; row < values.rows(); ++row) values(row, i) -= sum / count;
    }
    return values;
  });
  const auto report = examine();
  ASSERT_FALSE(report.passed());
  const auto& first = report.findings.front();
  EXPECT_EQ(first.name, "standardised");
  EXPECT_EQ(first.date, prices_.market.dates.front());  // every past value knew the mean of all days
  EXPECT_NE(first.with_future, first.without_future);
}

/// Preprocessing that is fitted on all rows changes no factor and no fold: only the predictions show it.
TEST_F(LookaheadDoctor, NamesPreprocessingFittedOnAllRows) {
  subject_.scores = [honest = subject_.scores](const MarketData& market, const FactorFrame& factors,
                                               const MaskPanel& eligible, const std::vector<Fold>& folds) {
    auto steps = fit_features(factors, eligible, {0, market.rows()}, {{FeatureStep::Kind::kZScore, 0.0}}, 1);
    Panel scores = honest(market, factors, eligible, folds);
    for (std::size_t row = 0; row < scores.rows(); ++row) {
      std::vector<float> values(factors.panels[0].row(row).begin(), factors.panels[0].row(row).end());
      steps.apply(0, eligible.row(row), values);
      for (std::size_t i = 0; i < scores.columns(); ++i) scores(row, i) += static_cast<double>(values[i]);
    }
    return scores;
  };
  const auto report = examine();
  ASSERT_FALSE(report.passed());
  EXPECT_EQ(report.findings.front().stage, "predictions");
}

TEST_F(LookaheadDoctor, NamesAUniverseChosenAtTheEnd) {
  subject_.eligible = [](const MarketData& market) {
    MaskPanel eligible(market.rows(), market.instruments(), 0);
    const auto& close = market.field("close");
    for (std::size_t i = 0; i < market.instruments(); ++i) {
      const auto last = static_cast<std::size_t>(market.last_row[i]);
      const auto first = static_cast<std::size_t>(market.first_row[i]);
      const bool winner = close(last, i) > 1.05 * close(first, i);
      for (std::size_t row = first; row <= last; ++row) eligible(row, i) = winner ? 1 : 0;
    }
    return eligible;
  };
  const auto report = examine();
  ASSERT_FALSE(report.passed());
  EXPECT_EQ(report.findings.front().stage, "universe");
  EXPECT_NE(report.findings.front().with_future, report.findings.front().without_future);
}

TEST_F(LookaheadDoctor, NamesFoldsAnchoredAtTheEnd) {
  subject_.folds = [](const MarketData& market) {
    const std::size_t end = market.rows();
    return std::vector<Fold>{{{end - 360, end - 180}, {end - 180, end - 120}, {end - 120, end}}};
  };
  const auto report = examine();
  ASSERT_FALSE(report.passed());
  EXPECT_EQ(report.findings.front().stage, "folds");
  EXPECT_NE(report.findings.front().with_future, report.findings.front().without_future);
}

/// Features selected by their IC on all sessions, as is done "once, to save time": no factor and no fold
/// changes.
TEST_F(LookaheadDoctor, NamesASelectionFittedOnTheWholeSample) {
  for (const int lag : {1, 2, 3, 4, 7, 10, 15}) {
    study_.factors.definitions.push_back(
        {fmt::format("shock_{}", lag), fmt::format("Ref($volume,{})/$volume", lag)});
  }
  study_.selection = SelectionSpec{SelectionSpec::By::kRankIc, 3, 0.95};
  subject_ = study_lookahead_subject(study_, plugins_, {});
  EXPECT_TRUE(examine(2).passed());
  subject_.selection = [this](const MarketData& market, const FactorFrame& factors, const MaskPanel& eligible,
                              const std::vector<Fold>& folds) {
    const auto all = select_features(factors, study_label(study_, market, 0).values, eligible,
                                     {0, market.rows()}, *study_.selection, 1);
    return std::vector<std::vector<std::string>>(folds.size(), all.names());
  };
  const auto report = examine(8);
  ASSERT_FALSE(report.passed());
  const auto& first = report.findings.front();
  EXPECT_EQ(first.stage, "selection");
  EXPECT_FALSE(first.name.empty());
  EXPECT_NE(first.with_future, first.without_future);
}

TEST_F(LookaheadDoctor, NamesWeightsThatKnowTomorrow) {
  subject_.weights = [honest = subject_.weights, this](const MarketData& market, const Panel& scores) {
    auto weights = honest(market, scores);
    const Panel tomorrow = peek("Ref($close,-1)/$close-1", market);
    for (auto& weight : weights) {
      const double gain = tomorrow(market.lower_row(weight.date), market.find_symbol(weight.symbol).value());
      if (gain < 0.0) weight.weight = 0.0;
    }
    return weights;
  };
  const auto report = examine();
  ASSERT_FALSE(report.passed());
  EXPECT_EQ(report.findings.front().stage, "weights");
  EXPECT_EQ(report.findings.front().with_future, "0");
}

TEST_F(LookaheadDoctor, ExplicitFoldsThatHaveNotBegunAreNoChange) {
  const auto folds = study_folds(study_, prices_.market.dates);
  const auto& dates = prices_.market.dates;
  const auto range = [&](RowRange rows) { return DateRange{dates[rows.begin], dates[rows.end - 1]}; };
  for (const auto& fold : folds)
    study_.validation.folds.push_back({range(fold.train), range(fold.valid), range(fold.test)});
  const auto report = examine(3);
  EXPECT_TRUE(report.passed()) << report.findings.front().with_future;
}

TEST_F(LookaheadDoctor, SaysWhatItCannotVerify) {
  PriceSummary summary;
  summary.extra_fields = {"analyst_score"};
  summary.series_fields = {"vix"};
  study_.factors.files = {"folder/own.parquet"};
  study_.data.adjustment = Adjustment::kBackward;
  const auto inputs = unverifiable_inputs(study_, summary);
  ASSERT_EQ(inputs.size(), 4u);
  EXPECT_EQ(inputs[0], "price file, column analyst_score");
  EXPECT_EQ(inputs[1], "series vix: known when its file says so");
  EXPECT_EQ(inputs[2], "factor file own.parquet");
}

TEST_F(LookaheadDoctor, RefusesToCutNothing) { EXPECT_THROW(examine(0), Error); }

}  // namespace
}  // namespace orrery::lookahead_doctor_test
