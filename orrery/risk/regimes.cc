#include "orrery/risk/regimes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <span>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/base/statistics.h"
#include "orrery/portfolio/unit_series.h"
#include "orrery/risk/gaussian_hmm.h"

namespace orrery {
namespace {

constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();
constexpr std::array kInputNames = {"return", "volatility", "trend", "correlation"};
constexpr std::size_t kMostStates = 4;

std::size_t place_of(RegimeInput input) { return static_cast<std::size_t>(input); }

[[noreturn]] void refuse_regimes(const std::string& what) {
  throw user_error(ErrorCode::kInvalidArgument, "regimes: " + what);
}

/// Returns of every name, from its last known close to the session's; NaN without a bar on the session.
class NameReturns {
 public:
  explicit NameReturns(const MarketData& market)
      : market_(market),
        close_(market.fields.contains("close") ? market.field("close") : market.raw_field("close")),
        last_(market.instruments(), kNotKnown) {}

  /// To be called for every row in order.
  void read(std::size_t row, std::span<double> returns) {
    for (std::size_t i = 0; i < returns.size(); ++i) {
      const double close = market_.present(row, i) != 0 ? close_(row, i) : kNotKnown;
      returns[i] = close / last_[i] - 1.0;
      if (std::isfinite(close)) last_[i] = close;
    }
  }

 private:
  const MarketData& market_;
  const Panel& close_;
  std::vector<double> last_;
};

/// Returns the mean of what is left of the known values without the lowest and the highest quarter.
double mean_of_middle_half(std::span<const double> values) {
  auto known = drop_missing(values);
  if (known.empty()) return kNotKnown;
  std::sort(known.begin(), known.end());
  const std::size_t quarter = known.size() / 4;
  return mean(std::span(known).subspan(quarter, known.size() - 2 * quarter));
}

/// Returns the last `window` values; none where there are fewer, or one of them is missing.
std::span<const double> last_known(const std::vector<double>& values, int window) {
  const auto count = static_cast<std::size_t>(window);
  if (values.size() < count) return {};
  const auto last = std::span(values).last(count);
  const bool whole = std::all_of(last.begin(), last.end(), [](double value) { return std::isfinite(value); });
  return whole ? last : std::span<const double>();
}

/// Returns the mean correlation of the names' pairs over a window that ends with `row`; a name with a gap in
/// it does not count. NaN for fewer than two names.
double correlation_at(const Panel& returns, std::size_t row, int window) {
  const auto count = static_cast<std::size_t>(window);
  if (row + 1 < count) return kNotKnown;
  std::vector<double> series(count), sum(count, 0.0);
  double names = 0.0;
  for (std::size_t i = 0; i < returns.columns(); ++i) {
    bool whole = true;
    for (std::size_t k = 0; whole && k < count; ++k) {
      series[k] = returns(row + 1 - count + k, i);
      whole = std::isfinite(series[k]);
    }
    if (!whole || !make_unit_series(series)) continue;
    for (std::size_t k = 0; k < count; ++k) sum[k] += series[k];
    names += 1.0;
  }
  return names < 2.0 ? kNotKnown : mean_pair_correlation(sum, names);
}

bool reads(const RegimeSettings& settings, RegimeInput input) {
  if (settings.method == RegimeMethod::kHmm) {
    return std::find(settings.inputs.begin(), settings.inputs.end(), input) != settings.inputs.end();
  }
  return std::any_of(settings.states.begin(), settings.states.end(), [input](const RegimeState& state) {
    return std::any_of(state.when.begin(), state.when.end(),
                       [input](const RegimeCondition& condition) { return condition.input == input; });
  });
}

std::size_t market_symbol(const RegimeSettings& settings, const MarketData& market) {
  if (const auto found = market.find_symbol(settings.of)) return *found;
  throw user_error(ErrorCode::kNotFound, fmt::format("regimes.of: the data have no '{}'{}", settings.of,
                                                     did_you_mean(settings.of, market.symbols)));
}

Panel measure_inputs(const RegimeSettings& settings, const MarketData& market, double sessions_per_year) {
  Panel inputs(market.rows(), kInputNames.size());
  Panel returns(market.rows(), market.instruments());
  NameReturns names(market);
  const bool correlates = reads(settings, RegimeInput::kCorrelation);
  const std::size_t own = settings.of.empty() ? 0 : market_symbol(settings, market);
  std::vector<double> series;
  for (std::size_t row = 0; row < market.rows(); ++row) {
    const auto cells = returns.row(row);
    names.read(row, cells);
    series.push_back(settings.of.empty() ? mean_of_middle_half(cells) : cells[own]);
    inputs(row, place_of(RegimeInput::kReturn)) = series.back();
    if (const auto last = last_known(series, settings.volatility_window); !last.empty()) {
      inputs(row, place_of(RegimeInput::kVolatility)) =
          std::sqrt(sessions_per_year) * standard_deviation(last);
    }
    if (const auto last = last_known(series, settings.trend_window); !last.empty()) {
      double growth = 1.0;
      for (const double value : last) growth *= 1.0 + value;
      inputs(row, place_of(RegimeInput::kTrend)) = growth - 1.0;
    }
    if (correlates) {
      inputs(row, place_of(RegimeInput::kCorrelation)) =
          correlation_at(returns, row, settings.correlation_window);
    }
  }
  return inputs;
}

/// Says how likely each state is, session by session; empty before that can be said.
class RegimeTeller {
 public:
  virtual ~RegimeTeller() = default;
  /// Called once for every row in order, with the inputs of RegimeInput.
  virtual std::span<const double> tell(std::size_t row, std::span<const double> inputs) = 0;
};

class RuleTeller final : public RegimeTeller {
 public:
  explicit RuleTeller(const RegimeSettings& settings) : settings_(settings) {}

