#include <gtest/gtest.h>

#include <string>

#include "orrery/report/sections.h"
#include "testing/report_fixture.h"

namespace orrery::headline_test {
namespace {

/// The verdict of a run with these t values of its rank IC and of its difference to the universe.
std::string verdict(double signal_t, double excess_t, double excess_annual_return) {
  StudyReport report = testing::ReportFixture().make();
  report.evaluation->rank_ic.newey_west_t = signal_t;
  report.performance->excess_t = excess_t;
  report.performance->excess_annual_return = excess_annual_return;
  return render_verdict(report);
}

bool says(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

TEST(Verdict, LeadsWithWhetherItIsMoreThanLuck) {
  EXPECT_TRUE(says(verdict(1.3, -3.1, -0.11), "<b>Nothing here speaks for skill"));
  EXPECT_TRUE(
      says(verdict(1.3, 0.4, 0.01), "<b>Nothing here can be told apart from luck at these costs.</b>"));
  EXPECT_TRUE(says(verdict(4.0, -0.4, -0.01), "at these costs the portfolio makes nothing of it"));
  EXPECT_TRUE(says(verdict(4.0, 0.4, 0.01), "what the portfolio made of it after costs can't be told"));
  EXPECT_TRUE(says(verdict(0.4, 2.4, 0.05), "look for what else it held"));
  EXPECT_TRUE(says(verdict(4.0, 2.4, 0.05), "more than luck alone usually gives"));
}

TEST(Verdict, PutsTheDifferenceToTheUniverseBeforeTheReturn) {
  const std::string text = verdict(1.3, -3.1, -0.11);
  EXPECT_LT(text.find("−11.0%"), text.find("The Sharpe ratio is"));
  EXPECT_TRUE(says(text, "over the equal-weight universe of the same rows"));
  EXPECT_TRUE(says(text, "the names that the data lacks"));
  StudyReport report = testing::ReportFixture().make();
  const std::string cards = render_cards(report);
  EXPECT_LT(cards.find("Over the universe, a year"), cards.find("Annual return, after costs"));
  report.performance->benchmark_equity.clear();
  EXPECT_FALSE(says(render_cards(report), "Over the universe, a year"));
  EXPECT_TRUE(says(render_verdict(report), "After costs the portfolio returned"));
}

}  // namespace
}  // namespace orrery::headline_test
