#include "orrery/data/tuning_store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cmath>
#include <thread>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/process.h"
#include "testing/temporary_folder.h"

namespace orrery::tuning_store_test {
namespace {

using State = TuningRecord::State;

class TuningStoreTest : public ::testing::Test {
 protected:
  testing::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "made" / "tuning.sqlite";
};

std::optional<std::vector<double>> always(const std::vector<TuningRecord>& trials) {
  return std::vector<double>{static_cast<double>(trials.size()), 1.0 / 3.0};
}

TEST_F(TuningStoreTest, KeepsWhatWasTried) {
  {
    TuningStore store(file_, "space");
    const auto first = store.begin(always);
    store.add_step(first->number, 0.5);
    store.add_step(first->number, 0.25);
    store.finish(first->number, State::kComplete, 0.25);
    const auto second = store.begin(always);
    store.add_step(second->number, 0.75);
    store.finish(second->number, State::kPruned, std::nan(""));
  }
  const auto trials = TuningStore(file_, "space").trials();
  ASSERT_EQ(trials.size(), 2u);
  EXPECT_EQ(trials[0].state, State::kComplete);
  EXPECT_EQ(trials[0].point, (std::vector<double>{0.0, 1.0 / 3.0}));
  EXPECT_EQ(trials[0].loss, 0.25);
  EXPECT_EQ(trials[0].steps, (std::vector<double>{0.5, 0.25}));
  EXPECT_EQ(trials[1].state, State::kPruned);
  EXPECT_TRUE(std::isnan(trials[1].loss));
  EXPECT_EQ(trials[1].point.front(), 1.0);
}

TEST_F(TuningStoreTest, EndsWhenNothingIsChosen) {
  TuningStore store(file_, "space");
  EXPECT_FALSE(store.begin([](const auto&) { return std::nullopt; }).has_value());
  EXPECT_TRUE(store.trials().empty());
}

/// Four threads with a connection each stand for four processes: every number is chosen once.
TEST_F(TuningStoreTest, LetsSeveralChooseInTurn) {
  { const TuningStore made(file_, "space"); }
  std::vector<std::thread> workers;
  for (int worker = 0; worker < 4; ++worker) {
    workers.emplace_back([this] {
      TuningStore store(file_, "space");
      for (int i = 0; i < 5; ++i) store.finish(store.begin(always)->number, State::kComplete, 1.0);
    });
  }
  for (auto& worker : workers) worker.join();
  const auto trials = TuningStore(file_, "space").trials();
  ASSERT_EQ(trials.size(), 20u);
  for (std::size_t i = 0; i < trials.size(); ++i) EXPECT_EQ(trials[i].point.front(), static_cast<double>(i));
}

TEST_F(TuningStoreTest, GivesUpTrialsOfProcessesThatAreGone) {
  {
    TuningStore store(file_, "space");
    store.begin(always);
    store.begin(always);
  }
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(file_.c_str(), &handle), SQLITE_OK);
  const std::string gone = "UPDATE tuning_trials SET process = '" + host_name() + " 1 9' WHERE number = 1";
  EXPECT_EQ(sqlite3_exec(handle, gone.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(handle);
  const auto trials = TuningStore(file_, "space").trials();
  EXPECT_EQ(trials[0].state, State::kFailed);
  EXPECT_EQ(trials[0].note, "its process was killed");
  EXPECT_EQ(trials[1].state, State::kRunning);
}

TEST_F(TuningStoreTest, RefusesAnotherSearchAndAnotherFile) {
  { const TuningStore made(file_, "space"); }
  EXPECT_THROW(TuningStore(file_, "another"), Error);
  write_file_atomically(file_.parent_path() / "text", std::string(4096, 'x'));
  EXPECT_THROW(TuningStore(file_.parent_path() / "text", "space"), Error);
}

TEST(ProcessMark, LivesAsLongAsItsProcess) {
  EXPECT_TRUE(process_lives(process_mark()));
  EXPECT_FALSE(process_lives(host_name() + " 1 9"));
  EXPECT_TRUE(process_lives("elsewhere 1 9"));
}

}  // namespace
}  // namespace orrery::tuning_store_test
