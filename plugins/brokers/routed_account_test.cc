// An account over two venues, against the same account at one broker.
#include <gtest/gtest.h>

#include <memory>

#include "orrery/base/error.h"
#include "orrery/execution/route_books.h"
#include "testing/error_message.h"
#include "testing/fake_wait_clock.h"
#include "testing/paper_accounts.h"
#include "testing/temporary_folder.h"

namespace orrery::routed_account_test {
namespace {

using testing::expect_same_books;

/// A market and the folder of an account that trades it over two venues.
class Desk {
 public:
  explicit Desk(const RouteTerms& routes)
      : world_(testing::make_eventful_market(60, 30, 11)), routes_(routes) {
    world_.config.costs = {10.0, 5.0, 0.0};
  }

  BacktestResult backtest() {
    const auto strategy = testing::make_busy_strategy();
    return run_backtest(world_.market, world_.scores, *strategy, world_.config);
  }

  void trade(std::size_t sessions) {
    const auto strategy = testing::make_busy_strategy();
    const BarAccountSettings settings{world_.config, ReconcilePolicy::kStop, false, ""};
    const auto routed = [this](const BrokerContext& given) {
      BrokerContext context = given;
      context.brokers = &testing::brokers();
      context.routes = &routes_;
      context.clock = &clock_;
      return testing::brokers().get("routed").factory(context);
    };
    BarAccount account(world_.market, world_.scores, *strategy, settings, {local_disk(), folder_.path()},
                       routed, clock_);
    for (std::size_t i = 0; i < sessions && account.step(); ++i) {
    }
  }

  BacktestResult books() { return AccountDatabase(folder_.path() / kAccountBooks).read(); }
  std::vector<VenueBooks> venues() { return read_route_log(local_disk(), folder_.path() / kRouteLog); }

  testing::EventfulMarket world_;
  RouteTerms routes_;

 private:
  testing::TemporaryFolder folder_;
  testing::FakeWaitClock clock_;
};

constexpr std::size_t kAll = 1000;

TEST(RoutedAccount, WithAllCashAtOneVenueItDoesTheTradesOfTheBacktest) {
  Desk desk(testing::two_paper_venues(1.0, 0.0));
  for (int i = 0; i < 3; ++i) desk.trade(7);
  desk.trade(kAll);
  const BacktestResult expected = desk.backtest();
  expect_same_books(expected, desk.books());
  EXPECT_EQ(desk.venues()[0].commission, expected.commission);
  EXPECT_EQ(desk.venues()[1].orders, 0u);
}

TEST(RoutedAccount, OverTwoVenuesOfTheSameCostsItEndsWithTheSameLedger) {
  // Whole shares and no costs: nothing is rounded, however an order is split.
  Desk desk(testing::two_paper_venues(1.0, 1.0, 0.0));
  desk.routes_.venues[0].commission_bps = 0.0;
  desk.world_.config.costs = {0.0, 0.0, 0.0};
  desk.world_.config.fractional = false;
  for (int i = 0; i < 3; ++i) desk.trade(7);
  desk.trade(kAll);
  const BacktestResult expected = desk.backtest(), found = desk.books();
  ASSERT_EQ(found.daily.size(), expected.daily.size());
  for (std::size_t t = 0; t < expected.daily.size(); ++t) {
    ASSERT_EQ(found.daily[t].cash, expected.daily[t].cash) << t;
    ASSERT_EQ(found.daily[t].equity, expected.daily[t].equity) << t;
  }
  ASSERT_EQ(found.positions.size(), expected.positions.size());
  for (std::size_t i = 0; i < expected.positions.size(); ++i) {
    ASSERT_EQ(found.positions[i].quantity, expected.positions[i].quantity) << i;
  }
  EXPECT_GT(found.journal.size(), expected.journal.size()) << "orders were split";
  EXPECT_GT(desk.venues()[1].orders, 10u);
  for (const VenueBooks& venue : desk.venues()) {
    for (const auto& [symbol, quantity] : venue.positions) {
      EXPECT_EQ(quantity, round_down(quantity, kWholeShare)) << symbol << " at " << venue.terms.name;
    }
  }
}

TEST(RoutedAccount, ItSavesWhatTheDearerVenueWouldHaveTaken) {
  Desk desk(testing::two_paper_venues());
  desk.trade(kAll);
  const auto venues = desk.venues();
  EXPECT_GT(venues[0].saved, Money{});
  EXPECT_EQ(venues[1].saved, Money{}) << "it is the dearest";
  EXPECT_EQ(venues[0].commission + venues[1].commission, desk.books().commission);
  EXPECT_EQ(venues[0].cash + venues[1].cash, desk.books().daily.back().cash);
}

TEST(RoutedAccount, WithoutRoutesItSaysWhatIsMissing) {
  const MarketData market = testing::make_random_market(10, 5, 3);
  const testing::TemporaryFolder folder;
  const std::string said = testing::message_of([&] {
    testing::brokers().get("routed").factory({local_disk(), folder.path(), market, {}, "", true});
  });
  EXPECT_NE(said.find("give it --routes FILE"), std::string::npos) << said;
}

}  // namespace
}  // namespace orrery::routed_account_test
