#include "orrery/data/factor_returns.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "testing/shared_data.h"

namespace orrery::factor_returns_test {
namespace {

namespace fs = std::filesystem;

class FactorFile : public ::testing::Test {
 protected:
  fs::path write(const std::string& text) const {
    const fs::path path =
        fs::path(::testing::TempDir()) /
        (std::string("factors_") + ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".csv");
    write_file_atomically(path, text);
    return path;
  }
  std::string message(const std::string& text) const {
    try {
      read_factor_returns(write(text));
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
};

/// As in Kenneth French's data library: lines before the header, padding, percent, a yearly table, a
/// copyright.
TEST_F(FactorFile, ReadsTheDataLibrarysOwnLayout) {
  const FactorReturns factors =
      read_factor_returns(write("This file was created using the 202312 CRSP database.,,,\r\n"
                                ",,,\r\n"
                                ",Mkt-RF,   SMB,RF \r\n"
                                "199001,  -7.85, -1.27,  0.57\r\n"
                                "199002,   1.11,-99.99,  0.57\r\n"
                                "199003,   1.83, -999 ,  0.64\r\n"
                                "\r\n"
                                " Annual Factors: January-December \r\n"
                                ",Mkt-RF,SMB,RF\r\n"
                                "1990, -13.95, -14.0, 7.81\r\n"
                                "\r\n"
                                "Copyright 2024 Kenneth R. French\r\n"));
  EXPECT_EQ(factors.frequency, FactorReturns::Frequency::kMonthly);
  EXPECT_EQ(factors.unit, ReturnUnit::kPercent);
  EXPECT_EQ(factors.names, (std::vector<std::string>{"Mkt-RF", "SMB"}));
  ASSERT_EQ(factors.dates.size(), 3u);
  EXPECT_EQ(to_string(factors.dates[2]), "1990-03-01");
  EXPECT_NEAR(factors.returns[0][0], -0.0785, 1e-15);
  EXPECT_NEAR(factors.returns[1][0], -0.0127, 1e-15);
  EXPECT_TRUE(std::isnan(factors.returns[1][1]));
  EXPECT_TRUE(std::isnan(factors.returns[1][2]));
  EXPECT_NEAR(factors.cash[2], 0.0064, 1e-15);
}

TEST_F(FactorFile, ReadsPlainTablesOfFractions) {
  const auto path =
      write("date,market,value\n2018-01-02,0.004,.\n2018-01-03,-0.002,0.001\n\n2018-01-04,0.001,0.002\n");
  const FactorReturns factors = read_factor_returns(path);
  EXPECT_EQ(factors.frequency, FactorReturns::Frequency::kDaily);
  EXPECT_EQ(factors.unit, ReturnUnit::kFraction);
  EXPECT_EQ(factors.dates.size(), 3u);
  EXPECT_TRUE(factors.cash.empty());
  EXPECT_TRUE(std::isnan(factors.returns[1][0]));
  EXPECT_EQ(factors.returns[0][1], -0.002);
  EXPECT_NEAR(read_factor_returns(path, ReturnUnit::kPercent).returns[0][1], -0.00002, 1e-18);
}

TEST_F(FactorFile, SaysWhereItBreaks) {
  EXPECT_NE(message("date,a\n20180102,0.1\n20180103,x1\n")
                .find("line 3: column 'a': a number is expected, found 'x1'"),
            std::string::npos);
  EXPECT_NE(message("date,a\n20180102,0.1\n20180101,0.1\n").find("line 3: dates must ascend"),
            std::string::npos);
  EXPECT_NE(message("date,a\n20180102,0.1\n20180103,0.1,0.2\n").find("line 3: 2 fields are expected"),
            std::string::npos);
  EXPECT_NE(message("date,a\n20180102,0.1\n20180230,0.1\n").find("line 3: a date is expected"),
            std::string::npos);
  EXPECT_NE(message("date,a,a\n20180102,0.1,0.2\n").find("named twice"), std::string::npos);
  EXPECT_NE(message("date,,b\n20180102,0.1,0.2\n").find("column 2 has no name"), std::string::npos);
  EXPECT_NE(message("20180102,0.1\n").find("line 1: a header"), std::string::npos);
  EXPECT_NE(message("nothing\n").find("no row of it begins with a date"), std::string::npos);
  EXPECT_THROW(read_factor_returns("no_such_file.csv"), Error);
}

TEST(FactorReturns, ReadsTheFiveDailyFactors) {
  ORRERY_SHARED_OR_SKIP(path, "data/macro/F-F_Research_Data_5_Factors_2x3_daily.CSV");
  const FactorReturns factors = read_factor_returns(path);
  // The file's first and last line: 20160104,-1.59,-0.76,0.52,0.35,0.42,0 and 20191231,0.28,…,0.007.
  EXPECT_EQ(factors.names, (std::vector<std::string>{"Mkt-RF", "SMB", "HML", "RMW", "CMA"}));
  EXPECT_EQ(factors.frequency, FactorReturns::Frequency::kDaily);
  EXPECT_EQ(factors.unit, ReturnUnit::kPercent);
  EXPECT_EQ(factors.dates.size(), 1006u);
  EXPECT_EQ(to_string(factors.dates.front()), "2016-01-04");
  EXPECT_EQ(to_string(factors.dates.back()), "2019-12-31");
  EXPECT_NEAR(factors.returns[4].front(), 0.0042, 1e-15);
  EXPECT_NEAR(factors.cash.back(), 0.00007, 1e-15);
}

TEST(FactorReturns, ReadsMonthlyOnesPackedOrNot) {
  ORRERY_SHARED_OR_SKIP(path, "data/macro/arch_frenchdata.csv.gz");
  const FactorReturns factors = read_factor_returns(path);
  EXPECT_EQ(factors.frequency, FactorReturns::Frequency::kMonthly);
  EXPECT_EQ(factors.names.size(), 3u);
  EXPECT_EQ(to_string(factors.dates.front()), "1926-07-01");
  EXPECT_NEAR(factors.returns[2].back(), 0.0022, 1e-15);  // 201811,1.69,-0.75,0.22,0.18
}

}  // namespace
}  // namespace orrery::factor_returns_test
