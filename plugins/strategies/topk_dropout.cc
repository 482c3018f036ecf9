// Holds the k best names and each session replaces up to `drop` of them. The rule is qlib's
// TopkDropoutStrategy (qlib 0.9.7, contrib/strategy/signal_strategy.py, method_buy "top", method_sell
// "bottom"): new names get equal parts of the cash that the sales leave, held names are not rebalanced.
#include <algorithm>
#include <cmath>
#include <limits>

#include "orrery/portfolio/ranking.h"
#include "orrery/portfolio/targets.h"
#include "plugins/strategies/registry.h"

namespace orrery::plugins::strategies::topk_dropout_plugin {
namespace {

struct Settings {
  std::size_t k;
  std::size_t drop;
  double invest;
  int hold_sessions;
  bool only_tradable;
};

class TopkDropout final : public Strategy {
 public:
  explicit TopkDropout(const Settings& settings) : settings_(settings) {}

  void decide(const StrategyInput& input, Decision& decision) override {
    rank_by_score(input.scores, ranking_);
    if (ranking_.empty()) return;
    note_state(input);
    choose_candidates(input);
    choose_sales(input);
    const std::size_t sales = static_cast<std::size_t>(std::count(state_.begin(), state_.end(), kSelling));
    const std::size_t wanted = settings_.k + sales;
    const std::size_t room = wanted > input.holdings.size() ? wanted - input.holdings.size() : 0;
    candidates_.resize(std::min(candidates_.size(), room));
    keep_young(input);
    write_targets(input, decision);
  }

 private:
  enum State : std::uint8_t { kOut, kHeld, kSelling };

  void note_state(const StrategyInput& input) {
    state_.assign(input.scores.size(), kOut);
    rank_.assign(input.scores.size(), 0);
    for (const Holding& holding : input.holdings) state_[holding.instrument] = kHeld;
    for (std::size_t i = 0; i < ranking_.size(); ++i) rank_[ranking_[i].instrument] = static_cast<int>(i) + 1;
  }

  bool usable(const StrategyInput& input, std::uint32_t instrument) const {
    return !settings_.only_tradable || input.tradable[instrument] != 0;
  }

  /// The best names that are not held, at most as many as could be bought if `drop` held ones were sold.
  void choose_candidates(const StrategyInput& input) {
    candidates_.clear();
    const std::size_t most = settings_.drop + settings_.k;
    const std::size_t room = most > input.holdings.size() ? most - input.holdings.size() : 0;
    for (const RankedName& name : ranking_) {
      if (candidates_.size() == room) break;
      if (state_[name.instrument] == kOut && usable(input, name.instrument)) candidates_.push_back(name);
    }
  }

  /// Marks the held names among the `drop` last of held and candidate names together, so that nothing is sold
  /// for something worse. A name without a score is the last.
  void choose_sales(const StrategyInput& input) {
    combined_ = candidates_;
    for (const Holding& holding : input.holdings) {
      if (!usable(input, holding.instrument)) continue;
      const double score = input.scores[holding.instrument];
      combined_.push_back(
          {std::isnan(score) ? -std::numeric_limits<double>::infinity() : score, holding.instrument});
    }
    const std::size_t last = std::min(settings_.drop, combined_.size());
    const auto first_of_last = combined_.end() - static_cast<std::ptrdiff_t>(last);
    std::nth_element(combined_.begin(), first_of_last, combined_.end(), RanksBefore{});
    for (auto name = first_of_last; name != combined_.end(); ++name) {
      if (state_[name->instrument] == kHeld) state_[name->instrument] = kSelling;
    }
  }

  void keep_young(const StrategyInput& input) {
    for (const Holding& holding : input.holdings) {
      if (holding.sessions < settings_.hold_sessions) state_[holding.instrument] = kHeld;
    }
  }

  void write_targets(const StrategyInput& input, Decision& decision) {
    decision.rebalance = true;
    double cash = 1.0;
    for (const Holding& holding : input.holdings) {
      if (state_[holding.instrument] == kHeld) cash -= holding.weight;
      decision.targets.push_back(held_target(input, holding));
    }
    const double share =
        candidates_.empty() ? 0.0 : settings_.invest / static_cast<double>(candidates_.size());
    for (const RankedName& name : candidates_) {
      decision.targets.push_back({name.instrument, TargetKind::kCashShare, std::max(cash, 0.0) * share, share,
                                  name.score, rank_[name.instrument], "entered"});
    }
    sort_by_rank(decision.targets);
  }

  Target held_target(const StrategyInput& input, const Holding& holding) const {
    Target target;
    target.instrument = holding.instrument;
    target.score = input.scores[holding.instrument];
    target.rank = rank_[holding.instrument];
    const bool selling = state_[holding.instrument] == kSelling;
    target.kind = selling ? TargetKind::kWeight : TargetKind::kHold;
    target.weight = selling ? 0.0 : holding.weight;
    target.reason = selling ? "dropped" : "kept";
    return target;
  }

  const Settings settings_;
  std::vector<RankedName> ranking_;
  std::vector<RankedName> candidates_;
  std::vector<RankedName> combined_;
  std::vector<State> state_;
  std::vector<int> rank_;
};

StrategyInfo describe() {
  StrategyInfo info;
  info.summary =
      "Holds the k best names and replaces up to `drop` of them a session; held names are not rebalanced.";
  info.parameters = {
      {"k", std::int64_t{50}, "names to hold", 1.0, {}},
      {"drop", std::int64_t{5}, "names to replace a session, at most", 0.0, {}},
      {"invest", 0.95, "part of the free cash that is put to work each session", 0.0, 1.0},
      {"hold_sessions", std::int64_t{1}, "sessions a name is held at least, its purchase included", 0.0, {}},
      {"only_tradable", true, "leave out names without a bar on the session of the decision", {}, {}},
  };
  info.source = "qlib 0.9.7, TopkDropoutStrategy; differences: docs/engine.md#topk_dropout";
  return info;
}

std::unique_ptr<Strategy> make(const ParameterMap& parameters) {
  return std::make_unique<TopkDropout>(Settings{
      static_cast<std::size_t>(get_integer(parameters, "k")),
      static_cast<std::size_t>(get_integer(parameters, "drop")), get_double(parameters, "invest"),
      static_cast<int>(get_integer(parameters, "hold_sessions")), get_bool(parameters, "only_tradable")});
}

}  // namespace

void add_to(Registry& registry) { registry.add("topk_dropout", {describe(), make}); }

}  // namespace orrery::plugins::strategies::topk_dropout_plugin
