#include "orrery/app/predict_scores.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>

#include "orrery/app/run_folder.h"
#include "orrery/app/run_study.h"
#include "orrery/base/error.h"
#include "orrery/data/parquet.h"
#include "testing/small_study.h"
#include "testing/study_plugins.h"

namespace orrery::predict_scores_test {
namespace {

/// A study that was run, and its prices.
class PredictScoresTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const Study study = small_.read();
    StudyRun run = run_study(study, testing::study_plugins(), {});
    write_run_folder(study, run, folder_, "", {});
    dates_ = run.prices.market.dates;
    symbols_ = run.prices.market.symbols;
    scores_ = run.walk.scores;
    intervals_ = run.evaluation.intervals;
  }
  Predictions predict(const PredictOptions& options = {}) const {
    return predict_scores(read_stored_run(folder_), testing::study_plugins(), options);
  }
  std::string refusal_of(const PredictOptions& options) const {
    try {
      predict(options);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }
  std::size_t column_of(const std::string& symbol) const {
    return static_cast<std::size_t>(std::ranges::find(symbols_, symbol) - symbols_.begin());
  }

  testing::SmallStudy small_{"model: {name: ridge}\nportfolio: {k: 5, drop: 1}\nbaselines: false\n"};
  std::filesystem::path folder_ = small_.folder() / "run";
  std::vector<Date> dates_;
  std::vector<std::string> symbols_;
  Panel scores_;
  ReturnIntervals intervals_;
};

/// The stored model says what it said in the run, and the intervals are the run's.
TEST_F(PredictScoresTest, SaysWhatTheRunSaid) {
  PredictOptions options;
  options.first = dates_[dates_.size() - 15];
  const auto predictions = predict(options);
  ASSERT_GT(predictions.rows.size(), 15U * 20U);
  std::size_t with_interval = 0;
  for (const auto& row : predictions.rows) {
    const auto t = static_cast<std::size_t>(std::ranges::lower_bound(dates_, row.date) - dates_.begin());
    const std::size_t i = column_of(row.symbol);
    EXPECT_EQ(row.score, scores_(t, i)) << row.symbol;
    if (!std::isfinite(row.expected)) continue;
    EXPECT_EQ(row.expected, intervals_.expected(t, i));
    EXPECT_EQ(row.lower, intervals_.lower(t, i));
    EXPECT_EQ(row.upper, intervals_.upper(t, i));
    with_interval += 1;
  }
  EXPECT_GT(with_interval, predictions.rows.size() / 2);
}

TEST_F(PredictScoresTest, RanksEachSession) {
  PredictOptions options;
  options.first = dates_[dates_.size() - 3];
  options.last = dates_[dates_.size() - 2];
  const auto predictions = predict(options);
  const auto& rows = predictions.rows;
  EXPECT_EQ(rows.front().date, *options.first);
  EXPECT_EQ(rows.back().date, *options.last);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool starts = i == 0 || rows[i].date != rows[i - 1].date;
    EXPECT_EQ(rows[i].rank, starts ? 1U : rows[i - 1].rank + 1);
    const double above = starts ? rows[i].score : rows[i - 1].score;
    EXPECT_LE(rows[i].score, above);
  }
  const Table table = prediction_table(predictions);
  EXPECT_EQ(table.rows(), rows.size());
  EXPECT_EQ(std::get<std::vector<double>>(table.column("score").values).back(), rows.back().score);
}

/// The last session is scored without any later price, to the bits that it has with them.
TEST_F(PredictScoresTest, SeesNoLaterPrice) {
  const std::size_t cut = dates_.size() - 6;
  PredictOptions whole;
  whole.first = whole.last = dates_[cut];
  const auto expected = predict(whole).rows;
  Table table = read_parquet(small_.folder() / "ohlcv.parquet");
  const auto days = std::get<std::vector<Date>>(table.column("date").values);
  for (auto& column : table.columns) {
    auto* values = std::get_if<std::vector<double>>(&column.values);
    if (values == nullptr || column.name == "volume") continue;
    for (std::size_t i = 0; i < values->size(); ++i) {
      if (days[i] > dates_[cut]) (*values)[i] *= 1.07;
    }
  }
  PredictOptions changed = whole;
  changed.data = small_.folder() / "changed.parquet";
  write_parquet(table, changed.data);
  const auto found = predict(changed).rows;
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].symbol, expected[i].symbol);
    EXPECT_EQ(found[i].score, expected[i].score);
    EXPECT_EQ(found[i].lower, expected[i].lower);
  }
}

TEST_F(PredictScoresTest, SaysWhatItCannotScore) {
  PredictOptions options;
  options.first = options.last = dates_[60];
  EXPECT_NE(refusal_of(options).find(to_string(dates_[60]) + " is a session that the model learned from"),
            std::string::npos)
      << refusal_of(options);
  options.first = Date{dates_.back().days + 3};
  options.last = Date{dates_.back().days + 5};
  EXPECT_NE(refusal_of(options).find("there is no session from"), std::string::npos);
  options = {};
  options.precision = ServingPrecision::kInt8;
  EXPECT_EQ(refusal_of(options), "the model ridge has no int8 form; networks do");
}

}  // namespace
}  // namespace orrery::predict_scores_test
