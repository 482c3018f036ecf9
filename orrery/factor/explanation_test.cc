#include "orrery/factor/explanation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "orrery/base/error.h"

namespace orrery::explanation_test {
namespace {

TEST(ExplainFactor, TellsWhereAFactorComesFromAndWhatItCosts) {
  const FactorExplanation found = explain_factor("amihud");
  EXPECT_EQ(found.set, "literature");
  EXPECT_EQ(found.note.direction, "+");
  EXPECT_NE(found.note.source.find("Amihud (2002)"), std::string::npos);
  EXPECT_EQ(found.fields, (std::vector<std::string>{"close", "volume"}));
  EXPECT_EQ(found.span.look_back_rows, 21);  // 20 rows of the window and the return of the oldest
  EXPECT_FALSE(found.plan.empty());
  EXPECT_LT(found.nodes_without, found.nodes_in_set);
  EXPECT_FALSE(found.without_end);
}

TEST(ExplainFactor, TakesQualifiedNamesAndExpressions) {
  EXPECT_EQ(explain_factor("alpha158:MA5").formula, "Div(Mean($close, 5), $close)");
  const FactorExplanation own = explain_factor("CSRank(EMA($close, 5))+EMA($close, 5)");
  EXPECT_EQ(own.set, "");
  EXPECT_EQ(own.merged_calls, 1u);
  EXPECT_TRUE(own.without_end);
  EXPECT_EQ(own.plan.back().stage, 2u);
}

TEST(ExplainFactor, ShowsTheNumbersOfKernelsAndNoTable) {
  const auto plan = explain_factor("Mean(Greater($close - Ref($close, 1), 0), 20)").plan;
  const auto has = [&](std::string_view text) {
    return std::any_of(plan.begin(), plan.end(),
                       [&](const PlanStep& step) { return step.text.find(text) != std::string::npos; });
  };
  EXPECT_TRUE(has("maximum_fc with 0 of"));
  EXPECT_TRUE(has("mean_d of"));
}

TEST(ExplainFactor, KnowsWhatForgetsFromWhatRemembersAllRows) {
  for (const char* forgets :
       {"Corr($close, $volume, 10)", "DecayLinear($close, 10)", "Quantile($close, 20, 0.8)",
        "IdxMax($high, 30)", "Ref($close, 60)", "talib:CCI($high, $low, $close, 14)",
        "talib:CDLDOJI($open, $high, $low, $close)", "CSRank(Std($close, 5))"}) {
    EXPECT_FALSE(explain_factor(forgets).without_end) << forgets;
  }
  for (const char* remembers : {"EMA($close, 1000)", "EMA(Ref($close, 5), 3)", "talib:RSI($close, 14)",
                                "talib:SAR($high, $low, 0.02, 0.2)", "talib:OBV($close, $volume)"}) {
    EXPECT_TRUE(explain_factor(remembers).without_end) << remembers;
  }
}

TEST(ExplainFactor, UnknownNamesTheNearest) {
  try {
    explain_factor("amihut");
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'amihud'?"), std::string::npos) << error.what();
  }
}

TEST(SearchFactors, LooksIntoNamesExpressionsAndNotes) {
  const auto found = search_factors("", "AMIHUD");
  ASSERT_FALSE(found.empty());
  EXPECT_TRUE(
      std::all_of(found.begin(), found.end(), [](const auto& each) { return each.set == "literature"; }));
  EXPECT_EQ(search_factors("alpha101", "").size(), 101u);
}

}  // namespace
}  // namespace orrery::explanation_test
