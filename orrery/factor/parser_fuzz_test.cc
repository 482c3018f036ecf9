// Damaged expressions and factor sets through the parser and the compiler: whatever comes, they answer with
// an expression or with an error that names the place. ORRERY_FUZZ_ROUNDS=1000000 makes a long run of it
// (`make fuzz`).

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/factor/compile.h"
#include "orrery/factor/expression.h"
#include "orrery/factor/factor_set.h"
#include "testing/damaged_texts.h"

namespace orrery::parser_fuzz_test {
namespace {

/// Texts that the parser knows, to be cut up and put together again.
std::vector<std::string> whole_texts() {
  std::vector<std::string> texts = {
      "let r = $close/Ref($close, 1) - 1; Mean(r, 20) / Std(r, 20)",
      "param n = 5; Mean($close, n) # a comment\n",
      "talib:MACD($close, 12, 26, 9).signal",
      "If(($a > 1e-12) & ($b == 2) | ($c != 0), -$a ** 2, Mean($b, 20d))",
      "alpha158:MA5",
      "literature:momentum(lag=21)",
  };
  for (const auto& set : factor_set_names()) {
    const auto factors = factor_set(set);
    for (std::size_t i = 0; i < factors.size(); i += 10) texts.push_back(factors[i].expression);
  }
  return texts;
}

testing::DamagedTexts damage(std::uint64_t seed) {
  return {seed,
          whole_texts(),
          {"(",
           ")",
           ",",
           "$",
           "let ",
           "param ",
           ";",
           "=",
           "**",
           "1e",
           "-",
           "20d",
           ".",
           ":",
           "#",
           "\n",
           "0x",
           "nan",
           "1e999",
           "\"",
           "\xff",
           "\xc3\xa9",
           "9999999999999999999"}};
}

TEST(ParserFuzz, DamagedExpressionsGetAnAnswer) {
  testing::DamagedTexts damaged = damage(7);
  int parsed = 0;
  const int rounds = testing::fuzz_rounds(20'000);
  for (int round = 0; round < rounds; ++round) {
    testing::expect_an_answer(damaged.next(), [&](const std::string& text) {
      const Expression expression = parse_expression("x", text);
      ++parsed;
      // What was understood can be written down and understood again.
      const std::string written = to_string(expression);
      EXPECT_EQ(to_string(parse_expression("x", written)), written) << text;
    });
  }
  EXPECT_GT(parsed, rounds / 50);
}

TEST(ParserFuzz, DamagedFactorsCompileOrSayWhyNot) {
  testing::DamagedTexts damaged = damage(8);
  const int rounds = testing::fuzz_rounds(3'000);
  for (int round = 0; round < rounds; ++round) {
    testing::expect_an_answer(damaged.next(), [](const std::string& text) {
      const FactorDefinition factor{"x", text};
      for (const Precision precision : {Precision::kFloat32, Precision::kFloat64})
        compile_factors({&factor, 1}, precision, true);
    });
  }
}

TEST(ParserFuzz, DeepNestingIsRefusedBeforeTheStackEnds) {
  for (const char* piece : {"(", "-", "Abs(", "$a**", "let x = ", "Mean("}) {
    std::string text;
    for (int i = 0; i < 200'000; ++i) text += piece;
    testing::expect_an_answer(text, [](const std::string& deep) { parse_expression("x", deep); });
  }
}

}  // namespace
}  // namespace orrery::parser_fuzz_test
