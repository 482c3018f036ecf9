// What every strategy promises, checked on every registered one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "plugins/strategies/registry.h"
#include "testing/python_interpreter.h"

namespace orrery::conformance_test {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

const StrategyRegistry& registry() {
  static const StrategyRegistry strategies = [] {
    StrategyRegistry made("strategy");
    plugins::strategies::register_all(made);
    return made;
  }();
  return strategies;
}

constexpr std::size_t kNames = 40;
constexpr std::size_t kScored = kNames / 2;  ///< of a hedged strategy's names: the others hedge them

std::string symbol_of(std::size_t i) { return fmt::format("S{}", 100 + i); }

/// Every name of the first half with one of the second; `place` says where each of them stands.
std::string pairs_of(const std::vector<std::uint32_t>& place) {
  std::string pairs;
  for (std::size_t i = 0; i < kScored; ++i) {
    pairs += fmt::format("{}{}={}", i == 0 ? "" : ", ", symbol_of(place[i]), symbol_of(place[i + kScored]));
  }
  return pairs;
}

std::vector<std::uint32_t> own_places() {
  std::vector<std::uint32_t> place(kNames);
  std::iota(place.begin(), place.end(), 0u);
  return place;
}

/// Settings small enough for the test's 40 names; a strategy without these parameters keeps its defaults.
ParameterMap small_parameters(const StrategyInfo& info, const std::vector<std::uint32_t>& place) {
  const ParameterMap wanted = {{"k", std::int64_t{7}},
                               {"drop", std::int64_t{2}},
                               {"every", std::int64_t{3}},
                               {"pairs", pairs_of(place)},
                               {"max_pairs", std::int64_t{5}}};
  ParameterMap given;
  for (const auto& parameter : info.parameters) {
    const auto found = wanted.find(parameter.name);
    if (found != wanted.end()) given.insert(*found);
  }
  return given;
}

/// The scores and bars of one session; columns in symbol order.
struct World {
  std::vector<double> scores;
  std::vector<std::uint8_t> tradable;
};

World make_world(Random& random, std::size_t names) {
  World world{std::vector<double>(names), std::vector<std::uint8_t>(names, 1)};
  for (std::size_t i = 0; i < names; ++i) {
    // Few different values, so that ties are common.
    world.scores[i] = std::floor(random.uniform() * 12.0);
    if (random.uniform() < 0.1) world.tradable[i] = 0;
    if (random.uniform() < 0.1 || world.tradable[i] == 0) world.scores[i] = kNone;
  }
  return world;
}

std::vector<std::string> symbols_for(std::size_t names) {
  std::vector<std::string> symbols;
  for (std::size_t i = 0; i < names; ++i) symbols.push_back(symbol_of(i));
  return symbols;
}

/// Takes every target as done: an account without prices or costs.
void follow(const Decision& decision, std::vector<Holding>& holdings) {
  std::vector<Holding> next;
  for (const Target& target : decision.targets) {
    if (target.weight == 0.0) continue;
    const auto held = std::find_if(holdings.begin(), holdings.end(), [&](const Holding& holding) {
      return holding.instrument == target.instrument;
    });
    next.push_back({target.instrument, target.weight, held == holdings.end() ? 0 : held->sessions});
  }
  std::sort(next.begin(), next.end(),
            [](const Holding& left, const Holding& right) { return left.instrument < right.instrument; });
  holdings = next;
}

struct Replay {
  std::vector<Decision> decisions;
  std::vector<std::vector<Holding>> holdings_before;
};

std::unique_ptr<Strategy> make_small(const StrategyEntry& entry, const std::vector<std::uint32_t>& place) {
  return entry.factory(complete_parameters(small_parameters(entry.info, place), entry.info.parameters));
}

/// `restarts`: before every session the strategy is saved and another one goes on.
Replay replay(const StrategyEntry& entry, const std::vector<World>& worlds, bool restarts = false,
              const std::vector<std::uint32_t>& place = own_places()) {
  auto strategy = make_small(entry, place);
  const auto symbols = symbols_for(worlds.front().scores.size());
  Replay result;
  std::vector<Holding> holdings;
  for (std::size_t row = 0; row < worlds.size(); ++row) {
    if (restarts) {
      const std::string saved = strategy->save(symbols);
      strategy = make_small(entry, place);
      strategy->restore(saved, symbols);
    }
    result.holdings_before.push_back(holdings);
    Decision decision;
    strategy->decide(
        {row, Date{static_cast<int>(row)}, symbols, worlds[row].scores, worlds[row].tradable, holdings},
        decision);
    result.decisions.push_back(decision);
    if (decision.rebalance) follow(decision, holdings);
    for (Holding& holding : holdings) ++holding.sessions;
  }
  return result;
}

std::vector<World> make_worlds(std::uint64_t seed, std::size_t names, std::size_t sessions) {
  Random random(seed);
  std::vector<World> worlds;
  for (std::size_t row = 0; row < sessions; ++row) worlds.push_back(make_world(random, names));
  return worlds;
}

/// Whether a target is a position that a score asked for, not what hedges one.
bool is_wanted(const StrategyInfo& info, const Target& target) {
  return info.hedged ? target.weight != 0.0 && target.rank > 0 : target.weight > 0.0;
}

class EveryStrategy : public ::testing::TestWithParam<std::string> {
 protected:
  const StrategyEntry& entry() const { return registry().get(GetParam()); }

