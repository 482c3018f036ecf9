#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/base/statistics.h"
#include "orrery/ml/coverage_check.h"
#include "orrery/ml/drift_checks.h"
#include "orrery/ml/feature_drift.h"
#include "orrery/ml/ic_decay.h"
#include "orrery/ml/kolmogorov_smirnov.h"
#include "orrery/ml/population_stability.h"

namespace orrery::drift_test {
namespace {

constexpr std::uint32_t kSeed = 2024;
constexpr double kNaN = FeatureDrift::kMissing;

/// Uniform values, shifted; with levels, whole numbers below it. drift_oracle.py makes the same.
std::vector<double> numbers(std::size_t count, std::uint32_t seed, double shift = 0.0, int levels = 0) {
  std::uint32_t state = seed;
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) {
    state = (state * 1103515245U + 12345U) & 0x7FFFFFFFU;
    const double uniform = static_cast<double>(state >> 8U) / 8388608.0;
    values.push_back((levels == 0 ? uniform : std::floor(uniform * levels)) + shift);
  }
  return values;
}

std::vector<double> sorted(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values;
}

// Golden numbers: orrery/ml/drift_oracle.py. They differ by the order of a few sums alone.
TEST(PopulationStability, EqualsNumpy) {
  const auto recent = numbers(120, kSeed + 1, 0.07);
  const PopulationStability bins(numbers(500, kSeed));
  EXPECT_EQ(bins.bins(), 10U);
  EXPECT_NEAR(bins.index(recent), 0.2962227481467245, 1e-14);
  auto far = recent;
  for (double& value : far) value += 0.6;
  EXPECT_NEAR(bins.index(far), 5.509790400987229, 1e-13);
  const PopulationStability levels(numbers(300, kSeed + 3, 0.0, 5));
  EXPECT_NEAR(levels.index(numbers(80, kSeed + 2, 0.0, 7)), 2.662977853769635, 1e-13);
}

/// Every tenth of such a flag is 1, and so are the cuts.
TEST(PopulationStability, SeesAFlagThatIsAlmostAlwaysSet) {
  const auto flag = [](std::vector<double> uniform, double share) {
    for (double& value : uniform) value = value < share ? 1.0 : 0.0;
    return uniform;
  };
  const PopulationStability bins(flag(numbers(400, kSeed + 6), 0.95));
  EXPECT_NEAR(bins.index(flag(numbers(100, kSeed + 7), 0.6)), 1.039064785760872, 1e-13);
  EXPECT_EQ(bins.index(flag(numbers(400, kSeed + 6), 0.95)), 0.0);
  EXPECT_EQ(PopulationStability(std::vector<double>(20, 1.0)).index(std::vector<double>(20, 1.0)), 0.0);
}

TEST(PopulationStability, LeavesOutWhatIsMissing) {
  auto values = numbers(50, kSeed);
  const PopulationStability plain(values);
  const double index = plain.index(numbers(20, kSeed + 1));
  values.insert(values.begin() + 7, {kNaN, HUGE_VAL});
  EXPECT_EQ(PopulationStability(values).index(numbers(20, kSeed + 1)), index);
  EXPECT_NEAR(plain.index(values), 0.0, 1e-15) << "the same values";
  EXPECT_TRUE(std::isnan(plain.index({})));
  EXPECT_TRUE(std::isnan(PopulationStability(std::vector<double>{kNaN}).index(values)));
  EXPECT_THROW(PopulationStability(values, 1), Error);
}

/// On samples of one distribution (n m / (n + m)) × index is about χ² with 9 degrees of freedom: mean 9,
/// deviation √18 (Yurdakul, 2018). The mean of 400 has a deviation of 0.21.
TEST(PopulationStability, IsSmallOnTheSameDistribution) {
  Random random(3);
  double sum = 0.0;
  int alarms = 0;
  for (int draw = 0; draw < 400; ++draw) {
    std::vector<double> reference(2000);
    std::vector<double> recent(1000);
    for (double& value : reference) value = random.normal();
    for (double& value : recent) value = random.normal();
    const double index = PopulationStability(reference).index(recent);
    sum += index * 2000.0 / 3.0;
    alarms += index >= 0.1 ? 1 : 0;
  }
  EXPECT_NEAR(sum / 400.0, 9.0, 4 * 0.21);
  EXPECT_EQ(alarms, 0);
}

TEST(KolmogorovSmirnov, EqualsScipy) {
  const auto first = sorted(numbers(500, kSeed));
  const auto second = sorted(numbers(120, kSeed + 1, 0.07));
  EXPECT_DOUBLE_EQ(kolmogorov_smirnov(first, second), 0.17733333333333334);
  EXPECT_DOUBLE_EQ(kolmogorov_smirnov(second, first), 0.17733333333333334);
  EXPECT_DOUBLE_EQ(
      kolmogorov_smirnov(sorted(numbers(300, kSeed + 3, 0.0, 5)), sorted(numbers(80, kSeed + 2, 0.0, 7))),
      0.3125);
  EXPECT_EQ(kolmogorov_smirnov(first, first), 0.0);
  EXPECT_EQ(kolmogorov_smirnov(first, std::vector<double>{9.0}), 1.0);
  EXPECT_TRUE(std::isnan(kolmogorov_smirnov(first, {})));
}

/// scipy.special.kolmogorov, on both sides of where the series change.
TEST(KolmogorovSmirnov, HasKolmogorovsTail) {
  const std::vector<std::pair<double, double>> golden = {
      {0.3, 0x1.fffec7bfc6743p-1}, {0.7, 0x1.6c2704fcd5596p-1}, {1.05, 0x1.c2fb21c82da39p-3},
      {1.1, 0x1.6bf7840930954p-3}, {1.2, 0x1.cbc64e7567136p-4}, {1.63, 0x1.42a54b971baefp-7},
      {3.0, 0x1.05a628c699fa1p-25}};
  for (const auto& [x, tail] : golden) EXPECT_NEAR(kolmogorov_upper_tail(x), tail, 4e-15 * tail + 1e-16) << x;
  EXPECT_EQ(kolmogorov_upper_tail(0.0), 1.0);
  EXPECT_NEAR(kolmogorov_upper_tail(0.05), 1.0, 1e-15);
}

struct Exact {
  double first, second, statistic, p;
};

/// scipy.stats.kstwo, the exact distribution for one sample of the effective size.
TEST(KolmogorovSmirnov, PValuesAreNearTheExactOnes) {
  const std::vector<Exact> golden = {
      {40, 40, 0.23151862314131647, 0.2},      {40, 40, 0.2940753144343292, 0.05},
      {40, 40, 0.35241089163889466, 0.01},     {40, 40, 0.420851188984766, 0.001},
      {108, 108, 0.14288981597384348, 0.2},    {108, 108, 0.1814382341937011, 0.05},
      {108, 108, 0.2176829871711783, 0.01},    {108, 108, 0.26069859704017007, 0.001},
      {3428, 3428, 0.02581422734019044, 0.2},  {3428, 3428, 0.032705050251632735, 0.05},
      {3428, 3428, 0.03921281293908342, 0.01}, {3428, 3428, 0.04698254009182201, 0.001}};
  for (const auto& [first, second, statistic, p] : golden)
    EXPECT_NEAR(kolmogorov_smirnov_p_value(statistic, first, second) / p, 1.0, 0.06) << first << " " << p;
}

TEST(IcDecay, EqualsNumpy) {
  const auto decay = measure_ic_decay(numbers(300, kSeed + 4, -0.45), numbers(60, kSeed + 5, -0.52));
  EXPECT_EQ(decay.reference_days, 300U);
  EXPECT_NEAR(decay.reference_mean, 0.06580020944277445, 1e-15);
  EXPECT_NEAR(decay.recent_mean, -0.053341646194458026, 1e-15);
  EXPECT_NEAR(decay.change_t, -2.64211540614317, 1e-12);
  EXPECT_NEAR(decay.recent_t, -1.26110524457326, 1e-12);
  auto gaps = numbers(60, kSeed + 5, -0.52);
  gaps.insert(gaps.begin(), kNaN);
  EXPECT_EQ(measure_ic_decay(numbers(300, kSeed + 4, -0.45), gaps).change_t, decay.change_t);
  EXPECT_TRUE(std::isnan(measure_ic_decay({}, gaps).change_t));
  EXPECT_TRUE(std::isnan(measure_ic_decay(gaps, std::vector<double>{0.1}).recent_t));
  // Nineteen days tell too little, and sixty of returns that span seven sessions.
  const auto before = numbers(300, kSeed + 4, -0.45);
  EXPECT_FALSE(std::isnan(measure_ic_decay(before, numbers(20, kSeed)).recent_t));
  EXPECT_TRUE(std::isnan(measure_ic_decay(before, numbers(19, kSeed)).recent_t));
  EXPECT_FALSE(std::isnan(measure_ic_decay(before, numbers(60, kSeed), 6).recent_t));
  EXPECT_TRUE(std::isnan(measure_ic_decay(before, numbers(60, kSeed), 7).recent_t));
  // Days that don't vary have no standard error.
  EXPECT_TRUE(std::isnan(measure_ic_decay(before, std::vector<double>(60, -0.1)).recent_t));
}

TEST(CoverageCheck, BoundsEqualScipys) {
  const auto bounds = [](double chance, std::size_t trials, double confidence) {
    const auto found = binomial_bounds(chance, trials, confidence);
    const auto n = static_cast<double>(trials);
    return std::array{std::round(found.lower * n), std::round(found.upper * n)};
  };
  EXPECT_EQ(bounds(0.9, 60, 0.95), (std::array{49.0, 58.0}));
  EXPECT_EQ(bounds(0.9, 60, 0.99), (std::array{47.0, 59.0}));
  EXPECT_EQ(bounds(0.8, 7, 0.9), (std::array{4.0, 7.0}));
  EXPECT_EQ(bounds(0.5, 1000, 0.99), (std::array{459.0, 541.0}));
  EXPECT_TRUE(std::isnan(binomial_bounds(0.9, 0, 0.9).lower));
  EXPECT_THROW(binomial_bounds(1.0, 5, 0.9), Error);
  EXPECT_THROW(binomial_bounds(0.5, 5, 0.0), Error);
  const auto check = check_coverage(0.9, std::vector<double>{1.0, kNaN, 0.5});
  EXPECT_EQ(check.sessions, 2U);
  EXPECT_EQ(check.seen, 0.75);
}

/// Normal features of which names of one session share a part, which the next session keeps in part.
struct Case {
  static constexpr std::size_t kReference = 480;
  static constexpr std::size_t kRecent = 60;
  static constexpr std::size_t kNames = 30;

