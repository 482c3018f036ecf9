#include "orrery/portfolio/wanted_portfolio.h"

#include <algorithm>
#include <cmath>

#include "orrery/portfolio/targets.h"

namespace orrery {
namespace {

double last_return(const MarketView* market, std::uint32_t instrument) {
  double value = 0.0;
  if (market != nullptr) market->trailing_returns(instrument, {&value, 1});
  return std::isfinite(value) ? value : 0.0;
}

}  // namespace

double session_return(std::span<const Holding> holdings, const MarketView* market) {
  double sum = 0.0;
  for (const Holding& held : holdings) sum += held.weight * last_return(market, held.instrument);
  return sum;
}

void drift_wanted(std::vector<Holding>& wanted, double portfolio_return, const MarketView* market,
                  std::span<const std::uint8_t> tradable, std::span<const Holding> held) {
  std::erase_if(wanted, [&](const Holding& name) {
    return tradable[name.instrument] == 0 && find_holding(held, name.instrument) == nullptr;
  });
  for (Holding& name : wanted) {
    name.weight *= (1.0 + last_return(market, name.instrument)) / (1.0 + portfolio_return);
    ++name.sessions;
  }
}

void follow_decision(std::vector<Holding>& wanted, const Decision& decision) {
  std::vector<Holding> next;
  for (const Target& target : decision.targets) {
    const Holding* before = find_holding(wanted, target.instrument);
    if (target.kind == TargetKind::kHold) {
      if (before != nullptr) next.push_back(*before);
    } else if (target.weight != 0.0) {
      next.push_back({target.instrument, target.weight, before == nullptr ? 0 : before->sessions});
    }
  }
  std::sort(next.begin(), next.end(),
            [](const Holding& left, const Holding& right) { return left.instrument < right.instrument; });
  wanted = std::move(next);
}

}  // namespace orrery
