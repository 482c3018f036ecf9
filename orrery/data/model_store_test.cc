#include "orrery/data/model_store.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "testing/forked_process.h"
#include "testing/temporary_folder.h"

namespace orrery::model_store_test {
namespace {

namespace fs = std::filesystem;
using testing::fork_process;
using Stage = ModelStage;

class ModelStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(source_ / "models/fold_2");
    write_file_atomically(source_ / "manifest.json", "{}");
    write_file_atomically(source_ / "models/fold_2/model.orrery", "trees");
  }

  NewModelVersion model(const std::string& run, const std::string& name = "small") const {
    NewModelVersion model;
    model.name = name;
    model.source = source_;
    model.files = {"manifest.json", "models/fold_2/model.orrery"};
    auto& lineage = model.lineage;
    lineage.run = run;
    lineage.run_folder = "/runs/" + run;
    lineage.study_name = "study";
    lineage.study_yaml = "name: study\n";
    lineage.data_fingerprint = "d";
    lineage.code = "0.1";
    lineage.model = "ridge";
    lineage.train = {*parse_date("2015-01-02"), *parse_date("2016-12-30")};
    lineage.test = DateSpan{*parse_date("2017-07-03"), *parse_date("2017-12-29")};
    lineage.tested = {*parse_date("2017-01-03"), *parse_date("2017-12-29")};
    lineage.metrics = {{"rank_ic_mean", 0.03}, {"sharpe", 1.0 / 3.0}};
    return model;
  }
  /// Registers as many versions of "small".
  void fill(ModelStore& registry, int count) const {
    for (int i = 1; i <= count; ++i) registry.add(model(std::to_string(i)), "");
  }
  static std::map<std::int64_t, Stage> stages(const ModelStore& registry) {
    std::map<std::int64_t, Stage> found;
    for (const auto& version : registry.versions("small")) found[version.version] = version.stage;
    return found;
  }
  /// The message of what `work` throws, and its code.
  template <class Work>
  static std::pair<ErrorCode, std::string> failure_of(Work work) {
    try {
      work();
    } catch (const Error& error) {
      return {error.code(), error.what()};
    }
    ADD_FAILURE() << "nothing was thrown";
    return {ErrorCode::kInternal, ""};
  }
  void run_sql(const char* sql, int wanted = SQLITE_OK) const {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open((root_ / "registry.sqlite").c_str(), &handle), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), wanted) << sqlite3_errmsg(handle);
    sqlite3_close(handle);
  }

  testing::TemporaryFolder folder_;
  fs::path source_ = folder_.path() / "run";
  fs::path root_ = folder_.path() / "home/models";
};

TEST_F(ModelStoreTest, KeepsWhatItWasTold) {
  {
    ModelStore registry(root_);
    registry.add(model("a"), "first");
    registry.add(model("b"), "");
    registry.add(model("a", "other"), "");
  }
  fs::remove_all(source_);
  const ModelStore registry(root_);
  ASSERT_EQ(registry.versions().size(), 3U);
  const auto found = registry.find({"small", 1});
  EXPECT_EQ(found.reference(), "small@1");
  EXPECT_EQ(found.stage, Stage::kCandidate);
  EXPECT_EQ(found.lineage.metrics, model("a").lineage.metrics);
  EXPECT_EQ(found.lineage.study_yaml, "name: study\n");
  EXPECT_EQ(to_string(found.lineage.train.last), "2016-12-30");
  EXPECT_FALSE(found.lineage.valid.has_value());
  EXPECT_EQ(to_string(found.lineage.test->first), "2017-07-03");
  EXPECT_EQ(read_file(registry.folder_of(found) / "models/fold_2/model.orrery"), "trees");
  EXPECT_EQ(registry.find({"small", 2}).content, found.content) << "the same files are kept once";
  const auto history = registry.history("small");
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0].reason, "first");
  EXPECT_FALSE(history[0].from.has_value());
  EXPECT_EQ(registry.history().size(), 3U);
}

TEST_F(ModelStoreTest, OneVersionIsLive) {
  ModelStore registry(root_);
  fill(registry, 2);
  EXPECT_EQ(registry.promote({"small", 1}, "good").size(), 1U);
  const auto changes = registry.promote({"small", 2}, "better");
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].action, "replace");
  EXPECT_EQ(changes[0].from, Stage::kLive);
  EXPECT_EQ(changes[0].to, Stage::kRetired);
  EXPECT_EQ(changes[1].reason, "better");
  EXPECT_EQ(stages(registry), (std::map<std::int64_t, Stage>{{1, Stage::kRetired}, {2, Stage::kLive}}));
  EXPECT_EQ(registry.find({"small", std::nullopt}).version, 2);
  run_sql("UPDATE versions SET stage = 'live'", SQLITE_CONSTRAINT);
  run_sql("UPDATE versions SET stage = 'good' WHERE version = 1", SQLITE_CONSTRAINT);
}

