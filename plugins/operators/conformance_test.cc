// What every operator must do. A new file in this folder is picked up by itself: its calls are made from what
// its info() declares.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "orrery/factor/compute.h"
#include "orrery/factor/operator.h"
#include "testing/factor_agreement.h"
#include "testing/streamed_factors.h"

namespace orrery::conformance_test {
namespace {

using testing::first_difference;
using testing::make_factor_market;
using testing::run_in_shape;

std::string snake_case(const std::string& name) {
  std::string result;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == ':') {
      result += '_';
      continue;
    }
    const bool upper = std::isupper(static_cast<unsigned char>(name[i])) != 0;
    const bool after_lower = i > 0 && std::islower(static_cast<unsigned char>(name[i - 1])) != 0;
    if (upper && after_lower) result += '_';
    result += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
  }
  return result;
}

std::vector<std::string> numbers_within(const ArgumentInfo& argument) {
  std::vector<std::string> result;
  for (const double number : {argument.maximum <= 1.0 ? 1.0 : 2.0, 0.3}) {
    if (number >= argument.minimum && number <= argument.maximum) result.push_back(fmt::format("{}", number));
  }
  return result;
}

/// Arguments to try in one place.
std::vector<std::string> choices(const ArgumentInfo& argument, std::size_t place) {
  const std::string field = place % 2 == 0 ? "$a" : "$b";
  switch (argument.kind) {
    case ArgumentKind::kValue:
    case ArgumentKind::kSeries:
      return {field, "$c"};
    case ArgumentKind::kGroup:
      return {"$sector", "$c"};
    case ArgumentKind::kExposure:
      return {"$sector", "$b", "$sector, $c", "$c, $b"};
    case ArgumentKind::kCondition:
      return {place % 2 == 0 ? "($c>0)" : "($a>$b)"};
    case ArgumentKind::kLag:
      return {"1", "7"};
    case ArgumentKind::kNumber:
      return numbers_within(argument);
    case ArgumentKind::kWindow:
      break;
  }
  std::vector<std::string> windows;
  for (const int window : {1, 2, 3, 4, 5, 13, 30, 60}) {
    if (window >= argument.minimum && window <= argument.maximum) windows.push_back(std::to_string(window));
  }
  return windows;
}

/// Calls of an operator with every choice in every place; places vary together where there are several.
std::vector<std::string> calls(const OperatorInfo& info) {
  std::size_t count = 1;
  for (std::size_t place = 0; place < info.arguments.size(); ++place) {
    count = std::max(count, choices(info.arguments[place], place).size());
  }
  std::vector<std::string> result;
  for (std::size_t i = 0; i < 2 * count; ++i) {
    std::string call = info.name;
    call += "(";
    for (std::size_t place = 0; place < info.arguments.size(); ++place) {
      const auto options = choices(info.arguments[place], place);
      if (place > 0) call += ", ";
      call += options[(place == 0 ? i / count : i % count) % options.size()];
    }
    call += ")";
    result.push_back(call);
  }
  return result;
}

/// One instrument over rows, or several on one row.
MarketData market_of(const OperatorExample& example) {
  const std::size_t count = example.expected.size();
  const std::size_t rows = example.across ? 1 : count;
  const std::size_t instruments = example.across ? count : 1;
  MarketData market;
  for (std::size_t i = 0; i < instruments; ++i) market.symbols.push_back(fmt::format("S{}", i));
  market.first_row.assign(instruments, 0);
  market.last_row.assign(instruments, static_cast<int>(rows) - 1);
  market.present = MaskPanel(rows, instruments, 1);
  market.sectors = example.sectors;
  for (std::size_t t = 0; t < rows; ++t) market.dates.push_back(Date{static_cast<std::int32_t>(t)});
  for (const auto& [name, values] : example.fields) {
    EXPECT_EQ(values.size(), count);
    Panel panel(rows, instruments);
    for (std::size_t i = 0; i < count; ++i) panel(example.across ? 0 : i, example.across ? i : 0) = values[i];
    market.fields.emplace(name, std::move(panel));
  }
  return market;
}

class OperatorConformance : public ::testing::TestWithParam<std::string> {
 protected:
  const OperatorInfo& info() const { return operator_registry().get(GetParam()).info; }

  static CompiledFactors compiled(const std::string& expression, Precision precision) {
    const FactorDefinition factor{"x", expression};
    return compile_factors({&factor, 1}, precision, false);
  }
};

TEST_P(OperatorConformance, LivesInTheFileOfItsName) {
  EXPECT_EQ(info().name, GetParam());
  EXPECT_TRUE(std::filesystem::exists(fmt::format("plugins/operators/{}.cc", snake_case(info().name))));
}

