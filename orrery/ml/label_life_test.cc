#include "orrery/ml/label_life.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/random.h"
#include "orrery/ml/cross_validation.h"
#include "orrery/ml/walk_forward.h"
#include "testing/planted_signal.h"

namespace orrery::label_life_test {
namespace {

using testing::PlantedStudy;

constexpr std::size_t kSpan = 8;

/// A planted study whose labels become known 1 to kSpan rows later; a few are missing.
struct LivingStudy : PlantedStudy {
  RowPanel ends;
  explicit LivingStudy(std::uint64_t seed = 4) : ends(120, 40) {
    Random random(seed);
    for (std::size_t row = 0; row < 120; ++row) {
      for (std::size_t i = 0; i < 40; ++i) {
        ends(row, i) = static_cast<std::uint32_t>(row + 1 + random.below(kSpan));
        if (ends(row, i) >= 120 || random.below(30) == 0) label(row, i) = kNaN;
      }
    }
  }
  bool has_label(std::size_t row, std::size_t i) const {
    return eligible(row, i) != 0 && !std::isnan(label(row, i));
  }
};

/// What one fit was shown.
struct Shown {
  std::vector<Sample> train, valid;
};

class Witness final : public Model {
 public:
  explicit Witness(std::vector<Shown>& shown) : shown_(shown) {}
  FitReport fit(const Dataset& train, const Dataset* valid, const FitContext& /*context*/) override {
    shown_.push_back({train.samples(), valid != nullptr ? valid->samples() : std::vector<Sample>{}});
    return {};
  }
  PredictReport predict(const Dataset& /*data*/, std::span<double> out, int /*threads*/) const override {
    std::fill(out.begin(), out.end(), 0.0);
    return {};
  }
  void save(const std::filesystem::path& /*folder*/) const override {}
  void load(const std::filesystem::path& /*folder*/) override {}
  ModelDescription describe() const override { return {"witness", Task::kRegression, {}, {}}; }

 private:
  std::vector<Shown>& shown_;
};

ModelEntry witness(std::vector<Shown>& shown) {
  return {{"witness", "", {}, {}, "", true},
          [&shown](const ParameterMap&) { return std::make_unique<Witness>(shown); }};
}

std::set<std::pair<std::uint32_t, std::uint32_t>> cells_of(const std::vector<Sample>& samples) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> cells;
  for (const Sample& sample : samples) cells.emplace(sample.row, sample.instrument);
  return cells;
}

bool is_half_known(const LivingStudy& study, std::size_t row, std::size_t limit) {
  int known = 0, late = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    if (!std::isnan(study.label(row, i))) ++(study.ends(row, i) < limit ? known : late);
  }
  return known >= late;
}

/// Exactly the cells of `rows` whose label is known before `limit`, as half of their session's are: none
/// overlaps, and none is missing that would not have.
void expect_known_before(const LivingStudy& study, RowRange rows, std::size_t limit,
                         const std::vector<Sample>& found) {
  const auto cells = cells_of(found);
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    for (std::uint32_t i = 0; i < 40; ++i) {
      const bool wanted =
          study.has_label(row, i) && study.ends(row, i) < limit && is_half_known(study, row, limit);
      EXPECT_EQ(cells.count({static_cast<std::uint32_t>(row), i}) == 1, wanted) << row << " " << i;
    }
  }
}

TEST(LabelLife, AWalkForwardKeepsWhatIsKnownBeforeTheNextSegment) {
  const LivingStudy study;
  WalkForwardSpec spec;
  spec.folds = {{{0, 50}, {50, 65}, {65, 80}}, {{15, 65}, {}, {80, 95}}};
  spec.purge_rows = kSpan;
  spec.label_span_rows = kSpan;
  std::vector<Shown> shown;
  const auto result = walk_forward(study.features, study.label, study.eligible, spec, witness(shown),
                                   silent_progress(), &study.ends);
  ASSERT_EQ(shown.size(), 2u);
  expect_known_before(study, {0, 50}, 50, shown[0].train);
  for (const Sample& sample : shown[0].valid) EXPECT_LT(sample.row + kSpan, 65u);  // sessions are whole
  expect_known_before(study, {50, 65 - kSpan}, 65, shown[0].valid);
  expect_known_before(study, {15, 65}, 80, shown[1].train);
  EXPECT_EQ(result.folds[0].used, spec.folds[0]);  // no session is dropped whole
  // Some of the last sessions' labels are known in time: that is what the longest span would have thrown out.
  std::size_t kept = 0;
  for (const Sample& sample : shown[0].train) kept += sample.row + kSpan >= 50 ? 1 : 0;
  EXPECT_GT(kept, 50u);
}

