// Accounts whose names are called otherwise from a day on: day by day, with the data of each day, they have
// what a backtest on the final data has.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <tuple>

#include "orrery/backtest/journal_verify.h"
#include "orrery/backtest/restated_prices.h"
#include "orrery/backtest/result_tables.h"
#include "orrery/base/error.h"
#include "orrery/execution/symbol_keyed_checks.h"
#include "testing/fake_wait_clock.h"
#include "testing/paper_accounts.h"
#include "testing/temporary_folder.h"

namespace orrery::renamed_account_test {
namespace {

constexpr std::size_t kRows = 60, kColumns = 30, kTurn = 25, kLater = 40;

using Names = std::map<std::string, std::string>;  ///< what final symbols were called, where it was otherwise

std::string called(const Names& names, const std::string& symbol) {
  const auto found = names.find(symbol);
  return found == names.end() ? symbol : found->second;
}

/// The columns of a market in the order of other symbols.
class Columns {
 public:
  Columns(const std::vector<std::string>& symbols, const Names& names) {
    for (std::size_t i = 0; i < symbols.size(); ++i) order_.emplace_back(called(names, symbols[i]), i);
    std::sort(order_.begin(), order_.end());
    place_.resize(order_.size());
    for (std::size_t i = 0; i < order_.size(); ++i) place_[order_[i].second] = i;
  }
  template <class Panel>
  Panel panel(const Panel& from) const {
    Panel to = from;
    for (std::size_t t = 0; t < from.rows(); ++t) {
      for (std::size_t i = 0; i < order_.size(); ++i) to(t, i) = from(t, order_[i].second);
    }
    return to;
  }
  template <class Value>
  std::vector<Value> list(const std::vector<Value>& from) const {
    std::vector<Value> to;
    for (const auto& [symbol, place] : order_) to.push_back(from[place]);
    return to;
  }
  std::vector<std::string> symbols() const {
    std::vector<std::string> all;
    for (const auto& [symbol, place] : order_) all.push_back(symbol);
    return all;
  }
  std::size_t place(std::size_t before) const { return place_[before]; }

 private:
  std::vector<std::pair<std::string, std::size_t>> order_;
  std::vector<std::size_t> place_;
};

/// A market and scores as they were called at a time.
testing::EventfulMarket called_so(const testing::EventfulMarket& world, const Names& names,
                                  std::vector<Rename> known) {
  const Columns columns(world.market.symbols, names);
  testing::EventfulMarket made = world;
  MarketData& market = made.market;
  market.symbols = columns.symbols();
  for (auto* panels : {&market.raw, &market.fields}) {
    for (auto& [name, panel] : *panels) panel = columns.panel(panel);
  }
  market.present = columns.panel(market.present);
  market.dividend = columns.panel(market.dividend);
  market.split_ratio = columns.panel(market.split_ratio);
  market.first_row = columns.list(market.first_row);
  market.last_row = columns.list(market.last_row);
  for (Delisting& record : market.delistings) record.instrument = columns.place(record.instrument);
  for (FundingPayment& payment : market.funding) payment.instrument = columns.place(payment.instrument);
  market.renames = std::move(known);
  made.scores = columns.panel(world.scores);
  return made;
}

/// What is told of a broker that does not do as the paper broker does.
enum class Habit { kListens, kKnowsItself, kNeverLearns, kDies };

/// Calls positions by symbols of its own, and is deaf to renames; or dies behind an order.
class OddBroker final : public BrokerService {
 public:
  OddBroker(std::unique_ptr<BrokerService> broker, Habit habit, Names names)
      : broker_(std::move(broker)), habit_(habit), names_(std::move(names)) {}
  void open_session(const Session& session) override { broker_->open_session(session); }
  void place(const BrokerOrder& order) override {
    broker_->place(order);
    if (habit_ == Habit::kDies) throw std::runtime_error("killed");
  }
  std::vector<BrokerAnswer> answers(std::uint64_t sequence) override { return broker_->answers(sequence); }
  std::uint64_t last_answer() override { return broker_->last_answer(); }
  void apply(const AccountChange& change) override { broker_->apply(change); }
  void flush() override { broker_->flush(); }
  std::string bookmark() override { return broker_->bookmark(); }
  std::vector<BrokerPosition> positions() override {
    auto held = broker_->positions();
    for (BrokerPosition& position : held) position.symbol = called(names_, position.symbol);
    return held;
  }
  Money cash() override { return broker_->cash(); }

