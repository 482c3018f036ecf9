#include "orrery/app/run_continuation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "orrery/app/run_folder.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/parquet.h"
#include "plugins/models/registry.h"
#include "plugins/providers/registry.h"
#include "plugins/providers/simulated.h"
#include "plugins/strategies/registry.h"

namespace orrery::run_continuation_test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStudy = R"yaml(name: continued
data:       {path: ohlcv.parquet, sectors: sectors.csv, delistings: delistings.csv}
universe:   {min_history: 20}
factors:
  extra:
    reversal_5: "Ref($close,5)/$close-1"
    momentum_60: "$close/Ref($close,60)-1"
    volatility_20: "Std($close/Ref($close,1)-1,20)"
    shock_5: "$volume/(Mean($volume,20)+1)"
    range_5: "Mean($high/$low-1,5)"
select:     {top: 4, max_correlation: 0.9}
preprocess: {label: cs_rank_norm, features: [robust_zscore, {clip: 3}, {fill_na: 0}]}
model:      {name: lightgbm, params: {num_iterations: 12, num_leaves: 7, early_stopping: 5}}
validation: {train: 1y, valid: 3m, test: 6m}
portfolio:  {strategy: topk_dropout, k: 10, drop: 2}
baselines:  false
)yaml";

/// Keeps the rows of a price table from `first` to `last`.
Table rows_between(const Table& prices, Date first, Date last) {
  const auto& dates = std::get<std::vector<Date>>(prices.column("date").values);
  Table kept;
  for (const auto& column : prices.columns) {
    std::visit(
        [&](const auto& values) {
          using Values = std::decay_t<decltype(values)>;
          Values chosen;
          const auto copy = [&](const auto& from, auto& to) {
            for (std::size_t i = 0; i < dates.size(); ++i) {
              if (dates[i] >= first && dates[i] <= last) to.push_back(from[i]);
            }
          };
          if constexpr (std::is_same_v<Values, DictionaryStrings>) {
            chosen.dictionary = values.dictionary;
            copy(values.codes, chosen.codes);
          } else {
            copy(values, chosen);
          }
          kept.columns.push_back({column.name, std::move(chosen)});
        },
        column.values);
  }
  return kept;
}

/// A simulated market of which a study sees a part, and folders of runs.
class Continuation : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() /
            ("orrery_go_on_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(root_);
    plugins::models::register_all(plugins_.models);
    plugins::strategies::register_all(plugins_.strategies);
    plugins::providers::register_all(plugins_.providers);
    plugins::providers::SimulatedMarketOptions options;
    options.instruments = 40;
    options.years = 2.6;
    options.seed = 7;
    options.signal_ic = 0.1;
    auto market = simulate_market(options);
    write_simulated_market(market, root_ / "market");
    write_file_atomically(root_ / "market/study.yaml", kStudy);
    prices_ = std::move(market.prices);
    const Study made = study();
    const auto load = read_study_prices(made, {}, silent_progress());
    dates_ = load.market.dates;
    folds_ = study_folds(made, dates_);
  }
  void TearDown() override { fs::remove_all(root_); }

  Study study(const StudyOverrides& overrides = {}) const {
    return read_study(root_ / "market/study.yaml", overrides, plugins_);
  }
  /// Lets the price file end `sessions` before its end.
  void end_before(std::size_t sessions) const {
    write_parquet(rows_between(prices_, dates_.front(), dates_[dates_.size() - 1 - sessions]),
                  root_ / "market/ohlcv.parquet");
  }
  fs::path from_scratch(const std::string& name, const StudyOverrides& overrides = {}) const {
    const Study made = study(overrides);
    StudyRun run = run_study(made, plugins_, {});
    return write_run_folder(made, run, root_ / name, "", {}).folder;
  }

  struct Continued {
    fs::path folder;
    std::vector<FoldOrigin> origins;
    std::vector<std::string> notes;
    std::optional<std::size_t> new_sessions;
  };
  Continued go_on(const std::string& name, bool update, const StudyOverrides& overrides = {}) const {
    const Study made = study(overrides);
    RunContinuation continuation(made, plugins_, root_ / name, update);
    RunOptions options;
    options.folds = &continuation;
    StudyRun run = run_study(made, plugins_, options);
    const auto folder = write_run_folder(made, run, root_ / name, "", options).folder;
    continuation.finish();
    EXPECT_FALSE(fs::exists(continuation.partial_folder()));
    return {folder, continuation.origins(), continuation.notes(), continuation.new_sessions()};
  }
  /// Runs until `folds` folds are finished, then stops.
  void stop_after(const std::string& name, std::size_t folds, const StudyOverrides& overrides = {}) const {
    stop_at(name, "fold_" + std::to_string(folds), overrides);
  }
  /// Runs until a file or folder is there among what is kept of the unfinished run, then stops.
  void stop_at(const std::string& name, const std::string& kept, const StudyOverrides& overrides) const {
    const Study made = study(overrides);
    RunContinuation continuation(made, plugins_, root_ / name, false);
    RunOptions options;
    options.folds = &continuation;
    options.cancelled = [&] { return fs::exists(continuation.partial_folder() / kept); };
    try {
      run_study(made, plugins_, options);
      FAIL() << "the run was not stopped";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCancelled);
    }
  }

  DeferredSync not_for_keeps_;
  fs::path root_;
  Plugins plugins_;
  Table prices_;
  std::vector<Date> dates_;
  std::vector<Fold> folds_;
};

