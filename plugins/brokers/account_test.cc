// An account on bars: the trades of the backtest, whatever a person or a crash does in between.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

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

  BacktestResult books() { return AccountDatabase(folder_.path() / kAccountBooks).read(); }
  std::filesystem::path file(const char* name) const { return folder_.path() / name; }

  testing::EventfulMarket world_;
  BarAccountSettings settings_{world_.config, ReconcilePolicy::kStop, false};

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

TEST(PaperAccount, ADifferenceIsTakenOverWhereItIsAskedFor) {
  Desk desk;
  desk.trade(20);
  // The broker says there is more cash, and three shares more.
  AccountJournal(local_disk(), desk.file("paper_broker.log"))
      .append(to_record(AccountChange{desk.world_.market.dates[19], 999, EntryKind::kDeposit, "S001",
                                      to_quantity(3.0), to_money(5.0)}));
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
  const auto verification = verify_journal(trades_table(books), positions_table(books), equity_table(books));
  EXPECT_TRUE(verification.verified()) << verification.summary();
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