  std::span<const double> tell(std::size_t, std::span<const double> inputs) override {
    for (const RegimeState& state : settings_.states) {
      for (const RegimeCondition& condition : state.when) {
        if (std::isnan(inputs[place_of(condition.input)])) return probabilities_;  // as it was
      }
    }
    const auto holds = [&inputs](const RegimeState& state) {
      return std::all_of(state.when.begin(), state.when.end(), [&](const RegimeCondition& condition) {
        const double value = inputs[place_of(condition.input)];
        return value > condition.above && value < condition.below;
      });
    };
    const auto found = std::find_if(settings_.states.begin(), settings_.states.end(), holds);
    probabilities_.assign(settings_.states.size(), 0.0);
    probabilities_[static_cast<std::size_t>(found - settings_.states.begin())] = 1.0;
    return probabilities_;
  }

 private:
  const RegimeSettings& settings_;
  std::vector<double> probabilities_;
};

class HmmTeller final : public RegimeTeller {
 public:
  HmmTeller(const RegimeSettings& settings, std::vector<std::size_t>& fits)
      : settings_(settings), fits_(fits) {}

  std::span<const double> tell(std::size_t row, std::span<const double> inputs) override {
    std::vector<double> observation;
    for (const RegimeInput input : settings_.inputs) {
      const double value = inputs[place_of(input)];
      observation.push_back(input == RegimeInput::kVolatility ? std::log(value) : value);
    }
    const bool known = std::all_of(observation.begin(), observation.end(),
                                   [](double value) { return std::isfinite(value); });
    if (known) {
      seen_.insert(seen_.end(), observation.begin(), observation.end());
      ++periods_;
      if (is_due()) {
        fit();
        fits_.push_back(row);
      } else if (filter_ != nullptr) {
        filter_->step(observation);
      }
    }
    return filter_ == nullptr ? std::span<const double>() : filter_->probabilities();
  }

 private:
  bool is_due() const {
    const auto history = static_cast<std::size_t>(settings_.history);
    return periods_ >= history && (periods_ - history) % static_cast<std::size_t>(settings_.refit) == 0;
  }

  void fit() {
    const ObservationTable observations{periods_, settings_.inputs.size(), seen_};
    HmmFitSettings how;
    how.states = static_cast<int>(settings_.states.size());
    HmmFit best = fit_hmm(observations, how, first_guess(observations, how.states));
    if (filter_ != nullptr) {
      HmmFit on = fit_hmm(observations, how, model_);
      if (on.log_likelihood >= best.log_likelihood) best = std::move(on);
    }
    model_ = std::move(best.model);
    filter_ = std::make_unique<HmmFilter>(model_);
    for (std::size_t period = 0; period < periods_; ++period) filter_->step(observations.row(period));
  }

  const RegimeSettings& settings_;
  std::vector<std::size_t>& fits_;
  std::vector<double> seen_;  ///< observations, one after the other
  std::size_t periods_ = 0;
  GaussianHmm model_;
  std::unique_ptr<HmmFilter> filter_;
};

/// Goes over to a state once it has been likely enough for some sessions in a row.
class RegimeSwitch {
 public:
  explicit RegimeSwitch(const RegimeSettings& settings) : settings_(settings) {}

  int next(std::span<const double> probabilities) {
    const auto likely = std::max_element(probabilities.begin(), probabilities.end());
    const int leading = likely != probabilities.end() && *likely >= settings_.min_probability
                            ? static_cast<int>(likely - probabilities.begin())
                            : RegimeHistory::kUnknown;
    sessions_ = leading == leading_ ? sessions_ + 1 : 1;
    leading_ = leading;
    if (leading != RegimeHistory::kUnknown && sessions_ >= settings_.min_sessions) state_ = leading;
    return state_;
  }

