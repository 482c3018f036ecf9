#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "orrery/risk/risk_control.h"

namespace orrery {

/// What the four levels are and how one gets off them. docs/risk.md says it in words.
struct LadderSettings {
  std::array<double, 4> levels{0.05, 0.08, 0.12, 0.15};    ///< drawdowns, ascending
  std::array<double, 4> multipliers{1.0, 0.75, 0.5, 0.0};  ///< of the weights wanted without the ladder
  double confidence = 0.0;               ///< from level 1: z-score among the session's that a new name needs
  std::vector<std::string> speculative;  ///< symbols that level 1 does not buy and level 2 closes (BTC)
  std::vector<std::string>
      safe_havens;                    ///< all that level 3 holds; none: half of everything, only less of it
  double extreme_volatility = 0.60;   ///< a year's, of the wanted portfolio over 20 sessions: level 2 at once
  double extreme_correlation = 0.85;  ///< mean of the held names' pairs over 20 sessions: level 2 at once
  int gate_sessions = 10;             ///< on a level at least, before one may go down one
  double gate_volatility = 0.30;      ///< a year's, above which one does not go down
  double gate_recovery = 0.10;  ///< part of a level's drawdown that has to be made up before one leaves it
  int ramp_sessions = 5;        ///< over which positions grow back
  std::optional<int> confirm_after;  ///< sessions stopped after which a backtest confirms for the person
};

/// Checks that the symbols of a ladder are among those of the data. Errors: kInvalidArgument, with the
/// nearest.
void check_ladder_symbols(const LadderSettings& settings, std::span<const std::string> symbols);

/// Errors: kInvalidArgument for levels that don't ascend, multipliers that rise, figures out of range.
void check_ladder(const LadderSettings& settings);

/// What a ladder has to keep over a restart.
struct LadderState {
  int level = 0;
  double index = 1.0;       ///< of the account, deposits and withdrawals taken out
  double high_water = 1.0;  ///< of the index; only a confirmed re-entry sets it back
  double last_equity = 0.0;
  int sessions_on_level = 0;
  int sessions_stopped = 0;
  double ramp_from = 1.0;              ///< multiplier when the ladder last went down a level
  bool recovering = false;             ///< the level was reached from a higher one
  bool active = false;                 ///< positions are not what the strategy wants
  double applied = 1.0;                ///< multiplier of the last weights
  std::vector<Holding> wanted;         ///< the portfolio without the ladder, as prices moved it since
  std::vector<double> wanted_returns;  ///< its last 20 daily returns
};

/// The four-level drawdown ladder, for backtest and account alike.
class DrawdownLadder final : public RiskControl {
 public:
  explicit DrawdownLadder(const LadderSettings& settings);

  void observe(const RiskInput& input) override;
  std::span<const Holding> uncontrolled(std::span<const Holding> holdings) override;
  void control(const RiskInput& input, Decision& decision) override;

  /// Sets the mark back to where the account is and goes to level 3, from which the gate leads on. Does
  /// nothing where the gate can still lead on: below level 2, and while more than a twentieth of what is
  /// wanted is held.
  bool confirm(Date date) override;

  int level() const override { return state_.level; }
  double drawdown() const;
  std::span<const RiskEvent> events() const override { return events_; }
  std::string save(std::span<const std::string> symbols) const override;
  void restore(std::string_view saved, std::span<const std::string> symbols) override;

 private:
  void mark(const RiskInput& input);
  void follow_prices(const RiskInput& input);
  void set_level(Date date, int level, const std::string& cause);
  int level_of_drawdown() const;
  bool gate_is_open(const RiskInput& input) const;
  double multiplier() const;
  double volatility(std::size_t sessions) const;
  double mean_correlation(const RiskInput& input) const;
  void hold_back_entries(const RiskInput& input, Decision& decision) const;
  bool is_held_back(const RiskInput& input, std::uint32_t instrument, double weight) const;
  bool holds_too_much(const RiskInput& input) const;
  void rewrite(const RiskInput& input, Decision& decision);
  double allowed_weight(const RiskInput& input, const Holding& wanted, std::string_view& reason) const;
  bool is_one_of(const std::vector<std::string>& symbols, const RiskInput& input,
                 std::uint32_t instrument) const;

  const LadderSettings settings_;
  LadderState state_;
  double score_mean_ = 0.0, score_deviation_ = 0.0;  ///< of the session
  std::vector<RiskEvent> events_;
};

}  // namespace orrery
