#include "orrery/factor/compile.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/factor/factor_set.h"
#include "orrery/factor/operator.h"
#include "orrery/factor/plan.h"

namespace orrery::compile_test {
namespace {

CompiledFactors compiled(const std::vector<std::string>& expressions,
                         Precision precision = Precision::kFloat32) {
  std::vector<FactorDefinition> definitions;
  for (const auto& expression : expressions)
    definitions.push_back({fmt::format("f{}", definitions.size()), expression});
  return compile_factors(definitions, precision, true);
}

std::size_t live_nodes(const CompiledFactors& factors) {
  return make_plan(factors.graph, factors.roots, {}).order.size();
}

std::size_t count_kernels(const CompiledFactors& factors, std::string_view name) {
  const auto& nodes = factors.graph.nodes();
  return static_cast<std::size_t>(std::count_if(nodes.begin(), nodes.end(), [&](const Node& node) {
    return node.kernel != nullptr && node.kernel->name == name;
  }));
}

std::string problem(const std::string& expression, bool allow_future = false) {
  const std::vector<std::string> fields = {"open", "high", "low", "close", "volume"};
  const FactorDefinition factor{"momentum", expression};
  try {
    check_factors({&factor, 1}, fields, allow_future);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    return error.what();
  }
  return "";
}

TEST(CompileFactors, MergesEqualParts) {
  const auto once = compiled({"Mean($close, 5)"});
  const auto twice = compiled({"Mean($close, 5)", "Mean($close,5)"});
  EXPECT_EQ(live_nodes(once), live_nodes(twice));
  // The same window's moments serve the deviation, the variance and the trend.
  EXPECT_EQ(count_kernels(compiled({"Std($close, 30)"}), "merge_moments"),
            count_kernels(compiled({"Std($close, 30)", "Var($close, 30)", "Rsquare($close, 30)"}),
                          "merge_moments"));
  // One sorted window answers quantiles and rank.
  EXPECT_EQ(
      count_kernels(compiled({"Quantile($close, 9, 0.2)", "Quantile($close, 9, 0.8)", "Rank($close, 9)"}),
                    "sorted_window_f"),
      1u);
  // Windows share their parts: 60 is 30 and 30.
  EXPECT_EQ(live_nodes(compiled({"Max($close, 30)", "Max($close, 60)"})),
            live_nodes(compiled({"Max($close, 60)"})) + 1);
}

TEST(CompileFactors, FoldsConstantsAndDropsDeadParts) {
  EXPECT_EQ(count_kernels(compiled({"$close*(2*3+1)"}), "multiply_fc"), 1u);
  EXPECT_EQ(live_nodes(compiled({"Mean($close, 2*3)", "Mean($close, 6)"})),
            live_nodes(compiled({"Mean($close, 6)"})));
  const auto chosen = compiled({"If(1>2, Std($close, 60), $close)"});
  EXPECT_LE(live_nodes(chosen), 2u);  // the field and the instruments' life
}

TEST(CompileFactors, Alpha158IsOneSmallGraph) {
  const auto definitions = factor_set("alpha158");
  const auto factors = compile_factors(definitions, Precision::kFloat32, false);
  EXPECT_LT(live_nodes(factors), 1000u);
  EXPECT_EQ(factors.fields, (std::vector<std::string>{"close", "high", "low", "open", "volume", "vwap"}));
}

TEST(CheckFactors, ShowsTextReasonAndNearestName) {
  EXPECT_EQ(problem("Maen($close, 5)/$close"),
            "factor 'momentum': unknown operator 'Maen'; did you mean 'Mean'?\n"
            "  Maen($close, 5)/$close\n"
            "  ^");
  EXPECT_EQ(problem("1 - $clsoe"),
            "factor 'momentum': the data has no field 'clsoe'; did you mean 'close'?; it has: open, high, "
            "low, close, "
            "volume\n"
            "  1 - $clsoe\n"
            "      ^");
}

TEST(CheckFactors, NamesFileAndLineOfADefinitionThatHasThem) {
  const auto problem_of = [](const std::string& text) -> std::string {
    const std::vector<std::string> fields = {"open", "close"};
    try {
      check_factors(parse_factor_set("my.factors", text), fields);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(
      problem_of("# mine\nfine = $close\n\nlong = Mean($open,\n 5) +\n $clsoe\n"),
      "my.factors, line 4: factor 'long': the data has no field 'clsoe'; did you mean 'close'?; it has: "
      "open, close\n  Mean($open, 5) + $clsoe\n                   ^");
  EXPECT_EQ(
      problem_of("fine = $close\nbad = Maen($close, 5)\n").find("my.factors, line 2: factor 'bad': unknown"),
      0u);
}

TEST(CheckFactors, RefusesWithAReason) {
  struct Case {
    const char* expression;
    const char* part;
  };
  for (const auto& test : std::vector<Case>{
           {"Mean($close)", "Mean(value, window) takes 2 arguments, found 1"},
           {"Mean($close, 0)", "window of Mean must be from 1 to 100000, found 0"},
           {"Mean($close, 2.5)", "window of Mean must be a whole number of rows, found the number 2.5"},
           {"Mean($close, $open)",
            "window of Mean must be a whole number of rows, found a series of numbers"},
           {"Mean(3, 5)", "value of Mean must be a series, found the number 3"},
           {"Skew($close, 2)", "window of Skew must be from 3"},
           {"Quantile($close, 5, 1.5)", "level of Quantile must be from 0 to 1, found 1.5"},
           {"And($close, $open)", "left of And must be a condition"},
           {"$close > $open & $close", "left of And must be a condition"},
           {"($close>1)-($open>1)", "conditions can't be subtracted"},
           {"Ref($close, 0)", "a lag of 0 rows is the series itself"},
           {"Ref($close, -1)", "Ref reads 1 rows of the future; negative lags are legal in labels only"},
           {"Delta($close, -2)", "Delta reads 2 rows of the future"},
           {"mean($close, 5)", "did you mean 'Mean'?"},
           {"Corr($close, 1, 5)", "right of Corr must be a series"},
           {"Mean($close, 90s)", "a length of time must be whole days, such as 20d, found 90s"},
           {"$close + 20d", "right of Add must be a series or a number, found a length of time"},
           {"Skew($close, 2d)", "window of Skew must be from 3 to 100000, found 2 (2d on some dates)"},
           {"$sector", "a factor must be a series, found a group"},
           {"$sector + 1", "left of Add must be a series or a number, found a group"},
           {"Mean($sector, 5)", "value of Mean must be a series, found a group"},
           {"GroupRank($close, 3)", "group of GroupRank must be a group, such as $sector, or a series"},
           {"CSNeutralize($close)", "CSNeutralize(value, by...) takes at least 2 arguments, found 1"},
           {"Scale()", "Scale(value, sum=1) takes 1 to 2 arguments, found 0"},
           {"Mean($close, windw=5)", "Mean(value, window) has no argument 'windw'"},
           {"Mean($close, value=$close)", "argument 1 is given twice"},
           {"Mean($close, 5).upper", "Mean has no output 'upper'; it has one output"},
           {"alpha185:MA5", "did you mean 'alpha158'?"},
           {"alpha158:MA6", "the set 'alpha158' has no factor 'MA6'"},
           {"alpha158:MA5(3)", "a factor of a set takes parameters only"},
           {"alpha158:MA5(w=3)", "there is no parameter 'w'; it has none"},
           {"Mask($close, 1)", "qlib's Mask reads one other instrument"},
           {"PRef($close, 1)", "qlib's PRef is not needed"}}) {
    const std::string message = problem(test.expression);
    EXPECT_NE(message.find(test.part), std::string::npos) << test.expression << ": " << message;
    EXPECT_EQ(message.find("factor 'momentum'"), 0u) << message;
  }
  EXPECT_EQ(problem("Ref($close, -2)/Ref($close, -1)-1", true), "");
}

TEST(CheckFactors, RefusesTwoFactorsOfOneName) {
  const std::vector<FactorDefinition> definitions = {{"a", "$close"}, {"a", "$close"}};
  const std::vector<std::string> fields = {"close"};
  EXPECT_THROW(check_factors(definitions, fields), Error);
}

TEST(CompileFactors, NamesAndParametersLeaveNoTrace) {
  EXPECT_EQ(live_nodes(compiled({"let r = $close/Ref($close,1)-1; Mean(r,20)/Std(r,20)"})),
            live_nodes(compiled({"Mean($close/Ref($close,1)-1,20)/Std($close/Ref($close,1)-1,20)"})));
  EXPECT_EQ(live_nodes(compiled({"param w = 20; Mean($close, w)", "Mean($close, window=20)"})),
            live_nodes(compiled({"Mean($close, 20)"})));
  const std::vector<FactorDefinition> given = {{"f", "param w = 20; Mean($close, w)", {{"w", 5}}},
                                               {"g", "Mean($close, 5)"}};
  const auto factors = compile_factors(given, Precision::kFloat32, false);
  EXPECT_EQ(factors.roots[0].series, factors.roots[1].series);
  EXPECT_EQ(factors.spans[0].look_back_rows, 4);
  EXPECT_EQ(live_nodes(compiled({"alpha158:MA5"})), live_nodes(compiled({"Mean($close, 5)/$close"})));
}

TEST(CheckFactors, RefusesUnknownParameters) {
  const FactorDefinition factor{"f", "param window = 20; Mean($close, window)", {{"windw", 5}}};
  const std::vector<std::string> fields = {"close"};
  try {
    check_factors({&factor, 1}, fields);
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("there is no parameter 'windw'; did you mean 'window'?"),
              std::string::npos)
        << error.what();
  }
}

// Cross-sections are laid behind the series over time that they read, and before those that read them.
TEST(Plan, LaysStagesBetweenCrossSections) {
  EXPECT_EQ(
      make_plan(compiled({"Mean($close, 5)"}).graph, compiled({"Mean($close, 5)"}).roots, {}).stages.size(),
      1u);
  const auto factors = compiled({"CSRank(Mean(CSRank($close), 5)) + CSRank($open)", "$close"});
  const Plan plan = make_plan(factors.graph, factors.roots, {});
  ASSERT_EQ(plan.stages.size(), 3u);
  std::vector<std::size_t> sections;
  for (const Stage& stage : plan.stages) sections.push_back(stage.end - stage.cross_sections);
  EXPECT_EQ(sections, (std::vector<std::size_t>{2, 1, 0}));
  std::vector<int> places(factors.graph.nodes().size(), -1);
  for (std::size_t i = 0; i < plan.order.size(); ++i) {
    places[static_cast<std::size_t>(plan.order[i])] = static_cast<int>(i);
    for (const Edge& edge : factors.graph.nodes()[static_cast<std::size_t>(plan.order[i])].inputs) {
      const int input = places[static_cast<std::size_t>(edge.series.node)];
      EXPECT_TRUE(input >= 0 && input < static_cast<int>(i));
    }
  }
}

TEST(ExpressionSpan, CountsRowsBackAndAhead) {
  const auto span = [](std::string_view expression) {
    const ExpressionSpan found = expression_span("label", expression);
    return std::vector<int>{found.look_back_rows, found.look_ahead_rows};
  };
  EXPECT_EQ(span("$close"), (std::vector<int>{0, 0}));
  EXPECT_EQ(span("Ref($close, 5)/$close-1"), (std::vector<int>{5, 0}));
  EXPECT_EQ(span("Ref($close, -2)/Ref($close, -1)-1"), (std::vector<int>{0, 2}));
  EXPECT_EQ(span("Mean(Ref($close, 1), 20)"), (std::vector<int>{20, 0}));
  EXPECT_EQ(span("Max(Ref($close, -6), 5)"), (std::vector<int>{4, 6}));
  EXPECT_EQ(span("Delta($close, 3)"), (std::vector<int>{3, 0}));
  EXPECT_EQ(span("Corr($close, Log($volume+1), 2*30)"), (std::vector<int>{59, 0}));
  EXPECT_EQ(span("let r = Ref($close, 1); Mean(r, 20)"), (std::vector<int>{20, 0}));
  EXPECT_EQ(span("CSRank(Mean($close, 20))"), (std::vector<int>{19, 0}));
  EXPECT_EQ(span("talib:CDLDOJI($open, $high, $low, $close)"), (std::vector<int>{10, 0}));
  EXPECT_EQ(span("Mean($close, 20d)"), (std::vector<int>{19, 0}));  // 20 sessions in 20 days at the most
}

// Words of the language in random order: refused with a reason or compiled, never anything else.
TEST(CheckFactors, RandomCallsAreRefusedOrCompiled) {
  const std::vector<std::string> words = {"$close", "$open", "$x", "1",       "5",  "-1",     "0", "0.5",
                                          ",",      ",",     ",",  "(",       ")",  ")",      "+", "/",
                                          ">",      "&",     "**", "$sector", "3d", "let x=", ";", "x"};
  // However many operators there are, every third word calls one.
  const std::vector<std::string> calls = operator_registry().names();
  Random random(7);
  int fine = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (auto length = 1 + random.below(9); length > 0; --length) {
      text +=
          random.below(3) == 0 ? calls[random.below(calls.size())] + "(" : words[random.below(words.size())];
    }
    if (problem(text, random.below(2) == 0).empty()) ++fine;
  }
  EXPECT_GT(fine, 50);
}

}  // namespace
}  // namespace orrery::compile_test
