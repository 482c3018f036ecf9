#include "orrery/app/monitor_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "orrery/app/health_text.h"
#include "orrery/app/monitor_thresholds.h"
#include "orrery/app/run_folder.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/parquet.h"
#include "testing/small_study.h"
#include "testing/study_plugins.h"

namespace orrery::monitor_model_test {
namespace {

constexpr const char* kModel = "model: {name: ridge}\nportfolio: {k: 5, drop: 1}\nbaselines: false\n";

template <class Values>
void keep_rows(Values& values, const std::vector<Date>& dates, const std::function<bool(Date)>& keep) {
  if constexpr (std::is_same_v<Values, DictionaryStrings>) {
    keep_rows(values.codes, dates, keep);
  } else {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (keep(dates[i])) values[kept++] = values[i];
    }
    values.resize(kept);
  }
}

/// A study that was run, and its prices, which may change afterwards.
class MonitorModelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const Study study = small_.read();
    StudyRun run = run_study(study, testing::study_plugins(), {});
    write_run_folder(study, run, folder_, "", {});
    scores_ = run.walk.scores;
    dates_ = run.prices.market.dates;
  }
  ModelHealth look(MonitorOptions options = {}) const {
    options.sessions = options.sessions.value_or(40);
    return monitor_model(read_stored_run(folder_), testing::study_plugins(), options);
  }
  /// Writes the prices anew with the last 40 sessions changed: `change` sees the sessions from 0 on and the
  /// cell.
  std::filesystem::path changed_prices(const std::function<void(std::size_t, double& price)>& change) const {
    Table table = read_parquet(small_.folder() / "ohlcv.parquet");
    const auto dates = dates_of(table.column("date"));
    const Date first = dates_[dates_.size() - 40];
    for (auto& column : table.columns) {
      auto* values = std::get_if<std::vector<double>>(&column.values);
      if (values == nullptr || column.name == "volume") continue;
      for (std::size_t i = 0; i < values->size(); ++i) {
        if (dates[i] < first) continue;
        const auto session = std::lower_bound(dates_.begin(), dates_.end(), dates[i]) - dates_.begin();
        change(static_cast<std::size_t>(session) - (dates_.size() - 40), (*values)[i]);
      }
    }
    const auto file = small_.folder() / "changed.parquet";
    write_parquet(table, file);
    return file;
  }
  /// Writes those of the prices' rows whose day is kept.
  std::filesystem::path prices_of(const std::function<bool(Date)>& keep) const {
    Table table = read_parquet(small_.folder() / "ohlcv.parquet");
    const auto dates = dates_of(table.column("date"));
    for (auto& column : table.columns)
      std::visit([&](auto& values) { keep_rows(values, dates, keep); }, column.values);
    const auto file = small_.folder() / "part.parquet";
    write_parquet(table, file);
    return file;
  }
  static const DriftCheck& check(const ModelHealth& health, const std::string& key) {
    const auto& checks = health.judgement.checks;
    return *std::find_if(checks.begin(), checks.end(), [&](const auto& line) { return line.key == key; });
  }

  testing::SmallStudy small_{kModel};
  std::filesystem::path folder_ = small_.folder() / "run";
  Panel scores_;
  std::vector<Date> dates_;
};

/// The stored model gives the scores of the run again, so that the recent ICs are those of daily_ic.parquet.
TEST_F(MonitorModelTest, ScoresAsTheRunDid) {
  const auto health = look();
  const Table table = read_parquet(folder_ / "daily_ic.parquet");
  const auto& dates = dates_of(table.column("date"));
  const auto values = numbers_of(table.column("rank_ic"));
  std::size_t compared = 0;
  for (std::size_t i = 0; i < dates.size(); ++i) {
    const auto found = std::find(health.rank_ic.dates.begin(), health.rank_ic.dates.end(), dates[i]);
    if (found == health.rank_ic.dates.end() || std::isnan(values[i])) continue;
    EXPECT_EQ(health.rank_ic.values[static_cast<std::size_t>(found - health.rank_ic.dates.begin())],
              values[i]);
    compared += 1;
  }
  EXPECT_GT(compared, 100U);
  EXPECT_EQ(health.recent_sessions, 40U);
  EXPECT_EQ(health.recent_last, dates_.back());
  EXPECT_TRUE(health.notes.empty());
  EXPECT_GT(health.evidence.coverage.sessions, 30U);
}

TEST_F(MonitorModelTest, FindsNothingWhereNothingChanged) {
  MonitorOptions options;
  options.sessions = 60;
  const auto health = look(options);
  EXPECT_EQ(health.judgement.action, DriftAction::kNone) << model_health_json(health);
  EXPECT_EQ(health.judgement.features.size(), 2U);
  EXPECT_EQ(health.lines.size(), health.judgement.checks.size());
}

