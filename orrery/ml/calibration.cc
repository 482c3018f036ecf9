#include "orrery/ml/calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "orrery/base/error.h"
#include "orrery/base/fingerprint.h"

namespace orrery {
namespace {

constexpr std::string_view kMagic = "orrery-calibration 1 ";
constexpr double kSettled = 1e-10;  ///< of the likelihood's slope, a sample
constexpr int kMostSteps = 100;
constexpr int kHalvings = 40;

void require_samples(std::span<const double> scores, std::span<const double> events) {
  if (scores.size() != events.size())
    throw internal_error(fmt::format("{} scores to calibrate by {} events", scores.size(), events.size()));
  if (scores.empty()) throw user_error(ErrorCode::kInvalidArgument, "there is no sample to calibrate on");
}

/// Samples of one score, or of several that were pooled.
struct Block {
  double first = 0.0;
  double last = 0.0;
  double weight = 0.0;
  double mean = 0.0;
};

/// One block a score, ascending.
std::vector<Block> blocks_of(std::span<const double> scores, std::span<const double> events) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  std::vector<Block> blocks;
  for (const std::size_t i : order) {
    if (blocks.empty() || blocks.back().last < scores[i]) blocks.push_back({scores[i], scores[i], 0.0, 0.0});
    blocks.back().weight += 1.0;
    blocks.back().mean += events[i];  // a sum until all are counted
  }
  for (Block& block : blocks) block.mean /= block.weight;
  return blocks;
}

void pool_violators(std::vector<Block>& blocks) {
  std::vector<Block> pooled;
  for (const Block& block : blocks) {
    pooled.push_back(block);
    while (pooled.size() > 1 && pooled[pooled.size() - 2].mean >= pooled.back().mean) {
      const Block upper = pooled.back();
      pooled.pop_back();
      Block& lower = pooled.back();
      lower.mean = (lower.weight * lower.mean + upper.weight * upper.mean) / (lower.weight + upper.weight);
      lower.weight += upper.weight;
      lower.last = upper.last;
    }
  }
  blocks = std::move(pooled);
}

/// Minus the log likelihood, its slope and curvature.
struct Surface {
  double value = 0.0;
  double by_slope = 0.0, by_intercept = 0.0;
  double slope_slope = 0.0, slope_intercept = 0.0, intercept_intercept = 0.0;
};

double probability_of(double odds) {
  return odds >= 0.0 ? 1.0 / (1.0 + std::exp(-odds)) : std::exp(odds) / (1.0 + std::exp(odds));
}

Surface surface_at(const PlattMap& at, std::span<const double> scores, const std::vector<double>& targets) {
  Surface surface;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double odds = at.slope * scores[i] + at.intercept;
    const double probability = probability_of(odds);
    const double miss = probability - targets[i];
    const double spread = probability * (1.0 - probability);
    surface.value += std::max(odds, 0.0) + std::log1p(std::exp(-std::fabs(odds))) - targets[i] * odds;
    surface.by_slope += miss * scores[i];
    surface.by_intercept += miss;
    surface.slope_slope += spread * scores[i] * scores[i];
    surface.slope_intercept += spread * scores[i];
    surface.intercept_intercept += spread;
  }
  return surface;
}

/// Platt's targets: (N₊ + 1) / (N₊ + 2) and 1 / (N₋ + 2).
struct SmoothedTargets {
  double event = 0.0;
  double other = 0.0;
  double base_odds = 0.0;  ///< where Lin, Lin and Weng begin
};

SmoothedTargets smoothed_targets(std::span<const double> events) {
  const double happened = std::accumulate(events.begin(), events.end(), 0.0);
  const double others = static_cast<double>(events.size()) - happened;
  if (!(happened > 0.0 && others > 0.0)) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("calibration needs samples in which the event came and others, found {} in which it came "
                    "among {}; a longer span is needed",
                    happened, events.size()));
  }
  SmoothedTargets targets{(happened + 1.0) / (happened + 2.0), 1.0 / (others + 2.0), 0.0};
  targets.base_odds = std::log((happened + 1.0) / (others + 1.0));
  return targets;
}

/// The most likely map of slope 0: the mean of the targets for all.
PlattMap flat_map(const std::vector<double>& targets) {
  const double mean =
      std::accumulate(targets.begin(), targets.end(), 0.0) / static_cast<double>(targets.size());
  return {0.0, std::log(mean / (1.0 - mean))};
}

/// Goes by Newton's step, halved until the value falls as the slope promises. Tells whether it did.
bool step_down(std::span<const double> scores, const std::vector<double>& targets, PlattMap& at,
               Surface& surface) {
  constexpr double kRidge = 1e-12;  // keeps the curvature from vanishing
  const double a = surface.slope_slope + kRidge;
  const double b = surface.slope_intercept;
  const double c = surface.intercept_intercept + kRidge;
  const double determinant = a * c - b * b;
  const double slope = -(c * surface.by_slope - b * surface.by_intercept) / determinant;
  const double intercept = -(a * surface.by_intercept - b * surface.by_slope) / determinant;
  const double promise = surface.by_slope * slope + surface.by_intercept * intercept;
  double share = 1.0;
  for (int halving = 0; halving < kHalvings; ++halving, share *= 0.5) {
    const PlattMap next{at.slope + share * slope, at.intercept + share * intercept};
    const Surface there = surface_at(next, scores, targets);
    if (!(there.value <= surface.value + 1e-4 * share * promise + 1e-13 * surface.value)) continue;
    at = next;
    surface = there;
    return true;
  }
  return false;
}

