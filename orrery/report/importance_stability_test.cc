#include "orrery/report/importance_stability.h"

#include <gtest/gtest.h>

#include <cmath>

namespace orrery::importance_stability_test {
namespace {

using Fold = std::vector<ImportanceEntry>;

/// 30 features "f00" to "f29" with the importance (i × factor + 7) mod 31.
Fold make_fold(int factor, int count = 30) {
  Fold fold;
  for (int i = 0; i < count; ++i) {
    const std::string name =
        std::string("f") + static_cast<char>('0' + i / 10) + static_cast<char>('0' + i % 10);
    fold.push_back({name, static_cast<double>((i * factor + 7) % 31)});
  }
  return fold;
}

// Golden numbers: pandas 3.1.1, with a and b the series of two folds on the union of their features, 0 where
// one lists nothing: a.corr(b, method="spearman");
// len(set(a.sort_values(ascending=False, kind="stable").index[:7]) & the same of b)
TEST(ImportanceStability, AgreesWithPandas) {
  std::vector<Fold> folds = {make_fold(11), make_fold(12, 25), make_fold(17)};
  for (ImportanceEntry& entry : folds[2]) {
    if (entry.importance == 3.0) entry.importance = 4.0;  // a tie
  }
  const auto found = measure_importance_stability(folds);
  EXPECT_EQ(found.features, 30u);
  EXPECT_EQ(found.top, 7u);
  ASSERT_EQ(found.pairs.size(), 3u);
  EXPECT_NEAR(found.pairs[0].rank_correlation, -0.055835155667455096, 1e-12);
  EXPECT_NEAR(found.pairs[1].rank_correlation, -0.36088552898806664, 1e-12);
  EXPECT_NEAR(found.pairs[2].rank_correlation, -0.05751660853634569, 1e-12);
  EXPECT_EQ(found.pairs[0].top_in_common, 0.0);
  EXPECT_EQ(found.pairs[1].top_in_common, 0.0);
  EXPECT_DOUBLE_EQ(found.pairs[2].top_in_common, 1.0 / 7.0);
  EXPECT_EQ(found.in_every_top, 0u);
  EXPECT_NEAR(found.mean_rank_correlation,
              (-0.055835155667455096 - 0.36088552898806664 - 0.05751660853634569) / 3, 1e-12);
  EXPECT_DOUBLE_EQ(found.top_in_common_by_chance, 7.0 / 30.0);
}

TEST(ImportanceStability, EqualFoldsAgreeAndOppositeOnesDoNot) {
  Fold opposite = make_fold(11);
  for (ImportanceEntry& entry : opposite) entry.importance = 31.0 - entry.importance;
  const auto found = measure_importance_stability(std::vector<Fold>{make_fold(11), make_fold(11), opposite});
  EXPECT_DOUBLE_EQ(found.pairs[0].rank_correlation, 1.0);
  EXPECT_EQ(found.pairs[0].top_in_common, 1.0);
  EXPECT_DOUBLE_EQ(found.pairs[1].rank_correlation, -1.0);
  EXPECT_EQ(found.pairs[1].top_in_common, 0.0);
}

TEST(ImportanceStability, FoldsWithoutImportancesAreLeftOut) {
  const auto found = measure_importance_stability(std::vector<Fold>{make_fold(11), {}, make_fold(12)});
  ASSERT_EQ(found.pairs.size(), 1u);
  EXPECT_EQ(found.pairs[0].second, 2u);
  EXPECT_TRUE(measure_importance_stability(std::vector<Fold>{make_fold(11)}).pairs.empty());
  EXPECT_TRUE(std::isnan(measure_importance_stability({}).mean_rank_correlation));
}

TEST(ImportanceStability, FewFeaturesHaveNoHeaviest) {
  const Fold few = {{"a", 3.0}, {"b", 2.0}, {"c", 1.0}};
  const auto found = measure_importance_stability(std::vector<Fold>{few, few});
  EXPECT_EQ(found.top, 0u);
  EXPECT_DOUBLE_EQ(found.mean_rank_correlation, 1.0);
  EXPECT_TRUE(std::isnan(found.mean_top_in_common));
}

}  // namespace
}  // namespace orrery::importance_stability_test
