#pragma once

#include <map>
#include <utility>
#include <vector>

#include "orrery/portfolio/strategy.h"

namespace orrery::testing {

/// Says at given rows what a test wrote down for them.
class ScriptedStrategy final : public Strategy {
 public:
  explicit ScriptedStrategy(std::map<std::size_t, std::vector<Target>> script) : script_(std::move(script)) {}

  void decide(const StrategyInput& input, Decision& decision) override {
    const auto found = script_.find(input.row);
    if (found == script_.end()) return;
    decision.rebalance = true;
    decision.targets = found->second;
  }

 private:
  std::map<std::size_t, std::vector<Target>> script_;
};

inline Target to_weight(std::uint32_t instrument, double weight) {
  Target target;
  target.instrument = instrument;
  target.weight = weight;
  target.reason = "test";
  return target;
}

inline Target to_hold(std::uint32_t instrument) {
  Target target;
  target.instrument = instrument;
  target.kind = TargetKind::kHold;
  target.reason = "test";
  return target;
}

inline Target to_cash_share(std::uint32_t instrument, double share) {
  Target target;
  target.instrument = instrument;
  target.kind = TargetKind::kCashShare;
  target.cash_share = share;
  target.reason = "test";
  return target;
}

}  // namespace orrery::testing
