#include "orrery/ml/out_of_fold.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "orrery/base/error.h"
#include "testing/planted_signal.h"

namespace orrery::out_of_fold_test {
namespace {

using testing::PlantedStudy;

/// Remembers which rows it learned, and says its number.
struct Log {
  std::vector<std::set<std::uint32_t>> learned;
};

class RowRecorder final : public Model {
 public:
  explicit RowRecorder(Log& log) : log_(log) {}
  FitReport fit(const Dataset& train, const Dataset* /*valid*/, const FitContext& /*context*/) override {
    auto& rows = log_.learned.emplace_back();
    for (const Sample& sample : train.samples()) rows.insert(sample.row);
    number_ = static_cast<double>(log_.learned.size() - 1);
    return {};
  }
  PredictReport predict(const Dataset& data, std::span<double> out, int /*threads*/) const override {
    for (std::size_t i = 0; i < data.size(); ++i) out[i] = number_;
    return {};
  }
  void save(const std::filesystem::path& /*folder*/) const override {}
  void load(const std::filesystem::path& /*folder*/) override {}
  ModelDescription describe() const override { return {}; }

 private:
  Log& log_;
  double number_ = -1.0;
};

ModelEntry recorder(Log& log) {
  ModelEntry entry;
  entry.factory = [&log](const ParameterMap&) { return std::make_unique<RowRecorder>(log); };
  return entry;
}

FitContext purged(int rows) {
  FitContext context;
  context.purge_rows = rows;
  return context;
}

TEST(OutOfFold, NoSampleIsPredictedByAModelThatSawItsLabel) {
  constexpr int kPurge = 3;
  constexpr int kEmbargo = 4;
  const PlantedStudy study;
  const Dataset train = study.learn({10, 90});
  Log log;
  LibrarySeconds seconds;
  const auto scores =
      out_of_fold_scores(recorder(log), {}, train, nullptr, {4, kEmbargo}, purged(kPurge), seconds);
  ASSERT_EQ(scores.size(), train.size());
  ASSERT_EQ(log.learned.size(), 4u);
  std::map<double, std::set<std::uint32_t>> predicted;
  for (std::size_t i = 0; i < scores.size(); ++i) predicted[scores[i]].insert(train.samples()[i].row);
  ASSERT_EQ(predicted.size(), 4u);
  for (const auto& [number, rows] : predicted) {
    EXPECT_EQ(rows.size(), 20u);  // blocks of equal length
    const auto& learned = log.learned[static_cast<std::size_t>(number)];
    for (const std::uint32_t row : learned) {
      // Labels of both reach `kPurge` rows on; behind the block the embargo comes on top.
      const bool before = row + kPurge < *rows.begin();
      const bool behind = row >= *rows.rbegin() + 1 + kPurge + kEmbargo;
      EXPECT_TRUE(before || behind) << row;
    }
    EXPECT_GE(learned.size(), 80u - 20u - 2u * kPurge - kEmbargo);
  }
}

TEST(OutOfFold, RefusesBlocksThatLeaveNothing) {
  const PlantedStudy study;
  Log log;
  LibrarySeconds seconds;
  EXPECT_THROW(
      out_of_fold_scores(recorder(log), {}, study.learn({0, 10}), nullptr, {2, 0}, purged(9), seconds),
      Error);
  EXPECT_THROW(
      out_of_fold_scores(recorder(log), {}, study.learn({0, 10}), nullptr, {20, 0}, purged(0), seconds),
      Error);
}

}  // namespace
}  // namespace orrery::out_of_fold_test