  FactorFrame frame;
  MaskPanel eligible{kReference + kRecent, kNames, 1};

  Case(std::uint64_t seed, std::size_t features, double shared, double persistence) {
    Random random(seed);
    for (std::size_t f = 0; f < features; ++f) {
      FloatPanel panel(eligible.rows(), kNames);
      double common = random.normal();
      for (std::size_t row = 0; row < panel.rows(); ++row) {
        for (std::size_t i = 0; i < kNames; ++i) {
          panel(row, i) =
              static_cast<float>(std::sqrt(shared) * common + std::sqrt(1.0 - shared) * random.normal());
        }
        common = persistence * common + std::sqrt(1.0 - persistence * persistence) * random.normal();
      }
      frame.names.push_back(fmt::format("f{}", f));
      frame.panels.push_back(std::move(panel));
    }
  }

  /// Changes the recent values of one feature.
  template <class Change>
  void change(std::size_t feature, const Change& to) {
    for (std::size_t row = kReference; row < eligible.rows(); ++row) {
      for (std::size_t i = 0; i < kNames; ++i) to(row, i, frame.panels[feature](row, i));
    }
  }

  DriftJudgement judge(const DriftThresholds& thresholds = {}) const {
    DriftEvidence evidence;
    evidence.features =
        measure_feature_drift(frame, eligible, {0, kReference}, {kReference, eligible.rows()}, 2);
    return judge_drift(evidence, thresholds);
  }
};

const DriftCheck& line(const DriftJudgement& judgement, const std::string& key) {
  return *std::find_if(judgement.checks.begin(), judgement.checks.end(),
                       [&](const auto& check) { return check.key == key; });
}

/// A block against the rest of the reference is as if the block had never been in it.
TEST(FeatureDrift, HoldsABlockAgainstTheRest) {
  const auto all = sorted(numbers(90, kSeed));
  const std::vector<double> part(all.begin() + 20, all.begin() + 50);
  std::vector<double> rest(all.begin(), all.begin() + 20);
  rest.insert(rest.end(), all.begin() + 50, all.end());
  EXPECT_NEAR(kolmogorov_smirnov(all, part) / (1.0 - 30.0 / 90.0), kolmogorov_smirnov(rest, part), 1e-15);
  const auto cuts = [&](double p) { return quantile(all, p); };
  double index = 0.0;
  for (int bin = 0; bin < 10; ++bin) {
    const auto share = [&](const std::vector<double>& values) {
      double count = 0.0;
      for (const double value : values)
        count += (bin == 0 || value > cuts(bin / 10.0)) && (bin == 9 || value <= cuts((bin + 1) / 10.0))
                     ? 1.0
                     : 0.0;
      return count == 0.0 ? 1e-4 : count / static_cast<double>(values.size());
    };
    index += (share(part) - share(rest)) * std::log(share(part) / share(rest));
  }
  EXPECT_NEAR(PopulationStability(all).index_of_part(part), index, 1e-13);
}

TEST(FeatureDrift, SeesAPlantedShiftAndNothingElse) {
  Case shifted(11, 4, 0.2, 0.0);
  shifted.change(2, [](std::size_t, std::size_t, float& value) { value += 1.5F; });
  const auto judgement = shifted.judge();
  EXPECT_EQ(line(judgement, "psi").verdict, DriftVerdict::kAct);
  EXPECT_EQ(line(judgement, "ks").verdict, DriftVerdict::kAct);
  EXPECT_EQ(line(judgement, "missing").verdict, DriftVerdict::kOk);
  EXPECT_EQ(judgement.action, DriftAction::kRetrain);
  EXPECT_EQ(judgement.features.front().drift.feature, "f2");
  EXPECT_DOUBLE_EQ(line(judgement, "psi").value, 0.25);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(judgement.features[i].worst(), DriftVerdict::kOk) << i;

  const auto same = Case(11, 4, 0.2, 0.0).judge();
  EXPECT_EQ(same.action, DriftAction::kNone);
  for (const auto& check : same.checks) EXPECT_EQ(check.verdict, DriftVerdict::kOk) << check.key;
}

TEST(FeatureDrift, SeesThatAFeatureIsMissing) {
  Case gone(12, 3, 0.2, 0.0);
  gone.change(0, [](std::size_t, std::size_t i, float& value) {
    if (i % 2 == 0) value = std::nanf("");
  });
  const auto judgement = gone.judge();
  EXPECT_EQ(line(judgement, "missing").verdict, DriftVerdict::kAct);
  EXPECT_EQ(judgement.action, DriftAction::kDemote);
  EXPECT_EQ(judgement.features.front().drift.feature, "f0");
  EXPECT_DOUBLE_EQ(judgement.features.front().drift.recent_share, 0.5);
  EXPECT_EQ(line(judgement, "psi").verdict, DriftVerdict::kOk);
  gone.change(0, [](std::size_t, std::size_t, float& value) { value = std::nanf(""); });
  const auto empty = gone.judge();
  EXPECT_TRUE(std::isnan(empty.features.front().drift.psi));
  EXPECT_EQ(line(empty, "missing").verdict, DriftVerdict::kAct);
}

/// A feature that had no values for a part of its training span may lose them again.
TEST(FeatureDrift, IsMilderOnALossThatWasSeenBefore) {
  Case gone(12, 2, 0.2, 0.0);
  for (std::size_t row = 0; row < Case::kRecent; ++row) {
    for (std::size_t i = 0; i < Case::kNames; i += 2) gone.frame.panels[0](row, i) = std::nanf("");
  }
  gone.change(0, [](std::size_t, std::size_t i, float& value) {
    if (i % 2 == 0) value = std::nanf("");
  });
  const auto seen = gone.judge().features;
  const auto& first = seen[0].drift.feature == "f0" ? seen[0] : seen[1];
  EXPECT_DOUBLE_EQ(first.drift.share_before, 0.5);
  EXPECT_EQ(first.missing, DriftVerdict::kWatch);
  gone.change(0, [](std::size_t, std::size_t, float& value) { value = std::nanf(""); });
  for (std::size_t row = 0; row < Case::kRecent; ++row) {
    for (std::size_t i = 0; i < Case::kNames; ++i) gone.frame.panels[0](row, i) = std::nanf("");
  }
  EXPECT_EQ(gone.judge().features.front().missing, DriftVerdict::kAct) << "gone, as before it began";
}

TEST(NameCount, CountsBothSpansAndTheEmptiestBlock) {
  MaskPanel eligible(35, 4);
  for (std::size_t row = 0; row < 35; ++row) {
    const std::size_t names = row < 10 ? 4 : row < 20 ? 1 : row < 30 ? 4 : 2;
    for (std::size_t i = 0; i < names; ++i) eligible(row, i) = 1;
  }
  const auto count = count_names(eligible, {0, 25}, {25, 35});
  EXPECT_DOUBLE_EQ(count.reference, 70.0 / 25.0);
  EXPECT_DOUBLE_EQ(count.recent, 3.0);
  EXPECT_DOUBLE_EQ(count.smallest_before, 1.0);
  EXPECT_TRUE(std::isnan(count_names(eligible, {0, 15}, {25, 35}).smallest_before)) << "one block";
}

/// What the reference went through itself is no news: a level that half of its blocks had.
TEST(FeatureDrift, IsMilderOnWhatWasSeenBefore) {
  Case swinging(13, 1, 0.0, 0.0);
  const std::size_t block = Case::kRecent;
  for (std::size_t row = 0; row < swinging.eligible.rows(); ++row) {
    for (std::size_t i = 0; i < Case::kNames; ++i)
      swinging.frame.panels[0](row, i) += (row / block) % 2 == 0 ? 2.0F : 0.0F;
  }
  swinging.change(0, [](std::size_t, std::size_t, float& value) { value -= 0.2F; });
  const auto judgement = swinging.judge();
  const auto& drift = judgement.features.front().drift;
  EXPECT_GT(drift.psi, 0.25);
  EXPECT_GT(drift.psi_before, 0.25);
  EXPECT_LT(judgement.features.front().psi, DriftVerdict::kAct);
}

/// A block without values says nothing of the others.
TEST(FeatureDrift, RemembersBlocksBesideEmptyOnes) {
  Case swinging(13, 1, 0.0, 0.0);
  const std::size_t block = Case::kRecent;
  for (std::size_t row = 0; row < Case::kReference; ++row) {
    for (std::size_t i = 0; i < Case::kNames; ++i) {
      if (row / block == 1) swinging.frame.panels[0](row, i) += 2.0F;
      if (row / block == 3 || row / block == Case::kReference / block - 1)
        swinging.frame.panels[0](row, i) = std::numeric_limits<float>::quiet_NaN();
    }
  }
  const auto drift = measure_feature_drift(swinging.frame, swinging.eligible, {0, Case::kReference},
                                           {Case::kReference, swinging.eligible.rows()}, 1);
  EXPECT_GT(drift[0].psi_before, 0.25);
  EXPECT_GT(drift[0].ks_before, 0.25);
}

TEST(FeatureDrift, DoesNotDependOnThreadsAndReadsItsRangesAlone) {
  Case data(14, 3, 0.3, 0.5);
  const auto measure = [&](int threads) {
    return measure_feature_drift(data.frame, data.eligible, {60, 300}, {400, 460}, threads);
  };
  const auto one = measure(1);
  for (std::size_t row = 0; row < data.eligible.rows(); ++row) {
    const bool read = (row >= 60 && row < 300) || (row >= 400 && row < 460);
    for (std::size_t i = 0; i < Case::kNames && !read; ++i) data.frame.panels[1](row, i) = 99.0F;
  }
  const auto four = measure(4);
  for (std::size_t f = 0; f < 3; ++f) {
    EXPECT_EQ(one[f].psi, four[f].psi);
    EXPECT_EQ(one[f].ks, four[f].ks);
    EXPECT_EQ(one[f].psi_before, four[f].psi_before);
  }
  EXPECT_THROW(measure_feature_drift(data.frame, data.eligible, {0, 0}, {1, 2}, 1), Error);
}

/// How often a single feature without any drift is at `act`, and the whole model's check of features.
struct FalseAlarms {
  double psi = 0.0;
  double ks = 0.0;
  double model = 0.0;
};

FalseAlarms count_false_alarms(double shared, double persistence) {
  constexpr int kCases = 60;
  constexpr std::size_t kFeatures = 10;
  FalseAlarms alarms;
  for (int seed = 0; seed < kCases; ++seed) {
    const auto judgement =
        Case(static_cast<std::uint64_t>(1000 + seed), kFeatures, shared, persistence).judge();
    for (const auto& feature : judgement.features) {
      alarms.psi += feature.psi == DriftVerdict::kAct ? 1.0 / (kCases * kFeatures) : 0.0;
      alarms.ks += feature.ks == DriftVerdict::kAct ? 1.0 / (kCases * kFeatures) : 0.0;
    }
    alarms.model += judgement.action == DriftAction::kNone ? 0.0 : 1.0 / kCases;
  }
  return alarms;
}

/// 600 features of 60 models each; docs/monitoring.md tells these rates.
TEST(FeatureDrift, FalseAlarmsAreRare) {
  const auto apart = count_false_alarms(0.0, 0.0);
  EXPECT_EQ(apart.psi, 0.0);
  EXPECT_EQ(apart.ks, 0.0);
  const auto together = count_false_alarms(0.5, 0.0);
  EXPECT_EQ(together.psi, 0.0);
  EXPECT_EQ(together.ks, 0.0);
  const auto slow = count_false_alarms(0.5, 0.95);
  fmt::print("slow: PSI {:.4f}, KS {:.4f}, model {:.4f}\n", slow.psi, slow.ks, slow.model);
  EXPECT_LT(slow.psi, 0.2);
  EXPECT_LT(slow.model, 0.2);
}

/// t statistics of 60 days against 300: how often the fall of a rank IC that did not fall is at `act`.
TEST(IcDecay, FalseAlarmsAreRare) {
  Random random(21);
  constexpr int kDraws = 4000;
  int watch = 0;
  int act = 0;
  for (int draw = 0; draw < kDraws; ++draw) {
    std::vector<double> before(300);
    std::vector<double> now(60);
    for (double& day : before) day = 0.02 + 0.1 * random.normal();
    for (double& day : now) day = 0.02 + 0.1 * random.normal();
    const double t = measure_ic_decay(before, now).change_t;
    watch += t <= -2.0 ? 1 : 0;
    act += t <= -3.0 ? 1 : 0;
  }
  EXPECT_LT(watch, kDraws * 5 / 100);
  EXPECT_GT(watch, kDraws * 1 / 100) << "the test can see";
  EXPECT_LT(act, kDraws * 1 / 100);
}

DriftEvidence calm() {
  DriftEvidence evidence;
  evidence.features = {{"a", 1.0, 1.0, 0.01, 0.02, 0.05, 0.1, 0.9, 0.9},
                       {"b", 1.0, 1.0, 0.01, 0.02, 0.05, 0.1, 0.9, 0.9}};
  evidence.ic = {300, 60, 0.03, 0.03, 0.0, 0.0, 2.0};
  evidence.coverage = {0.9, 0.9, 60};
  return evidence;
}

TEST(DriftChecks, TheGravestActionIsDue) {
  EXPECT_EQ(judge_drift(calm(), {}).action, DriftAction::kNone);
  auto evidence = calm();
  evidence.coverage.seen = 0.7;
  EXPECT_EQ(judge_drift(evidence, {}).action, DriftAction::kRetrain);
  evidence.ic.change_t = -3.0;
  EXPECT_EQ(judge_drift(evidence, {}).action, DriftAction::kDemote);
  evidence.ic.recent_t = -3.5;
  const auto judgement = judge_drift(evidence, {});
  EXPECT_EQ(judgement.action, DriftAction::kRetire);
  EXPECT_EQ(line(judgement, "ic_negative").action, DriftAction::kRetire);
  DriftThresholds none;
  none.ic_negative.action = DriftAction::kNone;
  EXPECT_EQ(judge_drift(evidence, none).action, DriftAction::kDemote);
}

TEST(DriftChecks, WatchIsNoAction) {
  auto evidence = calm();
  evidence.ic.change_t = -2.5;
  evidence.coverage.seen = 0.8;  // the bounds of 60 sessions: 0.817 at 95 %, 0.783 at 99 %
  const auto judgement = judge_drift(evidence, {});
  EXPECT_EQ(line(judgement, "ic_fall").verdict, DriftVerdict::kWatch);
  EXPECT_EQ(line(judgement, "calibration").verdict, DriftVerdict::kWatch);
  EXPECT_EQ(judgement.action, DriftAction::kNone);
}

TEST(DriftChecks, AFallOfTheNamesIsActedOnUnlessSeenBefore) {
  auto evidence = calm();
  evidence.names = {100.0, 65.0, 95.0};
  const auto judgement = judge_drift(evidence, {});
  EXPECT_DOUBLE_EQ(line(judgement, "names").value, 0.35);
  EXPECT_EQ(line(judgement, "names").verdict, DriftVerdict::kAct);
  EXPECT_EQ(judgement.action, DriftAction::kDemote);
  evidence.names.smallest_before = 60.0;
  EXPECT_EQ(line(judge_drift(evidence, {}), "names").verdict, DriftVerdict::kWatch);
  EXPECT_EQ(judge_drift(evidence, {}).action, DriftAction::kNone);
}

TEST(DriftChecks, WhatCantBeComputedIsNoAlarm) {
  DriftEvidence evidence;
  evidence.features = {{"gone"}};
  const auto judgement = judge_drift(evidence, {});
  EXPECT_EQ(judgement.action, DriftAction::kNone);
  EXPECT_TRUE(std::isnan(line(judgement, "ic_fall").value));
}

TEST(DriftChecks, FeaturesCountByTheirWeight) {
  auto evidence = calm();
  evidence.features[1].psi = 0.5;
  evidence.weights = {9.0, 1.0};
  EXPECT_DOUBLE_EQ(line(judge_drift(evidence, {}), "psi").value, 0.1);
  EXPECT_EQ(line(judge_drift(evidence, {}), "psi").verdict, DriftVerdict::kWatch);
  evidence.weights = {1.0, 9.0};
  EXPECT_EQ(line(judge_drift(evidence, {}), "psi").verdict, DriftVerdict::kAct);
  evidence.weights = {0.0, 0.0};
  EXPECT_DOUBLE_EQ(line(judge_drift(evidence, {}), "psi").value, 0.5);
}

}  // namespace
}  // namespace orrery::drift_test