TEST_F(ModelStoreTest, RollsBackOneByOne) {
  ModelStore registry(root_);
  fill(registry, 3);
  for (std::int64_t version = 1; version <= 3; ++version) registry.promote({"small", version}, "");
  EXPECT_EQ(registry.rollback("small", "worse").size(), 2U);
  EXPECT_EQ(registry.find({"small", std::nullopt}).version, 2);
  registry.rollback("small", "");
  EXPECT_EQ(registry.find({"small", std::nullopt}).version, 1);
  const auto [code, message] = failure_of([&] { registry.rollback("small", ""); });
  EXPECT_EQ(code, ErrorCode::kNotFound);
  EXPECT_EQ(message,
            "no version of small was live before small@1; there are 1 (live), 2 (retired), 3 (retired)");
  EXPECT_EQ(registry.find({"small", std::nullopt}).version, 1);
  registry.promote({"small", 3}, "");
  registry.retire({"small", std::nullopt}, "");
  registry.rollback("small", "");
  EXPECT_EQ(registry.find({"small", std::nullopt}).version, 1) << "not the one that was retired";
}

/// Random changes, held against a plain model of what they mean.
TEST_F(ModelStoreTest, DoesWhatASimpleModelDoes) {
  ModelStore registry(root_);
  fill(registry, 4);
  std::map<std::int64_t, Stage> expected;
  for (std::int64_t version = 1; version <= 4; ++version) expected[version] = Stage::kCandidate;
  std::vector<std::int64_t> earlier;  // versions that were live, the last on top
  std::int64_t live = 0;
  std::mt19937 random(7);
  const auto draw = [&](int count) {
    return static_cast<std::int64_t>(random() % static_cast<unsigned>(count));
  };
  int done = 0;
  for (int step = 0; step < 300; ++step) {
    const auto version = 1 + draw(4);
    bool worked = true;
    const auto attempt = [&](const auto& work) {
      try {
        work();
      } catch (const Error&) {
        worked = false;
      }
    };
    switch (draw(4)) {
      case 0:
        attempt([&] { registry.promote({"small", version}, ""); });
        ASSERT_EQ(worked, version != live);
        if (!worked) break;
        if (live != 0) expected[live] = Stage::kRetired;
        expected[live = version] = Stage::kLive;
        if (earlier.empty() || earlier.back() != version) earlier.push_back(version);
        break;
      case 1:
        attempt([&] { registry.rollback("small", ""); });
        ASSERT_EQ(worked, earlier.size() > 1);
        if (!worked) break;
        earlier.pop_back();
        if (live != 0) expected[live] = Stage::kRetired;
        expected[live = earlier.back()] = Stage::kLive;
        break;
      case 2:
        attempt([&] { registry.retire({"small", version}, ""); });
        ASSERT_EQ(worked, expected[version] != Stage::kRetired);
        expected[version] = Stage::kRetired;
        if (version == live) live = 0;
        break;
      default:
        attempt([&] { registry.demote({"small", version}, ""); });
        ASSERT_EQ(worked, version == live);
        if (!worked) break;
        expected[live] = Stage::kCandidate;
        live = 0;
    }
    done += worked ? 1 : 0;
    ASSERT_EQ(stages(registry), expected) << "step " << step;
  }
  EXPECT_GT(done, 100);
}

TEST_F(ModelStoreTest, TheHistoryOnlyGrows) {
  ModelStore registry(root_);
  fill(registry, 1);
  run_sql("DELETE FROM stage_changes", SQLITE_CONSTRAINT);
  run_sql("UPDATE stage_changes SET reason = 'another'", SQLITE_CONSTRAINT);
  EXPECT_EQ(registry.history("small").size(), 1U);
}

