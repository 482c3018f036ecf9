#include "orrery/app/run_study.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "orrery/app/cut_market.h"
#include "orrery/app/own_scores.h"
#include "orrery/app/run_folder.h"
#include "orrery/app/trial_recorder.h"
#include "orrery/backtest/journal_verify.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/fingerprint.h"
#include "orrery/base/random.h"
#include "orrery/data/parquet.h"
#include "plugins/providers/registry.h"
#include "plugins/providers/simulated.h"
#include "testing/study_plugins.h"

namespace orrery::run_study_test {
namespace {

using testing::study_plugins;

namespace fs = std::filesystem;

constexpr const char* kStudy = R"yaml(name: small
data:       {path: ohlcv.parquet, sectors: sectors.csv, delistings: delistings.csv}
universe:   {min_history: 20}
factors:
  extra:
    reversal_5: "Ref($close,5)/$close-1"
    momentum_60: "$close/Ref($close,60)-1"
    volatility_20: "Std($close/Ref($close,1)-1,20)"
    shock_5: "$volume/(Mean($volume,20)+1)"
    range_5: "Mean($high/$low-1,5)"
    rank_20: "Rank($close,20)"
preprocess: {label: cs_rank_norm, features: [robust_zscore, {clip: 3}, {fill_na: 0}]}
model:      {name: ridge}
validation: {train: 1y, valid: 3m, test: 6m}
portfolio:  {strategy: topk_dropout, k: 10, drop: 2}
baselines:  false
)yaml";

plugins::providers::SimulatedMarket small_market(std::uint64_t seed, double signal) {
  plugins::providers::SimulatedMarketOptions options;
  options.instruments = 60;
  options.years = 2.6;
  options.seed = seed;
  options.signal_ic = signal;
  return simulate_market(options);
}

/// A folder with a simulated market and a study of it, removed at the end.
class StudyFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() /
            ("orrery_run_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(root_);
    fs::create_directories(root_);
    write_market(small_market(7, 0.1), kStudy);
  }
  void TearDown() override { fs::remove_all(root_); }

  void write_market(const plugins::providers::SimulatedMarket& market, const std::string& study) {
    fs::remove_all(root_ / "market");
    write_simulated_market(market, root_ / "market");
    write_file_atomically(root_ / "market" / "study.yaml", study);
  }
  Study study(const StudyOverrides& overrides = {}) const {
    return read_study(root_ / "market" / "study.yaml", overrides, study_plugins());
  }
  fs::path run_into(const std::string& name, int threads) const {
    const Study made = study();
    StudyRun run = run_study(made, study_plugins(), {threads});
    return write_run_folder(made, run, root_ / name, "", {threads}).folder;
  }

  fs::path root_;
};

