#include "orrery/risk/exception_tests.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "orrery/base/error.h"

namespace orrery::exception_tests_test {
namespace {

// Kupiec (1995), table 1 (Jorion, Value at Risk, table 6-2): numbers of exceptions, both bounds themselves
// left out, that are not rejected at 5 %. Of 1 % and 255 days the table names no lower bound ("N < 7").
TEST(ExceptionTests, AcceptWhatKupiecsTableAccepts) {
  struct Row {
    double chance;
    std::size_t periods, above, below;
  };
  for (const Row& row :
       {Row{0.01, 255, 0, 7}, Row{0.01, 510, 1, 11}, Row{0.01, 1000, 4, 17}, Row{0.025, 255, 2, 12},
        Row{0.025, 510, 6, 21}, Row{0.025, 1000, 15, 36}, Row{0.05, 255, 6, 21}, Row{0.05, 510, 16, 36},
        Row{0.05, 1000, 37, 65}, Row{0.075, 255, 11, 28}, Row{0.075, 510, 27, 51}, Row{0.075, 1000, 59, 92},
        Row{0.10, 255, 16, 36}, Row{0.10, 510, 38, 65}, Row{0.10, 1000, 81, 120}}) {
    const ExceptionRange range = accepted_exceptions(row.periods, row.chance, 0.05);
    EXPECT_EQ(range.smallest, row.above + 1) << row.chance << " " << row.periods;
    EXPECT_EQ(range.largest, row.below - 1) << row.chance << " " << row.periods;
  }
}

// p-values near 1e-3 come from statistics of about 10, which are differences of logarithms of about 500.
TEST(ExceptionTests, AreThoseOfSciPy) {
  std::ifstream file("orrery/risk/testdata/exception_tests.json");
  const auto oracle = nlohmann::json::parse(file);
  ASSERT_EQ(oracle["series"].size(), 4U);
  for (const auto& expected : oracle["series"]) {
    const auto series = expected["exceptions"].get<std::vector<std::uint8_t>>();
    const auto tests = test_exceptions(series, expected["chance"], {0.05, expected["alternative"]});
    const auto near = [&](double found, const char* name) {
      EXPECT_NEAR(found, expected[name].get<double>(), 1e-10) << name << " of " << series.size();
    };
    near(tests.coverage.p_value, "coverage");
    near(tests.independence.p_value, "independence");
    near(tests.conditional.p_value, "conditional");
    near(tests.as_many, "as_many");
    near(tests.size, "size");
    near(tests.power, "power");
    EXPECT_EQ(tests.accepted.smallest, expected["accepted"][0].get<std::size_t>());
    EXPECT_EQ(tests.accepted.largest, expected["accepted"][1].get<std::size_t>());
    EXPECT_DOUBLE_EQ(tests.expected, static_cast<double>(series.size()) * expected["chance"].get<double>());
  }
}

TEST(ExceptionTests, ExceptionsInARowAreFoundThoughTheirNumberIsRight) {
  std::vector<std::uint8_t> together(1000, 0), apart(1000, 0);
  for (std::size_t i = 0; i < 10; ++i) {
    together[500 + i] = 1;
    apart[50 + 100 * i] = 1;
  }
  const auto clustered = test_exceptions(together, 0.01, {});
  const auto spread = test_exceptions(apart, 0.01, {});
  EXPECT_NEAR(clustered.coverage.statistic, 0.0, 1e-10);
  EXPECT_LT(clustered.independence.p_value, 1e-10);
  EXPECT_LT(clustered.conditional.p_value, 1e-10);
  EXPECT_GT(spread.conditional.p_value, 0.5);
}

TEST(ExceptionTests, WithoutAnExceptionNothingIsSaidOfTheirOrder) {
  const auto tests = test_exceptions(std::vector<std::uint8_t>(100, 0), 0.01, {});
  EXPECT_TRUE(std::isnan(tests.independence.p_value));
  EXPECT_TRUE(std::isnan(tests.conditional.p_value));
  EXPECT_DOUBLE_EQ(tests.as_many, 1.0);
  EXPECT_NEAR(tests.coverage.statistic, -200.0 * std::log(0.99), 1e-12);
}

TEST(ExceptionTests, WhatCannotBeTestedIsSaid) {
  EXPECT_THROW(coverage_test(0, 0, 0.01), Error);
  EXPECT_THROW(coverage_test(10, 11, 0.01), Error);
  EXPECT_THROW(coverage_test(10, 1, 1.0), Error);
  EXPECT_THROW(rejection_chance(10, 0.01, 0.05, 0.0), Error);
  EXPECT_THROW(accepted_exceptions(10, 0.01, 0.0), Error);
}

}  // namespace
}  // namespace orrery::exception_tests_test
