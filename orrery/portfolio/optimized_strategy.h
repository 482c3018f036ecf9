#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "orrery/portfolio/covariance.h"
#include "orrery/portfolio/optimizer.h"
#include "orrery/portfolio/ranking.h"
#include "orrery/portfolio/saved_count.h"
#include "orrery/portfolio/strategy.h"

namespace orrery {

/// A portfolio that an optimizer weighs, out of the best names of the ranking.
///
/// Every `every` sessions: the names by rank, those left out whose returns have moved too much like those of
/// a better one that was taken; expected returns from the scores; the optimizer's weights under the limits. A
/// held name that is no longer among the best is sold; where the turnover limit does not allow that at once,
/// it may only shrink. A name without a bar stays as it is. Where the limits leave no room for all of
/// `invest`, as much as they allow is invested.
class OptimizedStrategy final : public Strategy {
 public:
  struct Settings {
    int candidates = 50;           ///< names to choose from, the best of the ranking
    int every = 5;                 ///< sessions between rebalances
    int window = 252;              ///< sessions of returns behind the covariance
    double invest = 0.95;          ///< of the equity
    double max_weight = 0.2;       ///< of one name
    double max_sector = 0.3;       ///< of one sector; names without a known one are not limited
    double max_turnover = 0.5;     ///< one-way, of a rebalance
    double max_correlation = 0.7;  ///< of two names over the last `correlation_window` sessions
    int correlation_window = 60;
    int min_names = 10;   ///< names that the limit of correlations has to leave, otherwise it is relaxed
    double skill = 0.03;  ///< IC of the scores: expected return = skill × volatility × score's z-score
    double trade_cost = 0.001;  ///< of a traded weight, spread over the sessions until the next rebalance
    double target_volatility = 0.0;  ///< a year's; above it less is invested. 0: no target
    CovarianceSettings covariance;
  };

  OptimizedStrategy(const Settings& settings, std::unique_ptr<Optimizer> optimizer, OptimizerInfo info);

  void decide(const StrategyInput& input, Decision& decision) override;
  std::string save(std::span<const std::string>) const override { return save_count(until_next_); }
  void restore(std::string_view saved, std::span<const std::string>) override {
    until_next_ = restore_count(saved);
  }

 private:
  /// One session's question, with where its names come from.
  struct Question {
    PortfolioProblem problem;
    std::vector<std::uint32_t> instruments;
    std::vector<std::uint8_t> leaving;  ///< held, but not among the best any more
    bool fallback = false;              ///< the optimizer had no answer: the least volatility took its place
  };

  std::vector<std::uint32_t> choose_candidates(const StrategyInput& input);
  bool read_history(const StrategyInput& input, std::uint32_t instrument, std::vector<double>& returns) const;
  bool moves_like_one_of(const std::vector<double>& recent,
                         const std::vector<std::vector<double>>& chosen) const;
  Question ask(const StrategyInput& input, const std::vector<std::uint32_t>& candidates) const;
  RiskModel estimate_risk(const StrategyInput& input, const Question& question) const;
  void add_expected_returns(const StrategyInput& input, Question& question) const;
  void add_sectors(const StrategyInput& input, Question& question) const;
  std::vector<double> answer(Question& question) const;
  void write_targets(const StrategyInput& input, const Question& question, const std::vector<double>& weights,
                     Decision& decision) const;

  const Settings settings_;
  const std::unique_ptr<Optimizer> optimizer_;
  const OptimizerInfo info_;
  int until_next_ = 0;
  bool relaxed_ = false;  ///< of the present decision: too few names were unlike each other
  std::vector<RankedName> ranking_;
};

/// Makes a strategy of every optimizer, under the optimizer's name: its own settings beside those above.
/// Optimizers that need what a study has not (a benchmark's weights) are left out.
void add_optimized_strategies(const OptimizerRegistry& optimizers, StrategyRegistry& strategies);

}  // namespace orrery