 private:
  const RegimeSettings& settings_;
  int leading_ = RegimeHistory::kUnknown, state_ = RegimeHistory::kUnknown;
  int sessions_ = 0;
};

void check_hmm(const RegimeSettings& settings) {
  const std::size_t states = settings.states.size();
  if (states < 2 || states > kMostStates) {
    refuse_regimes(fmt::format("states: a hidden Markov model has 2 to {}; found {}", kMostStates, states));
  }
  if (settings.inputs.empty() || settings.inputs.front() != RegimeInput::kReturn) {
    refuse_regimes("inputs: the first must be return; by its deviation the states are put in order");
  }
  for (const RegimeInput input : settings.inputs) {
    if (std::count(settings.inputs.begin(), settings.inputs.end(), input) > 1) {
      refuse_regimes(fmt::format("inputs: {} stands twice", to_string(input)));
    }
  }
  if (settings.history < static_cast<int>(50 * states)) {
    refuse_regimes(fmt::format("history: must be at least 50 sessions a state, {}; found {}", 50 * states,
                               settings.history));
  }
  for (const RegimeState& state : settings.states) {
    if (!state.when.empty()) refuse_regimes(fmt::format("states: {}: only rules have a `when`", state.name));
  }
}

void check_rules(const RegimeSettings& settings) {
  if (settings.states.size() < 2) refuse_regimes("states: rules tell at least 2 apart");
  for (std::size_t i = 0; i < settings.states.size(); ++i) {
    const bool last = i + 1 == settings.states.size();
    if (last == settings.states[i].when.empty()) continue;
    refuse_regimes(fmt::format("states: {}: {}", settings.states[i].name,
                               last ? "the last one holds where none before does, without a `when`"
                                    : "needs a `when`: all but the last do"));
  }
}

}  // namespace

RegimeInput parse_regime_input(std::string_view name) {
  for (std::size_t i = 0; i < kInputNames.size(); ++i) {
    if (name == kInputNames[i]) return static_cast<RegimeInput>(i);
  }
  refuse_regimes(fmt::format("an input must be return, volatility, trend or correlation; found '{}'", name));
}

std::string_view to_string(RegimeInput input) { return kInputNames[place_of(input)]; }

void check_regimes(const RegimeSettings& settings) {
  for (std::size_t i = 0; i < settings.states.size(); ++i) {
    const std::string& name = settings.states[i].name;
    if (name.empty()) refuse_regimes(fmt::format("states: state {} has no name", i + 1));
    const bool twice = std::count_if(settings.states.begin(), settings.states.end(),
                                     [&](const RegimeState& other) { return other.name == name; }) > 1;
    if (twice) refuse_regimes(fmt::format("states: two are called {}", name));
  }
  if (settings.volatility_window < 2 || settings.correlation_window < 3 || settings.trend_window < 1) {
    refuse_regimes("windows must have at least 2 (volatility), 1 (trend) and 3 sessions (correlation)");
  }
  if (settings.min_sessions < 1 || settings.refit < 1) {
    refuse_regimes("min_sessions and refit must be at least 1");
  }
  if (!(settings.min_probability >= 0.0 && settings.min_probability < 1.0)) {
    refuse_regimes(fmt::format("min_probability must lie in [0, 1); found {}", settings.min_probability));
  }
  if (settings.method == RegimeMethod::kHmm) {
    check_hmm(settings);
  } else {
    check_rules(settings);
  }
}

RegimeHistory tell_regimes(const RegimeSettings& settings, const MarketData& market,
                           double sessions_per_year) {
  check_regimes(settings);
  RegimeHistory history;
  for (const RegimeState& state : settings.states) history.names.push_back(state.name);
  history.inputs = measure_inputs(settings, market, sessions_per_year);
  history.probabilities = Panel(market.rows(), settings.states.size());
  std::unique_ptr<RegimeTeller> teller;
  if (settings.method == RegimeMethod::kHmm) {
    teller = std::make_unique<HmmTeller>(settings, history.fits);
  } else {
    teller = std::make_unique<RuleTeller>(settings);
  }
  RegimeSwitch state(settings);
  for (std::size_t row = 0; row < market.rows(); ++row) {
    const auto probabilities = teller->tell(row, history.inputs.row(row));
    std::copy(probabilities.begin(), probabilities.end(), history.probabilities.row(row).begin());
    history.state.push_back(state.next(probabilities));
  }
  return history;
}

}  // namespace orrery
