#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/portfolio/strategy.h"

namespace orrery {

/// The account and its market after a session's close, as a risk control sees them.
struct RiskInput {
  std::size_t row = 0;
  Date date;
  double equity = 0.0;       ///< in money
  double net_deposit = 0.0;  ///< paid in less paid out since the close before
  std::span<const std::string> symbols;
  std::span<const double> scores;          ///< of the session; NaN: none
  std::span<const std::uint8_t> tradable;  ///< 1 where a bar exists
  std::span<const Holding> holdings;       ///< as of StrategyInput: decisions on their way included
  const MarketView* market = nullptr;
};

/// A change of the level of risk, for the books.
struct RiskEvent {
  Date date;
  int from = 0;
  int to = 0;
  double drawdown = 0.0;  ///< from the high-water mark, >= 0
  std::string cause;      ///< in words, with the figures
};

/// Stands between a strategy and its orders: from wanted weights to allowed ones, each change with its
/// reason. Looks at nothing later than the close of the session.
class RiskControl {
 public:
  virtual ~RiskControl() = default;
  /// Called once after every close, before the strategy decides.
  virtual void observe(const RiskInput& input) = 0;
  /// Returns the holdings that the strategy is to be shown: those it would have without this control.
  virtual std::span<const Holding> uncontrolled(std::span<const Holding> holdings) = 0;
  /// Changes what the strategy decided, or decides where it did not and something has to be done.
  virtual void control(const RiskInput& input, Decision& decision) = 0;
  /// A person's word that trading may begin again after a stop. Returns whether it waited for one.
  virtual bool confirm(Date) { return false; }
  /// What it did to its level since it was made.
  virtual std::span<const RiskEvent> events() const { return {}; }
  virtual int level() const { return 0; }
  /// As of Strategy.
  virtual std::string save(std::span<const std::string>) const { return {}; }
  virtual void restore(std::string_view, std::span<const std::string>) {}
};

}  // namespace orrery