TEST_F(ModelStoreTest, ARunIsRegisteredOnceUnderAName) {
  ModelStore registry(root_);
  registry.add(model("a"), "");
  const auto [code, message] = failure_of([&] { registry.add(model("a"), ""); });
  EXPECT_EQ(code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(message, "this run is registered already, as small@1 (candidate): /runs/a");
}

TEST_F(ModelStoreTest, NamesTheDamagedFile) {
  ModelStore registry(root_);
  fill(registry, 2);
  const auto version = registry.find({"small", 1});
  EXPECT_TRUE(registry.damage(version).empty());
  const auto file = registry.folder_of(version) / "models/fold_2/model.orrery";
  std::ofstream(file) << "treez";
  ASSERT_EQ(registry.damage(version).size(), 1U);
  const auto [code, message] = failure_of([&] { registry.promote({"small", 1}, ""); });
  EXPECT_EQ(code, ErrorCode::kDataCorrupt);
  EXPECT_NE(message.find("small@1 is damaged: the file has the fingerprint"), std::string::npos) << message;
  EXPECT_NE(message.find(file.string()), std::string::npos) << message;
  EXPECT_EQ(stages(registry).at(1), Stage::kCandidate) << "nothing changed";
  fs::remove(file);
  EXPECT_NE(registry.damage(version).front().find("missing"), std::string::npos);
  registry.add(model("3"), "");
  EXPECT_TRUE(registry.damage(version).empty()) << "the same files again replace the damaged ones";
}

TEST_F(ModelStoreTest, SaysWhatThereIs) {
  ModelStore registry(root_);
  EXPECT_NE(failure_of([&] {
              registry.find({"small", 1});
            }).second.find("no model is registered yet"),
            std::string::npos);
  fill(registry, 1);
  EXPECT_EQ(failure_of([&] {
              registry.find({"smal", 1});
            }).second,
            "no model has this name; did you mean 'small'?; there are small: smal");
  EXPECT_EQ(failure_of([&] {
              registry.find({"small", 4});
            }).second,
            "small has no version 4; there are 1 (candidate)");
  EXPECT_EQ(failure_of([&] {
              registry.find({"small", std::nullopt});
            }).second,
            "no version of small is live; name one, as in small@1; there are 1 (candidate)");
  for (const char* wrong : {"", "../x", "a/b", ".a", "a@", "a@0", "a@1x", "a@-1", "a b"})
    EXPECT_THROW(parse_model_reference(wrong), Error) << wrong;
  EXPECT_EQ(*parse_model_reference("a.b-1@12").version, 12);
}

TEST_F(ModelStoreTest, TwoProcessesRegisterAtOnce) {
  constexpr int kEach = 15;
  std::vector<pid_t> children;
  for (const std::string side : {"left", "right"}) {
    children.push_back(fork_process([&] {
      ModelStore registry(root_);
      for (int i = 0; i < kEach; ++i) {
        const auto added = registry.add(model(side + std::to_string(i)), "");
        registry.promote({"small", added.version}, side);
      }
    }));
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const ModelStore registry(root_);
  std::set<std::string> runs;
  std::int64_t next = 0;
  int live = 0;
  for (const auto& version : registry.versions("small")) {
    EXPECT_EQ(version.version, ++next);
    runs.insert(version.lineage.run);
    live += version.stage == Stage::kLive ? 1 : 0;
  }
  EXPECT_EQ(runs.size(), 2U * kEach);
  EXPECT_EQ(live, 1);
  EXPECT_EQ(registry.history().size(), 2U * kEach * 3 - 1)
      << "add, promote, and replace for all but the first";
}

/// The child says over a pipe which versions it registered and made live, until it is killed in its work.
TEST_F(ModelStoreTest, NothingTheRegistryAcceptedIsLostToAKill) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork_process([&] {
    ModelStore registry(root_);
    for (int i = 0;; ++i) {
      const auto added = registry.add(model(std::to_string(i)), "");
      registry.promote({"small", added.version}, "");
      if (write(ends[1], &added.version, sizeof(added.version)) != sizeof(added.version)) return;
    }
  });
  std::int64_t accepted = 0;
  while (accepted < 10) ASSERT_EQ(read(ends[0], &accepted, sizeof(accepted)), 8);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ends[1]);
  while (read(ends[0], &accepted, sizeof(accepted)) == 8) {
  }
  close(ends[0]);
  ModelStore registry(root_);
  EXPECT_GE(registry.find({"small", std::nullopt}).version, accepted);
  for (const auto& version : registry.versions("small")) EXPECT_TRUE(registry.damage(version).empty());
  EXPECT_GT(registry.add(model("after"), "").version, accepted);
}

TEST_F(ModelStoreTest, LeavesALaterRegistryAlone) {
  { const ModelStore made(root_); }
  run_sql("PRAGMA user_version = 99");
  EXPECT_THROW(ModelStore{root_}, Error);
}

TEST_F(ModelStoreTest, SaysWhatIsWrongWithTheFile) {
  fs::create_directories(root_);
  write_file_atomically(root_ / "registry.sqlite", std::string(4096, 'x'));
  const auto [code, message] = failure_of([&] { const ModelStore registry(root_); });
  EXPECT_EQ(code, ErrorCode::kDataCorrupt);
  EXPECT_NE(message.find("ORRERY_HOME"), std::string::npos);
}

}  // namespace
}  // namespace orrery::model_store_test
