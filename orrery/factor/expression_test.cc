#include "orrery/factor/expression.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::expression_test {
namespace {

std::string parsed(std::string_view text) { return to_string(parse_expression("f", text)); }

std::string problem(std::string_view text) {
  try {
    return "parsed as " + parsed(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(error.origin(), ErrorOrigin::kUser);
    return error.what();
  }
}

TEST(Expression, ReadsTheReversalFactor) {
  EXPECT_EQ(parsed("Ref($close,5)/$close-1"), "Sub(Div(Ref($close, 5), $close), 1)");
}

TEST(Expression, BindsAsPythonDoes) {
  struct Case {
    const char* text;
    const char* expected;
  };
  // Each expectation was read off Python's own grammar (`ast.parse`).
  for (const auto& test :
       std::vector<Case>{{"1-2-3", "Sub(Sub(1, 2), 3)"},
                         {"$a+$b*$c", "Add($a, Mul($b, $c))"},
                         {"($a+$b)*$c", "Mul(Add($a, $b), $c)"},
                         {"-$a**2", "Mul(Power($a, 2), -1)"},
                         {"2**3**2", "Power(2, Power(3, 2))"},
                         {"2**-1", "Power(2, -1)"},
                         {"$a*-$b", "Mul($a, Mul($b, -1))"},
                         {"--$a", "Mul(Mul($a, -1), -1)"},
                         {"+$a", "$a"},
                         {"$a>$b+1", "Gt($a, Add($b, 1))"},
                         {"($a>1)&($b<=2)|($c!=3)", "Or(And(Gt($a, 1), Le($b, 2)), Ne($c, 3))"},
                         {"$a>=1", "Ge($a, 1)"},
                         {"$a==1", "Eq($a, 1)"},
                         {"$a<1", "Lt($a, 1)"},
                         {" Mean ( $close , 5 ) ", "Mean($close, 5)"},
                         {"Sum(Greater($a-Ref($a, 1), 0), 5)", "Sum(Greater(Sub($a, Ref($a, 1)), 0), 5)"},
                         {"$volume+1e-12", "Add($volume, 1e-12)"},
                         {".5*$a", "Mul(0.5, $a)"},
                         {"Ref($a,-2)", "Ref($a, -2)"},
                         {"$52_week\n/\t2", "Div($52_week, 2)"}}) {
    EXPECT_EQ(parsed(test.text), test.expected) << test.text;
  }
}

TEST(Expression, ReadsDefinitionsCommentsAndTimes) {
  struct Case {
    const char* text;
    const char* expected;
  };
  for (const auto& test :
       std::vector<Case>{{"let r = $close/Ref($close,1)-1; Mean(r, 20)",
                          "let r = Sub(Div($close, Ref($close, 1)), 1); Mean(r, 20)"},
                         {"param w = 20; Mean($a, w)", "param w = 20; Mean($a, w)"},
                         {"param w = -1.5e-3; $a*w", "param w = -0.0015; Mul($a, w)"},
                         {"# the close\n$close # today's", "$close"},
                         {"let a = 1; # one\nlet b = a+1;\n b", "let a = 1; let b = Add(a, 1); b"},
                         {"Mean($a, 20d)", "Mean($a, 20d)"},
                         {"Mean($a, window=2w)", "Mean($a, window=2w)"},
                         {"Mean($a, window = 5)", "Mean($a, window=5)"},
                         {"set:factor", "set:factor()"},
                         {"set:factor(w=5)+1", "Add(set:factor(w=5), 1)"},
                         {"talib:MACD($a, 12).signal*2", "Mul(talib:MACD($a, 12).signal, 2)"},
                         {"let letter = $a; letter == 1", "let letter = $a; Eq(letter, 1)"}}) {
    EXPECT_EQ(parsed(test.text), test.expected) << test.text;
  }
  EXPECT_EQ(parse_expression("f", "Mean($a, 20d)").arguments[1].number, 20 * 86400.0);
  EXPECT_EQ(parse_expression("f", "Mean($a, 90s)").arguments[1].number, 90.0);
}

TEST(Expression, ShowsTheLineOfAnError) {
  EXPECT_EQ(problem("let a = $close;  # the close\nlet b = a + c;\nb"),
            "factor 'f': expected '(' after the operator 'c'; a field is written $c; did you mean 'a'?\n"
            "  let b = a + c;\n"
            "              ^");
}

TEST(Expression, ShowsWhereAndWhy) {
  EXPECT_EQ(problem("Mean($close 5)"),
            "factor 'f': expected ',' or ')' in the arguments of Mean\n"
            "  Mean($close 5)\n"
            "              ^");
  EXPECT_EQ(problem("close+1"),
            "factor 'f': expected '(' after the operator 'close'; a field is written $close\n"
            "  close+1\n"
            "  ^");
}

TEST(Expression, RefusesWithAReason) {
  struct Case {
    const char* text;
    const char* part;
  };
  for (const auto& test : std::vector<Case>{{"", "expected a number, a $field or an operator, found the end"},
                                            {"$a+", "found the end"},
                                            {"$", "expected a field's name"},
                                            {"$a $b", "expected an operator or the end, found '$'"},
                                            {"($a", "this '(' is never closed"},
                                            {"$a)", "this ')' has no '('"},
                                            {"Mean($a,5", "the '(' of Mean is never closed"},
                                            {"Mean($a,)", "found ')'"},
                                            {"$a^2", "write ** for a power"},
                                            {"$a=1", "expected '=='"},
                                            {"$a>$b>$c", "can't be chained"},
                                            {"5x", "a number ends here"},
                                            {"1e999", "within the range"},
                                            {"$a+\x01", "byte 0x01"},
                                            {"5m", "a unit of time: s, min, h, d, w"},
                                            {"let r = $a", "expected ';' behind the definition of 'r'"},
                                            {"let r = $a;", "found the end"},
                                            {"let $r = $a; 1", "a name is written without '$'"},
                                            {"let 5 = $a; 1", "expected a name"},
                                            {"let r $a; 1", "expected '=' after the name 'r'"},
                                            {"let r = 1; let r = 2; r", "the name 'r' is given twice"},
                                            {"param w = $a; w", "the parameter 'w' must be a number"},
                                            {"let ret = $a; rte", "did you mean 'ret'?"},
                                            {"$a; 1", "only `let name = ...`"},
                                            {"P($$roe)", "point-in-time fields ($$) do not exist here"},
                                            {"Mean", "expected '(' after the operator 'Mean'\n"}}) {
    EXPECT_NE(problem(test.text).find(test.part), std::string::npos) << problem(test.text);
  }
}

TEST(Expression, CaretStandsUnderThePlaceOfALongText) {
  const std::string text = std::string(300, ' ') + "$a + $b + ?" + std::string(300, ' ');
  const std::string message = problem(text);
  const auto lines_begin = message.find('\n') + 1;
  const auto caret_begin = message.find('\n', lines_begin) + 1;
  const std::string shown = message.substr(lines_begin, caret_begin - lines_begin - 1);
  const std::string caret = message.substr(caret_begin);
  EXPECT_LT(shown.size(), 110u);
  EXPECT_EQ(shown[caret.size() - 1], '?');
}

TEST(Expression, RefusesDepthInsteadOfOverflowing) {
  const auto repeated = [](const std::string& part, int count) {
    std::string result;
    for (int i = 0; i < count; ++i) result += part;
    return result;
  };
  constexpr int kMany = 100000;
  std::string many_names;
  for (int i = 0; i < 2000; ++i) many_names += "let n" + std::to_string(i) + "=1;";
  for (const auto& text : {repeated("(", kMany), repeated("-", kMany) + "1", repeated("1+", kMany) + "1",
                           repeated("2**", kMany) + "1", repeated("Abs(", kMany), many_names + "1"}) {
    EXPECT_NE(problem(text).find("nested deeper"), std::string::npos);
  }
}

TEST(Expression, GarbageIsRefusedOrRead) {
  const std::vector<std::string> parts = {
      "$",   "a",   "close", "Mean",    "(",  ")",      ",",    "+",   "-",  "*",  "**", "/",    "<",
      "<=",  "==",  "!",     "&",       "|",  "1",      "1e-9", ".",   "5.", " ",  "\n", "\xff", "é",
      "0x",  "^",   "1e",    "Ref($a,", ")",  "%",      "\0",   "If(", "$a", "$a", "$b", "1)",   "2)",
      "inf", "nan", "let ",  "x=",      "x;", "param ", ";",    "20d", "#",  ":",  "x"};
  Random random(20240229);
  int read = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (auto length = random.below(12); length > 0; --length) text += parts[random.below(parts.size())];
    try {
      parse_expression("f", text);
      ++read;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument) << text;
    }
  }
  EXPECT_GT(read, 100);
}

}  // namespace
}  // namespace orrery::expression_test
