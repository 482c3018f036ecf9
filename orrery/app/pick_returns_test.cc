#include "orrery/app/pick_returns.h"

#include <gtest/gtest.h>

#include <cmath>

namespace orrery::pick_returns_test {
namespace {

Panel panel_of(const std::vector<std::vector<double>>& rows) {
  Panel panel(rows.size(), rows.front().size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t i = 0; i < rows[r].size(); ++i) panel(r, i) = rows[r][i];
  }
  return panel;
}

// By hand. Gain 10 % within 2 sessions, 50 bp a side. Scores on session 0 only: A first, then B.
// A: bought 100, closes 104, 112: sold at 112. B: bought 50, closes 56 (reached), 40: sold at 56.
TEST(PickReturns, SellsAtTheTargetOrAtTheEnd) {
  const double none = Panel::missing();
  const Panel scores = panel_of({{0.9, 0.8}, {none, none}, {none, none}, {none, none}});
  const Panel close = panel_of({{99, 49}, {100, 50}, {104, 56}, {112, 40}});
  GainLabel label;
  label.gain = 0.10;
  label.within = 2;
  Costs costs;
  costs.commission_bps = 30;
  costs.slippage_bps = 20;
  const auto picks = gain_pick_returns(scores, close, close, label, costs, {1, 2});
  const double a = 112.0 * 0.995 / (100.0 * 1.005) - 1.0;
  const double b = 56.0 * 0.995 / (50.0 * 1.005) - 1.0;
  ASSERT_EQ(picks.size(), 2u);
  EXPECT_EQ(picks[0].picks, 1u);
  EXPECT_DOUBLE_EQ(picks[0].net_return, a);
  EXPECT_EQ(picks[1].picks, 2u);
  EXPECT_DOUBLE_EQ(picks[1].net_return, (a + b) / 2.0);
}

TEST(PickReturns, LeavesOutWhatHasNoPrice) {
  const double none = Panel::missing();
  const Panel scores = panel_of({{0.9}, {0.9}, {none}, {none}});
  const Panel close = panel_of({{99}, {100}, {none}, {none}});
  GainLabel label;
  label.within = 2;
  const auto picks = gain_pick_returns(scores, close, close, label, {}, {1});
  EXPECT_EQ(picks[0].picks, 0u);
  EXPECT_TRUE(std::isnan(picks[0].net_return));
}

}  // namespace
}  // namespace orrery::pick_returns_test
