// Short a perpetual future that pays its short side, long what it is about, in equal value: what is earned is
// the funding, less costs and what the two prices do against each other.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/portfolio/ranking.h"
#include "orrery/portfolio/targets.h"
#include "plugins/strategies/registry.h"

namespace orrery::plugins::strategies::funding_carry_plugin {
namespace {

constexpr double kBasisPoint = 1e-4;

struct PairNames {
  std::string perpetual, hedge;
};

struct Settings {
  std::vector<PairNames> pairs;
  double enter;  ///< funding a session, net of costs
  double leave;  ///< funding a session
  double cost;   ///< of getting in and out of both legs, a session
  double leg;    ///< weight of one leg
  std::size_t slots;
  double drift;
};

/// A perpetual future and what hedges it, with what is held of both.
struct Pair {
  std::uint32_t perpetual = 0, hedge = 0;
  double perpetual_weight = 0.0, hedge_weight = 0.0;

  bool is_held() const { return perpetual_weight != 0.0 || hedge_weight != 0.0; }
};

double weight_of(const StrategyInput& input, std::uint32_t instrument) {
  const Holding* held = find_holding(input.holdings, instrument);
  return held != nullptr ? held->weight : 0.0;
}

class FundingCarry final : public Strategy {
 public:
  explicit FundingCarry(const Settings& settings) : settings_(settings) {}

  void decide(const StrategyInput& input, Decision& decision) override {
    if (pairs_.empty()) find_pairs(input.symbols);
    for (Pair& pair : pairs_) {
      pair.perpetual_weight = weight_of(input, pair.perpetual);
      pair.hedge_weight = weight_of(input, pair.hedge);
    }
    rank_perpetuals(input);
    if (ranking_.empty()) return;
    std::size_t held = slots_of_stuck(input);
    for (const Pair& pair : pairs_) {
      held += pair.is_held() && stays(input, pair) && !is_stuck(input, pair) ? 1 : 0;
    }
    for (const Pair& pair : pairs_) {
      if (pair.is_held()) follow(input, pair, decision);
    }
    enter_best(input, held, decision);
    close_others(input, decision);
    sort_by_rank(decision.targets);
  }

 private:
  static std::uint32_t find(std::span<const std::string> symbols, const std::string& symbol) {
    const auto place = std::lower_bound(symbols.begin(), symbols.end(), symbol);
    if (place != symbols.end() && *place == symbol)
      return static_cast<std::uint32_t>(place - symbols.begin());
    throw user_error(ErrorCode::kNotFound,
                     fmt::format("portfolio.pairs: the data have no symbol '{}'{}", symbol,
                                 did_you_mean(symbol, {symbols.begin(), symbols.end()})));
  }

  void find_pairs(std::span<const std::string> symbols) {
    for (const PairNames& names : settings_.pairs) {
      pairs_.push_back({find(symbols, names.perpetual), find(symbols, names.hedge)});
    }
    rank_.assign(symbols.size(), 0);
  }

  void rank_perpetuals(const StrategyInput& input) {
    ranking_.clear();
    std::fill(rank_.begin(), rank_.end(), 0);
    for (const Pair& pair : pairs_) {
      const double score = input.scores[pair.perpetual];
      if (!std::isnan(score)) ranking_.push_back({score, pair.perpetual});
    }
    std::sort(ranking_.begin(), ranking_.end(), RanksBefore{});
    for (std::size_t i = 0; i < ranking_.size(); ++i) rank_[ranking_[i].instrument] = static_cast<int>(i) + 1;
  }

  /// A pair whose funding nobody knows is left as it is.
  bool stays(const StrategyInput& input, const Pair& pair) const {
    return !(input.scores[pair.perpetual] <= settings_.leave);
  }

  static bool can_trade(const StrategyInput& input, const Pair& pair) {
    return input.tradable[pair.perpetual] != 0 && input.tradable[pair.hedge] != 0;
  }