  /// Worlds as the strategy knows them: what only hedges has no score.
  std::vector<World> worlds_for(std::uint64_t seed, std::size_t sessions = 60) const {
    auto worlds = make_worlds(seed, kNames, sessions);
    for (World& world : worlds) hide_hedges(world);
    return worlds;
  }
  void hide_hedges(World& world) const {
    if (entry().info.hedged) std::fill(world.scores.begin() + kScored, world.scores.end(), kNone);
  }
};

TEST_P(EveryStrategy, SaysWhatItIs) {
  EXPECT_FALSE(entry().info.summary.empty());
  EXPECT_FALSE(entry().info.source.empty());
  EXPECT_GT(entry().info.gross_limit, 0.0);
  for (const auto& parameter : entry().info.parameters) EXPECT_FALSE(parameter.summary.empty());
  EXPECT_THROW(make_strategy(registry(), GetParam(), {{"no_such_parameter", 1.0}}), Error);
}

TEST_P(EveryStrategy, TargetsAreSound) {
  const auto worlds = worlds_for(1);
  const Replay done = replay(entry(), worlds);
  std::size_t rebalances = 0;
  for (std::size_t row = 0; row < worlds.size(); ++row) {
    const Decision& decision = done.decisions[row];
    if (!decision.rebalance) continue;
    ++rebalances;
    std::set<std::uint32_t> named;
    double gross = 0.0;
    for (const Target& target : decision.targets) {
      ASSERT_TRUE(named.insert(target.instrument).second) << "named twice";
      ASSERT_TRUE(std::isfinite(target.weight));
      ASSERT_TRUE(target.cash_share >= 0.0 && target.cash_share <= 1.0);
      ASSERT_TRUE(entry().info.shorts || target.weight >= 0.0);
      ASSERT_FALSE(target.reason.empty());
      gross += std::abs(target.weight);
    }
    ASSERT_LE(gross, entry().info.gross_limit + 1e-9);
    for (const Holding& holding : done.holdings_before[row]) ASSERT_TRUE(named.contains(holding.instrument));
  }
  EXPECT_GT(rebalances, 10u);
}

TEST_P(EveryStrategy, EntersOnlyNamesWithABarAndAScore) {
  const auto worlds = worlds_for(2);
  const Replay done = replay(entry(), worlds);
  for (std::size_t row = 0; row < worlds.size(); ++row) {
    std::set<std::uint32_t> held;
    for (const Holding& holding : done.holdings_before[row]) held.insert(holding.instrument);
    for (const Target& target : done.decisions[row].targets) {
      if (held.contains(target.instrument) || target.weight == 0.0) continue;
      ASSERT_EQ(worlds[row].tradable[target.instrument], 1);
      if (entry().info.hedged && !is_wanted(entry().info, target)) continue;
      ASSERT_FALSE(std::isnan(worlds[row].scores[target.instrument]));
      ASSERT_EQ(target.score, worlds[row].scores[target.instrument]);
      ASSERT_GE(target.rank, 1);
    }
  }
}

TEST_P(EveryStrategy, EqualScoresGoToTheEarlierSymbol) {
  World flat{std::vector<double>(kNames, 1.0), std::vector<std::uint8_t>(kNames, 1)};
  hide_hedges(flat);
  const Replay done = replay(entry(), {flat});
  std::vector<std::uint32_t> bought;
  for (const Target& target : done.decisions[0].targets) {
    if (is_wanted(entry().info, target)) bought.push_back(target.instrument);
  }
  ASSERT_FALSE(bought.empty());
  for (std::size_t i = 0; i < bought.size(); ++i) EXPECT_EQ(bought[i], i);
}

TEST_P(EveryStrategy, BetterScoresWin) {
  const auto worlds = worlds_for(3, 1);
  const Replay done = replay(entry(), worlds);
  double worst_bought = std::numeric_limits<double>::infinity();
  std::size_t bought = 0;
  for (const Target& target : done.decisions[0].targets) {
    if (is_wanted(entry().info, target)) {
      worst_bought = std::min(worst_bought, target.score);
      ++bought;
    }
  }
  std::size_t better = 0;
  for (const double score : worlds[0].scores) better += score > worst_bought ? 1 : 0;
  EXPECT_LE(better, bought);
}

/// Gives every name a bar and a score of its own, so that nothing is left to the order of symbols.
void make_distinct(World& world, Random& random) {
  for (std::size_t i = 0; i < world.scores.size(); ++i) {
    world.scores[i] = random.normal();
    world.tradable[i] = 1;
  }
}

TEST_P(EveryStrategy, RenamingSymbolsPermutesTheAnswer) {
  auto worlds = worlds_for(4);
  Random random(5);
  for (World& world : worlds) {
    make_distinct(world, random);
    hide_hedges(world);
  }
  std::vector<std::uint32_t> place = own_places();
  for (std::size_t i = place.size(); i > 1; --i) std::swap(place[i - 1], place[random.below(i)]);
  auto permuted = worlds;
  for (std::size_t row = 0; row < worlds.size(); ++row) {
    for (std::size_t i = 0; i < place.size(); ++i) {
      permuted[row].scores[place[i]] = worlds[row].scores[i];
      permuted[row].tradable[place[i]] = worlds[row].tradable[i];
    }
  }
  const Replay original = replay(entry(), worlds);
  const Replay renamed = replay(entry(), permuted, false, place);
  for (std::size_t row = 0; row < worlds.size(); ++row) {
    std::map<std::uint32_t, double> expected, found;
    for (const Target& target : original.decisions[row].targets) {
      expected[place[target.instrument]] = target.weight;
    }
    for (const Target& target : renamed.decisions[row].targets) found[target.instrument] = target.weight;
    ASSERT_EQ(expected.size(), found.size());
    for (const auto& [name, weight] : expected) ASSERT_NEAR(found.at(name), weight, 1e-12);
  }
}

TEST_P(EveryStrategy, TheFutureDoesNotChangeThePast) {
  const auto worlds = worlds_for(6);
  const auto other_future = worlds_for(7);
  auto mixed = worlds;
  std::copy(other_future.begin() + 30, other_future.end(), mixed.begin() + 30);
  const Replay whole = replay(entry(), worlds);
  const Replay changed = replay(entry(), mixed);
  for (std::size_t row = 0; row < 30; ++row) {
    ASSERT_EQ(whole.decisions[row].targets.size(), changed.decisions[row].targets.size());
    for (std::size_t i = 0; i < whole.decisions[row].targets.size(); ++i) {
      ASSERT_EQ(whole.decisions[row].targets[i].instrument, changed.decisions[row].targets[i].instrument);
      ASSERT_EQ(whole.decisions[row].targets[i].weight, changed.decisions[row].targets[i].weight);
    }
  }
}

TEST_P(EveryStrategy, ARestartChangesNothing) {
  const auto worlds = worlds_for(8);
  const Replay whole = replay(entry(), worlds);
  const Replay restarted = replay(entry(), worlds, true);
  for (std::size_t row = 0; row < worlds.size(); ++row) {
    const Decision& expected = whole.decisions[row];
    const Decision& found = restarted.decisions[row];
    ASSERT_EQ(expected.rebalance, found.rebalance) << row;
    ASSERT_EQ(expected.targets.size(), found.targets.size());
    for (std::size_t i = 0; i < expected.targets.size(); ++i) {
      ASSERT_EQ(expected.targets[i].instrument, found.targets[i].instrument);
      ASSERT_EQ(expected.targets[i].weight, found.targets[i].weight);
    }
  }
}

TEST_P(EveryStrategy, WithoutScoresNothingIsDone) {
  const World empty{std::vector<double>(kNames, kNone), std::vector<std::uint8_t>(kNames, 1)};
  for (const Decision& decision : replay(entry(), {empty, empty}).decisions) EXPECT_FALSE(decision.rebalance);
}

INSTANTIATE_TEST_SUITE_P(Strategies, EveryStrategy, ::testing::ValuesIn(registry().names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace orrery::conformance_test