nlohmann::json to_json(const IsotonicMap& map) {
  return {{"method", "isotonic"}, {"scores", map.scores}, {"probabilities", map.probabilities}};
}

nlohmann::json to_json(const PlattMap& map) {
  return {{"method", "platt"}, {"slope", map.slope}, {"intercept", map.intercept}};
}

Error unreadable(std::string_view source, std::string_view reason) {
  return external_error(ErrorCode::kDataCorrupt, fmt::format("{}: {}", source, reason));
}

}  // namespace

double log_odds(double probability) {
  constexpr double kEdge = std::numeric_limits<double>::epsilon();
  const double kept = std::clamp(probability, kEdge, 1.0 - kEdge);
  return std::log(kept / (1.0 - kept));
}

double IsotonicMap::operator()(double score) const {
  if (std::isnan(score)) return score;
  const auto above = std::lower_bound(scores.begin(), scores.end(), score);
  if (above == scores.begin()) return probabilities.front();
  if (above == scores.end()) return probabilities.back();
  const auto i = static_cast<std::size_t>(above - scores.begin());
  const double share = (score - scores[i - 1]) / (scores[i] - scores[i - 1]);
  return probabilities[i - 1] + share * (probabilities[i] - probabilities[i - 1]);
}

IsotonicMap fit_isotonic(std::span<const double> scores, std::span<const double> events) {
  require_samples(scores, events);
  auto blocks = blocks_of(scores, events);
  pool_violators(blocks);
  IsotonicMap map;
  for (const Block& block : blocks) {
    map.scores.push_back(block.first);
    map.probabilities.push_back(block.mean);
    if (block.last == block.first) continue;
    map.scores.push_back(block.last);
    map.probabilities.push_back(block.mean);
  }
  return map;
}

double PlattMap::operator()(double score) const { return probability_of(slope * score + intercept); }

PlattMap fit_platt(std::span<const double> scores, std::span<const double> events) {
  require_samples(scores, events);
  const auto smoothed = smoothed_targets(events);
  std::vector<double> targets;
  for (const double event : events) targets.push_back(event != 0.0 ? smoothed.event : smoothed.other);
  PlattMap at{0.0, smoothed.base_odds};
  Surface surface = surface_at(at, scores, targets);
  const double enough = kSettled * static_cast<double>(scores.size());
  const auto steepest = [&] {
    return std::max(std::fabs(surface.by_slope), std::fabs(surface.by_intercept));
  };
  for (int step = 0; step < kMostSteps && steepest() > enough; ++step) {
    if (!step_down(scores, targets, at, surface)) break;
  }
  return at.slope > 0.0 ? at : flat_map(targets);
}

Calibration Calibration::fit(CalibrationMethod method, std::span<const double> probabilities,
                             std::span<const double> events) {
  require_samples(probabilities, events);
  smoothed_targets(events);  // refuses samples of one kind
  Calibration calibration;
  if (method == CalibrationMethod::kIsotonic) {
    calibration.map_ = fit_isotonic(probabilities, events);
    return calibration;
  }
  std::vector<double> odds;
  for (const double probability : probabilities) odds.push_back(log_odds(probability));
  calibration.map_ = fit_platt(odds, events);
  return calibration;
}

double Calibration::operator()(double probability) const {
  if (const auto* platt = std::get_if<PlattMap>(&map_)) return (*platt)(log_odds(probability));
  return std::get<IsotonicMap>(map_)(probability);
}

CalibrationMethod Calibration::method() const {
  return platt() != nullptr ? CalibrationMethod::kPlatt : CalibrationMethod::kIsotonic;
}

std::string Calibration::to_text() const {
  const std::string body = std::visit([](const auto& map) { return to_json(map).dump(); }, map_);
  return fmt::format("{}{}\n{}\n", kMagic, fingerprint_text(body), body);
}

Calibration Calibration::from_text(const std::string& text, std::string_view source) {
  const auto end = std::min(text.find('\n'), text.size());
  if (!text.starts_with(kMagic)) throw unreadable(source, "this is not a calibration of Orrery's");
  std::string body = text.substr(std::min(end + 1, text.size()));
  if (!body.empty() && body.back() == '\n') body.pop_back();
  const auto expected = text.substr(kMagic.size(), end - kMagic.size());
  if (expected != fingerprint_text(body)) {
    throw unreadable(source,
                     fmt::format("the calibration is damaged or cut short: fingerprint {} expected, found {}",
                                 expected, fingerprint_text(body)));
  }
  try {
    const auto json = nlohmann::json::parse(body);
    Calibration calibration;
    if (json.at("method") == "platt") {
      calibration.map_ = PlattMap{json.at("slope").get<double>(), json.at("intercept").get<double>()};
    } else {
      calibration.map_ = IsotonicMap{json.at("scores").get<std::vector<double>>(),
                                     json.at("probabilities").get<std::vector<double>>()};
    }
    return calibration;
  } catch (const nlohmann::json::exception& error) {
    throw unreadable(source, fmt::format("the calibration can't be read: {}", error.what()));
  }
}

}  // namespace orrery
