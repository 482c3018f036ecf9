// What every broker promises, checked on every registered one that stays on this machine.
#include <gtest/gtest.h>

#include <memory>

#include "orrery/base/error.h"
#include "testing/fake_wait_clock.h"
#include "testing/paper_accounts.h"
#include "testing/temporary_folder.h"

namespace orrery::broker_conformance_test {
namespace {

std::vector<std::string> local_brokers() {
  std::vector<std::string> names;
  for (const auto& name : testing::brokers().names()) {
    if (!testing::brokers().get(name).info.is_remote) names.push_back(name);
  }
  return names;
}

BrokerOrder order(std::uint64_t id, const std::string& symbol, OrderSide side, double shares) {
  BrokerOrder made;
  made.id = id;
  made.symbol = symbol;
  made.side = side;
  made.quantity = to_quantity(shares);
  made.budget = to_money(1e9);
  made.volume_limit = to_quantity(1e9);
  return made;
}

class EveryBroker : public ::testing::TestWithParam<std::string> {
 protected:
  EveryBroker() : market_(testing::make_random_market(10, 5, 3)) { restart(); }

  void restart() {
    broker_.reset();
    broker_ = testing::brokers()
                  .get(GetParam())
                  .factory({local_disk(),
                            folder_.path(),
                            market_,
                            {{10.0, 5.0, 0.0}, kMicroShare, std::nullopt},
                            "",
                            true,
                            &testing::brokers(),
                            &routes_,
                            &clock_});
    broker_->open_session({4, market_.dates[4]});
  }

  void deposit(double cash) {
    broker_->apply({market_.dates[4], 1, EntryKind::kDeposit, "", {}, to_money(cash)});
  }

  const RouteTerms routes_ = testing::two_paper_venues();
  testing::FakeWaitClock clock_;
  MarketData market_;
  testing::TemporaryFolder folder_;
  std::unique_ptr<BrokerService> broker_;
};

TEST_P(EveryBroker, SaysWhatItIs) { EXPECT_FALSE(testing::brokers().get(GetParam()).info.summary.empty()); }

TEST_P(EveryBroker, AnOrderThatComesTwiceIsDoneOnce) {
  deposit(1e6);
  const BrokerOrder bought = order(1, "S001", OrderSide::kBuy, 10.0);
  broker_->place(bought);
  const auto answers = broker_->answers(0);
  ASSERT_FALSE(answers.empty());
  EXPECT_TRUE(answers.back().event.last);
  const Money cash = broker_->cash();
  broker_->place(bought);
  EXPECT_EQ(broker_->answers(0).size(), answers.size());
  EXPECT_EQ(broker_->cash(), cash);
  EXPECT_EQ(broker_->positions(), (std::vector<BrokerPosition>{{"S001", to_quantity(10.0)}}));
}

TEST_P(EveryBroker, AnotherOrderUnderTheSameIdIsRefused) {
  deposit(1e6);
  broker_->place(order(1, "S001", OrderSide::kBuy, 10.0));
  EXPECT_THROW(broker_->place(order(1, "S001", OrderSide::kBuy, 11.0)), Error);
  EXPECT_EQ(broker_->positions().at(0).quantity, to_quantity(10.0));
}

TEST_P(EveryBroker, AnswersAreNumberedWithoutGapsAndCanBeAskedForAgain) {
  deposit(1e6);
  for (std::uint64_t id = 1; id <= 5; ++id) broker_->place(order(id, "S002", OrderSide::kBuy, 1.0));
  broker_->place(order(6, "NONE", OrderSide::kBuy, 1.0));
  const auto all = broker_->answers(0);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].sequence, i + 1);
  EXPECT_EQ(all.back().event.kind, OrderEventKind::kUnfilled) << "a name that does not exist";
  const auto later = broker_->answers(3);
  ASSERT_EQ(later.size(), all.size() - 3);
  EXPECT_EQ(later.front().sequence, 4u);
  EXPECT_TRUE(broker_->answers(all.size()).empty());
}

TEST_P(EveryBroker, ItsBooksAddUpAndOutliveTheProgram) {
  deposit(1e6);
  broker_->place(order(1, "S001", OrderSide::kBuy, 10.0));
  broker_->place(order(2, "S003", OrderSide::kSell, 4.0));
  broker_->place(order(3, "S001", OrderSide::kSell, 3.0));
  Money expected = to_money(1e6);
  for (const BrokerAnswer& answer : broker_->answers(0)) {
    const OrderEvent& event = answer.event;
    const Money value = multiply(event.price, event.quantity);
    expected += (event.order_id == 1 ? -value : value) - event.commission - event.slippage;
  }
  EXPECT_EQ(broker_->cash(), expected);
  const auto positions = broker_->positions();
  const auto answers = broker_->answers(0);
  restart();
  EXPECT_EQ(broker_->cash(), expected);
  EXPECT_EQ(broker_->positions(), positions);
  EXPECT_EQ(broker_->answers(0).size(), answers.size());
  broker_->place(order(2, "S003", OrderSide::kSell, 4.0));
  EXPECT_EQ(broker_->cash(), expected) << "known from before";
}

TEST_P(EveryBroker, AChangeThatIsToldTwiceIsBookedOnce) {
  deposit(1e6);
  deposit(1e6);
  EXPECT_EQ(broker_->cash(), to_money(1e6));
  restart();
  deposit(1e6);
  EXPECT_EQ(broker_->cash(), to_money(1e6));
  broker_->apply({market_.dates[4], 2, EntryKind::kSplit, "S001", to_quantity(5.0), {}});
  EXPECT_EQ(broker_->positions().at(0).quantity, to_quantity(5.0));
}

TEST_P(EveryBroker, ARenameMovesSharesOnceWhateverItsNumber) {
  broker_->apply({market_.dates[4], 2, EntryKind::kSplit, "S001", to_quantity(5.0), {}});
  AccountChange rename{market_.dates[4], 0, EntryKind::kRename, "S002", to_quantity(5.0), {}, "S001"};
  for (int i = 0; i < 2; ++i) {
    broker_->apply(rename);
    ASSERT_EQ(broker_->positions().size(), 1u);
    EXPECT_EQ(broker_->positions().front(), (BrokerPosition{"S002", to_quantity(5.0)}));
    restart();
  }
  broker_->apply({market_.dates[4], 2, EntryKind::kSplit, "S002", to_quantity(5.0), {}});
  EXPECT_EQ(broker_->positions().front().quantity, to_quantity(5.0)) << "told before";
}

INSTANTIATE_TEST_SUITE_P(Brokers, EveryBroker, ::testing::ValuesIn(local_brokers()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace orrery::broker_conformance_test
