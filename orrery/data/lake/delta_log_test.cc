#include "orrery/data/lake/delta_log.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/lake/delta_checkpoint.h"
#include "testing/crashing_disk.h"
#include "testing/temporary_folder.h"

namespace orrery::delta_log_test {
namespace {

using testing::CrashingDisk;
using testing::PowerFailure;
using testing::TemporaryFolder;

DeltaActions creation() {
  DeltaActions actions;
  actions.info = CommitInfo{0, "CREATE TABLE", {}};
  actions.protocol.emplace();
  actions.metadata.emplace();
  actions.metadata->id = "6f1d9b3e-3e56-4a3f-8a71-3f0a4e1f1c11";
  actions.metadata->schema.fields = {{.name = "symbol"}, {.name = "close", .type = DeltaType::kDouble}};
  return actions;
}

DeltaActions adding(const std::string& path) {
  DeltaActions actions;
  actions.info = CommitInfo{0, "WRITE", {{"mode", "Append"}}};
  actions.added.push_back({.path = path,
                           .partition_values = {{"year", "2020"}, {"none", std::nullopt}},
                           .size = 17,
                           .modified_ms = 5,
                           .statistics = R"({"numRecords":3})",
                           .tags = {{"checksum", "abc"}}});
  return actions;
}

DeltaActions removing(const std::string& path) {
  DeltaActions actions;
  actions.info = CommitInfo{0, "DELETE", {}};
  actions.removed.push_back({path, 7, true});
  return actions;
}

std::set<std::string> paths(const DeltaState& state) {
  std::set<std::string> result;
  for (const auto& file : state.files) result.insert(file.path);
  EXPECT_EQ(result.size(), state.files.size());
  return result;
}

/// Ticks one second a question.
DeltaLogOptions ticking(int checkpoint_interval) {
  auto seconds = std::make_shared<std::int64_t>(1'600'000'000);
  return {checkpoint_interval, [seconds] { return Timestamp{(*seconds)++ * 1'000'000'000}; }};
}

TEST(DeltaLog, AddsUpWhatWasCommitted) {
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path() / "lake");
  DeltaLog log(*files, "bars", ticking(100));
  EXPECT_EQ(log.latest(), nullptr);
  EXPECT_EQ(log.commit(creation(), {}), 0);
  EXPECT_EQ(log.commit(adding("a.parquet"), {.version = 0}), 1);
  EXPECT_EQ(log.commit(adding("year=2020/b c%.parquet"), {.version = 1}), 2);
  EXPECT_EQ(log.commit(removing("a.parquet"), {.version = 2}), 3);
  DeltaLog fresh(*files, "bars");
  const auto state = fresh.latest();
  EXPECT_EQ(state->version, 3);
  EXPECT_EQ(paths(*state), std::set<std::string>{"year=2020/b c%.parquet"});
  EXPECT_EQ(state->removed.size(), 1u);
  EXPECT_EQ(state->metadata.schema, creation().metadata->schema);
  const auto& file = state->files.front();
  EXPECT_EQ(file.partition_values.at("year"), "2020");
  EXPECT_EQ(file.partition_values.at("none"), std::nullopt);
  EXPECT_EQ(file.statistics, R"({"numRecords":3})");
  EXPECT_EQ(*file.tags.find("checksum"), "abc");
}

TEST(DeltaLog, TravelsByVersionAndByTime) {
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path());
  DeltaLog log(*files, "", ticking(2));
  log.commit(creation(), {});
  for (int i = 1; i <= 7; ++i) log.commit(adding(fmt::format("{}.parquet", i)), {.version = i - 1});
  for (std::int64_t version = 0; version <= 7; ++version) {
    EXPECT_EQ(paths(*log.at_version(version)).size(), static_cast<std::size_t>(version));
  }
  const auto history = log.history(100);
  ASSERT_EQ(history.size(), 8u);
  EXPECT_EQ(history.front().version, 7);
  for (const auto& commit : history) {
    const Timestamp moment{commit.info.timestamp_ms * 1'000'000};
    EXPECT_EQ(log.at_time(moment)->version, commit.version);
    if (commit.version == 0) continue;
    EXPECT_EQ(log.at_time({moment.nanoseconds - 1})->version, commit.version - 1);
  }
  EXPECT_THROW(log.at_version(8), Error);
  EXPECT_THROW(log.at_time({0}), Error);
}

TEST(DeltaLog, ACheckpointHoldsTheWholeState) {
  auto state =
      DeltaState({}, {creation(), adding("a b.parquet"), adding("c.parquet"), removing("c.parquet")}, 3);
  state.latest.push_back({"feed", 9});
  const std::vector<std::string> parts = {checkpoint_bytes(state, 0)};
  const auto read = parse_checkpoint(parts, "here");
  ASSERT_EQ(read.files.size(), 1u);
  EXPECT_EQ(read.files[0].path, "a b.parquet");
  EXPECT_EQ(read.files[0].size, 17);
  EXPECT_EQ(read.files[0].modified_ms, 5);
  EXPECT_EQ(read.files[0].statistics, state.files[0].statistics);
  EXPECT_EQ(read.files[0].partition_values, state.files[0].partition_values);
  EXPECT_EQ(read.files[0].tags, state.files[0].tags);
  EXPECT_EQ(read.removed.size(), 1u);
  EXPECT_EQ(read.removed[0].deleted_ms, 7);
  EXPECT_EQ(read.metadata.id, state.metadata.id);
  EXPECT_EQ(read.metadata.schema, state.metadata.schema);
  EXPECT_EQ(read.protocol.writer_version, 2);
  EXPECT_EQ(read.latest.at(0).version, 9);
  EXPECT_EQ(parse_checkpoint(std::vector<std::string>{checkpoint_bytes(state, 8)}, "here").removed.size(),
            0u);
}

/// A file of which every part differs from the others' parts.
AddedFile numbered_file(int i) {
  AddedFile file;
  file.path = fmt::format("year={}/{}.parquet", i % 7, i);
  file.size = i;
  file.modified_ms = 2 * i;
  if (i % 3 != 0) file.statistics = fmt::format(R"({{"numRecords":{}}})", i);
  if (i % 5 != 0) file.tags.set("number", fmt::format("{}", i));
  if (i % 10 == 1) file.tags.set("last", "");
  if (i % 4 != 0) file.partition_values = {{"year", fmt::format("{}", i % 7)}, {"none", std::nullopt}};
  return file;
}

// More than two row groups of 16,384, which are read beside each other, the last ones without anything but
// files.
TEST(DeltaLog, ACheckpointOfManyFilesComesBackInOrder) {
  constexpr int kFiles = 40'000;
  DeltaState state({}, {creation()}, 0);
  for (int i = 0; i < kFiles; ++i) state.files.push_back(numbered_file(i));
  for (int i = 0; i < 20; ++i) state.removed.push_back({fmt::format("gone {}", i), 7, true});
  AddedFile kept;  // outlives the checkpoint
  {
    const auto read = parse_checkpoint(std::vector<std::string>{checkpoint_bytes(state, 0)}, "here");
    EXPECT_EQ(read.metadata.schema, state.metadata.schema);
    EXPECT_EQ(read.removed.size(), 20u);
    ASSERT_EQ(read.files.size(), state.files.size());
    for (std::size_t i = 0; i < read.files.size(); ++i) {
      const auto &ours = read.files[i], &theirs = state.files[i];
      ASSERT_EQ(ours.path, theirs.path);
      ASSERT_EQ(ours.size, theirs.size);
      ASSERT_EQ(ours.modified_ms, theirs.modified_ms);
      ASSERT_EQ(ours.statistics, theirs.statistics);
      ASSERT_EQ(ours.tags, theirs.tags);
      ASSERT_EQ(ours.partition_values, theirs.partition_values);
    }
    kept = read.files[16'391];
  }
  EXPECT_EQ(kept.statistics, numbered_file(16'391).statistics);
  EXPECT_EQ(kept.tags, numbered_file(16'391).tags);
}

TEST(DeltaLog, PartsOfACheckpointAddUp) {
  DeltaState first({}, {creation(), adding("a.parquet")}, 1);
  DeltaState second({}, {creation(), adding("b.parquet"), adding("c.parquet")}, 2);
  const std::vector<std::string> parts = {checkpoint_bytes(first, 0), checkpoint_bytes(second, 0)};
  EXPECT_EQ(paths(parse_checkpoint(parts, "here")),
            (std::set<std::string>{"a.parquet", "b.parquet", "c.parquet"}));
}

TEST(DeltaLog, ADamagedCheckpointIsPassedOver) {
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path());
  DeltaLog log(*files, "", ticking(3));
  log.commit(creation(), {});
  for (int i = 1; i <= 8; ++i) log.commit(adding(fmt::format("{}.parquet", i)), {.version = i - 1});
  for (const auto* damage : {"", "PAR1", "nonsense"}) {
    write_file_atomically(folder.path() / "_delta_log/00000000000000000008.checkpoint.parquet", damage);
    DeltaLog fresh(*files, "");
    EXPECT_EQ(paths(*fresh.latest()).size(), 8u);
  }
  write_file_atomically(folder.path() / "_delta_log/_last_checkpoint", "{\"version\":");
  DeltaLog fresh(*files, "");
  EXPECT_EQ(paths(*fresh.latest()).size(), 8u);
}

TEST(DeltaLog, ReadsOnWhereItsCheckpointIsTheBeginning) {
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path());
  DeltaLog log(*files, "", ticking(3));
  log.commit(creation(), {});
  for (int i = 1; i <= 10; ++i) log.commit(adding(fmt::format("{}.parquet", i)), {.version = i - 1});
  const auto early = log.history(100)[4];  // version 6; the checkpoints are of 2, 5 and 8
  EXPECT_EQ(log.remove_before({early.info.timestamp_ms * 1'000'000}), 6u);
  DeltaLog fresh(*files, "");
  EXPECT_EQ(paths(*fresh.latest()).size(), 10u);
  EXPECT_EQ(paths(*fresh.at_version(6)).size(), 6u);
  try {
    fresh.at_version(4);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_NE(std::string(error.what()).find("the log holds commits 5 to 10"), std::string::npos)
        << error.what();
  }
}

TEST(DeltaLog, ADamagedCommitIsNamedWithItsLine) {
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path());
  DeltaLog log(*files, "");
  log.commit(creation(), {});
  files->write("_delta_log/00000000000000000001.json", "{\"commitInfo\":{}}\n{\"add\":{\"path\":");
  try {
    log.latest();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kDataCorrupt);
    EXPECT_NE(std::string(error.what()).find("00000000000000000001.json:2:"), std::string::npos)
        << error.what();
  }
}

TEST(DeltaLog, RefusesTablesThatAskForMore) {
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path());
  auto actions = creation();
  actions.protocol = DeltaProtocol{3, 7, {"deletionVectors"}, {"deletionVectors"}};
  files->write("_delta_log/00000000000000000000.json", to_json_lines(actions));
  DeltaLog log(*files, "");
  try {
    log.latest();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(
        std::string(error.what()).find("reader version 3 (deletionVectors), but Orrery knows version 1"),
        std::string::npos)
        << error.what();
  }
}

struct ConflictCase {
  const char* name;
  DeltaActions theirs;
  DeltaActions ours;
  bool reads = false;  ///< ours rests on all rows
  bool conflicts = false;
};

TEST(DeltaLog, GoesOnTopOfOthersUnlessTheyAreInTheWay) {
  auto wider = creation();
  wider.protocol.reset();
  wider.metadata->schema.fields.push_back({.name = "volume", .type = DeltaType::kLong});
  auto narrower = wider;
  narrower.metadata->schema.fields = {{.name = "symbol"}};
  auto moved = adding("moved");
  moved.added[0].data_change = false;
  const std::vector<ConflictCase> cases = {
      {"two appends", adding("x"), adding("y")},
      {"append after a removal", removing("a"), adding("y")},
      {"append after a new column", wider, adding("y")},
      {"append after a lost column", narrower, adding("y"), false, true},
      {"both remove", removing("a"), removing("a"), false, true},
      {"remove different files", removing("a"), removing("b")},
      {"overwrite after an append", adding("x"), removing("b"), true, true},
      {"overwrite after a compaction's new file", moved, removing("b"), true, false},
      {"two definitions", wider, wider, false, true},
  };
  for (const auto& test : cases) {
    const TemporaryFolder folder;
    const auto files = folder_files(folder.path());
    DeltaLog log(*files, "");
    log.commit(creation(), {});
    log.commit(adding("a"), {.version = 0});
    log.commit(adding("b"), {.version = 1});
    const auto read = log.latest();
    DeltaLog other(*files, "");
    other.commit(test.theirs, {2, read->metadata});
    CommitBasis basis{2, read->metadata};
    if (test.reads) basis.concerns = [](const AddedFile&) { return true; };
    if (test.conflicts) {
      EXPECT_THROW(log.commit(test.ours, basis), Error) << test.name;
      EXPECT_EQ(log.latest()->version, 3) << test.name;
    } else {
      EXPECT_EQ(log.commit(test.ours, basis), 4) << test.name;
    }
  }
}

TEST(DeltaLog, RacingWritersLoseNothing) {
  constexpr int kWriters = 4;
  constexpr int kCommits = 100;
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path());
  DeltaLog(*files, "").commit(creation(), {});
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      const auto own_files = folder_files(folder.path());  // as another process would
      DeltaLog log(*own_files, "", {.checkpoint_interval = 50});
      for (int i = 0; i < kCommits; ++i) {
        const auto read = log.latest();
        log.commit(adding(fmt::format("{}-{}", writer, i)), {read->version, read->metadata});
      }
    });
  }
  for (auto& writer : writers) writer.join();
  DeltaLog log(*files, "");
  EXPECT_EQ(log.latest()->version, kWriters * kCommits);
  EXPECT_EQ(paths(*log.latest()).size(), static_cast<std::size_t>(kWriters * kCommits));
}