 private:
  std::unique_ptr<BrokerService> broker_;
  Habit habit_;
  Names names_;
};

/// An account in a market in which names change.
class Desk {
 public:
  Desk() : final_(testing::make_eventful_market(kRows, kColumns, 11)) {
    final_.config.order_checks = [pretrade =
                                      final_.config.order_checks](std::span<const std::string> symbols) {
      auto list = std::make_unique<OrderCheckList>();
      list->add("pretrade", pretrade(symbols));
      for (const char* rule : {"wash_sales", "margin", "pattern_day_trading"}) {
        list->add(rule,
                  make_rule(testing::rules(), rule, {"us", true, symbols},
                            {{"mode", std::string(rule == std::string("wash_sales") ? "account" : "warn")}}));
      }
      return std::make_unique<SymbolKeyedChecks>(std::move(list),
                                                 std::vector<std::string>(symbols.begin(), symbols.end()));
    };
  }

  Date day(std::size_t row) const { return final_.market.dates[row]; }

  /// Does so many sessions in the market as it is called by then.
  void trade(std::size_t sessions, const Names& names, const std::vector<Rename>& known,
             Habit habit = Habit::kListens, const Names& broker_names = {}) {
    const auto world = called_so(final_, names, known);
    BarAccountSettings settings{world.config, ReconcilePolicy::kStop, false, ""};
    const auto strategy = testing::make_busy_strategy();
    const auto broker = [&](const BrokerContext& context) -> std::unique_ptr<BrokerService> {
      return std::make_unique<OddBroker>(testing::brokers().get("paper").factory(context), habit,
                                         broker_names);
    };
    BarAccount account(world.market, world.scores, *strategy, settings, {local_disk(), folder_.path()},
                       broker, clock_);
    for (std::size_t i = 0; i < sessions && account.step(); ++i) ++done_;
  }

  /// One session after the other, each by another process and with the names that are known on its day.
  void trade_daily(const std::function<Names(std::size_t)>& names, const std::vector<Rename>& renames) {
    while (done_ < kRows) {
      std::vector<Rename> known;
      for (const Rename& rename : renames) {
        if (rename.day <= day(done_)) known.push_back(rename);
      }
      trade(1, names(done_), known);
    }
  }

  BacktestResult books() { return AccountDatabase(folder_.path() / kAccountBooks).read(); }
  nlohmann::json snapshot() {
    return nlohmann::json::parse(*AccountDatabase(folder_.path() / kAccountBooks).snapshot());
  }

  testing::EventfulMarket final_;
  std::size_t done_ = 0;

