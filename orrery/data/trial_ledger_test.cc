#include "orrery/data/trial_ledger.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "testing/forked_process.h"

namespace orrery::trial_ledger_test {
namespace {

namespace fs = std::filesystem;
using testing::fork_process;

class TrialLedgerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() /
            ("orrery_ledger_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(root_);
    file_ = root_ / "home" / "trials.sqlite";
  }
  void TearDown() override { fs::remove_all(root_); }

  static Trial trial(const std::string& fingerprint, const std::string& data = "d") {
    return {"small", fingerprint, {data, *parse_date("2017-01-03"), *parse_date("2018-02-28")}, "k=5", 7};
  }

  fs::path root_;
  fs::path file_;
};

TEST_F(TrialLedgerTest, KeepsWhatItWasTold) {
  {
    TrialLedger ledger(file_);
    const auto first = ledger.begin(trial("a"));
    ledger.begin(trial("b", "other"));
    ledger.finish(first, {false, 0.05, 290.0, -0.2, 4.5});
  }
  const TrialLedger ledger(file_);
  const auto all = ledger.trials();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].trial.study_fingerprint, "a");
  EXPECT_EQ(all[0].trial.seed, 7u);
  EXPECT_EQ(to_string(all[0].trial.key.test_last), "2018-02-28");
  ASSERT_TRUE(all[0].outcome.has_value());
  EXPECT_EQ(all[0].outcome->sharpe, 0.05);
  EXPECT_EQ(all[0].outcome->kurtosis, 4.5);
  EXPECT_FALSE(all[1].outcome.has_value());
  EXPECT_EQ(ledger.trials(trial("x", "other").key).size(), 1u);
  EXPECT_EQ(all[0].started.size(), std::string("2026-01-01T00:00:00Z").size());
}

TEST_F(TrialLedgerTest, AnOutcomeIsToldOnce) {
  TrialLedger ledger(file_);
  const auto id = ledger.begin(trial("a"));
  ledger.finish(id, {true});
  EXPECT_THROW(ledger.finish(id, {false}), Error);
  EXPECT_TRUE(ledger.trials().at(0).outcome->failed);
}

TEST_F(TrialLedgerTest, TwoProcessesWriteAtOnce) {
  constexpr int kEach = 40;
  std::vector<pid_t> children;
  for (const std::string name : {"left", "right"}) {
    children.push_back(fork_process([&] {
      TrialLedger ledger(file_);
      for (int i = 0; i < kEach; ++i) ledger.finish(ledger.begin(trial(name + std::to_string(i))), {});
    }));
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  std::set<std::string> names;
  for (const auto& found : TrialLedger(file_).trials()) {
    names.insert(found.trial.study_fingerprint);
    EXPECT_TRUE(found.outcome.has_value());
  }
  EXPECT_EQ(names.size(), 2u * kEach);
}

TEST_F(TrialLedgerTest, RecordsManyTrialsTogetherOrNone) {
  TrialLedger ledger(file_);
  std::vector<Trial> trials(2);
  trials[0].study_fingerprint = "a";
  trials[1].study_fingerprint = "b";
  const auto ids = ledger.begin_all(trials);
  ASSERT_EQ(ids.size(), 2U);
  EXPECT_LT(ids[0], ids[1]);
  const TrialKey key = trial("x").key;
  ledger.locate_all(ids, key);
  EXPECT_EQ(ledger.trials(key).size(), 2U);
  EXPECT_THROW(ledger.locate_all(ids, key), Error);

  const std::vector<TrialOutcome> outcomes = {{false, 0.1, 50, 0.0, 3.0}, {true}};
  ledger.finish(ids[1], outcomes[1]);
  EXPECT_THROW(ledger.finish_all(ids, outcomes), Error);  // the second has an outcome
  EXPECT_FALSE(ledger.trials().at(0).outcome);
  ledger.finish_all(std::span(ids).first(1), outcomes);
  EXPECT_DOUBLE_EQ(ledger.trials().at(0).outcome->sharpe, 0.1);
}

/// The child says over a pipe which trials were recorded, until it is killed in the middle of its work.
TEST_F(TrialLedgerTest, NothingTheLedgerAcceptedIsLostToAKill) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork_process([&] {
    TrialLedger ledger(file_);
    for (std::int64_t id = 0;;) {
      id = ledger.begin(trial("a"));
      if (write(ends[1], &id, sizeof(id)) != sizeof(id)) return;
    }
  });
  std::int64_t accepted = 0;
  while (accepted < 25) ASSERT_EQ(read(ends[0], &accepted, sizeof(accepted)), 8);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ends[1]);
  while (read(ends[0], &accepted, sizeof(accepted)) == 8) {
  }
  close(ends[0]);
  TrialLedger ledger(file_);
  EXPECT_GE(ledger.trials().size(), static_cast<std::size_t>(accepted));
  EXPECT_GT(ledger.begin(trial("b")), accepted);
}

