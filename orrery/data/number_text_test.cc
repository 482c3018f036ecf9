#include "orrery/data/number_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "orrery/base/random.h"

namespace orrery::number_text_test {
namespace {

double number(std::string_view text) {
  double value = 0.0;
  EXPECT_EQ(parse_number(text, value), NumberText::kNumber) << text;
  return value;
}

NumberText kind(std::string_view text) {
  double value = 0.0;
  const auto result = parse_number(text, value);
  EXPECT_EQ(std::isnan(value), result != NumberText::kNumber) << text;
  return result;
}

TEST(NumberText, ReadsTheUsualForms) {
  EXPECT_EQ(number("40.610001"), 40.610001);
  EXPECT_EQ(number("-0.5"), -0.5);
  EXPECT_EQ(number(".5"), 0.5);
  EXPECT_EQ(number("5."), 5.0);
  EXPECT_EQ(number(" +1e3 "), 1000.0);
  EXPECT_EQ(number("2770800"), 2770800.0);
}

TEST(NumberText, TellsMissingFromWrong) {
  for (const auto* text : {"", "  ", "nan", "NaN", "NULL", "None", "N/A", "na", "."}) {
    EXPECT_EQ(kind(text), NumberText::kEmpty) << text;
  }
  for (const auto* text : {"x", "1.2.3", "1,5", "inf", "-Infinity", "1e400", "0x10", "-", "+", "1 2", "--1",
                           "+-1", "12a", "nano"}) {
    EXPECT_EQ(kind(text), NumberText::kNoNumber) << text;
  }
}

// Oracle: the C library's strtod, which rounds correctly.
TEST(NumberText, AgreesWithStrtodToTheBit) {
  Random random(17);
  for (int i = 0; i < 300'000; ++i) {
    const double scale = std::pow(10.0, static_cast<double>(random.below(12)));
    const auto text = i % 3 == 0   ? fmt::format("{:.6f}", random.uniform() * scale)
                      : i % 3 == 1 ? fmt::format("{}", random.normal() * scale)
                                   : fmt::format("{}.{}", random.below(1000), random.next());
    EXPECT_EQ(std::bit_cast<std::uint64_t>(number(text)),
              std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr)))
        << text;
  }
}

TEST(NumberText, TheShortestTextReadsBackToTheSameBits) {
  Random random(19);
  for (int i = 0; i < 10'000; ++i) {
    const double value = random.normal() * 1e5;
    EXPECT_EQ(number(number_text(value)), value);
  }
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(std::nan("")), "");
}

}  // namespace
}  // namespace orrery::number_text_test
