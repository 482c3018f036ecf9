// An account on bars: the trades of the backtest, whatever a person or a crash does in between.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "orrery/backtest/journal_verify.h"
#include "orrery/backtest/result_tables.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/execution/account_records.h"
#include "testing/fake_wait_clock.h"
#include "testing/paper_accounts.h"
#include "testing/temporary_folder.h"

namespace orrery::account_test {
namespace {

using testing::expect_same_books;

/// Dies behind the first order that it is given.
class DyingBroker final : public BrokerService {
 public:
  DyingBroker(std::unique_ptr<BrokerService> broker, std::uint64_t& placed)
      : broker_(std::move(broker)), placed_(placed) {}
  void open_session(const Session& session) override { broker_->open_session(session); }
  void place(const BrokerOrder& order) override {
    broker_->place(order);
    placed_ = order.id;
    throw std::runtime_error("killed");
  }
  std::vector<BrokerAnswer> answers(std::uint64_t sequence) override { return broker_->answers(sequence); }
  std::uint64_t last_answer() override { return broker_->last_answer(); }
  void apply(const AccountChange& change) override { broker_->apply(change); }
  void flush() override { broker_->flush(); }
  std::string bookmark() override { return broker_->bookmark(); }
  std::vector<BrokerPosition> positions() override { return broker_->positions(); }
  Money cash() override { return broker_->cash(); }

 private:
  std::unique_ptr<BrokerService> broker_;
  std::uint64_t& placed_;
};

/// Keeps tax lots, and hands out what it saves.
class LotKeeper final : public OrderCheck {
 public:
  explicit LotKeeper(std::string& saved)
      : rule_(make_rule(testing::rules(), "wash_sales", {"us", true, {}}, {})), saved_(saved) {}
  void close_session(const Session& session, const MarketFeed& feed) override {
    rule_->close_session(session, feed);
  }
  void judge(const CheckedOrder&, std::vector<OrderFinding>&) const override {}
  void booked(const JournalEntry& entry) override { rule_->booked(entry); }
  std::string save() const override { return saved_ = rule_->save(); }
  void restore(std::string_view state) override { rule_->restore(state); }
  void begin(const PastEntries& past) override { rule_->begin(past); }

 private:
  std::unique_ptr<OrderCheck> rule_;
  std::string& saved_;
};

/// A market and the folder of an account that trades it.
class Desk {
 public:
  Desk() : world_(testing::make_eventful_market(60, 30, 11)) {}

  BacktestResult backtest() {
    const auto strategy = testing::make_busy_strategy();
    return run_backtest(world_.market, world_.scores, *strategy, world_.config);
  }

  /// Opens the account and does up to `sessions`.
  void trade(std::size_t sessions, const std::function<void(BarAccount&)>& before = nullptr) {
    strategy_ = testing::make_busy_strategy();
    BarAccount account(world_.market, world_.scores, *strategy_, settings_, {local_disk(), folder_.path()},
                       testing::brokers().get("paper").factory, clock_);
    if (before) before(account);
    for (std::size_t i = 0; i < sessions && account.step(); ++i) {
    }
  }

  /// Lets the next session's first order be answered, and stops the program there. Returns its number.
  std::uint64_t interrupt_after_an_order() {
    strategy_ = testing::make_busy_strategy();
    std::uint64_t placed = 0;
    const auto dying = [&placed](const BrokerContext& context) {
      return std::make_unique<DyingBroker>(testing::brokers().get("paper").factory(context), placed);
    };
    BarAccount account(world_.market, world_.scores, *strategy_, settings_, {local_disk(), folder_.path()},
                       dying, clock_);
    EXPECT_THROW(while (account.step()){}, std::runtime_error);
    return placed;
  }

  /// Gives the account the checks of the market, and tax lots beside them, of which `lots_` has the last
  /// state.
  void keep_lots(bool wanted) {
    settings_.trading.order_checks = [this, wanted](std::span<const std::string> symbols) {
      auto list = std::make_unique<OrderCheckList>();
      list->add("pretrade", world_.config.order_checks(symbols));
      if (wanted) list->add("lots", std::make_unique<LotKeeper>(lots_));
      return list;
    };
  }

