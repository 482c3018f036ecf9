// Damaged expressions and factor sets through the parser and the compiler: whatever comes, they answer with
// an expression or with an error that names the place. ORRERY_FUZZ_ROUNDS=1000000 makes a long run of it
// (`make fuzz`).

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/factor/compile.h"
#include "orrery/factor/expression.h"
#include "orrery/factor/factor_set.h"
#include "testing/random_expressions.h"

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

class Damage {
 public:
  explicit Damage(std::uint64_t seed) : random_(seed), texts_(whole_texts()) {}

  /// One to six changes: bytes and pieces of other texts in and out.
  std::string next() {
    std::string text = texts_[random_.below(texts_.size())];
    for (std::size_t i = random_.below(6) + 1; i > 0; --i) change(text);
    return text;
  }

 private:
  std::string piece() {
    static const std::vector<std::string> kPieces = {"(",
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
                                                     "9999999999999999999"};
    if (random_.uniform() < 0.7) return kPieces[random_.below(kPieces.size())];
    const std::string& other = texts_[random_.below(texts_.size())];
    const std::size_t begin = random_.below(other.size());
    return other.substr(begin, 1 + random_.below(30));
  }

  void change(std::string& text) {
    const std::size_t at = random_.below(text.size() + 1);
    switch (random_.below(4)) {
      case 0:
        text.insert(at, piece());
        break;
      case 1:
        text.erase(at, 1 + random_.below(8));
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(random_.below(256));
        break;
      default:
        text = text.substr(at) + text.substr(0, at);
    }
  }

  Random random_;
  std::vector<std::string> texts_;
};

/// Does something with a damaged text; an answer is a value or an error of the user's making with a message.
template <class Work>
void expect_an_answer(const std::string& text, Work&& work) {
  try {
    work(text);
  } catch (const Error& error) {
    const bool users = error.origin() == ErrorOrigin::kUser;
    EXPECT_TRUE(users) << text << "\n" << error.what();
    EXPECT_FALSE(std::string_view(error.what()).empty());
  } catch (const std::exception& error) {
    ADD_FAILURE() << text << "\n" << error.what();
  }
}

TEST(ParserFuzz, DamagedExpressionsGetAnAnswer) {
  Damage damage(7);
  int parsed = 0;
  const int rounds = testing::fuzz_rounds(20'000);
  for (int round = 0; round < rounds; ++round) {
    expect_an_answer(damage.next(), [&](const std::string& text) {
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
  Damage damage(8);
  const int rounds = testing::fuzz_rounds(3'000);
  for (int round = 0; round < rounds; ++round) {
    expect_an_answer(damage.next(), [](const std::string& text) {
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
    expect_an_answer(text, [](const std::string& deep) { parse_expression("x", deep); });
  }
}

}  // namespace
}  // namespace orrery::parser_fuzz_test