 private:
  testing::TemporaryFolder folder_;
  testing::FakeWaitClock clock_;
};

/// Bookings without their order within a session, by last symbols.
std::multiset<std::tuple<Date, std::string, std::string, std::int64_t, std::int64_t, std::int64_t>>
entries_of(const BacktestResult& books, const Identities& names) {
  std::multiset<std::tuple<Date, std::string, std::string, std::int64_t, std::int64_t, std::int64_t>> all;
  for (const JournalEntry& entry : books.journal) {
    if (entry.kind == EntryKind::kRename) continue;
    const std::string symbol = entry.instrument == kNoInstrument ? "" : books.symbols[entry.instrument];
    all.emplace(entry.session.date, names.name_of(symbol, entry.session.date), to_string(entry.kind),
                entry.quantity.micros, entry.value.micros, entry.realised.micros);
  }
  return all;
}

void expect_same_account(const BacktestResult& expected, const BacktestResult& found,
                         const std::vector<Rename>& renames) {
  const Identities names(renames);
  ASSERT_EQ(expected.daily.size(), found.daily.size());
  for (std::size_t t = 0; t < expected.daily.size(); ++t) {
    ASSERT_EQ(expected.daily[t].cash, found.daily[t].cash) << t;
    ASSERT_EQ(expected.daily[t].equity, found.daily[t].equity) << t;
  }
  EXPECT_TRUE(entries_of(expected, Identities()) == entries_of(found, names));
  std::map<std::pair<Date, std::string>, std::int64_t> positions;
  for (const PositionRow& row : expected.positions) {
    positions[{row.date, expected.symbols[row.instrument]}] += row.quantity.micros;
  }
  for (const PositionRow& row : found.positions) {
    positions[{row.date, names.name_of(found.symbols[row.instrument], row.date)}] -= row.quantity.micros;
  }
  for (const auto& [key, difference] : positions) EXPECT_EQ(difference, 0) << key.second;
}

std::vector<const JournalEntry*> renames_in(const BacktestResult& books) {
  std::vector<const JournalEntry*> found;
  for (const JournalEntry& entry : books.journal) {
    if (entry.kind == EntryKind::kRename) found.push_back(&entry);
  }
  return found;
}

/// Until kTurn one name is free, two have each other's, and one has the next one's, which has a free one; a
/// chain of three ends at kLater.
Names names_at(std::size_t row) {
  Names names;
  if (row < kTurn) {
    names = {{"S004", "ZZZ"},  {"S007", "S008"}, {"S008", "S007"},
             {"S012", "N012"}, {"S013", "S012"}, {"S010", "Q010"}};
  } else if (row < kLater) {
    names = {{"S010", "B010"}};
  }
  return names;
}

std::vector<Rename> renames_of(const Desk& desk) {
  const Date turn = desk.day(kTurn), later = desk.day(kLater);
  return {{"ZZZ", "S004", turn},  {"S008", "S007", turn}, {"S007", "S008", turn}, {"N012", "S012", turn},
          {"S012", "S013", turn}, {"Q010", "B010", turn}, {"B010", "S010", later}};
}

TEST(RenamedAccount, HasWhatTheBacktestOnTheFinalDataHas) {
  Desk daily, whole;
  const auto renames = renames_of(daily);
  daily.trade_daily(names_at, renames);
  whole.trade(kRows, {}, renames);
  const auto strategy = testing::make_busy_strategy();
  const BacktestResult expected =
      run_backtest(whole.final_.market, whole.final_.scores, *strategy, whole.final_.config);
  const BacktestResult books = daily.books();
  expect_same_account(expected, books, renames);
  const auto said = renames_in(books);
  ASSERT_GE(said.size(), 6u) << "of every name that was ever booked";
  bool held = false;
  for (const JournalEntry* entry : said) {
    EXPECT_EQ(entry->value, Money{});
    EXPECT_TRUE(entry->session.date == daily.day(kTurn) || entry->session.date == daily.day(kLater));
    held = held || entry->quantity.micros != 0;
  }
  EXPECT_TRUE(held);
  EXPECT_TRUE(renames_in(whole.books()).empty()) << "of what it always called so";
  // Tax lots, wash sales, margin, ladder: places are those of the same market by now.
  const auto left = nlohmann::json::parse(daily.snapshot().at("checks").get<std::string>());
  const auto right = nlohmann::json::parse(whole.snapshot().at("checks").get<std::string>());
  EXPECT_EQ(left.at("symbols"), right.at("symbols"));
  EXPECT_EQ(left.at("checks").at("wash_sales"), right.at("checks").at("wash_sales"));
  EXPECT_EQ(left.at("checks").at("margin"), right.at("checks").at("margin"));
  EXPECT_EQ(daily.snapshot().at("risk"), whole.snapshot().at("risk"));
  EXPECT_TRUE(find_restated_prices(books, called_so(daily.final_, {}, renames).market).empty());
}

TEST(RenamedAccount, ItsJournalIsVerifiedAndSaysBothSymbols) {
  Desk desk;
  desk.trade_daily(names_at, renames_of(desk));
  BacktestResult books = desk.books();
  const auto verified = verify_journal(trades_table(books), positions_table(books), equity_table(books));
  EXPECT_TRUE(verified.verified()) << verified.summary();
  for (JournalEntry& entry : books.journal) {
    if (entry.kind != EntryKind::kRename || entry.quantity.micros == 0) continue;
    const std::string_view before = std::exchange(entry.reason, "A");
    const auto wrong = verify_journal(trades_table(books), positions_table(books), equity_table(books));
    EXPECT_FALSE(wrong.verified()) << before;
    return;
  }
  FAIL() << "nothing that was held was renamed";
}

TEST(RenamedAccount, ABrokerMayLearnOfItEarlierOrNever) {
  const Names before{{"S004", "ZZZ"}, {"S010", "Q010"}}, around{{"ZZZ", "S004"}, {"Q010", "S010"}};
  for (const Habit habit : {Habit::kKnowsItself, Habit::kNeverLearns}) {
    Desk desk;
    const std::vector<Rename> renames{{"ZZZ", "S004", desk.day(kTurn)}, {"Q010", "S010", desk.day(kTurn)}};
    desk.trade(kTurn, before, {});
    for (int i = 0; i < 4; ++i) {
      // One knows the symbols before the account tells; the other keeps to those before.
      desk.trade(1, {}, renames, habit, habit == Habit::kKnowsItself ? around : before);
    }
    EXPECT_EQ(desk.done_, kTurn + 4);
    EXPECT_FALSE(renames_in(desk.books()).empty());
  }
}

TEST(RenamedAccount, ANameThatIsGoneWithoutARenameIsRefused) {
  Desk desk;
  const Names before{{"S004", "Z004"}, {"S005", "Z005"}, {"S006", "Z006"}, {"S009", "Z009"},
                     {"S011", "Z011"}, {"S014", "Z014"}, {"S015", "Z015"}, {"S016", "Z016"},
                     {"S017", "Z017"}, {"S018", "Z018"}};
  desk.trade(kTurn, before, {});
  try {
    desk.trade(1, {}, {});
    FAIL() << "none of them was held";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound) << error.what();
  }
  std::vector<Rename> renames;
  for (const auto& [symbol, former] : before) renames.push_back({former, symbol, desk.day(kTurn)});
  desk.trade(1, {}, renames);
  EXPECT_EQ(desk.done_, kTurn + 1);
}

TEST(RenamedAccount, ARenameThatTheDataLearnsLateIsTakenUpThen) {
  Desk desk;
  const std::vector<Rename> renames{{"ZZZ", "S004", desk.day(kTurn)}, {"Q010", "S010", desk.day(kTurn)}};
  desk.trade(kTurn + 3, {{"S004", "ZZZ"}, {"S010", "Q010"}}, {});
  desk.trade(kRows, {}, renames);
  const BacktestResult books = desk.books();
  ASSERT_FALSE(renames_in(books).empty());
  for (const JournalEntry* entry : renames_in(books)) EXPECT_EQ(entry->session.date, desk.day(kTurn + 3));
  const auto strategy = testing::make_busy_strategy();
  const auto expected = run_backtest(desk.final_.market, desk.final_.scores, *strategy, desk.final_.config);
  ASSERT_EQ(expected.daily.size(), books.daily.size());
  EXPECT_EQ(expected.daily.back().equity, books.daily.back().equity);
}

TEST(RenamedAccount, ARenameKnownBeforeItsDayIsBookedOnce) {
  Desk desk, whole;
  const auto renames = renames_of(desk);
  desk.trade(kTurn - 3, names_at(0), {});
  // All symbols change hands at once, and every session is another process.
  for (std::size_t row = kTurn - 3; row < kRows; ++row) desk.trade(1, {}, renames);
  const BacktestResult books = desk.books();
  for (const JournalEntry* entry : renames_in(books)) {
    EXPECT_EQ(entry->session.date, desk.day(kTurn - 3));
  }
  whole.trade(kRows, {}, renames);
  EXPECT_EQ(whole.books().daily.back().equity, desk.books().daily.back().equity);
}

TEST(RenamedAccount, KilledInTheSessionOfTheRenameItGoesOn) {
  Desk desk, whole;
  const auto renames = renames_of(desk);
  std::vector<Rename> known(renames.begin(), renames.end() - 1);
  desk.trade(kTurn, names_at(0), {});
  for (int i = 0; i < 3; ++i) {
    EXPECT_THROW(desk.trade(1, names_at(kTurn), known, Habit::kDies), std::runtime_error);
  }
  desk.trade_daily(names_at, renames);
  whole.trade(kRows, {}, renames);
  EXPECT_EQ(whole.books().daily.back().equity, desk.books().daily.back().equity);
  const BacktestResult books = desk.books();
  const auto verified = verify_journal(trades_table(books), positions_table(books), equity_table(books));
  EXPECT_TRUE(verified.verified()) << verified.summary();
}

TEST(RenamedAccount, TwoPositionsAreNotJoined) {
  Desk desk;
  desk.trade(kTurn, {}, {});
  const auto books = desk.books();
  std::vector<std::string> held;
  for (const PositionRow& row : books.positions) {
    if (row.date == desk.day(kTurn - 1)) held.push_back(books.symbols[row.instrument]);
  }
  ASSERT_GE(held.size(), 2u);
  try {
    desk.trade(1, {{held[0], "gone"}}, {{held[0], held[1], desk.day(kTurn)}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("one name: " + held[1]), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace orrery::renamed_account_test
