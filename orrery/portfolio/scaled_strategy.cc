#include "orrery/portfolio/scaled_strategy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/interned_text.h"
#include "orrery/market/symbol_order.h"
#include "orrery/portfolio/targets.h"
#include "orrery/portfolio/wanted_portfolio.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kAlike = 0.1;  ///< of its size: a position that near to it is left alone
constexpr double kMuchMore = 0.002;

std::string_view joined(std::string_view first, std::string_view second) {
  if (first.empty()) return second;
  if (second.empty()) return first;
  return interned(fmt::format("{}; {}", first, second));
}

}  // namespace

ScaledStrategy::ScaledStrategy(std::vector<Maker> makers, PortfolioGate gate, std::unique_ptr<Sizer> sizer)
    : makers_(std::move(makers)), gate_(std::move(gate)), sizer_(std::move(sizer)) {
  for (const Maker& make : makers_) strategies_.push_back(make());
}

bool ScaledStrategy::reads_uncertainty() {
  return (sizer_ != nullptr && sizer_->reads_uncertainty()) ||
         std::any_of(strategies_.begin(), strategies_.end(),
                     [](const auto& strategy) { return strategy->reads_uncertainty(); });
}

bool ScaledStrategy::needs_deviations() const {
  return (sizer_ != nullptr && sizer_->needs_deviations()) ||
         std::any_of(strategies_.begin(), strategies_.end(),
                     [](const auto& strategy) { return strategy->needs_deviations(); });
}

void ScaledStrategy::decide(const StrategyInput& input, Decision& decision) {
  choose_strategy(input.row);
  follow_prices(input);
  const double multiplier = gate_.multiplier.empty() ? 1.0 : gate_.multiplier[input.row];
  StrategyInput shown = input;
  if (state_.changed) shown.holdings = state_.wanted;
  strategies_[state_.active_strategy]->decide(shown, decision);
  if (!state_.changed && multiplier == 1.0 && sizer_ == nullptr) {
    state_.multiplier = multiplier;
    const bool speaks = decision.rebalance && !gate_.reason.empty();
    for (Target& target : decision.targets) {
      if (speaks) target.reason = joined(target.reason, gate_.reason[input.row]);
    }
    return;
  }
  state_.changed = true;
  size_reasons_.assign(state_.wanted.size(), {});
  if (decision.rebalance) {
    follow_decision(state_.wanted, decision);
    size_weights(input);
  }
  const bool due = multiplier != state_.multiplier || holds_too_much(input, multiplier);
  if (!decision.rebalance && !due) return;
  write_targets(input, multiplier, decision);
  state_.multiplier = multiplier;
  if (multiplier == 1.0 && sizer_ == nullptr) state_.changed = false;  // as wanted again
}

void ScaledStrategy::choose_strategy(std::size_t row) {
  const std::size_t next = gate_.strategy.empty() ? 0 : gate_.strategy[row];
  if (next == state_.active_strategy) return;
  state_.active_strategy = next;
  strategies_[next] = makers_[next]();
}

void ScaledStrategy::follow_prices(const StrategyInput& input) {
  if (!state_.changed) {
    state_.wanted.assign(input.holdings.begin(), input.holdings.end());
    state_.factors.assign(state_.wanted.size(), 1.0);
    return;
  }
  std::map<std::uint32_t, double> factors;
  for (std::size_t i = 0; i < state_.wanted.size(); ++i) {
    factors[state_.wanted[i].instrument] = state_.factors[i];
  }
  drift_wanted(state_.wanted, session_return(state_.wanted, input.market), input.market, input.tradable,
               input.holdings);
  state_.factors.clear();
  for (const Holding& wanted : state_.wanted) state_.factors.push_back(factors.at(wanted.instrument));
}

void ScaledStrategy::size_weights(const StrategyInput& input) {
  std::vector<SizedWeight> sizes;
  for (const Holding& wanted : state_.wanted) {
    sizes.push_back({wanted.instrument, wanted.weight, wanted.weight, {}});
  }
  if (sizer_ != nullptr) sizer_->size(input, sizes);
  state_.factors.clear();
  size_reasons_.clear();
  for (const SizedWeight& size : sizes) {
    state_.factors.push_back(size.wanted == 0.0 ? 1.0 : size.weight / size.wanted);
    size_reasons_.push_back(size.reason);
  }
}

/// Whether a position is well above its size though it could be sold.
bool ScaledStrategy::holds_too_much(const StrategyInput& input, double multiplier) const {
  if (multiplier >= 1.0) return false;
  return std::any_of(input.holdings.begin(), input.holdings.end(), [&](const Holding& held) {
    if (input.tradable[held.instrument] == 0) return false;
    const Holding* wanted = find_holding(state_.wanted, held.instrument);
    const double factor =
        wanted == nullptr ? 0.0 : state_.factors[static_cast<std::size_t>(wanted - state_.wanted.data())];
    const double size = wanted == nullptr ? 0.0 : multiplier * factor * wanted->weight;
    return std::abs(held.weight) > (1.0 + kAlike) * std::abs(size) + kMuchMore;
  });
}