  BacktestResult books() { return AccountDatabase(folder_.path() / kAccountBooks).read(); }
  std::filesystem::path file(const char* name) const { return folder_.path() / name; }

  testing::EventfulMarket world_;
  std::string lots_;
  BarAccountSettings settings_{world_.config, ReconcilePolicy::kStop, false, ""};

 private:
  testing::TemporaryFolder folder_;
  testing::FakeWaitClock clock_;
  std::unique_ptr<Strategy> strategy_;
};

constexpr std::size_t kAll = 1000;

TEST(PaperAccount, DoesTheTradesOfTheBacktest) {
  Desk desk;
  desk.trade(kAll);
  const BacktestResult expected = desk.backtest();
  expect_same_books(expected, desk.books());
  EXPECT_GT(expected.findings.size(), 5u) << "the market has everything";
  EXPECT_GT(expected.risk_events.size(), 1u);
}

TEST(PaperAccount, DoesTheSameWhenItIsStartedAnewEverySession) {
  Desk desk;
  for (int i = 0; i < 70; ++i) desk.trade(1);
  expect_same_books(desk.backtest(), desk.books());
}

TEST(PaperAccount, TheAuditLogHasEveryOrderOnce) {
  Desk whole, parts;
  whole.trade(kAll);
  for (int i = 0; i < 70; ++i) parts.trade(1);
  const std::string log = read_file(whole.file(kAccountAudit));
  EXPECT_EQ(log, read_file(parts.file(kAccountAudit)));
  EXPECT_NE(log.find(R"("verdict":"refused")"), std::string::npos);
}

TEST(PaperAccount, ItsBooksAreRebuiltFromTradesAndPrices) {
  Desk desk;
  desk.trade(kAll);
  const BacktestResult books = desk.books();
  const auto verification = verify_journal(trades_table(books), positions_table(books), equity_table(books));
  EXPECT_TRUE(verification.verified()) << verification.summary();
  EXPECT_EQ(verification.sessions, 60u);
}

TEST(PaperAccount, ANameMoreInTheDataChangesNothing) {
  Desk desk;
  desk.trade(30);
  const BacktestResult expected = desk.backtest();
  // A name before all others, so that every instrument has another place; it has no scores.
  Desk wider;
  MarketData& market = desk.world_.market;
  const std::size_t columns = market.instruments();
  const auto widen = [&](auto& panel, auto filler) {
    std::decay_t<decltype(panel)> wide(panel.rows(), columns + 1, filler);
    for (std::size_t t = 0; t < panel.rows(); ++t)
      std::copy_n(panel.row_data(t), columns, wide.row_data(t) + 1);
    panel = std::move(wide);
  };
  for (auto* panels : {&market.raw, &market.fields}) {
    for (auto& [name, panel] : *panels) widen(panel, testing::kNoBar);
  }
  widen(market.present, std::uint8_t{0});
  widen(market.dividend, 0.0);
  widen(market.split_ratio, 1.0);
  widen(desk.world_.scores, testing::kNoBar);
  market.symbols.insert(market.symbols.begin(), "A");
  market.sectors.insert(market.sectors.begin(), "");
  market.first_row.insert(market.first_row.begin(), -1);
  market.last_row.insert(market.last_row.begin(), -1);
  for (Delisting& record : market.delistings) ++record.instrument;
  for (FundingPayment& payment : market.funding) ++payment.instrument;
  desk.trade(kAll);
  expect_same_books(expected, desk.books());
}

TEST(PaperAccount, APauseSendsNoOrdersUntilItIsOver) {
  Desk desk;
  desk.trade(20);
  desk.trade(10, [](BarAccount& account) {
    EXPECT_TRUE(account.obey({1, CommandKind::kPause}));
    EXPECT_FALSE(account.obey({1, CommandKind::kPause})) << "done before";
    EXPECT_EQ(account.mode(), TradingMode::kPaused);
  });
  desk.trade(5, [](BarAccount& account) { EXPECT_EQ(account.mode(), TradingMode::kPaused) << "kept"; });
  const auto paused = desk.books();
  for (const JournalEntry& entry : paused.journal) {
    EXPECT_TRUE(entry.kind != EntryKind::kTrade || entry.session.date < paused.daily[20].date);
  }
  EXPECT_EQ(paused.daily.size(), 35u) << "what happens to positions is booked meanwhile";
  desk.trade(kAll, [](BarAccount& account) { EXPECT_TRUE(account.obey({2, CommandKind::kResume})); });
  const auto resumed = desk.books();
  EXPECT_TRUE(std::any_of(resumed.journal.begin(), resumed.journal.end(), [&](const JournalEntry& entry) {
    return entry.kind == EntryKind::kTrade && entry.session.date > resumed.daily[36].date;
  }));
}

TEST(PaperAccount, FlatteningClosesEverythingAndStaysOut) {
  Desk desk;
  desk.trade(20);
  ASSERT_GT(desk.books().daily.back().positions, 5u);
  const std::size_t before = desk.books().journal.size();
  desk.trade(15, [](BarAccount& account) { EXPECT_TRUE(account.obey({1, CommandKind::kFlatten})); });
  const auto books = desk.books();
  EXPECT_EQ(books.daily.back().positions, 0u);
  std::size_t sold = 0;
  for (std::size_t i = before; i < books.journal.size(); ++i) {
    const JournalEntry& entry = books.journal[i];
    if (entry.kind != EntryKind::kTrade) continue;
    ASSERT_EQ(entry.side, OrderSide::kSell) << "yesterday's decision buys nothing";
    EXPECT_EQ(entry.reason, "flattened by hand");
    if (entry.session.date == books.daily[20].date) ++sold;
  }
  EXPECT_GT(sold, 3u) << "in the very next session";
}

TEST(PaperAccount, AFlattenedAccountBuysNothingWhenTheLadderLeadsBack) {
  Desk desk;
  desk.settings_.trading.ladder->levels = {0.001, 0.002, 0.003, 0.004};
  desk.settings_.trading.order_checks = nullptr;
  std::size_t before = 0;
  desk.trade(0, [&](BarAccount& account) {
    while (account.risk_level() < 4) ASSERT_TRUE(account.step());
    EXPECT_TRUE(account.obey({1, CommandKind::kFlatten}));
    before = desk.books().journal.size();
    while (account.step()) {
    }
    EXPECT_LT(account.risk_level(), 4) << "the study has confirmed for the person";
  });
  const auto books = desk.books();
  for (std::size_t i = before; i < books.journal.size(); ++i) {
    EXPECT_TRUE(books.journal[i].kind != EntryKind::kTrade || books.journal[i].side == OrderSide::kSell);
  }
}

TEST(PaperAccount, SessionsAreNotSkipped) {
  Desk desk;
  desk.trade(10);
  desk.settings_.trading.rows = {25, 60};
  EXPECT_THROW(desk.trade(1), Error);
  EXPECT_EQ(desk.books().daily.size(), 10u);
}

TEST(PaperAccount, ChecksMayComeLater) {
  Desk desk;
  const auto checks = std::exchange(desk.settings_.trading.order_checks, nullptr);
  desk.trade(10);
  desk.settings_.trading.order_checks = checks;
  desk.trade(20);
  EXPECT_EQ(desk.books().daily.size(), 30u);
  EXPECT_FALSE(desk.books().findings.empty());
}

TEST(PaperAccount, ACallWithoutTheLadderDoesNotForgetItsLevel) {
  Desk desk;
  desk.settings_.trading.ladder->confirm_after.reset();
  desk.settings_.trading.ladder->levels = {0.001, 0.002, 0.003, 0.004};
  desk.trade(0, [](BarAccount& account) {
    while (account.risk_level() < 4) ASSERT_TRUE(account.step());
  });
  const auto ladder = std::exchange(desk.settings_.trading.ladder, std::nullopt);
  desk.trade(1);
  desk.settings_.trading.ladder = ladder;
  desk.trade(0, [](BarAccount& account) { EXPECT_EQ(account.risk_level(), 4); });
}

TEST(PaperAccount, APersonConfirmsTheWayBackIntoTheMarket) {
  Desk desk;
  desk.settings_.trading.ladder->confirm_after.reset();
  desk.settings_.trading.ladder->levels = {0.001, 0.002, 0.003, 0.004};
  int level = 0;
  desk.trade(30, [&](BarAccount& account) {
    while (account.risk_level() < 4) ASSERT_TRUE(account.step());
    level = account.risk_level();
    EXPECT_FALSE(account.obey({1, CommandKind::kConfirm})) << "everything is still to be sold";
    for (int i = 0; i < 4; ++i) account.step();
  });
  ASSERT_EQ(level, 4);
  desk.trade(0, [](BarAccount& account) {
    EXPECT_EQ(account.risk_level(), 4) << "kept over the restart";
    EXPECT_TRUE(account.obey({2, CommandKind::kConfirm}));
    EXPECT_EQ(account.risk_level(), 3);
    EXPECT_FALSE(account.obey({3, CommandKind::kConfirm})) << "nothing waits any more";
  });
  EXPECT_NE(desk.books().risk_events.back().cause.find("re-entry confirmed"), std::string::npos);
}

TEST(PaperAccount, ADifferenceFromTheBrokersBooksStopsIt) {
  Desk desk;
  desk.trade(20);
  std::filesystem::remove(desk.file("paper_broker.log"));
  try {
    desk.trade(1);
    FAIL() << "the broker has forgotten everything";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kDataCorrupt);
    EXPECT_NE(std::string(error.what()).find("paper_broker.log: the file ends after line 0"),
              std::string::npos)
        << error.what();
  }
  EXPECT_EQ(desk.books().daily.size(), 20u) << "nothing of the session was committed";
}

TEST(PaperAccount, DifferencesAreNamed) {
  Desk desk;
  desk.trade(20);
  AccountJournal(local_disk(), desk.file("paper_broker.log"))
      .append(to_record(AccountChange{desk.world_.market.dates[19], 999, EntryKind::kDeposit, "S001",
                                      to_quantity(3.0), to_money(-5.0)}));
  try {
    desk.trade(1);
    FAIL() << "the broker has three shares more";
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("\n  cash: the account has "), std::string::npos) << text;
    EXPECT_NE(text.find("\n  S001: the account has "), std::string::npos) << text;
  }
  EXPECT_EQ(desk.books().daily.size(), 20u);
}

