#include "orrery/factor/sector_neutral.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/error.h"

namespace orrery::sector_neutral_test {
namespace {

const std::vector<std::string> kSectors = {"a", "b", "c", "",  "a", "b", "c",
                                           "d", "a", "b", "c", "a", "b", "c"};
constexpr std::size_t kSessions = 6;

/// Sums of a dozen numbers: rounding alone.
constexpr double kRounding = 1e-12;

/// Scattered, so that no two residuals are equal but for rounding, which would decide their ranks.
struct Case {
  Panel scores{kSessions, kSectors.size()};
  Panel returns{kSessions, kSectors.size()};

  Case() {
    for (std::size_t t = 0; t < kSessions; ++t) {
      for (std::size_t i = 0; i < kSectors.size(); ++i) {
        if ((i + t) % 11 != 0)
          scores(t, i) = static_cast<double>((i * i * 3701 + i * t * 577 + t * 1013) % 9973) / 9973.0;
        returns(t, i) =
            static_cast<double>((i * i * 5309 + i * t * 919 + t * 2917 + 11) % 8999) / 89990.0 - 0.05;
      }
    }
  }
};

// Golden numbers: pandas 2.2.3 on the arrays of Case, session by session; x, y and s are score, return,
// sector:
//   d = pd.DataFrame({"x": x, "y": y, "s": s}); d = d[d.s != ""].dropna()
//   d = d[d.groupby("s").x.transform("size") > 1]
//   e = d[["x", "y"]] - d.groupby("s")[["x", "y"]].transform("mean")
//   e.x.corr(e.y), e.x.corr(e.y, method="spearman")
TEST(SectorNeutral, AgreesWithPandas) {
  const double ic[] = {-0.2884469072279524,  0.14486664842311428,  0.06434070206332253,
                       -0.18375087173485782, -0.32615998600598045, 0.4068564709933117};
  const double rank_ic[] = {-0.13939393939393938, 0.11818181818181818,  0.09090909090909091,
                            -0.06363636363636364, -0.39860139860139865, 0.3181818181818182};
  const Case given;
  const auto found = evaluate_within_sectors(given.scores, given.returns, kSectors);
  EXPECT_EQ(found.sectors, 4u);
  ASSERT_EQ(found.ic.daily.size(), kSessions);
  for (std::size_t t = 0; t < kSessions; ++t) {
    EXPECT_NEAR(found.ic.daily[t], ic[t], kRounding) << t;
    EXPECT_NEAR(found.rank_ic.daily[t], rank_ic[t], kRounding) << t;
  }
}

TEST(SectorNeutral, OneSectorIsTheIcItself) {
  const Case given;
  const auto found =
      evaluate_within_sectors(given.scores, given.returns, std::vector<std::string>(kSectors.size(), "x"));
  const std::vector<Date> dates = {{1}, {2}, {3}, {4}, {5}, {6}};
  const auto whole = evaluate_signal(given.scores, given.returns, dates);
  for (std::size_t t = 0; t < kSessions; ++t) {
    EXPECT_NEAR(found.ic.daily[t], whole.ic.daily[t], kRounding);
    EXPECT_NEAR(found.rank_ic.daily[t], whole.rank_ic.daily[t], kRounding);
  }
  EXPECT_NEAR(found.rank_ic.newey_west_t, whole.rank_ic.newey_west_t, 1e-9);
}

TEST(SectorNeutral, AScoreOfSectorsAloneHasNoneLeft) {
  Case given;
  for (std::size_t t = 0; t < kSessions; ++t) {
    for (std::size_t i = 0; i < kSectors.size(); ++i)
      given.scores(t, i) = kSectors[i] == "a" ? 0.1 : kSectors[i] == "b" ? 0.7 : 0.3;
  }
  const auto found = evaluate_within_sectors(given.scores, given.returns, kSectors);
  EXPECT_EQ(found.ic.days, 0u);
  EXPECT_TRUE(std::isnan(found.rank_ic.mean));
}

TEST(SectorNeutral, ShapesMustAgree) {
  const Case given;
  EXPECT_THROW(evaluate_within_sectors(given.scores, given.returns, {"a"}), Error);
}

}  // namespace
}  // namespace orrery::sector_neutral_test
