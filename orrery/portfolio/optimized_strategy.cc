#include "orrery/portfolio/optimized_strategy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/statistics.h"
#include "orrery/portfolio/linear_portfolio.h"
#include "orrery/portfolio/portfolio_program.h"
#include "orrery/portfolio/targets.h"
#include "orrery/portfolio/unit_series.h"

namespace orrery {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kMostMissing =
    0.2;  ///< of a window; a name with more gaps is too young or too rarely traded
constexpr double kMostDeviations = 3.0;  ///< a score's z-score counts up to here
constexpr double kSessionsPerYear = 252.0;
constexpr int kFewestFundamental = 40;  ///< sessions that a fundamental covariance needs

/// Returns as much of the budget as the constraints leave room for; NaN where there is none.
double largest_budget(const PortfolioProblem& problem) {
  PortfolioProblem free = problem;
  free.costs = {};
  LinearPortfolio portfolio(problem.names.size());
  portfolio.add_constraints(free);
  auto& program = portfolio.program();
  // The first row is the budget: open it below, and ask for the largest sum.
  program.row_low.front() = -std::numeric_limits<double>::infinity();
  std::fill_n(program.cost.begin(), problem.names.size(), -1.0);
  const LinearSolution solution = solve_linear_program(program);
  if (solution.status != LinearStatus::kOptimal) return kNone;
  return -solution.objective;
}

}  // namespace

OptimizedStrategy::OptimizedStrategy(const Settings& settings, std::unique_ptr<Optimizer> optimizer,
                                     OptimizerInfo info)
    : settings_(settings), optimizer_(std::move(optimizer)), info_(std::move(info)) {}

void OptimizedStrategy::decide(const StrategyInput& input, Decision& decision) {
  if (input.market == nullptr) {
    throw user_error(ErrorCode::kInvalidArgument, "an optimized portfolio needs prices beside the scores");
  }
  rank_by_score(input.scores, ranking_);
  if (ranking_.empty() || until_next_-- > 0) return;
  const auto candidates = choose_candidates(input);
  if (candidates.empty()) {  // nobody has a history yet: look again tomorrow
    until_next_ = 0;
    return;
  }
  until_next_ = settings_.every - 1;
  Question question = ask(input, candidates);
  write_targets(input, question, answer(question), decision);
}

/// Reads a name's returns over the window, gaps as 0. Returns false where there are too many.
bool OptimizedStrategy::read_history(const StrategyInput& input, std::uint32_t instrument,
                                     std::vector<double>& returns) const {
  returns.assign(static_cast<std::size_t>(settings_.window), kNone);
  input.market->trailing_returns(instrument, returns);
  std::size_t missing = 0;
  for (double& value : returns) {
    if (std::isfinite(value)) continue;
    value = 0.0;
    ++missing;
  }
  return static_cast<double>(missing) <= kMostMissing * settings_.window;
}

bool OptimizedStrategy::moves_like_one_of(const std::vector<double>& recent,
                                          const std::vector<std::vector<double>>& chosen) const {
  return std::any_of(chosen.begin(), chosen.end(), [&](const std::vector<double>& other) {
    return std::inner_product(recent.begin(), recent.end(), other.begin(), 0.0) > settings_.max_correlation;
  });
}

std::vector<std::uint32_t> OptimizedStrategy::choose_candidates(const StrategyInput& input) {
  const auto most = static_cast<std::size_t>(settings_.candidates);
  const auto fewest = std::min(static_cast<std::size_t>(settings_.min_names), most);
  std::vector<std::uint32_t> chosen, alike;
  std::vector<std::vector<double>> recent_of_chosen;
  std::vector<double> returns;
  for (const RankedName& name : ranking_) {
    if (chosen.size() == most) break;
    if (input.tradable[name.instrument] == 0 || !read_history(input, name.instrument, returns)) continue;
    std::vector<double> recent(returns.end() - settings_.correlation_window, returns.end());
    make_unit_series(recent);
    if (moves_like_one_of(recent, recent_of_chosen)) {
      alike.push_back(name.instrument);
      continue;
    }
    chosen.push_back(name.instrument);
    recent_of_chosen.push_back(std::move(recent));
  }
  relaxed_ = chosen.size() < fewest && !alike.empty();
  for (const std::uint32_t instrument : alike) {
    if (chosen.size() >= fewest) break;
    chosen.push_back(instrument);
  }
  return chosen;
}

