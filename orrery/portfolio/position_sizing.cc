#include "orrery/portfolio/position_sizing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "orrery/base/error.h"
#include "orrery/base/interned_text.h"
#include "orrery/base/statistics.h"
#include "orrery/portfolio/covariance.h"

namespace orrery {
namespace {

constexpr double kUnsized = std::numeric_limits<double>::quiet_NaN();
constexpr double kMostScore = 3.0;        ///< z-scores count up to here
constexpr double kMostConfidence = 10.0;  ///< over the median
constexpr double kMostVolatilityFactor = 2.0;

[[noreturn]] void refuse_sizing(const std::string& what) {
  throw user_error(ErrorCode::kInvalidArgument, "portfolio.sizing: " + what);
}

double known_or_missing(std::span<const double> values, std::uint32_t instrument) {
  return values.empty() ? kUnsized : values[instrument];
}

class PositionSizer final : public Sizer {
 public:
  explicit PositionSizer(const SizingSettings& settings) : settings_(settings) {
    std::vector<std::string_view> parts;
    if (settings_.kelly) parts.push_back("Kelly");
    if (settings_.confidence != SizeConfidence::kNone) parts.push_back("confidence");
    if (settings_.volatility) parts.push_back("volatility");
    if (settings_.target_volatility) parts.push_back("target volatility");
    reason_ =
        parts.empty() ? "held to a limit" : interned(fmt::format("sized by {}", fmt::join(parts, ", ")));
    limited_ = parts.empty() ? reason_ : interned(fmt::format("{}, held to a limit", reason_));
  }

  bool reads_uncertainty() const override {
    return settings_.kelly || settings_.confidence == SizeConfidence::kWidth || needs_deviations();
  }
  bool needs_deviations() const override { return settings_.confidence == SizeConfidence::kDeviation; }

  void size(const StrategyInput& input, std::span<SizedWeight> weights) override {
    if (settings_.kelly) bet(input, weights);
    if (settings_.confidence != SizeConfidence::kNone) weigh_by_confidence(input, weights);
    if (settings_.volatility) weigh_by_volatility(input, weights);
    if (settings_.target_volatility) meet_target(input, weights);
    for (SizedWeight& weight : weights) {
      if (weight.weight != weight.wanted) weight.reason = reason_;
    }
    limit(input, weights);
  }

 private:
  void bet(const StrategyInput& input, std::span<SizedWeight> weights) const {
    const double deviations = normal_quantile(0.5 * (1.0 + settings_.coverage));
    const double slope = slope_of_expected(input);
    for (SizedWeight& weight : weights) {
      const std::uint32_t name = weight.instrument;
      double expected = known_or_missing(input.uncertainty.expected, name);
      const double width =
          known_or_missing(input.uncertainty.upper, name) - known_or_missing(input.uncertainty.lower, name);
      const double doubt = slope * known_or_missing(input.uncertainty.deviation, name);
      if (std::isfinite(doubt) && expected != 0.0) {
        expected *= expected * expected / (expected * expected + doubt * doubt);
      }
      const double variance = std::pow(width / (2.0 * deviations), 2.0);
      const double size = *settings_.kelly * expected / variance;
      weight.weight = std::isfinite(size) && size * weight.wanted > 0.0 ? size : 0.0;
    }
  }

  /// Of the session's expected returns on its scores; 0 where it can't be told.
  static double slope_of_expected(const StrategyInput& input) {
    std::vector<double> scores, expected;
    for (std::uint32_t i = 0; i < input.scores.size(); ++i) {
      const double value = known_or_missing(input.uncertainty.expected, i);
      if (!std::isfinite(value) || !std::isfinite(input.scores[i])) continue;
      scores.push_back(input.scores[i]);
      expected.push_back(value);
    }
    if (scores.size() < 2) return 0.0;
    const double centre = mean(scores), level = mean(expected);
    double both = 0.0, square = 0.0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      both += (scores[i] - centre) * (expected[i] - level);
      square += (scores[i] - centre) * (scores[i] - centre);
    }
    return square > 0.0 ? both / square : 0.0;
  }

  void weigh_by_confidence(const StrategyInput& input, std::span<SizedWeight> weights) const {
    const auto scores = drop_missing(input.scores);
    const double centre = mean(scores), spread = scores.size() > 1 ? standard_deviation(scores) : 0.0;
    std::vector<double> measures;
    for (const SizedWeight& weight : weights) {
      const std::uint32_t name = weight.instrument;
      double measure = kUnsized;
      if (settings_.confidence == SizeConfidence::kScore) {
        measure = std::min(std::abs((input.scores[name] - centre) / spread), kMostScore);
      } else if (settings_.confidence == SizeConfidence::kWidth) {
        measure = 1.0 / (known_or_missing(input.uncertainty.upper, name) -
                         known_or_missing(input.uncertainty.lower, name));
      } else {
        measure = 1.0 / known_or_missing(input.uncertainty.deviation, name);
      }
      const bool known = std::isfinite(measure) && measure > 0.0;
      measures.push_back(known && weight.wanted != 0.0 ? measure : kUnsized);
    }
    auto known = drop_missing(measures);
    if (known.empty()) return;
    const double most = kMostConfidence * quantile(known, 0.5);
    for (double& measure : known) measure = std::min(measure, most);
    const double usual = mean(known);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (std::isfinite(measures[i])) weights[i].weight *= std::min(measures[i], most) / usual;
    }
  }