TEST_P(OperatorConformance, SaysWhatItIs) {
  EXPECT_FALSE(info().summary.empty());
  EXPECT_FALSE(info().missing.empty());
  EXPECT_FALSE(info().warm_up.empty());
  EXPECT_FALSE(info().source.empty());
  for (const auto& argument : info().arguments) {
    EXPECT_FALSE(argument.name.empty());
    EXPECT_FALSE(argument.summary.empty());
  }
  EXPECT_NE(info().example.expression.find_first_not_of(' '), std::string::npos);
}

TEST_P(OperatorConformance, ExampleHolds) {
  const OperatorExample& example = info().example;
  ASSERT_FALSE(example.fields.empty());
  const MarketData market = market_of(example);
  const Panel values =
      compute_expression({"example", example.expression}, market, {Precision::kFloat64, 1, false});
  for (std::size_t i = 0; i < example.expected.size(); ++i) {
    const double value = example.across ? values(0, i) : values(i, 0);
    if (std::isnan(example.expected[i])) {
      EXPECT_TRUE(std::isnan(value)) << "place " << i << ": " << value;
    } else {
      EXPECT_NEAR(value, example.expected[i], 1e-12 * (1.0 + std::fabs(example.expected[i])))
          << "place " << i;
    }
  }
}

TEST_P(OperatorConformance, SameBitsInAnyShape) {
  const MarketData market = make_factor_market(150, 37, 11, 0.05);
  for (const auto& call : calls(info())) {
    for (const Precision precision : {Precision::kFloat32, Precision::kFloat64}) {
      const CompiledFactors factors = compiled(call, precision);
      const Panel batch = run_in_shape(factors, market, {32, 16});
      const auto expect_same = [&](const Panel& other, const char* how) {
        EXPECT_EQ(first_difference(batch, other, market.rows()), "") << call << ", " << how;
      };
      expect_same(run_in_shape(factors, market, {16, 1}), "a row at a time");
      expect_same(run_in_shape(factors, market, {48, 64}, 2), "other tiles and blocks, two threads");
      expect_same(run_in_shape(factors, market, {32, 8}, 1, kernels::InstructionSet::kAvx2), "AVX2");
    }
  }
}

TEST_P(OperatorConformance, AStreamGivesTheBatchsBits) {
  const MarketData market = make_factor_market(120, 37, 14, 0.05);
  std::vector<FactorDefinition> factors;
  for (const auto& call : calls(info())) factors.push_back({fmt::format("x{}", factors.size()), call});
  const auto batch = compute_factors(factors, market, {Precision::kFloat32, 1, false});
  StreamingFactors stream(factors, {market.symbols, market.sectors});
  const auto streamed = testing::stream_market(stream, market);
  for (std::size_t i = 0; i < factors.size(); ++i) {
    for (std::size_t row = 0; row < market.rows(); ++row) {
      for (std::size_t k = 0; k < market.instruments(); ++k) {
        const float a = batch.panels[i](row, k);
        const float b = streamed[i](row, k);
        ASSERT_TRUE(std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b) ||
                    (std::isnan(a) && std::isnan(b)))
            << factors[i].expression << ", row " << row << ", instrument " << k << ": " << a << " and " << b;
      }
    }
  }
}

TEST_P(OperatorConformance, FutureDoesNotChangeThePast) {
  const MarketData market = make_factor_market(150, 37, 12, 0.05);
  const MarketData cut = testing::truncated(market, 101);
  for (const auto& call : calls(info())) {
    const CompiledFactors factors = compiled(call, Precision::kFloat64);
    const Panel whole = run_in_shape(factors, market, {});
    const Panel past = run_in_shape(factors, cut, {});
    EXPECT_EQ(first_difference(whole, past, cut.rows()), "") << call;
  }
}

TEST_P(OperatorConformance, AgreesWithTheSlowReference) {
  if (info().name.rfind("talib:", 0) == 0) return;  // held against TA-Lib itself in talib_test.cc
  for (const double missing : {0.0, 0.1, 0.6}) {
    const MarketData market = make_factor_market(140, 24, 13, missing);
    for (const auto& call : calls(info())) {
      const Panel values = run_in_shape(compiled(call, Precision::kFloat64), market, {});
      // Both round: the engine each step, the reference at the end. `b` is around 1e6 with a deviation as
      // large.
      testing::expect_agreement_with_slow({"x", call}, market, values, 1e-9, 1e-9);
    }
  }
}

std::string test_name(const ::testing::TestParamInfo<std::string>& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), ':', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Operators, OperatorConformance, ::testing::ValuesIn(operator_registry().names()),
                         test_name);

}  // namespace
}  // namespace orrery::conformance_test