OptimizedStrategy::Question OptimizedStrategy::ask(const StrategyInput& input,
                                                   const std::vector<std::uint32_t>& candidates) const {
  Question question;
  question.instruments = candidates;
  for (const Holding& holding : input.holdings) {
    if (std::find(candidates.begin(), candidates.end(), holding.instrument) == candidates.end()) {
      question.instruments.push_back(holding.instrument);
    }
  }
  std::sort(question.instruments.begin(), question.instruments.end());
  PortfolioProblem& problem = question.problem;
  const std::size_t names = question.instruments.size();
  problem.returns = {static_cast<std::size_t>(settings_.window), names, {}};
  problem.returns.values.resize(problem.returns.periods * names);
  std::vector<double> returns;
  for (std::size_t i = 0; i < names; ++i) {
    const std::uint32_t instrument = question.instruments[i];
    read_history(input, instrument, returns);
    for (std::size_t period = 0; period < returns.size(); ++period) {
      problem.returns.values[period * names + i] = returns[period];
    }
    const Holding* held = find_holding(input.holdings, instrument);
    const double present = held == nullptr ? 0.0 : held->weight;
    const bool stuck = input.tradable[instrument] == 0;
    const bool wanted = std::find(candidates.begin(), candidates.end(), instrument) != candidates.end();
    problem.names.emplace_back(input.symbols[instrument]);
    problem.current.push_back(present);
    question.leaving.push_back(wanted || stuck ? 0 : 1);
    problem.constraints.lower.push_back(stuck ? present : 0.0);
    // What has grown beyond the limit, and can't be traded, is nobody's fault.
    problem.constraints.upper.push_back(stuck ? present : wanted ? settings_.max_weight : 0.0);
  }
  problem.constraints.budget = settings_.invest;
  problem.constraints.turnover = settings_.max_turnover;
  problem.risk = estimate_risk(input, question);
  problem.costs.linear.assign(names, settings_.trade_cost / settings_.every);
  add_expected_returns(input, question);
  add_sectors(input, question);
  return question;
}

/// With too few names for the factors of a fundamental covariance, that of Ledoit and Wolf takes its place.
RiskModel OptimizedStrategy::estimate_risk(const StrategyInput& input, const Question& question) const {
  NameExposures exposures;
  for (const std::uint32_t instrument : question.instruments) {
    exposures.sectors.emplace_back(input.market->sector(instrument));
  }
  try {
    return estimate_covariance(question.problem.returns, settings_.covariance, exposures);
  } catch (const Error& error) {
    if (settings_.covariance.method != CovarianceMethod::kFundamental ||
        error.code() != ErrorCode::kInvalidArgument)
      throw;
    return estimate_covariance(question.problem.returns, {});
  }
}

/// Grinold & Kahn 1999, ch. 10: the expected return is skill × volatility × standardised score.
void OptimizedStrategy::add_expected_returns(const StrategyInput& input, Question& question) const {
  std::vector<double> scores;
  for (const RankedName& name : ranking_) scores.push_back(name.score);
  const double centre = mean(scores), deviation = standard_deviation(scores);
  const auto variances = question.problem.risk.variances();
  for (std::size_t i = 0; i < question.instruments.size(); ++i) {
    const double score = input.scores[question.instruments[i]];
    const double standard = deviation > 0.0 && !std::isnan(score) ? (score - centre) / deviation : 0.0;
    question.problem.expected_returns.push_back(settings_.skill * std::sqrt(variances[i]) *
                                                std::clamp(standard, -kMostDeviations, kMostDeviations));
  }
}

void OptimizedStrategy::add_sectors(const StrategyInput& input, Question& question) const {
  std::map<std::string_view, ExposureLimit> limits;
  for (std::size_t i = 0; i < question.instruments.size(); ++i) {
    const auto sector = input.market->sector(question.instruments[i]);
    if (sector.empty()) continue;
    auto& limit = limits[sector];
    limit.loadings.resize(question.instruments.size(), 0.0);
    limit.loadings[i] = 1.0;
  }
  for (auto& [sector, limit] : limits) {
    limit.label = fmt::format("sector {}", sector);
    // What can't be sold may be over the limit by itself.
    double stuck = 0.0;
    for (std::size_t i = 0; i < limit.loadings.size(); ++i) {
      stuck += limit.loadings[i] * std::max(question.problem.constraints.lower[i], 0.0);
    }
    limit.high = std::max(settings_.max_sector, stuck);
    question.problem.constraints.exposures.push_back(std::move(limit));
  }
}