/// Tells the broker of shares and cash that the account knows nothing of.
void change_brokers_books(const Desk& desk, double shares, double cash, const char* symbol = "S001") {
  AccountJournal(local_disk(), desk.file("paper_broker.log"))
      .append(to_record(AccountChange{desk.world_.market.dates[19], 999, EntryKind::kDeposit, symbol,
                                      to_quantity(shares), to_money(cash)}));
}

void expect_verified(const BacktestResult& books) {
  const auto verification = verify_journal(trades_table(books), positions_table(books), equity_table(books));
  EXPECT_TRUE(verification.verified()) << verification.summary();
}

TEST(PaperAccount, ADifferenceIsTakenOverBeforeTheNextSession) {
  Desk desk;
  desk.trade(20);
  const BacktestResult before = desk.books();
  change_brokers_books(desk, 3.0, 5.0);
  EXPECT_THROW(desk.trade(1), Error);
  desk.settings_.reconcile = ReconcilePolicy::kAdopt;
  desk.trade(10, [](BarAccount& account) {
    EXPECT_TRUE(account.step());
    ASSERT_EQ(account.adopted().size(), 2u);
    EXPECT_EQ(account.adopted()[0].symbol, "");
    EXPECT_EQ(account.adopted()[0].brokers - account.adopted()[0].ours, 5'000'000);
    EXPECT_EQ(account.adopted()[1].symbol, "S001");
  });
  const auto books = desk.books();
  EXPECT_EQ(books.daily.size(), 31u);
  expect_verified(books);
  const JournalEntry& cash = books.journal[before.journal.size()];
  const JournalEntry& shares = books.journal[before.journal.size() + 1];
  EXPECT_EQ(cash.kind, EntryKind::kAdjustment) << "before anything else of the session";
  EXPECT_EQ(cash.value, to_money(5.0));
  EXPECT_EQ(shares.kind, EntryKind::kAdjustment);
  EXPECT_EQ(shares.quantity, to_quantity(3.0));
  EXPECT_EQ(shares.session.date, desk.world_.market.dates[20]);
  EXPECT_NE(read_file(desk.file(kAccountJournal)).find(R"("kind":"adopted")"), std::string::npos);
  EXPECT_NE(read_file(desk.file(kAccountAudit)).find(R"("kind":"adjustment")"), std::string::npos);
}