  /// Whether it is to be closed, and can't be: one that is whole waits for both legs.
  bool is_stuck(const StrategyInput& input, const Pair& pair) const {
    if (!pair.is_held() || can_trade(input, pair)) return false;
    if (pair.perpetual_weight == 0.0) return input.tradable[pair.hedge] == 0;
    if (pair.hedge_weight == 0.0) return input.tradable[pair.perpetual] == 0;
    return !stays(input, pair);
  }

  /// Returns how many slots are taken by what can't be closed, so that new pairs never lead above `gross`.
  std::size_t slots_of_stuck(const StrategyInput& input) const {
    double stuck = 0.0;
    for (const Holding& holding : input.holdings) {
      const auto pair = std::find_if(pairs_.begin(), pairs_.end(), [&](const Pair& one) {
        return one.perpetual == holding.instrument || one.hedge == holding.instrument;
      });
      const bool stays_held =
          pair == pairs_.end() ? input.tradable[holding.instrument] == 0 : is_stuck(input, *pair);
      if (stays_held) stuck += std::abs(holding.weight);
    }
    constexpr double kRounding = 1e-9;
    return static_cast<std::size_t>(std::ceil(std::max(stuck / (2.0 * settings_.leg) - kRounding, 0.0)));
  }

  bool has_drifted(const Pair& pair) const {
    const double most = settings_.drift * settings_.leg;
    return std::abs(pair.hedge_weight - settings_.leg) > most ||
           std::abs(pair.perpetual_weight + settings_.leg) > most ||
           std::abs(pair.hedge_weight + pair.perpetual_weight) > most;
  }

  /// Keeps a pair, sets it anew or closes it: both legs or, where one can't be traded, none.
  void follow(const StrategyInput& input, const Pair& pair, Decision& decision) {
    const bool broken = pair.perpetual_weight == 0.0 || pair.hedge_weight == 0.0;
    if (!can_trade(input, pair)) {
      if (broken) {
        close(input, pair, "the other leg is gone", decision);
      } else {
        keep(input, pair, "waits for a leg without a bar", decision);
      }
    } else if (!stays(input, pair)) {
      close(input, pair, "funding too low", decision);
    } else if (has_drifted(pair)) {
      set(input, pair, "legs set anew", decision);
    } else {
      keep(input, pair, "kept", decision);
    }
  }

  void enter_best(const StrategyInput& input, std::size_t held, Decision& decision) {
    for (const RankedName& name : ranking_) {
      if (held >= settings_.slots || name.score - settings_.cost <= settings_.enter) return;
      const auto pair = std::find_if(pairs_.begin(), pairs_.end(),
                                     [&](const Pair& one) { return one.perpetual == name.instrument; });
      if (pair->is_held() || !can_trade(input, *pair)) continue;
      set(input, *pair, "entered", decision);
      ++held;
    }
  }

  void close_others(const StrategyInput& input, Decision& decision) const {
    for (const Holding& holding : input.holdings) {
      const bool named =
          std::any_of(decision.targets.begin(), decision.targets.end(),
                      [&](const Target& target) { return target.instrument == holding.instrument; });
      if (!named) add(input, holding.instrument, TargetKind::kWeight, 0.0, "of no pair", decision);
    }
  }

  void set(const StrategyInput& input, const Pair& pair, std::string_view reason, Decision& decision) const {
    add(input, pair.perpetual, TargetKind::kWeight, -settings_.leg, reason, decision);
    add(input, pair.hedge, TargetKind::kWeight, settings_.leg, reason, decision);
    decision.rebalance = true;
  }

  void close(const StrategyInput& input, const Pair& pair, std::string_view reason,
             Decision& decision) const {
    if (pair.perpetual_weight != 0.0) add(input, pair.perpetual, TargetKind::kWeight, 0.0, reason, decision);
    if (pair.hedge_weight != 0.0) add(input, pair.hedge, TargetKind::kWeight, 0.0, reason, decision);
    decision.rebalance = true;
  }

  void keep(const StrategyInput& input, const Pair& pair, std::string_view reason, Decision& decision) const {
    add(input, pair.perpetual, TargetKind::kHold, pair.perpetual_weight, reason, decision);
    add(input, pair.hedge, TargetKind::kHold, pair.hedge_weight, reason, decision);
  }

