#include "orrery/data/adjustment.h"

#include <gtest/gtest.h>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::adjustment_test {
namespace {

/// Four bars: a dividend of 0.1 at the third, a split 2 for 1 at the fourth.
const std::vector<double> kClose = {10.0, 10.0, 9.9, 5.0};

ActionSeries actions() {
  const std::vector<double> dividend = {0.0, 0.0, 0.1, 0.0}, split = {1.0, 1.0, 1.0, 2.0};
  return find_actions({kClose, {}, dividend, split, 0.0});
}

void expect_near(const std::vector<double>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_DOUBLE_EQ(found[i], expected[i]) << i;
}

TEST(PriceMultiplier, FollowsItsDefinition) {
  const auto made = [](Adjustment adjustment) { return price_multiplier(adjustment, actions(), kClose, {}); };
  const double paid = 10.0 / 9.9;
  expect_near(made(Adjustment::kForward), {1.0, 1.0, paid, 2.0 * paid});
  expect_near(made(Adjustment::kBackward), {0.5 / paid, 0.5 / paid, 0.5, 1.0});
  expect_near(made(Adjustment::kSplit), {1.0, 1.0, 1.0, 2.0});
  expect_near(made(Adjustment::kTotalReturn), {1.0, 1.0, 1.0 + 0.1 / 9.9, 2.0 * (1.0 + 0.1 / 9.9)});
  expect_near(made(Adjustment::kNone), {1.0, 1.0, 1.0, 1.0});
}

/// Definition of a holder's return: what the share and its dividend are worth over what the share was worth.
TEST(PriceMultiplier, TotalReturnIsThatOfAHolder) {
  Random random(4);
  for (int round = 0; round < 50; ++round) {
    std::vector<double> close, dividend, split;
    for (int i = 0; i < 40; ++i) {
      close.push_back(10.0 + 5.0 * random.uniform());
      dividend.push_back(random.below(4) == 0 ? random.uniform() : 0.0);
      split.push_back(random.below(9) == 0 ? 2.0 : 1.0);
    }
    const auto found = find_actions({close, {}, dividend, split, 0.0});
    const auto multiplier = price_multiplier(Adjustment::kTotalReturn, found, close, {});
    for (std::size_t i = 1; i < close.size(); ++i) {
      EXPECT_NEAR(close[i] * multiplier[i] / (close[i - 1] * multiplier[i - 1]),
                  (close[i] * split[i] + dividend[i]) / close[i - 1], 1e-12);
    }
  }
}

TEST(PriceMultiplier, ForwardChainsDoNotKnowTheFuture) {
  const auto whole = actions();
  const std::vector<double> dividend = {0.0, 0.0, 0.1}, split = {1.0, 1.0, 1.0};
  const std::vector<double> close(kClose.begin(), kClose.end() - 1);
  const auto cut = find_actions({close, {}, dividend, split, 0.0});
  for (const auto adjustment : {Adjustment::kForward, Adjustment::kSplit, Adjustment::kTotalReturn}) {
    auto before = price_multiplier(adjustment, whole, kClose, {});
    before.pop_back();
    EXPECT_EQ(before, price_multiplier(adjustment, cut, close, {}));
  }
}

TEST(ParseAdjustment, KnowsItsNames) {
  EXPECT_EQ(parse_adjustment("total_return"), Adjustment::kTotalReturn);
  EXPECT_EQ(parse_adjustment("raw"), parse_adjustment("none"));
  try {
    parse_adjustment("forwards");
    FAIL() << "an unknown name was taken";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'forward'"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace orrery::adjustment_test