TEST_F(TrialLedgerTest, KeepsDailyReturns) {
  TrialLedger ledger(file_);
  const auto id = ledger.begin(trial("a"));
  TrialOutcome outcome{false, 0.05, 2.0, 0.0, 3.0};
  outcome.net_returns = {{{17000}, {17003}}, {0.01, -1.0 / 3.0}};
  outcome.benchmark_returns = {0.25, 1.0 / 7.0};
  ledger.finish(id, outcome);
  const auto found = ledger.trials().at(0).outcome->net_returns;
  EXPECT_EQ(found.dates, outcome.net_returns.dates);
  EXPECT_EQ(found.values, outcome.net_returns.values);
  EXPECT_EQ(ledger.trials().at(0).outcome->benchmark_returns, outcome.benchmark_returns);
}

TEST_F(TrialLedgerTest, LearnsOnceWhatATrialIsDoneOn) {
  TrialLedger ledger(file_);
  Trial unknown = trial("a");
  const TrialKey key = unknown.key;
  unknown.key = {};
  const auto id = ledger.begin(unknown);
  EXPECT_FALSE(ledger.trials().at(0).trial.key.known());
  EXPECT_TRUE(ledger.trials(key).empty());
  ledger.locate(id, key);
  EXPECT_EQ(ledger.trials(key).size(), 1u);
  EXPECT_THROW(ledger.locate(id, key), Error);
}

/// Runs SQL on the file itself, as other versions of the program would have.
void run_sql(const fs::path& file, const char* sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

/// The tables as version 0 of the ledger made them.
TEST_F(TrialLedgerTest, BringsAnOldLedgerAlong) {
  fs::create_directories(file_.parent_path());
  run_sql(file_, R"sql(
CREATE TABLE trials (id INTEGER PRIMARY KEY AUTOINCREMENT,
  started TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
  study TEXT NOT NULL, study_fingerprint TEXT NOT NULL, data_fingerprint TEXT NOT NULL,
  test_first TEXT NOT NULL, test_last TEXT NOT NULL, overrides TEXT NOT NULL, seed TEXT NOT NULL);
CREATE TABLE outcomes (trial INTEGER PRIMARY KEY REFERENCES trials(id),
  failed INTEGER NOT NULL, sharpe REAL, periods REAL, skewness REAL, kurtosis REAL);
INSERT INTO trials VALUES (1, '2026-01-01T00:00:00Z', 'old', 'f', 'd', '2017-01-03', '2018-02-28', '', '7');
INSERT INTO outcomes VALUES (1, 0, 0.05, 290, 0, 3);
)sql");
  TrialLedger ledger(file_);
  ledger.finish(ledger.begin(trial("new")), {});
  const auto all = ledger.trials(trial("x").key);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].trial.study, "old");
  EXPECT_EQ(all[0].outcome->sharpe, 0.05);
  EXPECT_TRUE(all[0].outcome->net_returns.values.empty());
  EXPECT_TRUE(all[0].outcome->benchmark_returns.empty());
}

TEST_F(TrialLedgerTest, LeavesALaterLedgerAlone) {
  { const TrialLedger made(file_); }
  run_sql(file_, "PRAGMA user_version = 99");
  EXPECT_THROW(TrialLedger{file_}, Error);
}

TEST_F(TrialLedgerTest, SaysWhatIsWrongWithTheFile) {
  fs::create_directories(file_.parent_path());
  write_file_atomically(file_, std::string(4096, 'x'));
  try {
    TrialLedger ledger(file_);
    FAIL() << "opened a file that is no ledger";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kDataCorrupt);
    EXPECT_NE(std::string(error.what()).find("ORRERY_HOME"), std::string::npos);
  }
}

}  // namespace
}  // namespace orrery::trial_ledger_test