  void add(const StrategyInput& input, std::uint32_t instrument, TargetKind kind, double weight,
           std::string_view reason, Decision& decision) const {
    Target target;
    target.instrument = instrument;
    target.kind = kind;
    target.weight = weight;
    target.score = input.scores[instrument];
    target.rank = rank_[instrument];
    target.reason = reason;
    decision.targets.push_back(target);
  }

  const Settings settings_;
  std::vector<Pair> pairs_;
  std::vector<RankedName> ranking_;
  std::vector<int> rank_;
};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

PairNames parse_pair(std::string_view text) {
  const auto sign = text.find('=');
  const auto perpetual = trimmed(text.substr(0, sign));
  const auto hedge = sign == std::string_view::npos ? std::string_view() : trimmed(text.substr(sign + 1));
  if (!perpetual.empty() && !hedge.empty() && perpetual != hedge) {
    return {std::string(perpetual), std::string(hedge)};
  }
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("portfolio.pairs: a perpetual future and what hedges it are expected, such as "
                               "BTC_PERP=BTC, ETH_PERP=ETH; found '{}'",
                               text));
}

std::vector<PairNames> parse_pairs(std::string_view text) {
  std::vector<PairNames> pairs;
  std::vector<std::string> named;
  for (;;) {
    const auto comma = text.find(',');
    pairs.push_back(parse_pair(text.substr(0, comma)));
    named.push_back(pairs.back().perpetual);
    named.push_back(pairs.back().hedge);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  std::sort(named.begin(), named.end());
  const auto twice = std::adjacent_find(named.begin(), named.end());
  if (twice == named.end()) return pairs;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("portfolio.pairs: '{}' stands in it twice", *twice));
}

StrategyInfo describe() {
  StrategyInfo info;
  info.summary =
      "Short perpetual futures that pay for it, long what hedges them; the score is the funding of a "
      "session.";
  info.parameters = {
      {"pairs", std::string(), "perpetual futures and what hedges each: BTC_PERP=BTC, ETH_PERP=ETH", {}, {}},
      {"enter_bps", 0.0, "funding a session, net of costs, above which a pair is entered", -1e4, 1e4},
      {"exit_bps", 0.0, "funding a session at which a pair is left, or below", -1e4, 1e4},
      {"cost_bps", 20.0, "costs of both legs in and out, of a leg's value", 0.0, 1e4},
      {"horizon", std::int64_t{30}, "sessions that those costs are spread over", 1.0, {}},
      {"gross", 1.0, "sum of the weights of all legs at most", 1e-6, 2.0},
      {"max_pairs",
       std::int64_t{0},
       "pairs to hold at most, each with an equal part; 0: all of them",
       0.0,
       {}},
      {"drift",
       0.2,
       "part of a leg's weight that it, or the difference of the two, may be off before both are set anew",
       0.0,
       {}},
  };
  info.source = "docs/engine.md#funding_carry";
  info.gross_limit = 2.0;
  info.shorts = true;
  info.hedged = true;
  return info;
}

std::unique_ptr<Strategy> make(const ParameterMap& parameters) {
  Settings settings;
  settings.pairs = parse_pairs(get_string(parameters, "pairs"));
  settings.enter = get_double(parameters, "enter_bps") * kBasisPoint;
  settings.leave = get_double(parameters, "exit_bps") * kBasisPoint;
  settings.cost = get_double(parameters, "cost_bps") * kBasisPoint /
                  static_cast<double>(get_integer(parameters, "horizon"));
  const auto most = static_cast<std::size_t>(get_integer(parameters, "max_pairs"));
  settings.slots = most == 0 ? settings.pairs.size() : std::min(most, settings.pairs.size());
  settings.leg = get_double(parameters, "gross") / 2.0 / static_cast<double>(settings.slots);
  settings.drift = get_double(parameters, "drift");
  return std::make_unique<FundingCarry>(settings);
}

}  // namespace

void add_to(Registry& registry) { registry.add("funding_carry", {describe(), make}); }

}  // namespace orrery::plugins::strategies::funding_carry_plugin
