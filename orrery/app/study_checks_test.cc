#include "orrery/app/study_checks.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "orrery/app/study.h"
#include "testing/price_feed.h"
#include "testing/study_plugins.h"

namespace orrery::study_checks_test {
namespace {

const std::vector<std::string> kSymbols = {"A"};

/// Makes the checks of a study whose broker asks for 40 % and reduces by just enough.
std::unique_ptr<OrderCheck> reducing_checks(const std::string& costs) {
  const Study study = parse_study(
      "name: x\ndata: {path: p.csv}\nfactors: {extra: {a: \"$close\"}}\nmodel: ridge\n"
      "compliance: {jurisdiction: us, account: margin, margin: {on_call: reduce, maintenance: 0.4, "
      "cushion: 0}}\ncosts: " +
          costs + "\n",
      "study.yaml", {}, testing::study_plugins());
  return study.backtest.order_checks(kSymbols);
}

/// Returns how many shares are closed of 1,000 at $12, on the morning after a close with an equity of $4,000.
double closed_shares(OrderCheck& checks) {
  Position position;
  position.quantity = to_quantity(1000.0);
  position.mark = to_money(12.0);
  position.value = multiply(position.mark, position.quantity);
  const std::vector<Position> positions = {position};
  const testing::PriceFeed feed(kSymbols);
  const Date day = make_date(2024, 3, 1);
  checks.open_session({1, day}, feed);
  std::vector<OrderFinding> findings;
  checks.close_account({{1, day}, to_money(4000.0), positions}, findings);
  checks.open_session({2, day + 1}, feed);
  std::vector<ForcedReduction> reductions;
  checks.force({{2, day + 1}, to_money(4000.0), positions}, reductions);
  return reductions.empty() ? 0.0 : reductions.front().quantity.units();
}

TEST(StudyChecks, ForcedReductionsCountTheCostsOfTheStudy) {
  // Of what is worth 12,000, a part p is closed: 4000 - c p x 12000 = (1 - p) x 4800 at costs of c of the
  // value.
  const auto expected = [](double cost) { return 1000.0 * 800.0 / (4800.0 - cost * 12'000.0); };
  EXPECT_NEAR(closed_shares(*reducing_checks("{commission_bps: 0, slippage_bps: 0}")), expected(0.0), 1e-4);
  EXPECT_NEAR(closed_shares(*reducing_checks("{commission_bps: 100, slippage_bps: 50}")), expected(0.015),
              1e-4);
  EXPECT_NEAR(closed_shares(*reducing_checks("{}")), expected(0.001), 1e-4) << "5 and 5 bps by default";
  // At least $500 a commission: 4000 - 500 = (1 - p) x 4800.
  EXPECT_NEAR(closed_shares(*reducing_checks("{commission_bps: 0, slippage_bps: 0, min_cost: 500}")),
              1000.0 * 1300.0 / 4800.0, 1e-4);
}

}  // namespace
}  // namespace orrery::study_checks_test