std::vector<std::string> files_below(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(fs::relative(entry.path(), folder).string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST_F(StudyFolder, LeavesTheSameBytesForAnyThreadCount) {
  const auto one = run_into("one", 1);
  const auto three = run_into("three", 3);
  ASSERT_EQ(files_below(one), files_below(three));
  EXPECT_GE(files_below(one).size(), 11u);
  for (const auto& file : files_below(one)) {
    if (file == "manifest.json") continue;
    EXPECT_EQ(read_file(one / file), read_file(three / file)) << file;
  }
  auto manifest_one = nlohmann::json::parse(read_file(one / "manifest.json"));
  auto manifest_three = nlohmann::json::parse(read_file(three / "manifest.json"));
  EXPECT_NE(manifest_one["runtime"], manifest_three["runtime"]);
  manifest_one.erase("runtime");
  manifest_three.erase("runtime");
  EXPECT_EQ(manifest_one, manifest_three);
}

TEST_F(StudyFolder, BooksAreRebuiltFromTradesAndPricesAlone) {
  const auto folder = run_into("run", 0);
  const auto verification =
      verify_journal(read_parquet(folder / "trades.parquet"), read_parquet(folder / "positions.parquet"),
                     read_parquet(folder / "equity.parquet"));
  EXPECT_TRUE(verification.verified()) << verification.summary();
  EXPECT_GT(verification.entries, 100u);
}

TEST_F(StudyFolder, ReplacesARunButNothingElse) {
  run_into("run", 0);
  run_into("run", 0);
  fs::create_directories(root_ / "precious");
  write_file_atomically(root_ / "precious" / "thesis.txt", "text");
  EXPECT_THROW(run_into("precious", 0), Error);
  EXPECT_EQ(read_file(root_ / "precious" / "thesis.txt"), "text");
}

/// Keeps the rows of a price table that are known on a day.
Table known_by(const Table& prices, Date last) {
  const auto& dates = std::get<std::vector<Date>>(prices.column("date").values);
  Table kept;
  for (const auto& column : prices.columns) {
    std::visit(
        [&](const auto& values) {
          using Values = std::decay_t<decltype(values)>;
          Values chosen;
          if constexpr (std::is_same_v<Values, DictionaryStrings>) {
            chosen.dictionary = values.dictionary;
            for (std::size_t i = 0; i < dates.size(); ++i) {
              if (dates[i] <= last) chosen.codes.push_back(values.codes[i]);
            }
          } else {
            for (std::size_t i = 0; i < dates.size(); ++i) {
              if (dates[i] <= last) chosen.push_back(values[i]);
            }
          }
          kept.columns.push_back({column.name, std::move(chosen)});
        },
        column.values);
  }
  return kept;
}

TEST_F(StudyFolder, CuttingTheFutureLeavesThePastToTheBit) {
  auto market = small_market(7, 0.1);
  const Study made = study();
  const StudyRun whole = run_study(made, study_plugins(), {});
  const auto& dates = whole.prices.market.dates;
  // In the middle of the second fold's test span: its model was trained long before.
  const auto& second = whole.walk.folds.at(1).used.test;
  const Date cut = dates[second.begin + second.size() / 2];
  market.prices = known_by(market.prices, cut);
  write_market(market, kStudy);
  const StudyRun past = run_study(study(), study_plugins(), {});

  std::size_t compared = 0;
  for (std::size_t row = 0; row < past.prices.market.rows(); ++row) {
    for (std::size_t i = 0; i < past.prices.market.instruments(); ++i) {
      const auto column = whole.prices.market.find_symbol(past.prices.market.symbols[i]);
      const double expected = whole.walk.scores(row, *column);
      const double found = past.walk.scores(row, i);
      ASSERT_EQ(std::isnan(expected), std::isnan(found)) << row << " " << i;
      if (std::isnan(found)) continue;
      ASSERT_EQ(expected, found) << row << " " << i;
      ++compared;
    }
  }
  EXPECT_GT(compared, 5000u);
  const auto& daily = past.evaluation.backtest.daily;
  for (std::size_t i = 0; i + 1 < daily.size(); ++i) {
    ASSERT_EQ(daily[i].equity, whole.evaluation.backtest.daily[i].equity) << to_string(daily[i].date);
  }
}

void expect_same_panel(const Panel& a, const Panel& b, const std::string& name) {
  ASSERT_EQ(a.rows(), b.rows()) << name;
  ASSERT_EQ(a.columns(), b.columns()) << name;
  for (std::size_t row = 0; row < a.rows(); ++row) {
    for (std::size_t i = 0; i < a.columns(); ++i) {
      if (std::isnan(a(row, i)) && std::isnan(b(row, i))) continue;
      ASSERT_EQ(a(row, i), b(row, i)) << name << " " << row << " " << i;
    }
  }
}

/// Cutting in memory is reading a file that ends there: the doctor's first step against the loader.
TEST_F(StudyFolder, CutMarketIsTheMarketOfAShorterFile) {
  const MarketData whole = read_study_prices(study(), {}, silent_progress()).market;
  for (const std::size_t row : {std::size_t{40}, std::size_t{333}, whole.rows() - 1}) {
    auto market = small_market(7, 0.1);
    market.prices = known_by(market.prices, whole.dates[row]);
    write_market(market, kStudy);
    const MarketData read = read_study_prices(study(), {}, silent_progress()).market;
    const MarketData cut = cut_market(whole, row);
    EXPECT_EQ(cut.dates, read.dates);
    EXPECT_EQ(cut.symbols, read.symbols);
    EXPECT_EQ(cut.first_row, read.first_row);
    EXPECT_EQ(cut.last_row, read.last_row);
    EXPECT_EQ(cut.sectors, read.sectors);
    EXPECT_EQ(cut.delistings.size(), read.delistings.size());
    for (const auto& [name, panel] : read.fields) expect_same_panel(cut.field(name), panel, name);
    for (const auto& [name, panel] : read.raw) expect_same_panel(cut.raw_field(name), panel, name);
    expect_same_panel(cut.dividend, read.dividend, "dividend");
    expect_same_panel(cut.split_ratio, read.split_ratio, "split_ratio");
  }
  EXPECT_THROW(cut_market(whole, whole.rows()), Error);
}

TEST_F(StudyFolder, OwnScoresGetTheVerdictOfTheRunThatMadeThem) {
  const auto folder = run_into("run", 0);
  OwnScores scores;
  scores.predictions = folder / "predictions.parquet";
  scores.study = root_ / "market" / "study.yaml";
  const Study made = own_scores_study(scores, study_plugins());
  const StudyRun own = run_own_scores(scores, made, study_plugins(), {});
  const StudyRun run = run_study(study(), study_plugins(), {});
  EXPECT_EQ(own.evaluation.signal.ic.mean, run.evaluation.signal.ic.mean);
  EXPECT_EQ(own.evaluation.performance.annual_return, run.evaluation.performance.annual_return);
}

/// An index that is only told about: the same scores and trades as without it, and a universe without the
/// name that never belonged once it restricts.
TEST_F(StudyFolder, AnIndexIsToldAboutWithoutChangingTheRun) {
  const StudyRun plain = run_study(study(), study_plugins(), {});
  ASSERT_TRUE(plain.evaluation.trust.survivorship.has_value());
  EXPECT_FALSE(plain.evaluation.trust.survivorship->index.has_value());
  std::string members = "symbol,start,end\nABSENT,2000-01-01,\n";
  const auto& symbols = plain.prices.market.symbols;
  for (std::size_t i = 1; i < symbols.size(); ++i) members += symbols[i] + ",2000-01-01,\n";
  const std::string file = (root_ / "members.csv").string();
  write_file_atomically(file, members);
  const StudyRun told = run_study(study({{"data.index_membership", file}}), study_plugins(), {});
  const auto& survivorship = *told.evaluation.trust.survivorship;
  EXPECT_EQ(survivorship.index->members, symbols.size());
  EXPECT_EQ(survivorship.index->members_without_prices, 1u);
  EXPECT_FALSE(survivorship.restricted_to_members);
  expect_same_panel(plain.walk.scores, told.walk.scores, "scores");
  const StudyRun restricted = run_study(study({{"universe.membership", file}}), study_plugins(), {});
  EXPECT_TRUE(restricted.evaluation.trust.survivorship->restricted_to_members);
  EXPECT_EQ(restricted.evaluation.trust.survivorship->index->members_without_prices, 1u);
  EXPECT_EQ(restricted.eligible(400, 0), 0);
}

TEST_F(StudyFolder, EachFoldChoosesItsFeaturesAndKeepsThem) {
  const Study made = study({{"select.top", "3"}, {"select.max_correlation", "0.9"}});
  StudyRun run = run_study(made, study_plugins(), {});
  const auto folder = write_run_folder(made, run, root_ / "run", "", {}).folder;
  const auto manifest = nlohmann::json::parse(read_file(folder / "manifest.json"));
  const auto metrics = nlohmann::json::parse(read_file(folder / "metrics.json"));
  EXPECT_EQ(metrics["selected_features_mean"], 3.0);
  EXPECT_NE(read_file(folder / "report.html").find("Selection of features"), std::string::npos);
  for (std::size_t i = 0; i < run.walk.folds.size(); ++i) {
    const auto fold = folder / "models" / ("fold_" + std::to_string(i + 1));
    const auto selection = FeatureSelection::from_json(read_file(fold / "selection.json"));
    const auto names = selection.names();
    ASSERT_EQ(names.size(), 3u);
    EXPECT_EQ(manifest["folds"][i]["selected"], names);
    EXPECT_EQ(run.walk.folds[i].fit.importance.size(), 3u);
    auto steps = FittedFeatures::from_json(read_file(fold / "preprocess.json"));
    EXPECT_TRUE(std::is_permutation(names.begin(), names.end(), steps.names().begin(), steps.names().end()));
  }
}

/// What a fold leaves is enough to give its scores again.
TEST_F(StudyFolder, AFoldsFilesGiveItsScoresAgain) {
  const Study made = study({{"select.top", "3"}});
  StudyRun run = run_study(made, study_plugins(), {});
  const auto folder = write_run_folder(made, run, root_ / "run", "", {}).folder / "models/fold_1";
  const FactorFrame factors = study_factors(made, run.prices.market, {});
  const auto selection = FeatureSelection::from_json(read_file(folder / "selection.json"));
  const auto steps = FittedFeatures::from_json(read_file(folder / "preprocess.json"));
  auto model = make_model(study_plugins().models.get(made.model), {});
  model->load(folder);
  const Dataset data({factors, chosen_positions(selection, factors)}, steps, run.eligible,
                     run.walk.folds[0].used.test);
  std::vector<double> scores(data.size());
  model->predict(data, scores, 1);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    ASSERT_EQ(scores[i], run.walk.scores(data.samples()[i].row, data.samples()[i].instrument));
  }
}

TEST_F(StudyFolder, GainLabelIsJudgedAsAProbability) {
  for (const char* model :
       {"{name: lightgbm, params: {objective: binary, num_iterations: 20}}", "{name: logistic}"}) {
    const StudyRun run = run_study(
        study(
            {{"label.gain", "0.05"}, {"label.within", "3"}, {"preprocess.label", "none"}, {"model", model}}),
        study_plugins(), {});
    ASSERT_TRUE(run.evaluation.classification.has_value()) << model;
    const auto& events = *run.evaluation.classification;
    EXPECT_GT(events.events, 0u);
    EXPECT_LT(events.brier, 0.25) << model;
    EXPECT_GT(events.average_precision, 0.0) << model;
  }
}

TEST_F(StudyFolder, BarriersAreLearnedAndPurgedByTheirTouch) {
  const std::string barriers = "{triple_barrier: {profit: 1.5, stop: 1.5, within: 10, touch: range}}";
  const StudyRun by_touch = run_study(study({{"label", barriers}}), study_plugins(), {1});
  const StudyRun by_span =
      run_study(study({{"label", barriers}, {"validation.purge", "11"}}), study_plugins(), {1});
  ASSERT_EQ(by_touch.walk.folds.size(), by_span.walk.folds.size());
  for (std::size_t fold = 0; fold < by_touch.walk.folds.size(); ++fold) {
    EXPECT_GT(by_touch.walk.folds[fold].train_samples, by_span.walk.folds[fold].train_samples);
    EXPECT_EQ(by_touch.walk.folds[fold].used, by_touch.walk.folds[fold].given);
  }
  EXPECT_GT(by_touch.evaluation.signal.rank_ic.mean, 0.0);
  const StudyRun threads = run_study(study({{"label", barriers}}), study_plugins(), {4});
  for (std::size_t row = 0; row < by_touch.walk.scores.rows(); ++row) {
    for (std::size_t i = 0; i < by_touch.walk.scores.columns(); ++i) {
      const double score = by_touch.walk.scores(row, i);
      EXPECT_TRUE(threads.walk.scores(row, i) == score || std::isnan(score));
    }
  }
}

TEST_F(StudyFolder, WeightsReachTheModelTheSameForAnyThreads) {
  const std::string barriers = "{triple_barrier: {profit: 1.5, stop: 1.5, within: 10}}";
  const auto run = [&](const std::string& weights, int threads) {
    return run_study(study({{"label", barriers}, {"weights", weights}}), study_plugins(), {threads})
        .walk.scores;
  };
  const auto same = [](const Panel& a, const Panel& b) {
    for (std::size_t row = 0; row < a.rows(); ++row) {
      for (std::size_t i = 0; i < a.columns(); ++i) {
        if (a(row, i) != b(row, i) && !(std::isnan(a(row, i)) && std::isnan(b(row, i)))) return false;
      }
    }
    return true;
  };
  const Panel weighted = run("{uniqueness: true, half_life: 60}", 1);
  EXPECT_TRUE(same(weighted, run("{uniqueness: true, half_life: 60}", 4)));
  EXPECT_FALSE(same(weighted, run("{}", 1)));
  EXPECT_FALSE(same(weighted, run("uniqueness", 1)));
}

TEST_F(StudyFolder, AProfitBeforeTheStopIsJudgedAsAProbability) {
  const StudyRun run =
      run_study(study({{"label", "{triple_barrier: {profit: 2, stop: 2, within: 10, value: profit}}"},
                       {"preprocess.label", "none"},
                       {"model", "{name: logistic}"}}),
                study_plugins(), {});
  ASSERT_TRUE(run.evaluation.classification.has_value());
  EXPECT_GT(run.evaluation.classification->events, 0u);
  EXPECT_TRUE(run.evaluation.pick_returns.empty());
}

TEST_F(StudyFolder, CalibratedProbabilitiesComeWithWhatTheyWere) {
  const StudyOverrides plain = {{"label", "{gain: 0.05, within: 3}"},
                                {"preprocess.label", "none"},
                                {"model", "{name: logistic, params: {class_weight: balanced}}"},
                                {"validation.valid", "6m"}};
  for (const char* method : {"isotonic", "platt"}) {
    StudyOverrides calibrated = plain;
    calibrated.emplace_back("calibration", method);
    StudyRun run = run_study(study(calibrated), study_plugins(), {2});
    ASSERT_TRUE(run.evaluation.uncalibrated.has_value()) << method;
    const auto& after = *run.evaluation.classification;
    const auto& before = *run.evaluation.uncalibrated;
    EXPECT_EQ(after.count, before.count);
    EXPECT_LT(after.brier, before.brier) << method;
    EXPECT_LT(after.log_loss, before.log_loss) << method;
    // Balanced classes say too much by far; what is calibrated says on average about what comes.
    EXPECT_GT(before.groups.back().mean_predicted, 2.0 * before.groups.back().event_rate) << method;
    const RunSummary summary = write_run_folder(study(calibrated), run, root_ / method, "", {});
    const auto metrics = nlohmann::json::parse(read_file(root_ / method / "metrics.json"));
    EXPECT_EQ(metrics.at("brier_uncalibrated").get<double>(), before.brier);
    EXPECT_NE(read_file(summary.report).find("Before the calibration"), std::string::npos);
    EXPECT_TRUE(fs::exists(root_ / method / "models/fold_1/calibration.txt"));
    const StudyRun threads = run_study(study(calibrated), study_plugins(), {1});
    const auto fold = run.walk.folds.front().used.test;
    for (std::size_t i = 0; i < run.eligible.columns(); ++i) {
      const double score = run.walk.scores(fold.begin, i);
      EXPECT_TRUE(threads.walk.scores(fold.begin, i) == score || std::isnan(score));
    }
  }
}

TEST_F(StudyFolder, SharpeRatioIsMeasuredOverTheCashRate) {
  const auto without = run_study(study(), study_plugins(), {}).evaluation.performance;
  const auto with = run_study(study({{"cash_rate", "0.05"}}), study_plugins(), {}).evaluation.performance;
  // A constant rate moves the mean and not the deviation; 252 sessions of its compound share make 5 % a year.
  const double cash = 252.0 * (std::pow(1.05, 1.0 / 252.0) - 1.0);
  EXPECT_NEAR(with.sharpe, without.sharpe - cash / without.annual_volatility, 1e-9);
  EXPECT_EQ(with.annual_return, without.annual_return);
}

TEST_F(StudyFolder, PlantedSignalIsFoundByTheWholePipeline) {
  const StudyRun run = run_study(study(), study_plugins(), {});
  EXPECT_GT(run.evaluation.signal.rank_ic.newey_west_t, 3.0);
  EXPECT_FALSE(run.evaluation.trust.baselines.has_value());  // the study says `baselines: false`
}

/// Over 20 markets in which nothing is predictable the pooled mean rank IC lies within two standard errors of
/// zero. The standard error is that of the markets' own means, which are independent.
TEST_F(StudyFolder, NothingIsFoundWhereNothingIs) {
  std::vector<double> means;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    write_market(small_market(seed, 0.0), kStudy);
    means.push_back(run_study(study(), study_plugins(), {}).evaluation.signal.rank_ic.mean);
  }
  double sum = 0.0;
  double squares = 0.0;
  for (const double value : means) {
    sum += value;
    squares += value * value;
  }
  const double n = static_cast<double>(means.size());
  const double mean = sum / n;
  const double standard_error = std::sqrt((squares / n - mean * mean) / (n - 1.0));
  EXPECT_LT(std::abs(mean), 2.0 * standard_error) << mean << " ± " << standard_error;
}

