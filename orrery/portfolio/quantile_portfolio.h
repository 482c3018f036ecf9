#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "orrery/portfolio/ranking.h"
#include "orrery/portfolio/saved_count.h"
#include "orrery/portfolio/strategy.h"

namespace orrery {

/// How the names on one side share its weight.
enum class SideWeights : std::uint8_t {
  kEqual,
  kInverseWidth,      ///< in proportion to 1 / (width of the interval of the name's return)
  kInverseDeviation,  ///< in proportion to 1 / (deviation of the name's score)
};

/// Reads "equal", "inverse_width" or "inverse_deviation", the choices of side_weights_setting(). Errors:
/// kInvalidArgument.
SideWeights parse_side_weights(const std::string& name);
ParameterInfo side_weights_setting();

/// Returns what each of `names` gets of 1. A name of which nothing is known (no interval, an infinite or
/// empty one; no deviation, or none above 0) gets the mean share of those of which something is; where that
/// is none of them, all get the same. Nobody gets more than ten times the median of what is known.
std::vector<double> side_shares(SideWeights weights, std::span<const RankedName> names,
                                const ScoreUncertainty& uncertainty);

/// Weights for one or both ends of the ranking, every so many sessions: the core of the quantile
/// strategies. Only names with a score and a bar take part. A held name without a bar can't be traded: it
/// stays, and its weight is taken off what its side may hold.
class QuantilePortfolio final : public Strategy {
 public:
  struct Settings {
    double quantile = 0.2;  ///< part of the ranking on each side, in (0, 1]; rounded down, at least one name
    int every = 1;          ///< sessions between rebalances, >= 1; the first is the first one with scores
    double long_weight = 1.0;   ///< of equity
    double short_weight = 0.0;  ///< of equity, >= 0; 0: no short side
    SideWeights weights = SideWeights::kEqual;
  };
  explicit QuantilePortfolio(const Settings& settings) : settings_(settings) {}

  void decide(const StrategyInput& input, Decision& decision) override;
  std::string save(std::span<const std::string>) const override { return save_count(until_next_); }
  void restore(std::string_view saved, std::span<const std::string>) override {
    until_next_ = restore_count(saved);
  }
  bool reads_uncertainty() override { return settings_.weights != SideWeights::kEqual; }
  bool needs_deviations() const override { return settings_.weights == SideWeights::kInverseDeviation; }

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
