// Random expressions through everything that computes them: batch in several shapes, stream, and the slow
// reference. ORRERY_FUZZ_ROUNDS=100000 makes a long run of it (`make fuzz`).

#include "testing/random_expressions.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "orrery/base/error.h"
#include "testing/damaged_texts.h"
#include "testing/factor_agreement.h"
#include "testing/streamed_factors.h"

namespace orrery::random_expressions_test {
namespace {

using testing::first_difference;
using testing::fuzz_rounds;
using testing::make_factor_market;
using testing::RandomExpressions;
using testing::run_in_shape;

/// Compiles, or returns nothing for an expression that is not legal.
std::optional<CompiledFactors> compiled(const std::string& expression, Precision precision) {
  const FactorDefinition factor{"x", expression};
  try {
    return compile_factors({&factor, 1}, precision, false);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument) << expression << ": " << error.what();
    return std::nullopt;
  }
}

FloatPanel streamed(const std::string& expression, const MarketData& market) {
  const FactorDefinition factor{"x", expression};
  StreamingFactors stream({&factor, 1}, {market.symbols, market.sectors});
  return std::move(testing::stream_market(stream, market).front());
}

TEST(RandomExpressions, HaveTheSameBitsInAnyShapeAndInAStream) {
  const MarketData market = make_factor_market(70, 21, 5, 0.05);
  RandomExpressions expressions(testing::fuzz_seed(17), true);
  const int rounds = fuzz_rounds(150);
  int legal = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::string text = expressions.next(1 + round % 4);
    for (const Precision precision : {Precision::kFloat32, Precision::kFloat64}) {
      const auto factors = compiled(text, precision);
      if (!factors) continue;
      ++legal;
      const Panel batch = run_in_shape(*factors, market, {32, 16});
      const auto expect_same = [&](const Panel& other, const char* how) {
        EXPECT_EQ(first_difference(batch, other, market.rows()), "") << text << ", " << how;
      };
      expect_same(run_in_shape(*factors, market, {16, 1}), "a row at a time");
      expect_same(run_in_shape(*factors, market, {48, 64}, 2), "other tiles and blocks, two threads");
      expect_same(run_in_shape(*factors, market, {32, 8}, 1, kernels::InstructionSet::kAvx2), "AVX2");
    }
    if (!compiled(text, Precision::kFloat32)) continue;
    const FactorDefinition factor{"x", text};
    const FloatPanel batch = std::move(compute_factors({&factor, 1}, market).panels.front());
    EXPECT_EQ(first_difference(batch, streamed(text, market), market.rows()), "") << text << ", a stream";
  }
  EXPECT_GT(legal, rounds);  // of twice as many
}

/// What is left of numbers of order one when most of their digits cancel: exponential weights make deviations
/// a millionth of the values' size.
constexpr double kTiny = 2e-12;

/// What the slow reference says of an expression, and how far its rounding could carry each cell.
class SlowValues {
 public:
  SlowValues(const std::string& text, const MarketData& market) : market_(market) {
    const Expression expression = parse_expression("x", text);
    exact_ = testing::SlowMarket(market).evaluate(expression);
    // Errors come in pairs of opposite sign: what noise decides falls to the other side in one of the two.
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      for (const double sign : {1.0, -1.0}) shaken_.push_back(shake(expression, seed, sign));
    }
  }

  double value(std::size_t i, std::size_t t) const { return exact_[i][at(i, t)]; }

  /// The largest difference that rounding may make, or nothing where it decides what comes out: a tie, a
  /// sign, a division by what should be zero.
  std::optional<double> allowance(std::size_t i, std::size_t t) const {
    const double wanted = value(i, t);
    double spread = 0.0;
    for (const auto& other : shaken_) {
      const double moved = other[i][at(i, t)];
      if (std::isnan(moved) != std::isnan(wanted) || std::isinf(moved) != std::isinf(wanted))
        return std::nullopt;
      if (std::isfinite(wanted)) spread = std::max(spread, std::fabs(moved - wanted));
    }
    if (spread > 1e-7 * std::max(std::fabs(wanted), 1e-9)) return std::nullopt;
    return 1e-10 * std::fabs(wanted) + 1000.0 * spread + kTiny;
  }

 private:
  std::vector<std::vector<double>> shake(const Expression& expression, std::uint64_t seed,
                                         double sign) const {
    Random random(seed);
    const auto error = [&](double size) { return 1.0 + sign * size * (2.0 * random.uniform() - 1.0); };
    MarketData shaken = market_;
    for (const char* name : {"a", "b"}) {  // $c is whole numbers, whose ties are real
      Panel& panel = shaken.fields.find(name)->second;
      for (std::size_t t = 0; t < panel.rows(); ++t)
        for (double& value : panel.row(t)) value *= error(1e-14);
    }
    const testing::SlowFactors::Rounding rounding = {
        [&](double value) { return value * error(1e-13); },
        [&] { return sign < 0 ? std::nan("") : random.uniform(); }};
    return testing::SlowMarket(shaken, rounding).evaluate(expression);
  }

  std::size_t at(std::size_t i, std::size_t t) const {
    return t - static_cast<std::size_t>(market_.first_row[i]);
  }

  const MarketData& market_;
  std::vector<std::vector<double>> exact_;
  std::vector<std::vector<std::vector<double>>> shaken_;
};

struct Agreement {
  std::size_t compared = 0;
  std::size_t undecided = 0;  ///< rounding decides what comes out
  std::size_t differences = 0;
  std::string first_difference;
};

Agreement compare(const std::string& text, const Panel& values, const MarketData& market) {
  const SlowValues slow(text, market);
  Agreement result;
  for (std::size_t i = 0; i < market.instruments(); ++i) {
    const auto first = static_cast<std::size_t>(market.first_row[i]);
    for (std::size_t t = first; t <= static_cast<std::size_t>(market.last_row[i]); ++t) {
      const double wanted = slow.value(i, t);
      const double found = values(t, i);
      const auto allowed = slow.allowance(i, t);
      if (!allowed) {
        ++result.undecided;
        continue;
      }
      ++result.compared;
      const bool agree =
          std::isfinite(wanted) && std::isfinite(found)
              ? std::fabs(found - wanted) <= *allowed
              : std::isnan(wanted) == std::isnan(found) && (std::isnan(wanted) || wanted == found);
      if (!agree && result.differences++ == 0)
        result.first_difference = fmt::format("row {}, instrument {}: {} instead of {}", t, i, found, wanted);
    }
  }
  return result;
}

TEST(RandomExpressions, AgreeWithTheSlowReference) {
  const MarketData market = make_factor_market(60, 12, 6, 0.05);
  RandomExpressions expressions(testing::fuzz_seed(18), false);
  const int rounds = fuzz_rounds(200);
  std::size_t compared = 0;
  std::size_t undecided = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::string text = expressions.next(1 + round % 4);
    const auto factors = compiled(text, Precision::kFloat64);
    if (!factors) continue;
    const Agreement agreement = compare(text, run_in_shape(*factors, market, {32, 16}), market);
    // Where rounding decides many cells, all shakes of a few more may fall to the same side by chance.
    EXPECT_LE(20 * agreement.differences, agreement.undecided) << text << ": " << agreement.first_difference;
    compared += agreement.compared;
    undecided += agreement.undecided;
  }
  EXPECT_GT(compared, 4 * undecided) << compared << " cells compared, " << undecided << " up to rounding";
}

}  // namespace
}  // namespace orrery::random_expressions_test