/// Scores dealt out among the names of each day at random have no relation to what follows.
TEST_F(StudyFolder, ShuffledScoresHaveNoIc) {
  const Study made = study();
  const StudyRun run = run_study(made, study_plugins(), {});
  Panel shuffled = run.walk.scores;
  Random random(11);
  for (std::size_t row = 0; row < shuffled.rows(); ++row) {
    const auto cells = shuffled.row(row);
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (!std::isnan(cells[i])) places.push_back(i);
    }
    for (std::size_t k = places.size(); k > 1; --k)
      std::swap(cells[places[k - 1]], cells[places[random.below(k)]]);
  }
  const auto judged = evaluate_scores(made, study_plugins(), run.prices, run.eligible, shuffled,
                                      run.forward_return, nullptr, {});
  EXPECT_LT(std::abs(judged.signal.rank_ic.newey_west_t), 3.0);
}

TEST_F(StudyFolder, EveryTrialStandsInTheLedgerWithItsReturns) {
  const Study made = study();
  const fs::path ledger = root_ / "home" / "trials.sqlite";
  {
    const Study lost = study({{"data.path", (root_ / "nowhere.parquet").string()}});
    TrialRecorder recorder({lost, {}}, ledger);
    EXPECT_THROW(run_study(lost, study_plugins(), {2}), Error);
  }
  {
    TrialRecorder recorder({made, {}}, ledger);
    RunOptions options{2};
    options.prices_read = [&](const PriceLoad& prices) { recorder.locate_folds(prices); };
    EXPECT_EQ(recorder.finish(run_study(made, study_plugins(), options).evaluation).distinct_trials, 1u);
  }
  const auto scores = run_into("run", 2) / "predictions.parquet";
  const OwnScores own{scores, "", root_ / "market" / "study.yaml", {}};
  TrialRecorder recorder({made, {}, fingerprint_file(scores)}, ledger);
  RunOptions options{2};
  options.scores_read = [&](const PriceLoad& prices, const Panel& placed) {
    recorder.locate_scores(prices, placed);
  };
  const auto verdict = recorder.finish(run_own_scores(own, made, study_plugins(), options).evaluation);
  EXPECT_EQ(verdict.distinct_trials, 2u);
  EXPECT_NEAR(verdict.mean_correlation, 1.0, 1e-9) << "the same scores earn the same";
  const auto trials = TrialLedger(ledger).trials();
  ASSERT_EQ(trials.size(), 3u);
  EXPECT_TRUE(trials[0].outcome->failed);
  EXPECT_FALSE(trials[0].trial.key.known());
  EXPECT_EQ(trials[1].outcome->net_returns.values.size(),
            static_cast<std::size_t>(trials[1].outcome->periods));
}

}  // namespace
}  // namespace orrery::run_study_test