/// Every other day 15 % higher: returns and their deviation are nothing like those of the training span.
TEST_F(MonitorModelTest, SeesAPlantedShift) {
  MonitorOptions options;
  options.data =
      changed_prices([](std::size_t session, double& price) { price *= session % 2 == 0 ? 1.15 : 1.0; });
  const auto health = look(options);
  EXPECT_EQ(check(health, "psi").verdict, DriftVerdict::kAct) << model_health_json(health);
  EXPECT_EQ(check(health, "ks").verdict, DriftVerdict::kAct);
  EXPECT_GE(health.judgement.action, DriftAction::kRetrain);
  ASSERT_EQ(health.notes.size(), 1U);
  EXPECT_NE(health.notes[0].find("differs first on " + to_string(dates_[dates_.size() - 40])),
            std::string::npos)
      << health.notes[0];
}

TEST_F(MonitorModelTest, ThresholdsOfTheStudyHold) {
  MonitorOptions options;
  options.thresholds = DriftThresholds();
  options.thresholds->ic_fall = {-1e8, -1e8, DriftAction::kRetire};  // whatever it is
  EXPECT_EQ(look(options).judgement.action, DriftAction::kRetire);
  const Study study = small_.read({{"monitor", "{sessions: 30, psi: {act: 0.5}, missing: {action: none}}"}});
  EXPECT_EQ(study.monitor.sessions, 30);
  EXPECT_EQ(study.monitor.psi.act, 0.5);
  EXPECT_EQ(study.monitor.psi.watch, 0.1);
  EXPECT_EQ(study.monitor.missing.action, DriftAction::kNone);
}

/// The stored model scores the sessions between the run and the recent ones, and the intervals learn from
/// them.
TEST_F(MonitorModelTest, GoesOnAfterTheRun) {
  const Date run_end = dates_[dates_.size() - 31];
  const auto earlier = small_.folder() / "earlier";
  const auto part = prices_of([&](Date date) { return date <= run_end; });
  const Study study = small_.read({{"data.path", "'" + part.string() + "'"}});
  StudyRun run = run_study(study, testing::study_plugins(), {});
  write_run_folder(study, run, earlier, "", {});
  MonitorOptions options;
  options.data = small_.folder() / "ohlcv.parquet";
  options.sessions = 12;
  const auto health = monitor_model(read_stored_run(earlier), testing::study_plugins(), options);
  EXPECT_EQ(health.recent_first, dates_[dates_.size() - 12]);
  const auto& days = health.rank_ic.dates;
  for (std::size_t row = dates_.size() - 30; row < dates_.size() - 12; ++row)
    EXPECT_TRUE(std::ranges::binary_search(days, dates_[row])) << to_string(dates_[row]);
  EXPECT_TRUE(std::ranges::is_sorted(days));
  EXPECT_LE(health.evidence.ic.recent_days, 12U) << "those between are in neither span";
  EXPECT_EQ(health.evidence.coverage.sessions, health.evidence.ic.recent_days);
}

TEST_F(MonitorModelTest, SaysWhereTheTrainingSpanIsShort) {
  const auto folder = small_.folder() / "short";
  const Study study = small_.read({{"validation.train", "3m"}});
  StudyRun run = run_study(study, testing::study_plugins(), {});
  write_run_folder(study, run, folder, "", {});
  const auto notes_on = [&](int sessions) {
    MonitorOptions options;
    options.sessions = sessions;
    return monitor_model(read_stored_run(folder), testing::study_plugins(), options).notes;
  };
  EXPECT_TRUE(notes_on(20).empty());
  const auto notes = notes_on(40);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_NE(notes[0].find("hold fewer than 2 blocks of 40"), std::string::npos) << notes[0];
}

std::string refusal_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_F(MonitorModelTest, WrongThresholdsAreNamed) {
  const auto file = small_.folder() / "thresholds.yaml";
  write_file_atomically(
      file, "psi: {watch: 0.3, act: 0.2}\nks: {act: 0.2}\nic_fal: {act: 3}\nfeatures: {action: sell}\n");
  const auto said = refusal_of([&] { read_thresholds_file(file); });
  for (const char* part :
       {"psi.act: must be no smaller than watch, found watch 0.3 and act 0.2",
        "ks.act: must be no larger than watch", "did you mean 'ic_fall'", "features.action", "'sell'"})
    EXPECT_NE(said.find(part), std::string::npos) << part << "\n" << said;
}

TEST_F(MonitorModelTest, SaysWhatItLacks) {
  MonitorOptions options;
  options.data = prices_of([&](Date date) { return date >= dates_[dates_.size() / 2]; });
  EXPECT_NE(refusal_of([&] { look(options); }).find("must hold the sessions that the model learned from"),
            std::string::npos);
  const auto run = read_stored_run(folder_);
  const Date first_test = run.tests.back().first;
  options.data = prices_of([&](Date date) { return date <= first_test; });
  EXPECT_NE(refusal_of([&] { look(options); }).find("there must be at least 10 sessions after"),
            std::string::npos);
  std::filesystem::remove_all(folder_ / "models");
  EXPECT_NE(refusal_of([&] { look(); }).find("the run kept no model"), std::string::npos);
}

}  // namespace
}  // namespace orrery::monitor_model_test