void ScaledStrategy::write_targets(const StrategyInput& input, double multiplier, Decision& decision) const {
  std::map<std::uint32_t, Target> decided;
  if (decision.rebalance) {
    for (const Target& target : decision.targets) decided[target.instrument] = target;
  }
  const std::string_view gate_reason = gate_.reason.empty() ? std::string_view() : gate_.reason[input.row];
  const bool gate_moves = multiplier != state_.multiplier;
  std::vector<Target> targets;
  const auto add = [&](std::uint32_t instrument, double wanted, double weight, std::string_view size_reason) {
    const auto found = decided.find(instrument);
    Target target = found == decided.end() ? Target() : found->second;
    const bool leaves = found == decided.end() || target.kind == TargetKind::kHold;
    const Holding* held = find_holding(input.holdings, instrument);
    const bool stuck = input.tradable[instrument] == 0;
    if (held == nullptr && (stuck || (weight == 0.0 && wanted == 0.0))) return;
    target.instrument = instrument;
    target.kind = TargetKind::kWeight;
    target.cash_share = 0.0;
    target.weight = weight;
    if (found == decided.end()) {
      target.score = input.scores[instrument];
      target.reason = wanted == 0.0 ? "not wanted" : "";
    }
    if (weight != wanted) target.asked = wanted;
    target.reason = joined(target.reason, size_reason);
    if (wanted != 0.0) target.reason = joined(target.reason, gate_reason);
    const bool near = held != nullptr && std::abs(held->weight - weight) <= kAlike * std::abs(weight);
    if (held != nullptr && (stuck || (leaves && near && !gate_moves))) {
      target.kind = TargetKind::kHold;
      target.weight = held->weight;
    }
    targets.push_back(target);
  };
  for (std::size_t i = 0; i < state_.wanted.size(); ++i) {
    const Holding& wanted = state_.wanted[i];
    add(wanted.instrument, wanted.weight, multiplier * state_.factors[i] * wanted.weight, size_reasons_[i]);
  }
  for (const Holding& held : input.holdings) {
    if (find_holding(state_.wanted, held.instrument) == nullptr) add(held.instrument, 0.0, 0.0, {});
  }
  decision.targets = std::move(targets);
  sort_by_rank(decision.targets);
  decision.rebalance = true;
}

std::string ScaledStrategy::save(std::span<const std::string> symbols) const {
  Json wanted = Json::array();
  for (std::size_t i = 0; i < state_.wanted.size(); ++i) {
    const Holding& held = state_.wanted[i];
    wanted.push_back({symbols[held.instrument], held.weight, held.sessions, state_.factors[i]});
  }
  return Json{{"strategy", state_.active_strategy},
              {"own", strategies_[state_.active_strategy]->save(symbols)},
              {"changed", state_.changed},
              {"multiplier", state_.multiplier},
              {"wanted", wanted}}
      .dump();
}

void ScaledStrategy::restore(std::string_view saved, std::span<const std::string> symbols) {
  try {
    const Json json = Json::parse(saved);
    State state;
    state.active_strategy = json.at("strategy");
    state.changed = json.at("changed");
    state.multiplier = json.at("multiplier");
    std::vector<std::pair<Holding, double>> wanted;
    for (const Json& held : json.at("wanted")) {
      const std::string symbol = held.at(0);
      const auto instrument = find_symbol(symbols, symbol);
      if (!instrument) {
        throw user_error(ErrorCode::kNotFound,
                         fmt::format("the strategy wants a name of which the data has nothing: {}", symbol));
      }
      wanted.push_back({{static_cast<std::uint32_t>(*instrument), held.at(1), held.at(2)}, held.at(3)});
    }
    std::sort(wanted.begin(), wanted.end(), [](const auto& left, const auto& right) {
      return left.first.instrument < right.first.instrument;
    });
    for (const auto& [holding, factor] : wanted) {
      state.wanted.push_back(holding);
      state.factors.push_back(factor);
    }
    if (state.active_strategy >= strategies_.size()) {
      throw external_error(ErrorCode::kDataCorrupt,
                           fmt::format("the saved state of the strategy is of strategy {}; there are {}",
                                       state.active_strategy + 1, strategies_.size()));
    }
    strategies_[state.active_strategy]->restore(json.at("own").get<std::string>(), symbols);
    state_ = std::move(state);
  } catch (const Json::exception& error) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("the saved state of the strategy can't be read: {}", error.what()));
  }
}

}  // namespace orrery
