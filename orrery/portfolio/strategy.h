#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/base/parameters.h"
#include "orrery/base/registry.h"
#include "orrery/portfolio/market_view.h"
#include "orrery/portfolio/score_uncertainty.h"

namespace orrery {

/// A name in the portfolio as the strategy sees it after a session's close.
struct Holding {
  std::uint32_t instrument = 0;
  double weight = 0.0;  ///< market value / equity at the close; negative for a short position
  int sessions = 0;     ///< closes the position has lived through, the one of its purchase included
};

/// Everything a strategy may know when it decides after the close of one session.
/// All spans but `holdings` have one entry per instrument; their order is the ascending byte order of the
/// symbols, so "the lower index" is "the earlier symbol".
struct StrategyInput {
  std::size_t row = 0;  ///< session row t
  Date date;
  std::span<const std::string> symbols;
  std::span<const double> scores;          ///< made from what was known at the close of t; NaN: none
  std::span<const std::uint8_t> tradable;  ///< 1 where a bar exists at t and the instrument is not delisted
  std::span<const Holding> holdings;       ///< by ascending instrument; includes decisions still on their way
  ScoreUncertainty uncertainty = {};       ///< empty unless the strategy reads it
  const MarketView* market = nullptr;      ///< null where only scores are at hand
};

/// What to do with one name.
enum class TargetKind : std::uint8_t {
  kWeight,     ///< trade to `weight` of the equity at the decision's close; 0 closes the position
  kHold,       ///< leave the shares as they are, whatever their weight is
  kCashShare,  ///< buy for `cash_share` of the cash that is there once the sales of this decision are done
};

struct Target {
  std::uint32_t instrument = 0;
  TargetKind kind = TargetKind::kWeight;
  double weight = 0.0;      ///< of equity; for kHold the present weight, for kCashShare the expected one
  double cash_share = 0.0;  ///< kCashShare only, in [0, 1]
  double score = 0.0;       ///< NaN when the name has none
  int rank = 0;             ///< 1 is the best score of the session; 0 when the name has no score
  std::string_view reason;  ///< why, a literal such as "entered" or "dropped"
  /// The weight before a risk control changed it; NaN where none did.
  double asked = std::numeric_limits<double>::quiet_NaN();
};

/// A strategy's answer: the wanted portfolio, best rank first. Where cash runs out, later buys get less.
struct Decision {
  bool rebalance = false;       ///< false: leave everything as it is; `targets` is then ignored
  std::vector<Target> targets;  ///< every held and every wanted name once; a held name left out is closed
};

/// From the state of the world to target weights. Deterministic: the same inputs in the same order give the
/// same decisions; equal scores go to the earlier symbol. One object serves one run, from one thread.
class Strategy {
 public:
  virtual ~Strategy() = default;
  /// Called once after every session's close, in order of time. `decision` arrives empty.
  virtual void decide(const StrategyInput& input, Decision& decision) = 0;
  /// Whether decisions depend on StrategyInput::uncertainty, which is then made for it.
  virtual bool reads_uncertainty() { return false; }
  /// Whether it can't decide as it was asked to without ScoreUncertainty::deviation.
  virtual bool needs_deviations() const { return false; }
  /// What it keeps from one decision to the next, as text, for an account that starts again; "" where that
  /// is nothing. A fresh object of the same settings that restores it decides as this one would; instruments
  /// stand in it by their symbols, whose places may have changed. Errors of restore(): kDataCorrupt for what
  /// save() did not write.
  virtual std::string save(std::span<const std::string>) const { return {}; }
  virtual void restore(std::string_view, std::span<const std::string>) {}
};

/// What a strategy says about itself.
struct StrategyInfo {
  std::string summary;                    ///< one line
  std::vector<ParameterInfo> parameters;  ///< those that `factory` reads
  std::string source;                     ///< where the rule comes from
  double gross_limit = 1.0;               ///< sum of |weight| never exceeds it at the decision
  bool shorts = false;                    ///< weights may be negative
  /// Every position that a score asks for comes with another one that hedges it, whose name needs no score;
  /// which belong together is told by the setting `pairs`: NAME=HEDGE, NAME=HEDGE.
  bool hedged = false;
};

struct StrategyEntry {
  StrategyInfo info;
  /// Takes complete parameters (see complete_parameters). Errors: kInvalidArgument when they contradict.
  std::function<std::unique_ptr<Strategy>(const ParameterMap&)> factory;
};

using StrategyRegistry = NamedRegistry<StrategyEntry>;

/// Checks the settings and makes a strategy. Errors: kNotFound, kInvalidArgument.
std::unique_ptr<Strategy> make_strategy(const StrategyRegistry& registry, std::string_view name,
                                        const ParameterMap& parameters);

}  // namespace orrery
