#include "plugins/providers/simulated/planted_signal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/random.h"

namespace orrery::plugins::providers::simulated::planted_signal_test {
namespace {

// Spearman's correlation by its definition, O(n²): ranks by counting, then Pearson's formula.
double slow_spearman(const std::vector<double>& a, const std::vector<double>& b) {
  const auto ranks = [](const std::vector<double>& values) {
    std::vector<double> result;
    for (const double value : values) {
      result.push_back(static_cast<double>(
          std::count_if(values.begin(), values.end(), [&](double other) { return other < value; })));
    }
    return result;
  };
  const std::vector<double> x = ranks(a);
  const std::vector<double> y = ranks(b);
  const double middle = 0.5 * static_cast<double>(a.size() - 1);
  double xy = 0.0;
  double xx = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - middle) * (y[i] - middle);
    xx += (x[i] - middle) * (x[i] - middle);
  }
  return xy / xx;
}

struct Section {
  std::vector<double> signal;
  std::vector<double> surprise;
};

// Surprises are heavy-tailed, share a factor, and are wilder where the signal is extreme.
Section draw_section(Random& random, std::size_t count) {
  Section section;
  const double market = random.normal();
  for (std::size_t i = 0; i < count; ++i) {
    section.signal.push_back(random.normal());
    const double beta = 1.0 + 0.5 * random.normal();
    const double noise = random.normal() / (0.2 + random.uniform());
    section.surprise.push_back(0.01 * (beta * market + (0.5 + std::abs(section.signal[i])) * noise));
  }
  return section;
}

double correlation_with(const Section& section, double sign, double scale) {
  std::vector<double> sum;
  for (std::size_t i = 0; i < section.signal.size(); ++i) {
    sum.push_back(sign * section.surprise[i] + scale * section.signal[i]);
  }
  return slow_spearman(section.signal, sum);
}

TEST(NormalQuantile, AgreesWithPublishedValues) {
  // Wichura, Algorithm AS 241, Applied Statistics 37 (1988), table of test values.
  EXPECT_NEAR(normal_quantile(0.25), -0.6744897501960817, 1e-13);
  EXPECT_NEAR(normal_quantile(0.001), -3.090232306167814, 1e-12);
  EXPECT_NEAR(normal_quantile(1e-20), -9.262340089798408, 1e-10);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-13);
  EXPECT_NEAR(normal_quantile(0.5), 0.0, 1e-15);
}

TEST(NormalScorer, ReplacesValuesByQuantilesOfTheirRanks) {
  std::vector<double> values = {30.0, -5.0, 7.0};
  NormalScorer scorer;
  scorer.score(values);
  EXPECT_NEAR(values[0], 0.967421566101701, 1e-12);  // the quantile of 5/6, from AS 241
  EXPECT_NEAR(values[1], -0.967421566101701, 1e-12);
  EXPECT_NEAR(values[2], 0.0, 1e-15);
}

TEST(SignalScale, ExpectedCorrelationIsTheMeanOverBothSignsOfTheSurprises) {
  Random random(3);
  SignalScale scale;
  const Section section = draw_section(random, 60);
  scale.solve(section.signal, section.surprise, 0.1);
  for (const double g : {0.0, 0.0004, 0.003, 0.1}) {
    const double expected = 0.5 * (correlation_with(section, 1.0, g) + correlation_with(section, -1.0, g));
    EXPECT_NEAR(scale.expected_correlation(g), expected, 1e-13) << g;
  }
}

TEST(SignalScale, ReachesTheAskedCorrelationToOneStep) {
  Random random(4);
  SignalScale scale;
  for (const std::size_t count : {20UL, 100UL, 500UL}) {
    const double n = static_cast<double>(count);
    for (const double ic : {0.01, 0.03, 0.1, 0.2}) {
      for (int repetition = 0; repetition < 20; ++repetition) {
        const Section section = draw_section(random, count);
        const double g = scale.solve(section.signal, section.surprise, ic);
        const double reached = 0.5 * (correlation_with(section, 1.0, g) + correlation_with(section, -1.0, g));
        // One exchange of neighbours moves the mean of both correlations by at most 6 / n².
        EXPECT_NEAR(reached, ic, std::max(2e-5, 6.0 / (n * n))) << count << " " << ic;
      }
    }
  }
}

TEST(SignalScale, PlantsTheCorrelationOnAverageOverFreshSurprises) {
  Random random(5);
  SignalScale scale;
  constexpr int kSections = 4000;
  constexpr double kIc = 0.05;
  double sum = 0.0;
  double squares = 0.0;
  for (int k = 0; k < kSections; ++k) {
    const Section section = draw_section(random, 80);
    const double g = scale.solve(section.signal, section.surprise, kIc);
    const double found = correlation_with(section, 1.0, g);
    sum += found;
    squares += found * found;
  }
  const double mean = sum / kSections;
  const double error = std::sqrt((squares / kSections - mean * mean) / kSections);
  EXPECT_NEAR(mean, kIc, 3.0 * error);
}

TEST(SignalScale, NoSignalNeedsNoScale) {
  SignalScale scale;
  EXPECT_EQ(scale.solve(std::vector<double>{1.0, 2.0}, std::vector<double>{0.1, 0.2}, 0.0), 0.0);
  EXPECT_EQ(scale.solve(std::vector<double>{1.0}, std::vector<double>{0.1}, 0.1), 0.0);
}

}  // namespace
}  // namespace orrery::plugins::providers::simulated::planted_signal_test
