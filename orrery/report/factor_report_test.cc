#include "orrery/report/factor_report.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "orrery/base/files.h"
#include "orrery/base/random.h"

namespace orrery::factor_report_test {
namespace {

constexpr std::size_t kDays = 150;
constexpr std::size_t kNames = 24;
constexpr std::size_t kFactors = 9;

/// Prices and factors by chance; the second factor is the first with some noise, and a name needs escaping.
struct MadeUp {
  std::vector<Date> dates;
  Panel closes{kDays, kNames};
  MaskPanel eligible{kDays, kNames, 1};
  Panel size{kDays, kNames};
  FactorFrame factors;

  MadeUp() {
    Random random(8);
    for (std::size_t f = 0; f < kFactors; ++f) {
      factors.names.push_back(f == 0 ? "a<b & c" : fmt::format("f{}", f));
      factors.panels.emplace_back(kDays, kNames);
    }
    for (std::size_t t = 0; t < kDays; ++t) {
      dates.push_back(make_date(2019, 10, 1) + static_cast<int>(t));
      for (std::size_t i = 0; i < kNames; ++i) fill(random, t, i);
    }
  }

  void fill(Random& random, std::size_t t, std::size_t i) {
    closes(t, i) = (t == 0 ? 50.0 : closes(t - 1, i)) * std::exp(0.01 * random.normal());
    size(t, i) = random.normal();
    for (auto& panel : factors.panels) panel(t, i) = static_cast<float>(random.normal());
    factors.panels[1](t, i) = factors.panels[0](t, i) + 0.1F * factors.panels[1](t, i);
  }
};

FactorReport make_report() {
  const MadeUp made;
  FactorReport report;
  report.title = "made <up>";
  report.data = "prices.parquet";
  report.instruments = kNames;
  report.size_source = "log of the mean traded value of 20 sessions";
  std::vector<std::string> sectors;
  for (std::size_t i = 0; i < kNames; ++i) sectors.push_back(i % 2 == 0 ? "a" : "b");
  report.sectors = 2;
  report.evaluation =
      evaluate_factors(made.factors.names, [&](std::size_t, std::size_t) { return made.factors; },
                       {made.dates, made.closes, made.eligible, sectors, made.size}, {});
  report.ranking = rank_factors(report.evaluation);
  UniverseState state;
  for (std::size_t t = 0; t < kDays; ++t) {
    state.volatility.push_back(0.1 + 0.001 * static_cast<double>(t));
    state.change.push_back(t % 2 == 0 ? 0.01 : -0.01);
  }
  report.groups = part_days(report.evaluation.dates, state);
  for (const auto& factor : report.evaluation.factors) {
    report.labels.push_back({factor.name + "+</script>", "What it is", "+"});
    report.slices.push_back(slice_means(factor.horizons[0].rank_ic.daily, report.groups, 2));
  }
  return report;
}

TEST(FactorReport, SaysWhatChanceMakesOfSoManyTests) {
  FactorRanking ranking;
  ranking.tested = 158;
  ranking.expected_by_chance = 7.9;
  ranking.beyond_chance = 40;
  ranking.beyond_hurdle = 1;
  ranking.discoveries = 12;
  EXPECT_EQ(
      chance_sentence(ranking),
      "158 tested; 8 would look significant (|t| > 1.96) by chance, 40 do. 1 has |t| > 3; 12 are discoveries "
      "at a false discovery rate of 5 %.");
}

TEST(FactorReport, HoldsEverySectionAndEscapesNames) {
  const FactorReport report = make_report();
  const std::string page = render_factor_report(report);
  EXPECT_EQ(page, render_factor_report(report));
  for (const char* id : {"ranking", "factor", "doubles", "neutral", "time", "method"}) {
    EXPECT_NE(page.find(fmt::format("<section id=\"{}\"", id)), std::string::npos) << id;
  }
  EXPECT_NE(page.find("a&lt;b &amp; c"), std::string::npos);
  EXPECT_EQ(page.find("a<b"), std::string::npos);
  EXPECT_EQ(page.find("+</script>"), std::string::npos);
  EXPECT_NE(page.find("8 of 9 factors are left"), std::string::npos);
}

// The page that the browser test opens: ORRERY_REPORT_FIXTURE names the file to write.
TEST(FactorReport, IsWrittenWhole) {
  const char* wanted = std::getenv("ORRERY_REPORT_FIXTURE");
  const auto path =
      std::filesystem::path(wanted != nullptr ? wanted : ::testing::TempDir() + "factor_report_fixture.html");
  FactorReport report = make_report();
  report.banner = "SIMULATED, signal planted, IC = 0.03";
  const std::string page = render_factor_report(report);
  write_file_atomically(path, page);
  EXPECT_EQ(read_file(path), page);
}

}  // namespace
}  // namespace orrery::factor_report_test
