#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "orrery/portfolio/ranking.h"
#include "orrery/portfolio/strategy.h"

namespace orrery {

/// Equal weights for one or both ends of the ranking, every so many sessions: the core of the quantile
/// strategies. Only names with a score and a bar take part. A held name without a bar can't be traded: it
/// stays, and its weight is taken off what its side may hold.
class QuantilePortfolio final : public Strategy {
 public:
  struct Settings {
    double quantile = 0.2;  ///< part of the ranking on each side, in (0, 1]; rounded down, at least one name
    int every = 1;          ///< sessions between rebalances, >= 1; the first is the first one with scores
    double long_weight = 1.0;   ///< of equity
    double short_weight = 0.0;  ///< of equity, >= 0; 0: no short side
  };
  explicit QuantilePortfolio(const Settings& settings) : settings_(settings) {}

  void decide(const StrategyInput& input, Decision& decision) override;

 private:
  std::size_t names_per_side(std::size_t ranked) const;
  void add_side(const StrategyInput& input, std::size_t first, std::size_t count, double sign,
                Decision& decision);
  void add_leftover_holdings(const StrategyInput& input, Decision& decision);

  const Settings settings_;
  int until_next_ = 0;
  std::vector<RankedName> ranking_;
  std::vector<std::uint8_t> chosen_;
};

}  // namespace orrery
