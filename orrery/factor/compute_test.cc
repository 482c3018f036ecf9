#include "orrery/factor/compute.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "testing/factor_agreement.h"

namespace orrery::compute_test {
namespace {

using testing::expect_agreement_with_slow;
using testing::first_difference;
using testing::make_factor_market;
using testing::run_in_shape;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// One instrument that exists on every row.
MarketData market_of(const std::vector<double>& values) {
  MarketData market;
  market.symbols = {"S"};
  market.first_row = {0};
  market.last_row = {static_cast<int>(values.size()) - 1};
  market.present = MaskPanel(values.size(), 1, 1);
  Panel panel(values.size(), 1);
  for (std::size_t t = 0; t < values.size(); ++t) {
    market.dates.push_back(Date{static_cast<std::int32_t>(t)});
    panel(t, 0) = values[t];
  }
  market.fields.emplace("a", std::move(panel));
  return market;
}

Panel run(const std::string& expression, const MarketData& market,
          Precision precision = Precision::kFloat64) {
  return compute_expression({"f", expression}, market, {precision, 1, true});
}

TEST(ComputeFactors, ReversalOverAWeek) {
  const MarketData market = market_of({10, 11, 12, 13, 14, 15});
  const FactorDefinition factor{"reversal_5", "Ref($a,5)/$a-1"};
  const FactorFrame frame = compute_factors({&factor, 1}, market);
  ASSERT_EQ(frame.names, std::vector<std::string>{"reversal_5"});
  for (std::size_t t = 0; t < 5; ++t) EXPECT_TRUE(std::isnan(frame.panels[0](t, 0)));
  EXPECT_EQ(frame.panels[0](5, 0), 10.0F / 15.0F - 1.0F);
}

/// Puts blocks of rows together again.
FactorFrame gather_blocks(std::span<const FactorDefinition> definitions, const MarketData& market,
                          std::size_t bytes) {
  FactorFrame whole;
  for (const auto& definition : definitions) {
    whole.names.push_back(definition.name);
    whole.panels.emplace_back(market.rows(), market.instruments());
  }
  std::size_t expected_first = 0;
  compute_factor_blocks(definitions, market, {}, bytes, [&](RowRange sessions, const FactorFrame& block) {
    EXPECT_EQ(sessions.begin, expected_first);
    expected_first = sessions.end;
    EXPECT_EQ(block.names, whole.names);
    for (std::size_t f = 0; f < whole.panels.size(); ++f) {
      for (std::size_t row = sessions.begin; row < sessions.end; ++row) {
        const auto from = block.panels[f].row(row - sessions.begin);
        std::copy(from.begin(), from.end(), whole.panels[f].row(row).begin());
      }
    }
  });
  EXPECT_EQ(expected_first, market.rows());
  return whole;
}

TEST(ComputeFactors, BlocksHoldTheSameBits) {
  const MarketData market = make_factor_market(150, 70, 5, 0.1);
  const std::vector<FactorDefinition> over_time = {
      {"mean", "Mean($a, 30)"}, {"corr", "Corr($a, $b, 10)"}, {"ema", "EMA($a, 12)"}};
  const std::vector<FactorDefinition> across = {{"rank", "CSRank(Mean($a, 5))"},
                                                {"twice", "Mean(CSRank(Delta($b, 3)), 20) - CSRank($a)"}};
  for (const auto& definitions : {over_time, across}) {
    const FactorFrame at_once = compute_factors(definitions, market);
    for (const std::size_t bytes : {std::size_t{1}, std::size_t{30'000}, std::size_t{1} << 30}) {
      const FactorFrame by_blocks = gather_blocks(definitions, market, bytes);
      for (std::size_t f = 0; f < definitions.size(); ++f)
        EXPECT_EQ(first_difference(at_once.panels[f], by_blocks.panels[f], market.rows()), "")
            << definitions[f].name;
    }
  }
}

TEST(ComputeFactors, BlocksAreRefusedToFactorsThatLookAhead) {
  const FactorDefinition label{"label", "Ref($a, -1)"};
  try {
    compute_factor_blocks({&label, 1}, market_of({1, 2, 3}), {Precision::kFloat32, 1, true}, 100,
                          [](RowRange, const FactorFrame&) {});
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
  }
}

TEST(ComputeFactors, CellsOutsideTheLifeAreMissing) {
  const MarketData market = make_factor_market(120, 20, 5, 0.1);
  for (const char* expression :
       {"1", "$a>$b", "Count($a, 5)", "If($a>$b, 1, 2)", "$a**0", "Mean($a, 30)", "EMA($a, 5)"}) {
    for (const Precision precision : {Precision::kFloat32, Precision::kFloat64}) {
      const Panel values = run(expression, market, precision);
      for (std::size_t i = 0; i < market.instruments(); ++i) {
        for (std::size_t t = 0; t < market.rows(); ++t) {
          const bool alive =
              static_cast<int>(t) >= market.first_row[i] && static_cast<int>(t) <= market.last_row[i];
          if (!alive) {
            EXPECT_TRUE(std::isnan(values(t, i))) << expression;
          }
        }
      }
    }
  }
}

TEST(ComputeFactors, PaddingHoldsMissingValues) {
  const MarketData market = make_factor_market(40, 37, 5, 0.1);
  const FactorDefinition factor{"f", "Count($a, 5)"};
  const FactorFrame frame = compute_factors({&factor, 1}, market);
  const FloatPanel& panel = frame.panels[0];
  ASSERT_EQ(panel.stride(), 48u);
  for (std::size_t t = 0; t < panel.rows(); ++t) {
    for (std::size_t i = 37; i < 48; ++i) EXPECT_TRUE(std::isnan(panel.row_data(t)[i]));
  }
}

TEST(ComputeFactors, LabelsReadTheFutureOfTheInstrumentAlone) {
  const MarketData market = make_factor_market(120, 20, 6, 0.1);
  for (const char* label :
       {"Ref($a,-2)/Ref($a,-1)-1", "Max(Ref($a,-6), 5)/Ref($a,-1)", "Ref(Mean($a, 5), -3)",
        "Mean(Ref($a, -3), 5)-Ref($b, 2)", "Delta($a, -1)", "Ref(Ref($a, -3), 2)", "Ref($a>$b, -1)",
        "Rank(Ref($c, -4), 9)", "IdxMax(Ref($a, -4), 9)"}) {
    expect_agreement_with_slow({"label", label}, market, run(label, market), 1e-9, 1e-9);
  }
}

TEST(ComputeFactors, CrossSectionsNestWithSeriesOverTime) {
  const MarketData market = make_factor_market(90, 29, 8, 0.1);
  for (const char* text : {
           "CSRank(Max(CSRank($a), 5)) - Ref(CSRank($b), 3)",
           "Corr(CSRank($a), CSRank($b), 10)",
           "CSNeutralize(Delta(CSZScore($a), 2), $sector, CSRank($b))",
           "let r = $a/Ref($a, 1)-1; let m = CSMean(r); Cov(r, m, 20)/Var(m, 20)",
           "If(CSRank($a) > 0.5, GroupRank($b, CSQuantile($a, 3)), 0)",
       }) {
    const FactorDefinition factor{"f", text};
    const Panel values = run(text, market);
    expect_agreement_with_slow(factor, market, values, 1e-7, 1e-9);
    const CompiledFactors factors = compile_factors({&factor, 1}, Precision::kFloat64, false);
    EXPECT_EQ(first_difference(values, run_in_shape(factors, market, {16, 1}), market.rows()), "") << text;
    EXPECT_EQ(first_difference(values, run_in_shape(factors, market, {48, 8}, 3), market.rows()), "") << text;
  }
}

/// Whether a name that pauses comes back is known only later: what it is worth must not depend on it, nor
/// what the others are.
TEST(ComputeFactors, CrossSectionsKnowNoLaterBar) {
  const MarketData market = make_factor_market(60, 24, 9, 0.1);
  const std::vector<FactorDefinition> factors = {{"rank", "CSRank(Mean($a, 5))"},
                                                 {"memory", "EMA(CSZScore(Ref($b, 1)), 10)"},
                                                 {"mean", "Mean(CSMean(Ref($a, 1)), 4)"},
                                                 {"neutral", "CSNeutralize(Mean($a, 3), $sector)"},
                                                 {"grouped", "Std(GroupRank(Mean($b, 2), $sector), 8)"}};
  const FactorFrame whole = compute_factors(factors, market);
  std::size_t compared = 0;
  std::size_t pauses = 0;
  for (std::size_t t = 0; t < market.rows(); ++t) {
    const FactorFrame until = compute_factors(factors, testing::ended(market, t));
    for (std::size_t i = 0; i < market.instruments(); ++i) {
      const auto now = static_cast<int>(t);
      if (market.present(t, i) == 0) {
        pauses += market.first_row[i] < now && now < market.last_row[i] ? 1 : 0;
        continue;
      }
      for (std::size_t f = 0; f < factors.size(); ++f) {
        const float expected = until.panels[f](t, i);
        const float found = whole.panels[f](t, i);
        ASSERT_TRUE((std::isnan(found) && std::isnan(expected)) ||
                    std::bit_cast<std::uint32_t>(found) == std::bit_cast<std::uint32_t>(expected))
            << factors[f].name << ", row " << t << ", instrument " << i << ": " << found << " instead of "
            << expected;
        compared += std::isnan(expected) ? 0 : 1;
      }
    }
  }
  EXPECT_GT(compared, 3000U);
  EXPECT_GT(pauses, 60U);  // else the test could not fail
}

TEST(ComputeFactors, CrossSectionsOfLabels) {
  const MarketData market = make_factor_market(60, 20, 9, 0.1);
  for (const char* text : {"CSRank(Ref($a,-2)/Ref($a,-1)-1)", "Ref(CSRank($a), -3)-CSRank($a)"})
    expect_agreement_with_slow({"label", text}, market, run(text, market), 1e-9, 1e-9);
}

TEST(ComputeFactors, GroupsNeedSectors) {
  MarketData market = market_of({1, 2, 3});
  try {
    run("GroupRank($a, $sector)", market);
    FAIL() << "expected an error";
  } catch (const Error& error) {
    for (const char* part : {"no instrument has a sector", "--sectors", "data.sectors"})
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

// Windows in time against a count by hand: weekdays from Thursday 1970-01-01 on, with a gap of two weeks.
TEST(ComputeFactors, WindowsInTimeCountCalendarDays) {
  std::vector<double> values;
  for (int t = 0; t < 40; ++t) values.push_back(1.0 + ((t * 7) % 11));
  MarketData market = market_of(values);
  int day = 0;
  for (Date& date : market.dates) {
    while (weekday(Date{day}) > 4) ++day;
    date = Date{day};
    day += day == 20 ? 14 : 1;
  }
  const Panel sums = run("Sum($a, 7d)", market);
  const Panel lags = run("Ref($a, 1w)", market);
  const Panel ranks = run("Rank($a, 7d)", market);
  for (std::size_t t = 0; t < values.size(); ++t) {
    double sum = 0.0;
    double rank = 0.5;
    double count = 0.0;
    double lagged = kNan;
    for (std::size_t s = 0; s <= t; ++s) {
      if (market.dates[t] - market.dates[s] >= 7) {
        lagged = values[s];
        continue;
      }
      sum += values[s];
      count += 1.0;
      rank += values[s] < values[t] ? 1.0 : (values[s] == values[t] ? 0.5 : 0.0);
    }
    EXPECT_EQ(sums(t, 0), sum) << t;
    EXPECT_EQ(ranks(t, 0), rank / count) << t;
    EXPECT_TRUE(lags(t, 0) == lagged || (std::isnan(lags(t, 0)) && std::isnan(lagged))) << t;
  }
}

TEST(ComputeFactors, NothingToDo) {
  const MarketData market = market_of({1, 2, 3});
  EXPECT_TRUE(compute_factors({}, market).panels.empty());
  const FactorDefinition factor{"f", "$a"};
  const MarketData empty = market_of({});
  EXPECT_EQ(compute_factors({&factor, 1}, empty).panels[0].rows(), 0u);
}

TEST(ComputeFactors, RefusesBeforeItReads) {
  const MarketData market = market_of({1, 2, 3});
  EXPECT_THROW(compute_expression({"f", "$b"}, market, {}), Error);
  EXPECT_THROW(compute_expression({"f", "Ref($a,-1)"}, market, {}), Error);
}

TEST(ComputeFactors, Alpha158DoesNotDependOnShapeOrThreads) {
  MarketData market = make_factor_market(200, 70, 21, 0.03);
  market.fields.emplace("open", market.field("a"));
  market.fields.emplace("close", market.field("a"));
  market.fields.emplace("high", market.field("a"));
  market.fields.emplace("low", market.field("c"));
  market.fields.emplace("vwap", market.field("a"));
  market.fields.emplace("volume", market.field("b"));
  const auto definitions = factor_set("alpha158");
  const CompiledFactors factors = compile_factors(definitions, Precision::kFloat32, false);
  const auto run_all = [&](ExecutionShape shape, int threads, kernels::InstructionSet instructions) {
    std::vector<Panel> results;
    for (std::size_t i = 0; i < definitions.size(); ++i)
      results.emplace_back(market.rows(), market.instruments());
    BatchExecutor(factors, market, shape, instructions).run(results, threads, silent_progress());
    return results;
  };
  const auto expected = run_all({}, 1, kernels::available_instructions());
  const auto by_row = run_all({16, 1}, 2, kernels::available_instructions());
  const auto narrow = run_all({64, 32}, 2, kernels::InstructionSet::kAvx2);
  for (std::size_t i = 0; i < definitions.size(); ++i) {
    EXPECT_EQ(first_difference(expected[i], by_row[i], market.rows()), "") << definitions[i].name;
    EXPECT_EQ(first_difference(expected[i], narrow[i], market.rows()), "") << definitions[i].name;
  }
}

// Windows of up to 1,024 rows look functions of their count up in a table, longer ones divide.
TEST(ComputeFactors, LongWindowsHaveTheSameBitsWithAndWithoutTables) {
  const MarketData market = make_factor_market(1100, 20, 23, 0.03);
  for (const int window : {1023, 1024, 1025, 1030}) {
    for (const char* call : {"Mean($a, {})", "Std($a, {})", "Cov($a, $b, {})", "Resi($a, {})"}) {
      const FactorDefinition definition{"f", fmt::format(fmt::runtime(call), window)};
      const CompiledFactors factors = compile_factors({&definition, 1}, Precision::kFloat64, false);
      const Panel values = run_in_shape(factors, market, {});
      const Panel narrow = run_in_shape(factors, market, {16, 7}, 1, kernels::InstructionSet::kAvx2);
      EXPECT_EQ(first_difference(values, narrow, market.rows()), "") << definition.expression;
      // Sums of a thousand rows in another order differ by some last digits.
      if (definition.expression.starts_with("Mean"))
        expect_agreement_with_slow(definition, market, values, 1e-12, 0.0);
    }
  }
}

// A factor's bits do not depend on which other factors are asked for.
TEST(ComputeFactors, CompanyDoesNotChangeAFactor) {
  MarketData market = make_factor_market(200, 20, 22, 0.03);
  std::vector<FactorDefinition> definitions;
  for (const int window : {5, 7, 10, 20, 30, 60}) {
    for (const char* name : {"Mean", "Std", "Slope", "Resi", "Max", "IdxMin", "Rank", "Med"}) {
      definitions.push_back({fmt::format("{}{}", name, window), fmt::format("{}($a, {})", name, window)});
    }
  }
  const FactorFrame together = compute_factors(definitions, market);
  for (std::size_t i = 0; i < definitions.size(); ++i) {
    const FactorFrame alone = compute_factors({&definitions[i], 1}, market);
    for (std::size_t t = 0; t < market.rows(); ++t) {
      for (std::size_t k = 0; k < market.instruments(); ++k) {
        const float a = alone.panels[0](t, k);
        const float b = together.panels[i](t, k);
        ASSERT_TRUE(a == b || (std::isnan(a) && std::isnan(b))) << definitions[i].name;
      }
    }
  }
}

/// Makes random expressions. Operators that jump (comparisons, ranks, places) get exact operands only, so
/// that the reference and the engine see the same bits there.
class RandomExpression {
 public:
  explicit RandomExpression(std::uint64_t seed) : random_(seed) {}

  std::string smooth(int depth) {
    if (depth == 0) return exact(0);
    switch (random_.below(6)) {
      case 0:
        return fmt::format("({}{}{})", smooth(depth - 1), pick({"+", "-", "*"}), smooth(depth - 1));
      case 1:
        return fmt::format("{}({}, {})", pick({"Mean", "Sum", "Std", "Mad", "WMA", "Max", "Min"}),
                           smooth(depth - 1), window());
      case 2:
        return fmt::format("{}({}, {})", pick({"Slope", "Resi", "Var", "EMA"}), exact(depth - 1), window());
      case 3:
        return fmt::format("{}({}, {})", pick({"Rank", "Med", "IdxMax", "IdxMin", "Count"}), exact(depth - 1),
                           window());
      case 4:
        return fmt::format("Ref({}, {})", smooth(depth - 1), 1 + random_.below(9));
      default:
        return fmt::format("If({}, {}, {})", condition(depth - 1), smooth(depth - 1), smooth(depth - 1));
    }
  }

 private:
  std::string exact(int depth) {
    if (depth == 0) return pick({"$a", "$b", "$c", "2", "$a", "$c"});
    switch (random_.below(4)) {
      case 0:
        return fmt::format("($a{}{})", pick({"+", "-", "*"}), exact(depth - 1));
      case 1:
        return fmt::format("Ref($b+{}, {})", exact(depth - 1), 1 + random_.below(5));
      case 2:
        return fmt::format("Max($c-{}, {})", exact(depth - 1), window());
      default:
        return fmt::format("Greater($c, {})", exact(depth - 1));
    }
  }
  std::string condition(int depth) {
    return fmt::format("({}{}{})", exact(depth), pick({">", "<=", "=="}), exact(0));
  }
  std::string window() { return std::to_string(2 + random_.below(40)); }
  std::string pick(const std::vector<std::string>& options) { return options[random_.below(options.size())]; }

  Random random_;
};

TEST(ComputeFactors, RandomExpressionsAgreeWithTheSlowReference) {
  RandomExpression expressions(99);
  int compared = 0;
  for (int i = 0; i < 400; ++i) {
    const FactorDefinition factor{"random", expressions.smooth(3)};
    const MarketData market =
        make_factor_market(90, 18, 1000 + static_cast<std::uint64_t>(i), 0.02 * (i % 10));
    try {
      check_factors({&factor, 1}, std::vector<std::string>{"a", "b", "c"});
    } catch (const Error&) {
      continue;  // such as a window over a number
    }
    ++compared;
    const Panel values = run(factor.expression, market);
    // Sums of products of values around 1e6: differences of rounding grow to 1e-9 of the largest terms.
    expect_agreement_with_slow(factor, market, values, 1e-8, 1e-1);
    const CompiledFactors factors = compile_factors({&factor, 1}, Precision::kFloat64, false);
    EXPECT_EQ(first_difference(values, run_in_shape(factors, market, {16, 1}), market.rows()), "")
        << factor.expression;
  }
  EXPECT_GT(compared, 200);
}

// Prices of any size, long constant runs and spikes: within 1e-12 of the exact value of the inputs, because
// nothing that has left a window stays behind in any sum. The reference adds in long double.
TEST(Precision, NothingThatLeftAWindowStaysBehind) {
  Random random(3);
  std::vector<double> values;
  double price = 1e-8;
  for (int t = 0; t < 3000; ++t) {
    if (t % 500 == 499) price = price < 1.0 ? 1e6 : 1e-8;  // from one end of the scale to the other
    const bool constant = t % 500 >= 200 && t % 500 < 320;
    if (!constant) price *= 1.0 + 0.02 * random.normal();
    values.push_back(t % 97 == 96 ? price * 1e15 : price);  // a spike
  }
  const MarketData market = market_of(values);
  for (const char* statistic : {"Mean", "Sum", "Std", "Max", "Slope"}) {
    for (const int window : {5, 60}) {
      const FactorDefinition factor{"f", fmt::format("{}($a, {})", statistic, window)};
      const Panel found = run(factor.expression, market);
      const auto expected = testing::SlowFactors(testing::instrument_rows(market, 0))
                                .evaluate(parse_expression("f", factor.expression));
      for (std::size_t t = 100; t < values.size(); ++t) {
        double largest = 0.0;
        for (int k = 0; k < window; ++k)
          largest = std::max(largest, std::fabs(values[t - static_cast<std::size_t>(k)]));
        // Relative to the value, or to what enters it where the condition is poor (a slope near zero).
        const double tolerance = 1e-12 * std::max(std::fabs(expected[t]), 1e-3 * largest);
        ASSERT_NEAR(found(t, 0), expected[t], tolerance) << factor.expression << ", row " << t;
      }
    }
  }
}

TEST(Precision, ConstantRunsAreExact) {
  std::vector<double> values(300, 0.1);
  for (std::size_t t = 0; t < 100; ++t) values[t] = 1e12 * static_cast<double>(t % 7);
  const MarketData market = market_of(values);
  const Panel deviation = run("Std($a, 60)", market);
  const Panel slope = run("Slope($a, 60)", market);
  const Panel shared = run("Rsquare($a, 60)", market);
  const Panel correlation = run("Corr($a, Ref($a, 1), 60)", market);
  for (std::size_t t = 200; t < values.size(); ++t) {
    EXPECT_EQ(deviation(t, 0), 0.0);
    EXPECT_EQ(slope(t, 0), 0.0);
    EXPECT_TRUE(std::isnan(shared(t, 0)));
    EXPECT_TRUE(std::isnan(correlation(t, 0)));
  }
}

TEST(Precision, DivisionIsTheRoundedQuotient) {
  const MarketData market = make_factor_market(200, 40, 31, 0.0);
  const Panel found = run("$a/$b", market);
  for (std::size_t t = 0; t < market.rows(); ++t) {
    for (std::size_t i = 0; i < market.instruments(); ++i) {
      const double expected = market.field("a")(t, i) / market.field("b")(t, i);
      if (!std::isnan(expected)) {
        EXPECT_EQ(found(t, i), expected);
      }
    }
  }
  const MarketData edges = market_of({0.0, 1.0, -1.0, std::numeric_limits<double>::infinity(), kNan});
  const Panel by_zero = run("$a/($a*0)", edges);
  EXPECT_TRUE(std::isnan(by_zero(0, 0)));
  EXPECT_EQ(by_zero(1, 0), std::numeric_limits<double>::infinity());
  const Panel zero_over = run("0/$a", edges);
  EXPECT_EQ(zero_over(1, 0), 0.0);
  EXPECT_EQ(zero_over(3, 0), 0.0);
}

TEST(Precision, SquaresAreProducts) {
  const MarketData market = market_of({-3.1, 0.0, 1e-200, 1e200, kNan, 0.7});
  const Panel squares = run("Power($a, 2)", market);
  const Panel products = run("$a * $a", market);
  EXPECT_EQ(first_difference(squares, products, market.rows()), "");
}

TEST(Precision, SquaresOfConditionsAreNumbers) {
  const Panel sums = run("Power($a > 1, 2) + Power($a > 2, 2)", market_of({1, 2, 3}));
  EXPECT_EQ(sums(0, 0), 0.0);
  EXPECT_EQ(sums(1, 0), 1.0);
  EXPECT_EQ(sums(2, 0), 2.0);
}

TEST(Precision, InfiniteValuesCountAsMissingInWindows) {
  const MarketData market = market_of({1.0, 0.0, 4.0, 2.0, 5.0});  // 1 / $a is infinite in row 1
  const Panel mean = run("Mean(1/$a, 3)", market);
  EXPECT_EQ(mean(1, 0), 1.0);
  EXPECT_DOUBLE_EQ(mean(2, 0), (1.0 + 0.25) / 2.0);
  EXPECT_DOUBLE_EQ(mean(3, 0), (0.25 + 0.5) / 2.0);
}

}  // namespace
}  // namespace orrery::compute_test
