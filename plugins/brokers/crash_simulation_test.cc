// Years of an account in minutes: clock, disk, broker and network come from one seed. The power fails at any
// step of the disk, the network loses, doubles, delays and reorders, and the books have to be those of the
// backtest, to the micro-unit.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>

#include "orrery/base/error.h"
#include "orrery/execution/account_records.h"
#include "orrery/execution/broker_router.h"
#include "orrery/execution/symbol_keyed_checks.h"
#include "testing/crashing_disk.h"
#include "testing/crashing_sqlite.h"
#include "testing/fake_wait_clock.h"
#include "testing/paper_accounts.h"

namespace orrery::crash_simulation_test {
namespace {

using testing::CrashingDisk;
using testing::CrashingSqlite;
using testing::PowerFailure;

/// A wire to a broker that outlives the program: calls are lost on their way or on the way back, answers come
/// late, doubled and in any order.
class BadWire final : public BrokerService {
 public:
  BadWire(BrokerService& broker, Random& random) : broker_(broker), random_(random) {}

  void open_session(const Session& session) override { broker_.open_session(session); }
  void place(const BrokerOrder& order) override {
    lose();
    broker_.place(order);
    if (random_.below(8) == 0) broker_.place(order);
    lose();
  }
  std::vector<BrokerAnswer> answers(std::uint64_t sequence) override {
    lose();
    auto found = broker_.answers(sequence);
    const std::size_t sent = found.size();
    for (std::size_t i = 0; i < sent; ++i) {
      if (random_.below(4) == 0) found.push_back(found[i]);
    }
    for (std::size_t i = found.size(); i > 1; --i) std::swap(found[i - 1], found[random_.below(i)]);
    if (random_.below(4) == 0) found.resize(random_.below(found.size() + 1));  // the rest comes later
    return found;
  }
  std::uint64_t last_answer() override {
    lose();
    return broker_.last_answer();
  }
  void apply(const AccountChange& change) override {
    lose();
    broker_.apply(change);
    lose();
  }
  void flush() override { broker_.flush(); }
  std::vector<BrokerPosition> positions() override {
    lose();
    return broker_.positions();
  }
  Money cash() override { return broker_.cash(); }

 private:
  void lose() {
    if (random_.below(6) == 0) throw external_error(ErrorCode::kUnavailable, "the wire is dead");
  }

  BrokerService& broker_;
  Random& random_;
};

/// Hands calls on to a broker that somebody else keeps.
class Wired final : public BrokerService {
 public:
  explicit Wired(BrokerService& broker) : broker_(broker) {}
  void open_session(const Session& session) override { broker_.open_session(session); }
  void place(const BrokerOrder& order) override { broker_.place(order); }
  std::vector<BrokerAnswer> answers(std::uint64_t sequence) override { return broker_.answers(sequence); }
  std::uint64_t last_answer() override { return broker_.last_answer(); }
  void apply(const AccountChange& change) override { broker_.apply(change); }
  void flush() override { broker_.flush(); }
  std::vector<BrokerPosition> positions() override { return broker_.positions(); }
  Money cash() override { return broker_.cash(); }