std::vector<std::string> files_below(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(fs::relative(entry.path(), folder).string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

nlohmann::json manifest_of(const fs::path& folder) {
  auto manifest = nlohmann::json::parse(read_file(folder / "manifest.json"));
  manifest.erase("runtime");
  return manifest;
}

void expect_same_run(const fs::path& a, const fs::path& b) {
  ASSERT_EQ(files_below(a), files_below(b));
  for (const auto& file : files_below(a)) {
    if (file == "manifest.json") continue;
    EXPECT_TRUE(read_file(a / file) == read_file(b / file)) << file;
  }
  EXPECT_EQ(manifest_of(a), manifest_of(b));
}

using enum FoldOrigin;

TEST_F(Continuation, AnUpdateIsTheRunFromScratchToTheByte) {
  end_before(5);
  from_scratch("run");
  end_before(0);
  const auto updated = go_on("run", true);
  ASSERT_GE(updated.origins.size(), 2u);
  EXPECT_EQ(updated.new_sessions, 5u);
  EXPECT_EQ(updated.notes, std::vector<std::string>{});
  EXPECT_EQ(updated.origins.front(), kReused);
  EXPECT_EQ(updated.origins.back(), kExtended);
  expect_same_run(updated.folder, from_scratch("scratch"));
}

TEST_F(Continuation, LabelsPurgedByTheirTouchAreTakenUpToTheByte) {
  const StudyOverrides barriers = {{"label", "{triple_barrier: {profit: 1.5, stop: 1.5, within: 8}}"},
                                   {"data.delistings", (root_ / "market/delistings.csv").string()}};
  end_before(5);
  from_scratch("run", barriers);
  end_before(0);
  const auto updated = go_on("run", true, barriers);
  EXPECT_EQ(updated.notes, std::vector<std::string>{});
  EXPECT_EQ(updated.origins.front(), kReused);
  expect_same_run(updated.folder, from_scratch("scratch", barriers));
  // A delisting that is recorded later changes labels that were learned.
  const PriceLoad load = read_study_prices(study(barriers), {}, silent_progress());
  write_file_atomically(root_ / "market/delistings.csv", "symbol,date,return,reason\n" +
                                                             load.market.symbols[0] + "," +
                                                             to_string(dates_[90]) + ",-0.3,performance\n");
  const auto changed = go_on("run", true, barriers);
  ASSERT_EQ(changed.notes.size(), 1u);
  EXPECT_NE(changed.notes.front().find("History changed"), std::string::npos) << changed.notes.front();
  EXPECT_EQ(changed.origins.front(), kTrained);
}

TEST_F(Continuation, ANewFoldIsTrainedAndTheOthersStay) {
  // The earlier file ends ten sessions before the last fold begins to test.
  end_before(dates_.size() - folds_.back().test.begin + 10);
  from_scratch("run");
  end_before(0);
  const auto updated = go_on("run", true);
  EXPECT_EQ(updated.origins.back(), kTrained);
  EXPECT_EQ(std::count(updated.origins.begin(), updated.origins.end(), kTrained), 1);
  expect_same_run(updated.folder, from_scratch("scratch"));
}

TEST_F(Continuation, SessionBySessionIsTheSameAsAllAtOnce) {
  end_before(3);
  from_scratch("run");
  for (const std::size_t left : {2U, 1U, 0U}) {
    end_before(left);
    EXPECT_EQ(go_on("run", true).new_sessions, 1u);
  }
  expect_same_run(root_ / "run", from_scratch("scratch"));
}

TEST_F(Continuation, UnchangedDataReusesEveryFold) {
  from_scratch("run");
  const auto updated = go_on("run", true, {{"portfolio.k", "5"}});
  EXPECT_EQ(std::count(updated.origins.begin(), updated.origins.end(), kReused),
            static_cast<std::ptrdiff_t>(updated.origins.size()));
  expect_same_run(updated.folder, from_scratch("scratch", {{"portfolio.k", "5"}}));
}

/// Ridge and other seeds are walked over the same folds; they neither take up the study's own models nor
/// leave theirs.
TEST_F(Continuation, ModelsForComparisonAreNotTakenForTheStudysOwn) {
  const StudyOverrides compared = {{"baselines", "true"},
                                   {"seeds", "2"},
                                   {"model.params.bagging_fraction", "0.5"},
                                   {"model.params.bagging_freq", "1"}};
  end_before(3);
  from_scratch("run", compared);
  end_before(0);
  const auto updated = go_on("run", true, compared);
  EXPECT_NE(updated.origins.front(), FoldOrigin::kTrained);
  expect_same_run(updated.folder, from_scratch("scratch", compared));
}

TEST_F(Continuation, ScoresTheLastBarThoughItHasNoLabel) {
  end_before(1);
  from_scratch("run");
  end_before(0);
  const auto folder = go_on("run", true).folder;
  const Table predictions = read_parquet(folder / "predictions.parquet");
  const auto& dates = std::get<std::vector<Date>>(predictions.column("date").values);
  const auto& labels = std::get<std::vector<double>>(predictions.column("label").values);
  EXPECT_EQ(dates.back(), dates_.back());
  EXPECT_TRUE(std::isnan(labels.back()));
}

TEST_F(Continuation, ChangedHistoryIsNamedAndEverythingIsComputed) {
  end_before(5);
  from_scratch("run");
  Table changed = rows_between(prices_, dates_.front(), dates_.back());
  const auto& dates = std::get<std::vector<Date>>(changed.column("date").values);
  const auto& symbols = std::get<DictionaryStrings>(changed.column("symbol").values);
  const std::size_t row = dates.size() / 3;
  for (auto& column : changed.columns) {
    if (column.name != "volume") continue;
    if (auto* whole = std::get_if<std::vector<std::int64_t>>(&column.values)) (*whole)[row] += 1;
    if (auto* real = std::get_if<std::vector<double>>(&column.values)) (*real)[row] += 1.0;
  }
  write_parquet(changed, root_ / "market/ohlcv.parquet");
  const auto updated = go_on("run", true);
  ASSERT_EQ(updated.notes.size(), 1u);
  EXPECT_EQ(updated.notes.front(), "History changed, first at " +
                                       symbols.dictionary[static_cast<std::size_t>(symbols.codes[row])] +
                                       " on " + to_string(dates[row]) + ": everything is computed again.");
  EXPECT_EQ(std::count(updated.origins.begin(), updated.origins.end(), kTrained),
            static_cast<std::ptrdiff_t>(updated.origins.size()));
  expect_same_run(updated.folder, from_scratch("scratch"));
}

TEST_F(Continuation, AnotherModelIsTrainedAgain) {
  from_scratch("run");
  const auto updated = go_on("run", true, {{"model.params.num_leaves", "9"}});
  EXPECT_EQ(std::count(updated.origins.begin(), updated.origins.end(), kTrained),
            static_cast<std::ptrdiff_t>(updated.origins.size()));
  ASSERT_EQ(updated.notes.size(), 1u);
  EXPECT_NE(updated.notes.front().find("other settings"), std::string::npos);
}

TEST_F(Continuation, ADamagedEarlierRunIsComputedAgain) {
  from_scratch("run");
  const auto digest = root_ / "run/inputs.orrery";
  write_file_atomically(digest, read_file(digest).substr(0, 2000));
  const auto updated = go_on("run", true);
  ASSERT_EQ(updated.notes.size(), 1u);
  EXPECT_NE(updated.notes.front().find("damaged"), std::string::npos);
  expect_same_run(updated.folder, from_scratch("scratch"));
}

TEST_F(Continuation, WithoutAnEarlierRunEverythingIsComputed) {
  const auto updated = go_on("run", true);
  ASSERT_EQ(updated.notes.size(), 1u);
  expect_same_run(updated.folder, from_scratch("scratch"));
}

TEST_F(Continuation, AStoppedRunGoesOnFromItsFinishedFolds) {
  stop_after("run", 1);
  EXPECT_FALSE(fs::exists(root_ / "run"));
  const auto resumed = go_on("run", false);
  EXPECT_EQ(resumed.notes, std::vector<std::string>{});
  EXPECT_EQ(resumed.origins.front(), kResumed);
  EXPECT_EQ(resumed.origins.back(), kTrained);
  expect_same_run(resumed.folder, from_scratch("scratch"));
}

TEST_F(Continuation, ANetworkStoppedInMidTrainingGoesOnFromItsCheckpoint) {
  const StudyOverrides network = {
      {"model.name", "gru"}, {"model.params", "{hidden_size: 4, window: 3, epochs: 3, batch_size: 512}"}};
  stop_at("run", "checkpoints_1/checkpoint.orrery", network);
  EXPECT_FALSE(fs::exists(root_ / "run.partial/fold_1"));
  const auto resumed = go_on("run", false, network);
  EXPECT_EQ(resumed.origins.front(), kTrained);
  expect_same_run(resumed.folder, from_scratch("scratch", network));
  // Without a checkpoint nothing is left.
  fs::remove_all(root_ / "run");
  auto wide = network;
  wide.push_back({"model.params.learning_rate", "100.0"});
  wide.push_back({"model.params.optimizer", "sgd"});
  wide.push_back({"model.params.clip_norm", "0.0"});
  EXPECT_THROW(go_on("run", false, wide), Error);
  EXPECT_FALSE(fs::exists(root_ / "run.partial"));
  // A checkpoint that can't be read stops the run instead of being trained over.
  fs::remove_all(root_ / "run");
  stop_at("run", "checkpoints_1/checkpoint.orrery", network);
  write_file_atomically(root_ / "run.partial/checkpoints_1/checkpoint.orrery", "damaged");
  EXPECT_THROW(go_on("run", false, network), Error);
}

TEST_F(Continuation, FoldsOfAnotherStudyOrOtherDataAreDropped) {
  stop_after("run", 1);
  const StudyOverrides other = {{"model.params.num_leaves", "9"}};
  const auto trained = go_on("run", false, other);
  ASSERT_EQ(trained.notes.size(), 1u);
  EXPECT_EQ(trained.origins.front(), kTrained);
  expect_same_run(trained.folder, from_scratch("scratch", other));
  stop_after("run", 1);
  end_before(1);
  EXPECT_EQ(go_on("run", false).origins.front(), kTrained);
}

TEST_F(Continuation, ADamagedFoldIsTrainedAgain) {
  for (const auto* file : {"fold.json", "model.orrery", "preprocess.json", "scores.bin"}) {
    stop_after("run", 1);
    const auto path = root_ / "run.partial/fold_1" / file;
    const auto content = read_file(path);
    write_file_atomically(path, content.substr(0, content.size() / 2));
    const auto resumed = go_on("run", false);
    EXPECT_EQ(resumed.origins.front(), kTrained) << file;
    EXPECT_EQ(resumed.notes.size(), 1u) << file;
    fs::remove_all(root_ / "run");
  }
}

TEST_F(Continuation, AFailedRunLeavesNothingWithoutAFinishedFold) {
  const Study made = study();
  RunContinuation continuation(made, plugins_, root_ / "run", false);
  RunOptions options;
  options.folds = &continuation;
  options.cancelled = [] { return true; };
  EXPECT_THROW(run_study(made, plugins_, options), Error);
  EXPECT_FALSE(fs::exists(continuation.partial_folder()));
}

TEST(InputDigest, SurvivesBeingWrittenAndNamesTheFirstChange) {
  InputDigest before;
  before.dates = {{10}, {11}, {12}};
  before.symbols = {"A", "B"};
  before.sessions = {1, 2, 3};
  before.cells = {1, 2, 3, 4, 5, 6};
  const auto read = InputDigest::from_bytes(before.to_bytes());
  EXPECT_EQ(read.to_bytes(), before.to_bytes());
  EXPECT_FALSE(first_change(before, read).has_value());
  InputDigest grown = before;
  grown.symbols = {"A", "AA", "B"};
  grown.cells = {1, 0, 2, 3, 0, 4, 5, 0, 6, 7, 8, 9};
  grown.dates.push_back({13});
  grown.sessions.push_back(4);
  EXPECT_FALSE(first_change(before, grown).has_value());
  grown.sessions[1] = 7;
  grown.cells[5] = 9;
  ASSERT_TRUE(first_change(before, grown).has_value());
  EXPECT_EQ(first_change(before, grown)->symbol, "B");
  EXPECT_EQ(first_change(before, grown)->date, (Date{11}));
  EXPECT_EQ(first_change(grown, before)->date, (Date{11}));
  before.sessions[1] = 7;
  EXPECT_EQ(first_change(grown, before)->date, (Date{13}));  // a session is gone
}

}  // namespace
}  // namespace orrery::run_continuation_test
