#include <gtest/gtest.h>

#include <cmath>

#include "orrery/report/sections.h"

namespace orrery::search_section_test {
namespace {

using State = TuningTrial::State;

FoldSection fold_of(std::vector<SearchTrial> trials, std::size_t chosen) {
  FoldSection fold;
  fold.search = SearchReport{"rank_ic", {0, 10}, std::move(trials), chosen};
  return fold;
}

TEST(SearchSection, ShowsChoicesFamiliesAndFailures) {
  const SearchTrial ridge{"ridge", {}, State::kFailed, std::nan(""), {}, "a value is <missing>"};
  const SearchTrial tree{"lightgbm", {{"learning_rate", 0.0123456}}, State::kComplete, -0.0412, {}, ""};
  const SearchTrial worse{"lightgbm", {}, State::kComplete, 0.01, {}, ""};
  const auto page = render_searches({fold_of({ridge, worse, tree}, 2)});
  EXPECT_NE(page.find("learning_rate 0.0123"), std::string::npos);
  EXPECT_NE(page.find("0.0412"), std::string::npos);
  EXPECT_NE(page.find("Best, fold 1"), std::string::npos);
  EXPECT_NE(page.find("Trials of ridge failed: a value is &lt;missing&gt;."), std::string::npos);
  EXPECT_EQ(page.find("as given<"), std::string::npos);
  EXPECT_NE(render_searches({fold_of({worse}, 0)}).find("as given<"), std::string::npos);
}

TEST(SearchSection, OfOneModelHasNoFamiliesAndOfNoneIsNothing) {
  const SearchTrial tree{"lightgbm", {}, State::kComplete, 0.5, {}, ""};
  FoldSection fold = fold_of({tree}, 0);
  fold.search->objective = "loss";
  const auto page = render_searches({fold});
  EXPECT_NE(page.find("Loss, inner"), std::string::npos);
  EXPECT_NE(page.find("0.5000"), std::string::npos);
  EXPECT_EQ(page.find("Best, fold 1"), std::string::npos);
  EXPECT_EQ(render_searches({fold, FoldSection()}), "");
  EXPECT_EQ(render_searches({}), "");
}

}  // namespace
}  // namespace orrery::search_section_test