TEST(PaperAccount, WhatIsAdoptedBeforeASplitIsSplit) {
  Desk desk;
  desk.trade(20);
  change_brokers_books(desk, 4.0, 0.0, "S003");  // nobody trades it: it is restricted
  const auto before = desk.books();
  for (const PositionRow& row : before.positions) ASSERT_NE(before.symbols[row.instrument], "S003");
  MarketData& market = desk.world_.market;
  market.split_ratio(20, *market.find_symbol("S003")) = 2.0;
  desk.settings_.reconcile = ReconcilePolicy::kAdopt;
  desk.trade(1);
  const auto books = desk.books();
  expect_verified(books);
  std::vector<JournalEntry> of_it;
  for (const JournalEntry& entry : books.journal) {
    if (entry.instrument != kNoInstrument && books.symbols[entry.instrument] == "S003")
      of_it.push_back(entry);
  }
  ASSERT_GE(of_it.size(), 2u);
  EXPECT_EQ(of_it[0].kind, EntryKind::kAdjustment);
  const double close = market.raw_field("close")(19, *market.find_symbol("S003"));
  EXPECT_EQ(of_it[0].price, to_money(close)) << "the last close, in shares of then";
  EXPECT_EQ(of_it[1].kind, EntryKind::kSplit);
  EXPECT_EQ(of_it[1].quantity, to_quantity(4.0));
}