/// Commits until the power fails; returns what was acknowledged.
std::vector<std::string> commit_until_failure(Disk& disk, std::vector<std::string> wanted) {
  const auto files = folder_files("/lake", disk);
  DeltaLog log(*files, "bars", ticking(3));
  std::vector<std::string> done;
  try {
    if (log.latest() == nullptr) log.commit(creation(), {});
    for (const auto& path : wanted) {
      const auto read = log.latest();
      log.commit(adding(path), {read->version, read->metadata});
      done.push_back(path);
    }
  } catch (const PowerFailure&) {
  }
  return done;
}

/// Oracle: the list of what was acknowledged before the power failed. The commit in the air may stand or not;
/// every other must.
TEST(DeltaLog, EveryAcknowledgedCommitOutlivesAPowerFailure) {
  const std::vector<std::string> wanted = {"1", "2", "3", "4", "5", "6", "7"};
  CrashingDisk whole(0);
  ASSERT_EQ(commit_until_failure(whole, wanted).size(), wanted.size());
  int crashes = 0;
  for (std::size_t step = 0; step < whole.steps(); ++step) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed, ++crashes) {
      CrashingDisk disk(seed);
      disk.fail_after(step);
      const auto done = commit_until_failure(disk, wanted);
      disk.restart();
      const auto files = folder_files("/lake", disk);
      DeltaLog log(*files, "bars");
      const auto state = log.latest();
      if (!state) {
        EXPECT_TRUE(done.empty()) << "step " << step << " seed " << seed;
        continue;
      }
      const auto found = paths(*state);
      for (const auto& path : done) EXPECT_TRUE(found.contains(path)) << "step " << step << " seed " << seed;
      EXPECT_LE(found.size(), done.size() + 1);
      const std::vector<std::string> rest(wanted.begin() + static_cast<std::ptrdiff_t>(found.size()),
                                          wanted.end());
      EXPECT_EQ(commit_until_failure(disk, rest).size(), rest.size());
    }
  }
  EXPECT_GT(crashes, 500);
}

}  // namespace
}  // namespace orrery::delta_log_test
