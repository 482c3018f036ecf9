#include "orrery/risk/drawdown_ladder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/base/statistics.h"
#include "orrery/portfolio/targets.h"
#include "orrery/portfolio/unit_series.h"
#include "orrery/portfolio/wanted_portfolio.h"

namespace orrery {
namespace {

constexpr std::size_t kWatchedSessions = 20;  ///< of volatility and correlation
constexpr std::size_t kFewestSessions = 5;    ///< of volatility, at the gate of a young account
constexpr double kSessionsInYear = 252.0;
constexpr int kReduceOnlyLevel = 2, kHavenLevel = 3, kStopLevel = 4;
constexpr double kStopped = 0.05;  ///< of the wanted exposure; who holds less can't recover by it
constexpr double kMuch = 1.1, kMuchMore = 0.002;  ///< a position this much above what is allowed is cut again
constexpr std::string_view kHeldBack = "risk level 1: held back";

[[noreturn]] void refuse_ladder(const std::string& what) {
  throw user_error(ErrorCode::kInvalidArgument, "risk ladder: " + what);
}

/// Reasons as they stand in the tables, by level.
constexpr std::array<std::string_view, 5> kScaled = {"risk level 0", "risk level 1", "risk level 2: scaled",
                                                     "risk level 3: scaled", "risk level 4: stopped"};
constexpr std::array<std::string_view, 5> kReduced = {"risk level 0", "risk level 1",
                                                      "risk level 2: reduce only",
                                                      "risk level 3: reduce only", "risk level 4: stopped"};

double gross_of(std::span<const Holding> holdings) {
  double sum = 0.0;
  for (const Holding& held : holdings) sum += std::abs(held.weight);
  return sum;
}

}  // namespace

void check_ladder(const LadderSettings& settings) {
  double before = 0.0, multiplier_before = 1.0;
  for (std::size_t i = 0; i < settings.levels.size(); ++i) {
    if (!(settings.levels[i] > before && settings.levels[i] < 1.0)) {
      refuse_ladder(
          fmt::format("the levels must ascend between 0 and 1; found {}", fmt::join(settings.levels, ", ")));
    }
    if (!(settings.multipliers[i] >= 0.0 && settings.multipliers[i] <= multiplier_before)) {
      refuse_ladder(fmt::format("the multipliers must not rise and lie between 0 and 1; found {}",
                                fmt::join(settings.multipliers, ", ")));
    }
    before = settings.levels[i];
    multiplier_before = settings.multipliers[i];
  }
  if (settings.gate_sessions < 1 || settings.ramp_sessions < 1) {
    refuse_ladder("the gate and the ramp take at least 1 session");
  }
  if (!(settings.gate_recovery >= 0.0 && settings.gate_recovery < 1.0)) {
    refuse_ladder(fmt::format("the gate's recovery must lie in [0, 1); found {}", settings.gate_recovery));
  }
  if (settings.confirm_after && *settings.confirm_after < 1)
    refuse_ladder("confirm.after must be at least 1 session");
}

void check_ladder_symbols(const LadderSettings& settings, std::span<const std::string> symbols) {
  const std::vector<std::string> known(symbols.begin(), symbols.end());
  const auto check = [&known](const char* key, const std::vector<std::string>& wanted) {
    for (const std::string& symbol : wanted) {
      if (std::find(known.begin(), known.end(), symbol) != known.end()) continue;
      refuse_ladder(fmt::format("{}: the data has no '{}'{}", key, symbol, did_you_mean(symbol, known)));
    }
  };
  check("speculative", settings.speculative);
  check("safe_havens", settings.safe_havens);
}

DrawdownLadder::DrawdownLadder(const LadderSettings& settings) : settings_(settings) {
  check_ladder(settings_);
}

double DrawdownLadder::drawdown() const { return 1.0 - state_.index / state_.high_water; }

void DrawdownLadder::observe(const RiskInput& input) {
  mark(input);
  follow_prices(input);
  const auto scores = drop_missing(input.scores);
  score_mean_ = mean(scores);
  score_deviation_ = scores.size() > 1 ? standard_deviation(scores) : 0.0;
  ++state_.sessions_on_level;
  const bool stopped =
      state_.level >= kReduceOnlyLevel && gross_of(input.holdings) <= kStopped * gross_of(state_.wanted);
  state_.sessions_stopped = stopped ? state_.sessions_stopped + 1 : 0;
  if (settings_.confirm_after && state_.sessions_stopped > *settings_.confirm_after) {
    confirm(input.date);
    return;
  }
  const int by_drawdown = level_of_drawdown();
  if (by_drawdown > state_.level) {
    set_level(input.date, by_drawdown,
              fmt::format("drawdown of {:.2f} %, limit {:.4g} %", 100.0 * drawdown(),
                          100.0 * settings_.levels[static_cast<std::size_t>(by_drawdown) - 1]));
    return;
  }
  if (state_.level < kReduceOnlyLevel) {
    const double swings = volatility(kWatchedSessions), together = mean_correlation(input);
    if (swings > settings_.extreme_volatility) {
      set_level(input.date, kReduceOnlyLevel,
                fmt::format("volatility of {:.1f} % a year, limit {:.4g} %", 100.0 * swings,
                            100.0 * settings_.extreme_volatility));
      return;
    }
    if (together > settings_.extreme_correlation) {
      set_level(
          input.date, kReduceOnlyLevel,
          fmt::format("mean correlation of {:.2f}, limit {:.4g}", together, settings_.extreme_correlation));
      return;
    }
  }
  if (state_.level > 0 && state_.level < kStopLevel && gate_is_open(input)) {
    state_.ramp_from = multiplier();
    set_level(input.date, state_.level - 1,
              fmt::format("re-entry gate: {} sessions, drawdown of {:.2f} %, volatility of {:.1f} % a year",
                          state_.sessions_on_level, 100.0 * drawdown(), 100.0 * volatility(kFewestSessions)));
    state_.recovering = true;
  }
}

/// Moves the account's index on by its return, deposits taken out, and the mark up with it.
void DrawdownLadder::mark(const RiskInput& input) {
  if (state_.last_equity > 0.0) state_.index *= (input.equity - input.net_deposit) / state_.last_equity;
  state_.last_equity = input.equity;
  state_.high_water = std::max(state_.high_water, state_.index);
}

/// Moves the wanted portfolio on by the session's returns. While the ladder changes nothing it is what is
/// held.
void DrawdownLadder::follow_prices(const RiskInput& input) {
  const double portfolio = session_return(state_.wanted, input.market);
  if (state_.active) {
    drift_wanted(state_.wanted, portfolio, input.market, input.tradable, input.holdings);
  } else {
    state_.wanted.assign(input.holdings.begin(), input.holdings.end());
  }
  state_.wanted_returns.push_back(portfolio);
  if (state_.wanted_returns.size() > kWatchedSessions)
    state_.wanted_returns.erase(state_.wanted_returns.begin());
}

int DrawdownLadder::level_of_drawdown() const {
  const double fallen = drawdown();
  return static_cast<int>(std::count_if(settings_.levels.begin(), settings_.levels.end(),
                                        [fallen](double level) { return fallen >= level; }));
}

void DrawdownLadder::set_level(Date date, int level, const std::string& cause) {
  events_.push_back({date, state_.level, level, drawdown(), cause});
  if (level > state_.level) state_.recovering = false;
  state_.level = level;
  state_.sessions_on_level = 0;
}

/// Below the extremes by the same margin as below the level's drawdown, so that what led up does not at once
/// again.
bool DrawdownLadder::gate_is_open(const RiskInput& input) const {
  const double margin = 1.0 - settings_.gate_recovery;
  const double limit = settings_.levels[static_cast<std::size_t>(state_.level) - 1];
  const double swings = volatility(kFewestSessions);
  return state_.sessions_on_level >= settings_.gate_sessions && swings <= settings_.gate_volatility &&
         swings <= margin * settings_.extreme_volatility &&
         mean_correlation(input) <= margin * settings_.extreme_correlation && drawdown() <= margin * limit;
}

bool DrawdownLadder::confirm(Date date) {
  if (state_.level < kReduceOnlyLevel || state_.sessions_stopped == 0) return false;
  const double fallen = drawdown();
  state_.high_water = state_.index;
  state_.ramp_from = 0.0;
  state_.sessions_stopped = 0;
  set_level(date, kHavenLevel,
            fmt::format("re-entry confirmed; the mark is set back by {:.2f} %", 100.0 * fallen));
  state_.recovering = true;
  return true;
}

/// Returns what the wanted weights are multiplied by: the level's own, on the way down over the ramp.
double DrawdownLadder::multiplier() const {
  const double own =
      state_.level == 0 ? 1.0 : settings_.multipliers[static_cast<std::size_t>(state_.level) - 1];
  if (!state_.recovering || state_.ramp_from >= own) return own;
  const double done =
      std::min(1.0, static_cast<double>(state_.sessions_on_level + 1) / settings_.ramp_sessions);
  return state_.ramp_from + done * (own - state_.ramp_from);
}

/// Returns the wanted portfolio's volatility a year; NaN where it is younger than `sessions`.
double DrawdownLadder::volatility(std::size_t sessions) const {
  if (state_.wanted_returns.size() < sessions) return std::nan("");
  return std::sqrt(kSessionsInYear) * standard_deviation(state_.wanted_returns);
}

/// Returns the mean correlation of the wanted names' pairs; 0 where fewer than two of them move.
double DrawdownLadder::mean_correlation(const RiskInput& input) const {
  if (input.market == nullptr) return 0.0;
  std::vector<double> sum(kWatchedSessions, 0.0), returns(kWatchedSessions);
  double names = 0.0;
  for (const Holding& held : state_.wanted) {
    input.market->trailing_returns(held.instrument, returns);
    if (std::any_of(returns.begin(), returns.end(), [](double value) { return std::isnan(value); })) continue;
    if (!make_unit_series(returns)) continue;
    // Of positions, not of prices: a short one against a long one of the same price is a hedge, no crowd.
    const double side = held.weight < 0.0 ? -1.0 : 1.0;
    for (std::size_t i = 0; i < returns.size(); ++i) sum[i] += side * returns[i];
    names += 1.0;
  }
  return names < 2.0 ? 0.0 : mean_pair_correlation(sum, names);
}

std::span<const Holding> DrawdownLadder::uncontrolled(std::span<const Holding> holdings) {
  return state_.active ? std::span<const Holding>(state_.wanted) : holdings;
}

void DrawdownLadder::control(const RiskInput& input, Decision& decision) {
  const double next = multiplier();
  if (state_.level < kReduceOnlyLevel && next == 1.0 && !state_.active) {
    if (state_.level == 1 && decision.rebalance) hold_back_entries(input, decision);
    return;
  }
  const bool begins = !state_.active;
  if (begins) state_.wanted.assign(input.holdings.begin(), input.holdings.end());
  state_.active = true;
  if (decision.rebalance) follow_decision(state_.wanted, decision);
  const bool changed =
      begins || next != state_.applied || state_.sessions_on_level == 0 || holds_too_much(input);
  if (!decision.rebalance && !changed) return;
  rewrite(input, decision);
  state_.applied = next;
  if (state_.level < kReduceOnlyLevel && next == 1.0) state_.active = false;  // as wanted again
}

bool DrawdownLadder::is_one_of(const std::vector<std::string>& symbols, const RiskInput& input,
                               std::uint32_t instrument) const {
  return std::find(symbols.begin(), symbols.end(), input.symbols[instrument]) != symbols.end();
}

/// Whether level 1 does not let a name in: speculative ones, and those whose score is not sure enough.
bool DrawdownLadder::is_held_back(const RiskInput& input, std::uint32_t instrument, double weight) const {
  if (weight == 0.0 || find_holding(input.holdings, instrument) != nullptr) return false;
  if (is_one_of(settings_.speculative, input, instrument)) return true;
  if (settings_.confidence <= 0.0) return false;
  const double score = instrument < input.scores.size() ? input.scores[instrument] : std::nan("");
  return !(std::copysign(1.0, weight) * (score - score_mean_) >= settings_.confidence * score_deviation_);
}

void DrawdownLadder::hold_back_entries(const RiskInput& input, Decision& decision) const {
  for (Target& target : decision.targets) {
    if (!is_held_back(input, target.instrument, target.weight)) continue;
    target.asked = target.weight;
    target.kind = TargetKind::kWeight;
    target.weight = 0.0;
    target.cash_share = 0.0;
    target.reason = kHeldBack;
  }
}

/// Whether something that can be sold is well above what is allowed of it: a sale that was cut or halted.
bool DrawdownLadder::holds_too_much(const RiskInput& input) const {
  if (state_.level < kReduceOnlyLevel) return false;
  std::string_view reason;
  const bool havens = state_.level == kHavenLevel && !settings_.safe_havens.empty();
  return std::any_of(input.holdings.begin(), input.holdings.end(), [&](const Holding& held) {
    if (input.tradable[held.instrument] == 0) return false;
    if (havens && is_one_of(settings_.safe_havens, input, held.instrument)) return false;
    const Holding* wanted = find_holding(state_.wanted, held.instrument);
    const double allowed = wanted == nullptr ? 0.0 : allowed_weight(input, *wanted, reason);
    return std::abs(held.weight) > kMuch * std::abs(allowed) + kMuchMore;
  });
}

/// Returns what a wanted weight is allowed to be.
double DrawdownLadder::allowed_weight(const RiskInput& input, const Holding& wanted,
                                      std::string_view& reason) const {
  const auto level = static_cast<std::size_t>(state_.level);
  const double scaled = multiplier() * wanted.weight;
  reason = kScaled[level];
  if (state_.level >= kReduceOnlyLevel && is_one_of(settings_.speculative, input, wanted.instrument)) {
    reason = "risk level 2 and above: speculative names are closed";
    return 0.0;
  }
  if (state_.level == kHavenLevel && !settings_.safe_havens.empty()) {
    reason = "risk level 3: only safe havens";
    return 0.0;
  }
  if (state_.level == 1 && is_held_back(input, wanted.instrument, wanted.weight)) {
    reason = kHeldBack;
    return 0.0;
  }
  if (state_.level < kReduceOnlyLevel || state_.recovering) return scaled;
  const Holding* held = find_holding(input.holdings, wanted.instrument);
  const double present = held == nullptr ? 0.0 : held->weight;
  if (scaled * present <= 0.0) {
    reason = kReduced[level];
    return 0.0;
  }
  if (std::abs(scaled) > std::abs(present)) reason = kReduced[level];
  return std::copysign(std::min(std::abs(scaled), std::abs(present)), scaled);
}

/// Writes the whole decision anew: every wanted and every held name, each with what is allowed of it.
void DrawdownLadder::rewrite(const RiskInput& input, Decision& decision) {
  std::map<std::uint32_t, Target> asked;
  if (decision.rebalance) {
    for (const Target& target : decision.targets) asked[target.instrument] = target;
  }
  std::map<std::uint32_t, Target> targets;
  const auto target_of = [&](std::uint32_t instrument) -> Target& {
    Target& target = targets[instrument];
    if (const auto found = asked.find(instrument); found != asked.end()) target = found->second;
    target.instrument = instrument;
    target.kind = TargetKind::kWeight;
    target.weight = 0.0;
    target.cash_share = 0.0;
    if (!decision.rebalance) target.score = std::nan("");
    return target;
  };
  double gross = 0.0;
  for (const Holding& wanted : state_.wanted) {
    Target& target = target_of(wanted.instrument);
    target.asked = wanted.weight;
    target.weight = allowed_weight(input, wanted, target.reason);
    gross += std::abs(wanted.weight);
  }
  for (const Holding& held : input.holdings) {
    if (targets.contains(held.instrument)) continue;
    Target& target = target_of(held.instrument);
    target.asked = 0.0;
    if (target.reason.empty()) target.reason = "not wanted";
  }
  if (state_.level == kHavenLevel && !settings_.safe_havens.empty()) {
    std::vector<std::uint32_t> havens;
    for (std::uint32_t i = 0; i < input.symbols.size(); ++i) {
      if (is_one_of(settings_.safe_havens, input, i)) havens.push_back(i);
    }
    for (const std::uint32_t haven : havens) {
      const double asked_weight = targets.contains(haven) ? targets[haven].asked : 0.0;
      Target& target = target_of(haven);
      target.asked = asked_weight;
      target.weight = multiplier() * gross / static_cast<double>(havens.size());
      target.reason = "risk level 3: safe haven";
    }
  }
  decision.targets.clear();
  for (auto& [instrument, target] : targets) {
    const Holding* held = find_holding(input.holdings, instrument);
    // What has no bar can't be traded: it stays, or stays out.
    if (held == nullptr && (input.tradable[instrument] == 0 || (target.weight == 0.0 && target.asked == 0.0)))
      continue;
    if (held != nullptr && input.tradable[instrument] == 0) {
      target.kind = TargetKind::kHold;
      target.weight = held->weight;
    }
    decision.targets.push_back(target);
  }
  sort_by_rank(decision.targets);
  decision.rebalance = true;
}

}  // namespace orrery
