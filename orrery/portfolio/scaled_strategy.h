#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/portfolio/strategy.h"

namespace orrery {

/// What becomes of a whole portfolio, session by session. Entry t is made from what was known at the close of
/// t. Empty vectors: nothing.
struct PortfolioGate {
  std::vector<double> multiplier;        ///< of every weight, >= 0; 1: as wanted
  std::vector<std::size_t> strategy;     ///< which strategy decides
  std::vector<std::string_view> reason;  ///< a text that outlives everything, "" for nothing to say
};

/// One weight on its way through a sizer.
struct SizedWeight {
  std::uint32_t instrument = 0;
  double wanted = 0.0;      ///< by the strategy
  double weight = 0.0;      ///< what becomes of it; the same sign, or 0
  std::string_view reason;  ///< a text that outlives everything; "" where nothing was changed
};

/// Sets the size of each position that a strategy wants, when it rebalances.
class Sizer {
 public:
  virtual ~Sizer() = default;
  /// `weights` is by ascending instrument. Looks at nothing later than the session's close.
  virtual void size(const StrategyInput& input, std::span<SizedWeight> weights) = 0;
  /// As of Strategy.
  virtual bool reads_uncertainty() const { return false; }
  virtual bool needs_deviations() const { return false; }
};

/// A strategy, or several of which the gate says who decides, with what stands between them and their orders:
/// sizes of single positions and a gate over the whole. It keeps the portfolio that is wanted without these,
/// moved by the same prices, and shows it to the strategy. While nothing has been changed the strategy's
/// decisions pass as they are.
///
/// Sizes are set when the strategy rebalances; the gate works on every session, and trades by itself when its
/// multiplier changes, and again where a sale that it asked for was cut. Who takes over from another strategy
/// begins anew, with the other's portfolio as its holdings. A name that the strategy leaves alone is left
/// alone while its weight is within a tenth of its size, so that drifting apart makes no orders.
class ScaledStrategy final : public Strategy {
 public:
  using Maker = std::function<std::unique_ptr<Strategy>()>;

  /// At least one maker; `sizer` may be null.
  ScaledStrategy(std::vector<Maker> makers, PortfolioGate gate, std::unique_ptr<Sizer> sizer);

  void decide(const StrategyInput& input, Decision& decision) override;
  bool reads_uncertainty() override;
  bool needs_deviations() const override;
  std::string save(std::span<const std::string> symbols) const override;
  void restore(std::string_view saved, std::span<const std::string> symbols) override;

 private:
  /// What is kept over a restart, besides the strategy's own.
  struct State {
    std::size_t active_strategy = 0;
    bool changed = false;         ///< what is held is not what the strategy wants
    double multiplier = 1.0;      ///< of the last trades
    std::vector<Holding> wanted;  ///< by ascending instrument
    std::vector<double> factors;  ///< of `wanted`: what the sizer made of each weight
  };

  void choose_strategy(std::size_t row);
  void follow_prices(const StrategyInput& input);
  void size_weights(const StrategyInput& input);
  bool holds_too_much(const StrategyInput& input, double multiplier) const;
  void write_targets(const StrategyInput& input, double multiplier, Decision& decision) const;

  const std::vector<Maker> makers_;
  const PortfolioGate gate_;
  const std::unique_ptr<Sizer> sizer_;
  std::vector<std::unique_ptr<Strategy>> strategies_;
  State state_;
  std::vector<std::string_view> size_reasons_;  ///< of `wanted`, of this session's sizing
};

}  // namespace orrery
