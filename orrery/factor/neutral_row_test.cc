#include "orrery/factor/neutral_row.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/not_a_number.h"

namespace orrery::neutral_row_test {
namespace {

Panel one_row(const std::vector<double>& values) {
  Panel panel(1, values.size());
  std::copy(values.begin(), values.end(), panel.row(0).begin());
  return panel;
}

const std::vector<double> kValues = {0.3, -0.1, 0.7, 0.2, 0.9, -0.4, 0.5};
const std::vector<std::string> kSectors = {"a", "b", "a", "b", "a", "b", "a"};
const std::vector<double> kSizes = {1.0, 2.0, 4.0, 3.0, 6.0, 5.0, 2.5};

void expect_residuals(Neutralization what, const std::vector<double>& expected) {
  const Panel size = one_row(kSizes);
  NeutralRows rows(kSectors, size);
  std::vector<double> values = kValues;
  rows.apply(what, 0, values);
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[i], 1e-15) << i;
}

// numpy 2.4.6: v - X @ lstsq(X, v), X the dummies of the sectors, a constant and the size, or both.
TEST(NeutralRows, EqualsTheResidualsOfARegression) {
  expect_residuals(Neutralization::kSector, {-0.3, 0.0, 0.1, 0.3, 0.3, -0.3, -0.1});
  expect_residuals(Neutralization::kSize,
                   {0.14124513618677031, -0.3186770428015565, 0.3614785992217898, -0.07859922178988332,
                    0.4416342412451362, -0.798443579766537, 0.2513618677042801});
  expect_residuals(Neutralization::kSectorAndSize,
                   {-0.16413166855845646, 0.07627695800227016, 0.06424517593643553, 0.31906923950056754,
                    0.14982973893303042, -0.3953461975028378, -0.049943246311010436});
}

TEST(NeutralRows, LeavesOutWhatItCannotPlace) {
  const Panel size = one_row({1.0, kNaN, 3.0, 4.0, 2.0, 9.0});
  NeutralRows rows({"a", "a", "a", "", "b", "a"}, size);
  std::vector<double> values = {1.0, 2.0, 4.0, 8.0, 16.0, kNaN};
  rows.apply(Neutralization::kSectorAndSize, 0, values);
  // Left are the first and the third: a sector and a line through both.
  for (const double value : values) EXPECT_TRUE(std::isnan(value));
  values = {1.0, 2.0, 6.0, 8.0, 16.0, kNaN};
  rows.apply(Neutralization::kSector, 0, values);
  EXPECT_DOUBLE_EQ(values[0], -2.0);
  EXPECT_DOUBLE_EQ(values[1], -1.0);
  EXPECT_DOUBLE_EQ(values[2], 3.0);
  for (const std::size_t i : {3U, 4U, 5U}) EXPECT_TRUE(std::isnan(values[i])) << i;
}

TEST(NeutralRows, TellsWhatCanBeTakenOut) {
  const Panel none;
  const Panel size = one_row({1.0, 2.0});
  EXPECT_TRUE(NeutralRows({}, none).possible().empty());
  EXPECT_TRUE(NeutralRows({"", ""}, none).possible().empty());
  EXPECT_EQ(NeutralRows({"a", ""}, size).possible().size(), 3U);
}

}  // namespace
}  // namespace orrery::neutral_row_test