/// Optimizes; where the limits leave no room, loosens what has to be: first who leaves may shrink over
/// several rebalances, then what has grown beyond a limit as well, then less is invested, then more is
/// traded.
std::vector<double> OptimizedStrategy::answer(Question& question) const {
  PortfolioProblem& problem = question.problem;
  const double tight = 1.0 - 1e-9;  // inside what rounding leaves of the room
  double budget = kNone;
  const auto enough = [&] {
    // What can't be traded may be more than is to be invested.
    problem.constraints.budget =
        std::max(settings_.invest,
                 std::accumulate(problem.constraints.lower.begin(), problem.constraints.lower.end(), 0.0));
    budget = largest_budget(problem);
    return budget >= problem.constraints.budget * tight;
  };
  const auto let_shrink = [&problem](std::size_t i) {
    problem.constraints.upper[i] = std::max(problem.constraints.upper[i], problem.current[i]);
  };
  bool roomy = enough();
  for (std::size_t i = 0; !roomy && i < question.leaving.size(); ++i) {
    if (question.leaving[i] != 0) let_shrink(i);
  }
  roomy = roomy || enough();
  if (!roomy && std::isnan(budget)) {
    for (std::size_t i = 0; i < question.leaving.size(); ++i) let_shrink(i);
    roomy = enough();
  }
  if (!roomy && std::isnan(budget)) {
    problem.constraints.turnover.reset();
    roomy = enough();
  }
  if (!roomy && !std::isnan(budget)) problem.constraints.budget = budget * tight;
  try {
    auto weights = optimizer_->optimize(problem).weights;
    return info_.honours == HonouredConstraints::kAll ? weights : nearest_allowed(problem, weights);
  } catch (const Error& error) {
    // A target that no allowed portfolio reaches on this session, say.
    if (error.code() != ErrorCode::kInvalidArgument) throw;
    question.fallback = true;
    try {
      return minimise_objective(problem, {});
    } catch (const Error&) {
      return problem.current;  // the limits allow nothing at all: what is held is kept
    }
  }
}

void OptimizedStrategy::write_targets(const StrategyInput& input, const Question& question,
                                      const std::vector<double>& weights, Decision& decision) const {
  double scale = 1.0;
  if (settings_.target_volatility > 0.0) {
    const double volatility = std::sqrt(kSessionsPerYear * question.problem.risk.variance(weights));
    if (volatility > settings_.target_volatility) scale = settings_.target_volatility / volatility;
  }
  std::vector<int> ranks(input.scores.size(), 0);
  for (std::size_t place = 0; place < ranking_.size(); ++place) {
    ranks[ranking_[place].instrument] = static_cast<int>(place) + 1;
  }
  decision.rebalance = true;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const std::uint32_t instrument = question.instruments[i];
    const double present = question.problem.current[i];
    Target target;
    target.instrument = instrument;
    target.score = input.scores[instrument];
    target.rank = ranks[instrument];
    target.weight = weights[i] > kNoWeight ? scale * weights[i] : 0.0;
    if (input.tradable[instrument] == 0) {
      target.kind = TargetKind::kHold;
      target.weight = present;
      target.reason = "no bar";
    } else if (target.weight == 0.0) {
      if (present == 0.0) continue;
      target.reason = question.leaving[i] != 0 ? "no longer among the best" : "no weight";
    } else if (question.leaving[i] != 0) {
      target.reason = "leaving, as the turnover limit allows";
    } else if (scale < 1.0) {
      target.reason = "optimised, scaled to the target volatility";
    } else {
      target.reason = question.fallback ? "least volatility: nothing allowed meets the objective"
                      : relaxed_        ? "optimised, correlation limit relaxed"
                                        : "optimised";
    }
    decision.targets.push_back(target);
  }
  sort_by_rank(decision.targets);
}

