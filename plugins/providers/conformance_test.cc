// Every provider that asks a service, under every fault of testing/replay_server.py: it delivers the same
// tables as without the fault, or an error that names provider and address, or leaves single rows out with a
// note; never a part for the whole; never its key. A provider is added by its file in testing/replay.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "plugins/providers/registry.h"
#include "testing/replayed_fetch.h"
#include "testing/temporary_folder.h"

namespace orrery::plugins::providers::conformance_test {
namespace {

using testing::replayed_fetch;
using testing::ReplayedRun;

constexpr const char* kKey = "s3cret+key";

const Registry& registry() {
  static const Registry all = [] {
    Registry made("provider");
    register_all(made);
    return made;
  }();
  return all;
}

bool asks_a_service(const ProviderEntry& entry) {
  for (const auto& parameter : entry.info.parameters) {
    if (parameter.name == "base_url") return true;
  }
  return false;
}

std::vector<std::string> service_names() {
  std::vector<std::string> names;
  for (const auto& name : registry().names()) {
    if (asks_a_service(registry().get(name))) names.push_back(name);
  }
  return names;
}

class Conformance : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!entry().info.key.empty()) ::setenv(entry().info.key.c_str(), kKey, 1);
  }
  void TearDown() override {
    if (!entry().info.key.empty()) ::unsetenv(entry().info.key.c_str());
  }

  const ProviderEntry& entry() const { return registry().get(GetParam()); }

  ReplayedRun run(const std::string& fault, const ParameterMap& settings = {}) const {
    return replayed_fetch(entry(), fault, "conformance_" + GetParam() + "_" + fault, settings);
  }

  /// What a failure must say, and what must not have happened.
  void expect_clear_error(const ReplayedRun& run, const std::string& fault) const {
    EXPECT_NE(run.error.find(GetParam() + ": GET http://127.0.0.1"), std::string::npos)
        << fault << ": " << run.error;
    EXPECT_NE(run.error.find("found "), std::string::npos) << fault << ": " << run.error;
    EXPECT_NE(run.error.find("expected "), std::string::npos) << fault << ": " << run.error;
    EXPECT_EQ(run.error.find("s3cret"), std::string::npos) << fault << ": " << run.error;
    EXPECT_TRUE(run.rows.empty()) << fault << ": a part was delivered";
  }
};

TEST_P(Conformance, DeliversWhatItsInfoNames) {
  const ReplayedRun found = run("none");
  ASSERT_EQ(found.error, "");
  EXPECT_FALSE(found.rows.empty());
  EXPECT_TRUE(found.quarantine.empty());
  const auto& tables = entry().info.tables;
  for (const auto& [name, table] : found.tables) {
    EXPECT_NE(std::find(tables.begin(), tables.end(), name), tables.end()) << name;
    EXPECT_EQ(std::get<DictionaryStrings>(table.column("source").values).dictionary,
              table.rows() == 0 ? std::vector<std::string>{} : std::vector<std::string>{GetParam()});
    EXPECT_EQ(table.column("retrieved").size(), table.rows());
  }
}

TEST_P(Conformance, PassingFaultsChangeNothing) {
  const ReplayedRun whole = run("none");
  for (const char* fault :
       {"rate_limit_once", "rate_limit_plain_once", "server_error_once", "slow", "stall_once", "cut_once",
        "cut_resumable", "gzip", "gzip_truncated_once", "redirect", "etag"}) {
    const ReplayedRun found = run(fault);
    EXPECT_EQ(found.error, "") << fault;
    EXPECT_EQ(found.rows, whole.rows) << fault;
  }
}

TEST_P(Conformance, LastingFaultsAreClearErrors) {
  for (const char* fault : {"rate_limit", "server_error", "stall", "cut", "cut_unmarked", "gzip_truncated",
                            "html", "empty", "half_text", "refused"}) {
    expect_clear_error(run(fault), fault);
  }
}

TEST_P(Conformance, ChangedAnswersAreNeverTakenForWhole) {
  const ReplayedRun whole = run("none");
  const auto mutations = testing::replay_file(GetParam()).at("mutations");
  for (const char* fault : {"wrong_type", "null_number", "changed_schema", "duplicated_page"}) {
    EXPECT_TRUE(mutations.contains(fault)) << "testing/replay/" << GetParam() << ".json lacks " << fault;
  }
  for (const auto& [fault, changes] : mutations.items()) {
    const bool is_ours = fault.rfind("changed", 0) == 0 || fault == "wrong_type" || fault == "null_number" ||
                         fault == "duplicated_page";
    if (!is_ours) continue;  // for orrery/app/fetch_sources_test.cc
    const ReplayedRun found = run(fault);
    if (!found.error.empty() || fault.rfind("changed", 0) == 0) {
      expect_clear_error(found, fault);
      continue;
    }
    if (fault == "wrong_type" || fault == "null_number") {
      EXPECT_EQ(found.quarantine.size(), 1U) << fault << ": the bad row is noted";
    }
    for (const auto& row : found.rows) EXPECT_TRUE(whole.rows.count(row) > 0) << fault << ": " << row;
    EXPECT_EQ(found.rows.size() + found.quarantine.size(), whole.rows.size()) << fault;
  }
}

TEST_P(Conformance, KeysAreSentAndNeverShown) {
  if (entry().info.key.empty()) GTEST_SKIP() << "needs no key";
  const testing::TemporaryFolder folder;
  const ReplayedRun found = run("etag", {{"cache", (folder.path() / "kept").string()}});
  ASSERT_EQ(found.error, "");
  EXPECT_NE(testing::replay_log("conformance_" + GetParam() + "_etag").find("s3cret"), std::string::npos);
  for (const auto& row : found.rows) EXPECT_EQ(row.find("s3cret"), std::string::npos);
  std::size_t files = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder.path() / "kept")) {
    EXPECT_EQ(file.path().string().find("s3cret"), std::string::npos);
    EXPECT_EQ(read_file(file.path()).find("s3cret"), std::string::npos);
    ++files;
  }
  EXPECT_GT(files, 0U);
  for (const auto& url : found.first_requests) EXPECT_EQ(url.find("s3cret"), std::string::npos);
}

TEST_P(Conformance, SaysWhichKeyIsMissing) {
  if (entry().info.key.empty()) GTEST_SKIP() << "needs no key";
  ::unsetenv(entry().info.key.c_str());
  const ReplayedRun found = run("none");
  EXPECT_NE(found.error.find(entry().info.key), std::string::npos) << found.error;
}

TEST_P(Conformance, TellsItsFirstRequests) {
  const ReplayedRun found = run("none");
  ASSERT_FALSE(found.first_requests.empty());
  const std::string log = testing::replay_log("conformance_" + GetParam() + "_none");
  for (const auto& url : found.first_requests) {
    EXPECT_NE(log.find(url.substr(testing::replay_address().size())), std::string::npos) << url;
  }
}

INSTANTIATE_TEST_SUITE_P(Providers, Conformance, ::testing::ValuesIn(service_names()),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace orrery::plugins::providers::conformance_test