TEST(PaperAccount, AnInterruptedSessionAdoptsTheSameAgain) {
  Desk desk, whole;
  for (Desk* one : {&desk, &whole}) {
    one->trade(20);
    change_brokers_books(*one, 3.0, 5.0);
    one->settings_.reconcile = ReconcilePolicy::kAdopt;
  }
  whole.trade(5);
  desk.interrupt_after_an_order();
  desk.trade(5);
  expect_same_books(whole.books(), desk.books());
  expect_verified(desk.books());
  EXPECT_TRUE(read_file(whole.file(kAccountAudit)) == read_file(desk.file(kAccountAudit)));
}

TEST(PaperAccount, OrdersWithAPriceInSlicesSurviveRestarts) {
  const PricedOrders kinds[] = {{OrderType::kLimitOnClose, 0.001, PricedOrders::Of::kAll},
                                {OrderType::kLimit, 0.01, PricedOrders::Of::kEntries},
                                {OrderType::kStop, 0.01, PricedOrders::Of::kAll}};
  for (const PricedOrders& priced : kinds) {
    Desk desk;
    desk.world_.market.funding.clear();
    desk.world_.config.priced = priced;
    desk.world_.config.slices = 3;
    desk.settings_.trading = desk.world_.config;
    for (int i = 0; i < 70; ++i) desk.trade(1);
    const BacktestResult expected = desk.backtest();
    expect_same_books(expected, desk.books());
    expect_verified(desk.books());
    const auto by_price =
        std::count_if(expected.unfilled.begin(), expected.unfilled.end(),
                      [](const auto& order) { return order.reason == UnfilledReason::kPrice; });
    EXPECT_GT(by_price, 10);
    EXPECT_NE(
        read_file(desk.file(kAccountJournal)).find(fmt::format(R"("type":"{}")", to_string(priced.type))),
        std::string::npos);
  }
}

TEST(PaperAccount, FlatteningAsksForNoPrice) {
  Desk desk;
  desk.settings_.trading.priced = {OrderType::kLimitOnClose, 0.9, PricedOrders::Of::kExits};
  desk.trade(20);
  ASSERT_GT(desk.books().daily.back().positions, 5u);
  desk.trade(15, [](BarAccount& account) { EXPECT_TRUE(account.obey({1, CommandKind::kFlatten})); });
  EXPECT_EQ(desk.books().daily.back().positions, 0u);
}

