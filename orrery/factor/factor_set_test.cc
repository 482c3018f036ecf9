#include "orrery/factor/factor_set.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/factor/compute.h"
#include "testing/temporary_folder.h"

namespace orrery::factor_set_test {
namespace {

TEST(FactorSet, ReadsNamesExpressionsAndComments) {
  const auto set =
      parse_factor_set("mine.txt",
                       "# Two factors\n\n  reversal_5 = Ref($close,5)/$close-1  # over a week\r\n"
                       "up=$close>=$open");
  ASSERT_EQ(set.size(), 2u);
  EXPECT_EQ(set[0], (FactorDefinition{"reversal_5", "Ref($close,5)/$close-1"}));
  EXPECT_EQ(set[1], (FactorDefinition{"up", "$close>=$open"}));
}

TEST(FactorSet, NamesTheLineOfAnError) {
  const auto problem = [](const char* text) {
    try {
      parse_factor_set("mine.txt", text);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(problem("\nnothing here"),
            "mine.txt, line 2: expected `name = expression`, found 'nothing here'");
  EXPECT_EQ(problem("= $close"), "mine.txt, line 1: expected `name = expression`, found '= $close'");
  EXPECT_EQ(problem("a ="), "mine.txt, line 1: expected `name = expression`, found 'a ='");
  EXPECT_EQ(problem("a = $close\na = $open"), "mine.txt, line 2: the factor 'a' is defined twice");
}

TEST(FactorSet, ReadsNotesNamesAndLongExpressions) {
  const FactorSet set = parse_factor_file("mine.factors",
                                          "#! title: Mine\n#! source: a book\n"
                                          "let r = $close/Ref($close,1)-1\n"
                                          "let unused = $high\n"
                                          "let vol = Std(r,\n  20)\n"
                                          "a = Mean(r,5)  # a mean; units: return; direction: -\n"
                                          "b = let x = vol;\n  x\n  +1  # odd; source: me\n"
                                          "c = $r");
  EXPECT_EQ(set.title, "Mine");
  ASSERT_EQ(set.definitions.size(), 3u);
  EXPECT_EQ(set.definitions[0].expression, "let r = $close/Ref($close,1)-1; Mean(r,5)");
  EXPECT_EQ(set.definitions[1].expression,
            "let r = $close/Ref($close,1)-1; let vol = Std(r, 20); let x = vol; x +1");
  EXPECT_EQ(set.definitions[2].expression, "$r");
  EXPECT_EQ(set.notes[0].summary, "a mean");
  EXPECT_EQ(set.notes[0].units, "return");
  EXPECT_EQ(set.notes[0].direction, "-");
  EXPECT_EQ(set.notes[0].source, "a book");
  EXPECT_EQ(set.notes[1].source, "me");
  EXPECT_EQ(set.notes[2].summary, "");
}

TEST(FactorSet, ReadsAFileByItsPath) {
  const testing::TemporaryFolder folder;
  const auto path = folder.path() / "mine.factors";
  write_file_atomically(path, "a = $close\n");
  const FactorSet set = load_factor_set(path.string());
  EXPECT_EQ(set.name, "mine");
  EXPECT_EQ(set.definitions.size(), 1u);
}

TEST(FactorSet, EverySetIsValid) {
  const std::vector<std::string> fields = {"open", "high", "low", "close", "volume", "vwap"};
  ASSERT_FALSE(factor_set_names().empty());
  for (const auto& name : factor_set_names())
    EXPECT_NO_THROW(check_factors(factor_set(name), fields)) << name;
}

TEST(FactorSet, UnknownSetNamesTheNearest) {
  try {
    factor_set("alpha185");
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_NE(std::string(error.what()).find("did you mean 'alpha158'?"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace orrery::factor_set_test