  std::vector<double> returns_of(const StrategyInput& input, std::uint32_t name) const {
    std::vector<double> returns(static_cast<std::size_t>(settings_.window), kUnsized);
    if (input.market != nullptr) input.market->trailing_returns(name, returns);
    return returns;
  }

  void weigh_by_volatility(const StrategyInput& input, std::span<SizedWeight> weights) const {
    for (SizedWeight& weight : weights) {
      const auto known = drop_missing(returns_of(input, weight.instrument));
      if (known.size() < 2 || 2 * known.size() < static_cast<std::size_t>(settings_.window)) continue;
      const double own = std::sqrt(settings_.sessions_per_year) * standard_deviation(known);
      if (own > 0.0) weight.weight *= std::min(*settings_.volatility / own, kMostVolatilityFactor);
    }
  }

  void meet_target(const StrategyInput& input, std::span<SizedWeight> weights) const {
    if (weights.empty() || input.market == nullptr) return;
    ReturnTable table{static_cast<std::size_t>(settings_.window), weights.size(), {}};
    table.values.resize(table.periods * table.names, 0.0);
    std::vector<double> held;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      held.push_back(weights[i].weight);
      const auto returns = returns_of(input, weights[i].instrument);
      for (std::size_t period = 0; period < returns.size(); ++period) {
        if (std::isfinite(returns[period])) table.values[period * table.names + i] = returns[period];
      }
    }
    const double variance = estimate_covariance(table, {}).variance(held);
    if (!(variance > 0.0)) return;
    const double scale = *settings_.target_volatility / std::sqrt(settings_.sessions_per_year * variance);
    for (SizedWeight& weight : weights) weight.weight *= scale;
  }

  void limit(const StrategyInput& input, std::span<SizedWeight> weights) const {
    std::vector<double> before;
    for (SizedWeight& weight : weights) {
      before.push_back(weight.weight);
      weight.weight = std::clamp(weight.weight, -settings_.max_weight, settings_.max_weight);
    }
    std::map<std::string_view, double> sectors;
    const auto sector_of = [&input](const SizedWeight& weight) {
      return input.market == nullptr ? std::string_view() : input.market->sector(weight.instrument);
    };
    for (const SizedWeight& weight : weights) sectors[sector_of(weight)] += std::abs(weight.weight);
    for (SizedWeight& weight : weights) {
      const auto sector = sector_of(weight);
      if (!sector.empty() && sectors[sector] > settings_.max_sector) {
        weight.weight *= settings_.max_sector / sectors[sector];
      }
    }
    double gross = 0.0;
    for (const SizedWeight& weight : weights) gross += std::abs(weight.weight);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (gross > settings_.max_gross) weights[i].weight *= settings_.max_gross / gross;
      if (weights[i].weight != before[i]) weights[i].reason = limited_;
    }
  }

  const SizingSettings settings_;
  std::string_view reason_, limited_;
};

}  // namespace

SizeConfidence parse_size_confidence(std::string_view name) {
  if (name == "none") return SizeConfidence::kNone;
  if (name == "score") return SizeConfidence::kScore;
  if (name == "width") return SizeConfidence::kWidth;
  if (name == "deviation") return SizeConfidence::kDeviation;
  refuse_sizing(fmt::format("confidence must be none, score, width or deviation; found '{}'", name));
}

void check_sizing(const SizingSettings& settings) {
  const auto check = [](std::string_view key, std::optional<double> value) {
    if (value && !(*value > 0.0)) refuse_sizing(fmt::format("{} must be above 0; found {}", key, *value));
  };
  check("volatility", settings.volatility);
  check("target_volatility", settings.target_volatility);
  check("kelly", settings.kelly);
  check("max_weight", settings.max_weight);
  check("max_sector", settings.max_sector);
  check("max_gross", settings.max_gross);
  if (settings.window < 2) refuse_sizing(fmt::format("window must be at least 2; found {}", settings.window));
}

std::unique_ptr<Sizer> make_sizer(const SizingSettings& settings) {
  check_sizing(settings);
  return std::make_unique<PositionSizer>(settings);
}

}  // namespace orrery