TEST(LabelLife, RanksKnowOnlyWhatIsKnown) {
  LivingStudy study;
  WalkForwardSpec spec;
  spec.folds = {{{0, 50}, {}, {50, 80}}};
  spec.preprocess.label = LabelStep::kCrossRankNorm;
  std::vector<Shown> shown;
  const LearningData data{study.features, study.label, study.label, study.eligible, &study.ends};
  const Panel before = known_raw_label(data, RowRange{0, 50}, {RowRange{50, 80}});
  for (std::size_t row = 0; row < 50; ++row) {
    for (std::size_t i = 0; i < 40; ++i) {
      if (study.ends(row, i) >= 50) study.label(row, i) = 1e6;  // what nobody may know yet
    }
  }
  const Panel after = known_raw_label(data, RowRange{0, 50}, {RowRange{50, 80}});
  const Panel ranks_before = preprocess_label(before, study.eligible, LabelStep::kCrossRankNorm);
  const Panel ranks_after = preprocess_label(after, study.eligible, LabelStep::kCrossRankNorm);
  for (std::size_t row = 0; row < 50; ++row) {
    for (std::size_t i = 0; i < 40; ++i) {
      EXPECT_TRUE(ranks_before(row, i) == ranks_after(row, i) || std::isnan(ranks_before(row, i)));
    }
  }
}

/// No learned label shares a row with a tested one, whichever came first.
TEST(LabelLife, CrossValidationNeverLearnsFromAnOverlap) {
  const LivingStudy study;
  for (const int test_folds : {1, 2}) {
    CrossValidationSpec spec;
    spec.sample = {0, 120};
    spec.splits = {5, test_folds, kSpan, 0};
    spec.valid_share = 0.2;
    spec.label_span_rows = kSpan;
    spec.threads = 1;
    std::vector<Shown> shown;
    const auto result = cross_validate(study.features, study.label, study.eligible, spec, witness(shown),
                                       silent_progress(), &study.ends);
    ASSERT_EQ(shown.size(), result.splits.splits.size());
    std::size_t beyond_the_span = 0;
    for (std::size_t split = 0; split < shown.size(); ++split) {
      const auto overlaps = [&](const Sample& sample, const RowRange& block) {
        const std::size_t end = study.ends(sample.row, sample.instrument);
        std::size_t tested_until = block.end - 1;
        for (std::size_t row = block.begin; row < block.end; ++row) {
          for (std::size_t i = 0; i < 40; ++i) {
            if (!std::isnan(study.label(row, i)))
              tested_until = std::max<std::size_t>(tested_until, study.ends(row, i));
          }
        }
        return sample.row <= tested_until && end >= block.begin;
      };
      std::size_t first_valid = 120;
      for (const Sample& sample : shown[split].valid)
        first_valid = std::min<std::size_t>(first_valid, sample.row);
      for (const auto* samples : {&shown[split].train, &shown[split].valid}) {
        for (const Sample& sample : *samples) {
          for (const std::size_t block : result.splits.splits[split].test) {
            const RowRange& rows = result.splits.blocks[block];
            EXPECT_FALSE(overlaps(sample, rows));
            if (sample.row < rows.begin && sample.row + kSpan >= rows.begin) ++beyond_the_span;
          }
        }
      }
      for (const Sample& sample : shown[split].train) {
        EXPECT_LT(study.ends(sample.row, sample.instrument), first_valid);
      }
    }
    EXPECT_GT(beyond_the_span, 100u);  // kept, where the longest span would have thrown them out
  }
}

TEST(LabelLife, WithTheFullSpanEverywhereItIsTheFixedPurge) {
  LivingStudy study;
  for (std::size_t row = 0; row < 120; ++row) {
    for (std::size_t i = 0; i < 40; ++i) study.ends(row, i) = static_cast<std::uint32_t>(row + kSpan);
  }
  std::vector<Shown> by_touch, by_span;
  CrossValidationSpec spec;
  spec.sample = {0, 120};
  spec.splits = {5, 2, kSpan, 3};
  spec.threads = 1;
  cross_validate(study.features, study.label, study.eligible, spec, witness(by_touch), silent_progress(),
                 &study.ends);
  cross_validate(study.features, study.label, study.eligible, spec, witness(by_span));
  ASSERT_EQ(by_touch.size(), by_span.size());
  for (std::size_t split = 0; split < by_span.size(); ++split)
    EXPECT_EQ(by_touch[split].train, by_span[split].train);
}

TEST(LabelLife, RefusesOtherShapes) {
  EXPECT_THROW(keep_apart(Panel(3, 2), RowPanel(3, 1), RowRange{0, 3}, {}), Error);
}

}  // namespace
}  // namespace orrery::label_life_test
