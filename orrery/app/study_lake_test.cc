#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "orrery/app/run_folder.h"
#include "orrery/app/run_study.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/lake/import_prices.h"
#include "orrery/data/lake/lake_membership.h"
#include "plugins/providers/simulated.h"
#include "testing/study_plugins.h"
#include "testing/temporary_folder.h"

namespace orrery::study_lake_test {
namespace {

namespace fs = std::filesystem;
using testing::study_plugins;
using testing::TemporaryFolder;

constexpr const char* kRest = R"yaml(
universe:   {min_history: 20}
factors:
  extra: {reversal_5: "Ref($close,5)/$close-1", momentum_60: "$close/Ref($close,60)-1"}
preprocess: {label: cs_rank_norm, features: [robust_zscore, {clip: 3}, {fill_na: 0}]}
model:      {name: ridge}
validation: {train: 1y, valid: 3m, test: 6m}
portfolio:  {strategy: topk_dropout, k: 10, drop: 2}
baselines:  false
)yaml";

/// A simulated market as a file and as a lake.
class LakeStudy : public ::testing::Test {
 protected:
  void SetUp() override {
    plugins::providers::SimulatedMarketOptions options;
    options.instruments = 40;
    options.years = 2.2;
    options.seed = 5;
    options.signal_ic = 0.1;
    write_simulated_market(plugins::providers::simulate_market(options), root() / "market");
    Lake lake(root() / "lake");
    import_prices(lake, root() / "market" / "ohlcv.parquet", "bars_1d", {"sim", {0}, {}});
  }
  const fs::path& root() const { return folder_.path(); }
  void import_members(const std::string& text) const {
    write_file_atomically(root() / "members.csv", "symbol,start,end\n" + text);
    Lake lake(root() / "lake");
    import_membership(lake, root() / "members.csv", "index", {"hand", {0}, {}});
  }
  Study study(const std::string& data, const StudyOverrides& overrides = {}) const {
    write_file_atomically(root() / "study.yaml", "name: small\ndata: {" + data + "}" + kRest);
    return read_study(root() / "study.yaml", overrides, study_plugins());
  }
  fs::path run_into(const Study& study, const std::string& name) const {
    StudyRun run = run_study(study, study_plugins(), {});
    return write_run_folder(study, run, root() / name, "", {}).folder;
  }

 private:
  TemporaryFolder folder_;
};

constexpr const char* kFile = "path: market/ohlcv.parquet";
constexpr const char* kLake = "source: lake, path: lake";

TEST_F(LakeStudy, GivesTheResultOfItsFileToTheByte) {
  const auto file = run_into(study(kFile), "file");
  const auto lake = run_into(study(kLake), "lake_run");
  for (const auto* name : {"metrics.json", "predictions.parquet", "trades.parquet", "equity.parquet",
                           "positions.parquet", "daily_ic.parquet"}) {
    EXPECT_EQ(read_file(file / name), read_file(lake / name)) << name;
  }
  const auto manifest = nlohmann::json::parse(read_file(lake / "manifest.json"));
  EXPECT_EQ(manifest["data"]["lake"]["table"], "bars_1d");
  EXPECT_TRUE(manifest["data"]["lake"]["versions"].contains("corporate_actions"));
}

TEST_F(LakeStudy, HoldsTheMembersOfTheDay) {
  const Study plain = study(kLake);
  const auto prices = read_study_prices(plain, {}, silent_progress());
  const auto& dates = prices.market.dates;
  const auto& symbols = prices.market.symbols;
  import_members(symbols[0] + "," + to_string(dates[0]) + "," + to_string(dates[99]) + "\n" + symbols[1] +
                 "," + to_string(dates[200]) + ",\nGONE," + to_string(dates[0]) + "," + to_string(dates[50]) +
                 "\n");
  const Study held = study(kLake, {{"universe.membership", "index"}});
  const auto all = study_universe(plain, prices.market);
  const auto eligible = study_universe(held, prices.market);
  for (std::size_t row = 0; row < dates.size(); ++row) {
    EXPECT_EQ(eligible(row, 0), row <= 99 ? all(row, 0) : 0) << row;
    EXPECT_EQ(eligible(row, 1), row >= 200 ? all(row, 1) : 0) << row;
    EXPECT_EQ(eligible(row, 2), 0);
  }
  // The same list as a file gives the same universe; one that is only told about gives none.
  const Study by_file = study(kLake, {{"universe.membership", (root() / "members.csv").string()}});
  const auto same = study_universe(by_file, prices.market);
  for (std::size_t row = 0; row < dates.size(); ++row) EXPECT_EQ(eligible(row, 0), same(row, 0));
  const Study told = study(kLake, {{"data.index_membership", "index"}});
  EXPECT_EQ(study_universe(told, prices.market)(150, 0), all(150, 0));
}

TEST_F(LakeStudy, TellsAboutTheMembersOfItsLake) {
  const auto prices = read_study_prices(study(kLake), {}, silent_progress());
  std::string members;
  for (const auto& symbol : prices.market.symbols)
    members += symbol + "," + to_string(prices.market.dates.front()) + ",\n";
  import_members(members);
  const Study made = study(kLake, {{"universe.membership", "index"}});
  const auto run = run_study(made, study_plugins(), {});
  ASSERT_TRUE(run.survivorship.index);
  EXPECT_TRUE(run.survivorship.restricted_to_members);
  EXPECT_EQ(run.survivorship.membership_file, "index");
  EXPECT_EQ(run.survivorship.index->members, prices.market.instruments());
}

TEST_F(LakeStudy, SaysWhatIsWrongWithItsKeys) {
  const auto message_of = [&](const std::string& data) {
    try {
      study(data);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(message_of("source: lake, path: lake, as_of: tomorrow").find("a moment is YYYY-MM-DD"),
            std::string::npos);
  EXPECT_NE(message_of("path: a.parquet, as_of: 2020-01-01").find("belongs to source: lake"),
            std::string::npos);
  EXPECT_NE(message_of("source: lake").find("the lake's folder"), std::string::npos);
  EXPECT_NE(message_of("source: lake, path: lake, from: 2020-02-01, to: 2020-01-01").find("lies before from"),
            std::string::npos);
}

}  // namespace
}  // namespace orrery::study_lake_test