 private:
  BrokerService& broker_;
};

enum class Where {
  kSameDisk,
  kBehindABadWire,
  kTwoOnTheSameDisk,
  kTwoVenues,          ///< each behind a bad wire, and never taken for one that is out
  kTwoUnsteadyVenues,  ///< each behind a bad wire, and soon left alone for a while
};

bool has_two_wires(Where where) { return where == Where::kTwoVenues || where == Where::kTwoUnsteadyVenues; }

bool has_two_venues(Where where) { return where == Where::kTwoOnTheSameDisk || has_two_wires(where); }

/// What else there is in a seed's world.
struct Story {
  bool has_memory = false;  ///< a strategy and rules that know of earlier sessions
  bool has_words = false;   ///< a person pauses, flattens and resumes
};

Story story_of(std::uint64_t seed) { return {seed % 2 == 1, seed % 3 == 0}; }

/// The words of a person, by the sessions that are done when they are obeyed.
const std::vector<std::pair<std::size_t, CommandKind>> kWords = {{7, CommandKind::kPause},
                                                                 {10, CommandKind::kResume},
                                                                 {16, CommandKind::kFlatten},
                                                                 {20, CommandKind::kResume},
                                                                 {20, CommandKind::kConfirm}};

std::unique_ptr<OrderCheck> make_checks_with_memory(std::span<const std::string> symbols) {
  auto list = std::make_unique<OrderCheckList>();
  PretradeSettings settings;
  settings.restricted = {"S003"};
  settings.rate = RateLimit{9, 3.0 * 86'400.0};  // reaches over sessions
  list->add("pretrade", std::make_unique<PretradeChecks>(settings, symbols));
  for (const char* rule : {"wash_sales", "pattern_day_trading", "short_sales"}) {
    list->add(rule,
              make_rule(testing::rules(), rule, {"us", true, symbols}, {{"mode", std::string("warn")}}));
  }
  return std::make_unique<SymbolKeyedChecks>(std::move(list),
                                             std::vector<std::string>(symbols.begin(), symbols.end()));
}

/// One seed's world.
class World {
 public:
  World(std::uint64_t seed, Where where, bool sync_orders)
      : random_(seed),
        market_(testing::make_eventful_market(30, 14, seed)),
        disk_(seed + 1),
        sqlite_(disk_),
        where_(where),
        story_(story_of(seed)),
        settings_{market_.config, ReconcilePolicy::kStop, sync_orders, ""} {
    if (story_.has_memory) {
      market_.config.order_checks = make_checks_with_memory;
      market_.config.priced = {OrderType::kLimitOnClose, 0.002, PricedOrders::Of::kEntries};
      market_.config.slices = 2;
    }
    market_.config.ladder->levels = {0.01, 0.02, 0.03, 0.04};  // all four are seen
    settings_.trading = market_.config;
    disk_.make_folder("/account");
    disk_.sync("/");
    disk_.make_folder("/broker");
    disk_.sync("/");
  }

  const Story& story() const { return story_; }

  BacktestResult backtest() {
    const auto strategy = make_strategy();
    return run_backtest(market_.market, market_.scores, *strategy, market_.config);
  }

  /// Does all sessions on a disk that never fails.
  void live_without_crashes() {
    crashes_ = false;
    live();
  }

  /// Starts the account again and again until all sessions are done. Returns how often the power failed.
  std::size_t live() {
    std::size_t crashes = 0;
    while (!try_to_finish()) {
      if (++crashes > 5000) throw std::runtime_error("the account never comes to its end");
      disk_.restart();
      CrashingSqlite::restart();
    }
    return crashes;
  }

  BacktestResult books() {
    return AccountDatabase(std::filesystem::path("/account") / kAccountBooks, CrashingSqlite::name()).read();
  }

  /// The account was compared with the sums of its venues after each session; here: every order that was sent
  /// is answered, its last answer comes once, and the venues have filled what the account has booked.
  void expect_each_order_once() {
    std::set<std::uint64_t> sent;
    std::map<std::uint64_t, int> last;
    std::map<std::uint64_t, std::int64_t> told, filled;
    const AccountJournal journal(disk_, std::filesystem::path("/account") / kAccountJournal);
    for (const auto line : journal.lines_found(0)) {
      const std::string kind = kind_of_record(line);
      if (kind == "order") sent.insert(parse_order(line).id);
      if (kind != "answer") continue;
      const OrderEvent event = parse_answer(line).event;
      last[event.order_id] += event.last ? 1 : 0;
      if (event.kind == OrderEventKind::kFill) told[event.order_id] += event.quantity.micros;
    }
    for (const std::uint64_t id : sent) EXPECT_EQ(last[id], 1) << "order " << id;
    std::size_t busy = 0;
    for (const Venue& venue : venues_) {
      const auto answers = venue.broker->answers(0);
      busy += answers.empty() ? 0 : 1;
      for (const BrokerAnswer& answer : answers) {
        if (answer.event.kind != OrderEventKind::kFill) continue;
        filled[answer.event.order_id / kLegsPerOrder] += answer.event.quantity.micros;
      }
    }
    EXPECT_EQ(filled, told);
    has_spread_ = busy == venues_.size();
  }

  /// Whether both venues have traded.
  bool has_spread() const { return has_spread_; }

  /// Records of a chained file of the account, by kind.
  std::map<std::string, std::size_t> count_records(const char* file) {
    const AccountJournal journal(disk_, std::filesystem::path("/account") / file);
    std::map<std::string, std::size_t> counts;
    for (const auto line : journal.lines_found(0)) ++counts[kind_of_record(line)];
    return counts;
  }

 private:
  /// One that rebalances every third session has to know how many have passed.
  std::unique_ptr<Strategy> make_strategy() const {
    if (!story_.has_memory) return testing::make_busy_strategy();
    return testing::make_strategy_named("top_quantile", {{"quantile", 0.5}, {"every", std::int64_t{3}}});
  }

  /// Obeys the words whose time has come. A word that was obeyed is not obeyed again.
  void obey(BarAccount& account) {
    if (!story_.has_words || !account.can_obey()) return;
    const std::size_t done = market_.market.rows() - account.sessions_left();
    for (std::size_t i = 0; i < kWords.size(); ++i) {
      if (kWords[i].first == done) account.obey({i + 1, kWords[i].second});
    }
  }

  bool try_to_finish() {
    disk_.fail_after(crashes_ ? random_.below(120) : std::numeric_limits<std::size_t>::max());
    try {
      const auto strategy = make_strategy();
      BarAccount account(market_.market, market_.scores, *strategy, settings_,
                         {disk_, "/account", CrashingSqlite::name()}, broker_factory(), clock_);
      do {
        obey(account);
      } while (account.step());
      disk_.fail_after(std::numeric_limits<std::size_t>::max());
      return true;
    } catch (const PowerFailure&) {
      return false;
    } catch (const Error& error) {
      // Through SQLite a failure comes as an error of its own. An account gives up what it waits for too
      // long, and is started again.
      if (disk_.is_off() || error.code() == ErrorCode::kUnavailable) return false;
      throw;
    }
  }

  BarAccount::BrokerFactory broker_factory() {
    const auto& paper = testing::brokers().get("paper").factory;
    if (where_ == Where::kSameDisk) return paper;
    if (where_ == Where::kTwoOnTheSameDisk)
      return [this](const BrokerContext& context) { return make_routed(context); };
    if (has_two_wires(where_)) return [this](const BrokerContext& context) { return make_router(context); };
    return [this, &paper](const BrokerContext& context) -> std::unique_ptr<BrokerService> {
      if (!remote_) {
        remote_ = paper({remote_disk_, "/", context.market, context.exchange, "", true});
        wire_.emplace(*remote_, random_);
      }
      return std::make_unique<Wired>(*wire_);
    };
  }

  /// All on the disk that fails.
  std::unique_ptr<BrokerService> make_routed(const BrokerContext& given) {
    BrokerContext context = given;
    context.brokers = &testing::brokers();
    context.routes = &routes_;
    context.clock = &clock_;
    return testing::brokers().get("routed").factory(context);
  }

  /// A router on the disk that fails, over brokers that outlive it.
  std::unique_ptr<BrokerService> make_router(const BrokerContext& context) {
    RouterSettings settings;
    settings.terms = routes_;
    settings.terms.health =
        where_ == Where::kTwoVenues ? HealthSettings{1'000'000, 1e9, 1.0} : HealthSettings{2, 10.0, 2.0};
    settings.sync_orders = true;
    settings.lot = context.exchange.lot;
    std::vector<std::unique_ptr<BrokerService>> services;
    for (std::size_t i = 0; i < 2; ++i) {
      if (venues_.size() == i) venues_.push_back(make_venue(context, settings.terms.venues[i]));
      services.push_back(std::make_unique<Wired>(*venues_[i].wire));
    }
    return std::make_unique<BrokerRouter>(settings, std::move(services), context.disk,
                                          context.folder / kRouteLog, parse_router_bookmark(context.bookmark),
                                          clock_);
  }

  struct Venue {
    std::unique_ptr<BrokerService> broker;
    std::unique_ptr<BadWire> wire;
  };
  Venue make_venue(const BrokerContext& context, const VenueTerms& terms) {
    const std::filesystem::path folder = std::filesystem::path("/") / terms.name;
    remote_disk_.make_folder(folder);
    ExchangeConfig exchange = context.exchange;
    exchange.costs.commission_bps = terms.commission_bps;
    Venue venue;
    venue.broker =
        testing::brokers().get("paper").factory({remote_disk_, folder, context.market, exchange, "", true});
    venue.wire = std::make_unique<BadWire>(*venue.broker, random_);
    return venue;
  }

  Random random_;
  testing::EventfulMarket market_;
  CrashingDisk disk_;
  CrashingSqlite sqlite_;
  const Where where_;
  const Story story_;
  bool crashes_ = true;
  BarAccountSettings settings_;
  testing::FakeWaitClock clock_;
  CrashingDisk remote_disk_{7};  ///< never fails
  std::unique_ptr<BrokerService> remote_;
  std::optional<BadWire> wire_;
  std::vector<Venue> venues_;
  bool has_spread_ = false;
  const RouteTerms routes_ = testing::two_paper_venues(1.0, 3.0);
};

/// Returns what the books of a world have to be: the backtest's, or, where a person speaks, those of an
/// account that nothing ever happens to.
BacktestResult expected_books(std::uint64_t seed, Where where, bool sync_orders) {
  World world(seed, where, sync_orders);
  if (!world.story().has_words && !has_two_venues(where)) return world.backtest();
  world.live_without_crashes();
  return world.books();
}

/// Lives through worlds until there were that many crashes.
void simulate(Where where, bool sync_orders, std::size_t wanted, std::uint64_t first_seed) {
  std::size_t crashes = 0, worlds = 0, spread = 0;
  for (std::uint64_t seed = first_seed; crashes < wanted; ++seed, ++worlds) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    // Which of two unsteady venues has an order is a matter of luck.
    const bool is_known = where != Where::kTwoUnsteadyVenues;
    BacktestResult expected;
    if (is_known) expected = expected_books(seed, where, sync_orders);
    World world(seed, where, sync_orders);
    try {
      crashes += world.live();
    } catch (const std::exception& error) {
      FAIL() << error.what();
    }
    if (!is_known) expected = world.books();
    testing::expect_same_books(expected, world.books());
    if (has_two_wires(where)) world.expect_each_order_once();
    spread += world.has_spread() ? 1 : 0;
    const auto trades = std::count_if(expected.journal.begin(), expected.journal.end(),
                                      [](const auto& entry) { return entry.kind == EntryKind::kTrade; });
    EXPECT_EQ(world.count_records(kAccountAudit)["trade"], static_cast<std::size_t>(trades));
    EXPECT_EQ(world.count_records(kAccountJournal)["session"], expected.daily.size());
    if (::testing::Test::HasFailure()) return;
  }
  if (has_two_wires(where)) {
    EXPECT_GT(2 * spread, worlds) << "both venues trade in most worlds";
  }
  ::testing::Test::RecordProperty("crashes", std::to_string(crashes));
  ::testing::Test::RecordProperty("worlds", std::to_string(worlds));
  std::printf("%zu crashes in %zu worlds of 30 sessions\n", crashes, worlds);
}

TEST(CrashSimulation, OnTheSameDiskWithEveryOrderFlushed) { simulate(Where::kSameDisk, true, 3000, 1); }

TEST(CrashSimulation, OnTheSameDiskFlushedOnceASession) { simulate(Where::kSameDisk, false, 3500, 100'000); }

TEST(CrashSimulation, BehindAWireThatLosesDoublesAndReorders) {
  simulate(Where::kBehindABadWire, true, 3500, 200'000);
}

TEST(CrashSimulation, OverTwoVenuesOnTheSameDiskWithEveryOrderFlushed) {
  simulate(Where::kTwoOnTheSameDisk, true, 1000, 500'000);
}

TEST(CrashSimulation, OverTwoVenuesOnTheSameDiskFlushedOnceASession) {
  simulate(Where::kTwoOnTheSameDisk, false, 1500, 600'000);
}

TEST(CrashSimulation, OverTwoVenuesBehindBadWires) { simulate(Where::kTwoVenues, true, 1500, 300'000); }

TEST(CrashSimulation, OverTwoVenuesThatAreOftenOut) {
  simulate(Where::kTwoUnsteadyVenues, true, 1500, 400'000);
}

}  // namespace
}  // namespace orrery::crash_simulation_test