namespace {

std::vector<ParameterInfo> strategy_parameters() {
  const OptimizedStrategy::Settings usual;
  std::vector<ParameterInfo> parameters = {
      {"candidates",
       std::int64_t{usual.candidates},
       "names to choose from, the best of the ranking",
       1.0,
       {}},
      {"every", std::int64_t{usual.every}, "sessions between rebalances", 1.0, {}},
      {"window", std::int64_t{usual.window}, "sessions of returns behind the covariance", 20.0, {}},
      {"invest", usual.invest, "part of the equity that is invested", 0.0, 1.0},
      {"max_weight", usual.max_weight, "of one name, in the equity", 1e-6, 1.0},
      {"max_sector", usual.max_sector, "of one sector; names of unknown sector are not limited", 1e-6, 1.0},
      {"max_turnover", usual.max_turnover, "one-way, of a rebalance", 1e-6, 2.0},
      {"max_correlation", usual.max_correlation, "of two names' recent returns; 1: no limit", -1.0, 1.0},
      {"correlation_window", std::int64_t{usual.correlation_window}, "sessions of those returns", 5.0, {}},
      {"min_names",
       std::int64_t{usual.min_names},
       "names that the limit of correlations has to leave",
       1.0,
       {}},
      {"skill", usual.skill, "expected return = skill x volatility x standardised score", 0.0, 1.0},
      {"trade_cost", usual.trade_cost, "of what is traded; weighed against returns until the next rebalance",
       0.0, 0.1},
      {"target_volatility", usual.target_volatility, "a year's; above it less is invested; 0: none", 0.0,
       10.0},
  };
  const auto covariance = covariance_parameters();
  parameters.insert(parameters.end(), covariance.begin(), covariance.end());
  return parameters;
}

OptimizedStrategy::Settings read_strategy_settings(const ParameterMap& parameters) {
  OptimizedStrategy::Settings settings;
  settings.candidates = static_cast<int>(get_integer(parameters, "candidates"));
  settings.every = static_cast<int>(get_integer(parameters, "every"));
  settings.window = static_cast<int>(get_integer(parameters, "window"));
  settings.invest = get_double(parameters, "invest");
  settings.max_weight = get_double(parameters, "max_weight");
  settings.max_sector = get_double(parameters, "max_sector");
  settings.max_turnover = get_double(parameters, "max_turnover");
  settings.max_correlation = get_double(parameters, "max_correlation");
  settings.correlation_window = static_cast<int>(get_integer(parameters, "correlation_window"));
  settings.min_names = static_cast<int>(get_integer(parameters, "min_names"));
  settings.skill = get_double(parameters, "skill");
  settings.trade_cost = get_double(parameters, "trade_cost");
  settings.target_volatility = get_double(parameters, "target_volatility");
  settings.covariance = read_covariance_settings(parameters);
  if (settings.correlation_window > settings.window) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("correlation_window ({}) must not be longer than window ({})",
                                 settings.correlation_window, settings.window));
  }
  if (settings.covariance.method == CovarianceMethod::kFundamental && settings.window < kFewestFundamental) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("window ({}) must be at least {} for covariance: fundamental",
                                 settings.window, kFewestFundamental));
  }
  return settings;
}

/// The settings that are the optimizer's own.
ParameterMap own_parameters(const OptimizerInfo& info, const ParameterMap& parameters) {
  ParameterMap own;
  for (const auto& parameter : info.parameters) own[parameter.name] = parameters.at(parameter.name);
  return own;
}

}  // namespace

void add_optimized_strategies(const OptimizerRegistry& optimizers, StrategyRegistry& strategies) {
  for (const auto& name : optimizers.names()) {
    const OptimizerEntry& optimizer = optimizers.get(name);
    if (optimizer.info.needs_benchmark) continue;
    StrategyInfo info;
    info.summary = "Out of the best of the ranking. " + optimizer.info.summary;
    info.parameters = strategy_parameters();
    info.parameters.insert(info.parameters.end(), optimizer.info.parameters.begin(),
                           optimizer.info.parameters.end());
    info.source = optimizer.info.source + "; docs/portfolio.md#in-a-study";
    strategies.add(name, {info, [optimizer](const ParameterMap& parameters) -> std::unique_ptr<Strategy> {
                            return std::make_unique<OptimizedStrategy>(
                                read_strategy_settings(parameters),
                                optimizer.factory(own_parameters(optimizer.info, parameters)),
                                optimizer.info);
                          }});
  }
}

}  // namespace orrery