TEST(PaperAccount, NoOrderLeavesAKilledAccount) {
  Desk desk;
  desk.trade(20);
  const std::size_t before = desk.books().journal.size();
  std::ofstream(desk.file(kAccountKill)) << "prices look wrong\n";
  desk.trade(5);
  const auto killed = desk.books();
  EXPECT_EQ(killed.daily.size(), 25u) << "what happens to positions is booked meanwhile";
  for (std::size_t i = before; i < killed.journal.size(); ++i) {
    EXPECT_NE(killed.journal[i].kind, EntryKind::kTrade);
  }
  const auto refused = std::count_if(killed.findings.begin(), killed.findings.end(), [](const auto& finding) {
    return finding.rule == "kill_switch" && finding.figures == "prices look wrong";
  });
  EXPECT_GT(refused, 3);
  std::filesystem::remove(desk.file(kAccountKill));
  desk.trade(5);
  const auto revived = desk.books();
  EXPECT_TRUE(std::any_of(revived.journal.begin() + static_cast<std::ptrdiff_t>(killed.journal.size()),
                          revived.journal.end(),
                          [](const JournalEntry& entry) { return entry.kind == EntryKind::kTrade; }));
}

TEST(PaperAccount, KilledBetweenTwoOrdersItSendsTheFirstAlone) {
  Desk desk;
  desk.trade(20);
  // The program dies behind the first order of a session, and the account is killed before it goes on.
  const std::uint64_t first = desk.interrupt_after_an_order();
  std::ofstream(desk.file(kAccountKill)) << "stop\n";
  desk.trade(1);
  const auto books = desk.books();
  std::set<std::uint64_t> traded;
  for (const JournalEntry& entry : books.journal) {
    if (entry.kind == EntryKind::kTrade && entry.session.date == books.daily.back().date) {
      traded.insert(entry.order_id);
    }
  }
  EXPECT_EQ(traded, std::set<std::uint64_t>{first});
  std::filesystem::remove(desk.file(kAccountKill));
  desk.trade(1);
}

TEST(PaperAccount, LotsOfAnAccountThatHadNoneAreThoseOfItsBookings) {
  Desk desk;
  desk.keep_lots(false);
  desk.trade(20);
  desk.keep_lots(true);
  desk.trade(10);
  desk.keep_lots(false);
  desk.trade(5);
  desk.keep_lots(true);
  desk.trade(5);
  // Without any check for a while: the state is kept, and knows nothing of the bookings meanwhile.
  const auto checks = std::exchange(desk.settings_.trading.order_checks, nullptr);
  desk.trade(5);
  desk.settings_.trading.order_checks = checks;
  desk.trade(kAll);
  std::string expected;
  LotKeeper rule(expected);
  AccountDatabase books(desk.file(kAccountBooks));
  for (const JournalEntry& entry : books.entries(std::nullopt, desk.world_.market.symbols))
    rule.booked(entry);
  rule.save();
  const auto book = [](const std::string& saved) { return nlohmann::json::parse(saved).at("book"); };
  EXPECT_TRUE(book(desk.lots_) == book(expected));
  EXPECT_GT(book(expected).dump().size(), 2000u);
}

TEST(PaperAccount, AChangedJournalIsRefused) {
  Desk desk;
  desk.trade(10);
  std::string text = read_file(desk.file(kAccountJournal));
  text[text.find("buy")] = 'B';
  std::ofstream(desk.file(kAccountJournal)) << text;
  try {
    desk.trade(1);
    FAIL() << "a line was changed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kDataCorrupt);
    EXPECT_NE(std::string(error.what()).find("journal.log"), std::string::npos);
  }
}

TEST(PaperAccount, DataWithoutItsLastSessionIsRefused) {
  Desk desk;
  desk.trade(10);
  for (Date& date : desk.world_.market.dates) date = date + 1000;
  desk.world_.market.funding.clear();
  EXPECT_THROW(desk.trade(1), Error);
}

}  // namespace
}  // namespace orrery::account_test
