#include "orrery/ml/tuning/samplers/parzen_estimator.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>

#include "orrery/base/statistics.h"

namespace orrery {
namespace {

constexpr std::size_t kFullWeight = 25;
constexpr double kMostKernels = 100.0;
/// So many deviations to both sides hold all mass that a double can tell from 1.
constexpr double kAllMass = 8.5;
/// Kernels so many deviations away add less to a density than its last digit, as the prior is always there.
constexpr double kReach = 10.0;
const double kLogRootTwoPi = 0.5 * std::log(2.0 * std::acos(-1.0));

/// The latest weigh 1, older ones less in a line down to 1 / n; the prior, last, weighs 1.
std::vector<double> kernel_weights(std::size_t observed) {
  std::vector<double> weights(observed + 1, 1.0);
  if (observed >= kFullWeight) {
    const std::size_t ramp = observed - kFullWeight;
    const double first = 1.0 / static_cast<double>(observed);
    for (std::size_t i = 0; i < ramp; ++i) {
      const double share = ramp == 1 ? 0.0 : static_cast<double>(i) / static_cast<double>(ramp - 1);
      weights[i] = first + share * (1.0 - first);
    }
  }
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight /= sum;
  return weights;
}

using Placed = std::pair<double, std::size_t>;  // value, position

/// Values with their positions, ascending: counted into as many bins as there are values, then put right by
/// insertion, so that values spread over the range take a step each.
std::vector<Placed> sort_spread(const std::vector<double>& values, double low, double high) {
  const std::size_t count = values.size();
  const double scale = static_cast<double>(count) / (high - low);
  std::vector<std::size_t> bin(count);
  std::vector<std::size_t> starts(count + 2, 0);
  for (std::size_t i = 0; i < count; ++i) {
    bin[i] = static_cast<std::size_t>(std::clamp((values[i] - low) * scale, 0.0, static_cast<double>(count)));
    if (bin[i] < count) ++starts[bin[i] + 1];
  }
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  std::vector<Placed> sorted(count);
  for (std::size_t i = 0; i < count; ++i) sorted[starts[bin[i]]++] = {values[i], i};
  if (!std::is_sorted(sorted.begin(), sorted.end())) {
    constexpr std::size_t kRun = 16;  // so many in a wrong place are a crowded range: sort it as any other
    for (std::size_t i = 1; i < count; ++i) {
      std::size_t place = i;
      const Placed moved = sorted[i];
      for (; place > 0 && i - place < kRun && moved < sorted[place - 1]; --place)
        sorted[place] = sorted[place - 1];
      sorted[place] = moved;
    }
    if (!std::is_sorted(sorted.begin(), sorted.end())) std::sort(sorted.begin(), sorted.end());
  }
  return sorted;
}

/// The larger distance to a neighbour, at the ends to the only one; a lone value has the bounds for
/// neighbours.
std::vector<double> neighbour_distances(const std::vector<double>& values, double low, double high) {
  const std::size_t count = values.size();
  const auto sorted = sort_spread(values, low, high);
  std::vector<double> distances(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double before = sorted[i].first - (i == 0 ? low : sorted[i - 1].first);
    const double after = (i + 1 == count ? high : sorted[i + 1].first) - sorted[i].first;
    const bool only_after = i == 0 && count > 1;
    const bool only_before = i + 1 == count && count > 1;
    distances[sorted[i].second] = only_after ? after : only_before ? before : std::max(before, after);
  }
  return distances;
}

/// Powers of the Taylor polynomial of e^r, highest first.
constexpr std::array<double, 10> kTaylor = {
    1.0 / 362880.0, 1.0 / 40320.0, 1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0,
    1.0 / 24.0,     1.0 / 6.0,     0.5,          1.0,         1.0};

/// Replaces each x by e^(x - shift), to about 1e-11 of its value; differences beyond ±700 count as those. The
/// loop has no branch and no call, so that it runs in vector lanes. Cody and Waite's reduction, and the
/// Taylor polynomial of degree 13 on |r| <= ln 2 / 2.
void exponentiate(std::span<double> values, double shift) {
  constexpr double kRound = 6755399441055744.0;  // 1.5 × 2^52: adding it rounds to a whole number
  constexpr double kLog2E = 1.4426950408889634;
  constexpr double kLn2High = 6.93147180369123816490e-01;
  constexpr double kLn2Low = 1.90821492927058770002e-10;
  double* value = values.data();
  for (std::size_t i = 0; i < values.size(); ++i) {
    double x = value[i] - shift;
    x = x < -700.0 ? -700.0 : x;
    x = x > 700.0 ? 700.0 : x;
    const double shifted = x * kLog2E + kRound;
    const double whole = shifted - kRound;
    const double r = (x - whole * kLn2High) - whole * kLn2Low;
    double sum = kTaylor[0];
    for (std::size_t power = 1; power < kTaylor.size(); ++power) sum = sum * r + kTaylor[power];
    const std::int64_t exponent = std::bit_cast<std::int64_t>(shifted) << 52;
    value[i] = std::bit_cast<double>(std::bit_cast<std::int64_t>(sum) + exponent);
  }
}

/// Sums in eight lanes, so that the order, and with it the last bit, is the same everywhere.
double sum_in_lanes(std::span<const double> values) {
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> lanes = {};
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += values[i + lane];
  }
  for (std::size_t lane = 0; i < values.size(); ++i, ++lane) lanes[lane] += values[i];
  return std::accumulate(lanes.begin(), lanes.end(), 0.0);
}

/// log of the sum of e^logs, which it overwrites. The last one is the prior's, which is never small: sums are
/// taken relative to it.
double log_sum_exp(std::span<double> logs) {
  const double shift = logs.back();
  exponentiate(logs, shift);
  return shift + std::log(sum_in_lanes(logs));
}

/// Mass of a standard normal between a and b, from the tail that keeps its digits.
double normal_mass(double a, double b) {
  if (a < -kAllMass && b > kAllMass) return 1.0;
  if (a > 0.0) return normal_distribution(-a) - normal_distribution(-b);
  return normal_distribution(b) - normal_distribution(a);
}

}  // namespace

ParzenEstimator::ParzenEstimator(const SearchSpace& space,
                                 const std::vector<std::vector<double>>& observations)
    : weights_(kernel_weights(observations.front().size())) {
  for (const double weight : weights_) log_weights_.push_back(std::log(weight));
  for (std::size_t d = 0; d < space.size(); ++d) {
    Dimension dimension;
    dimension.parameter = space[d];
    if (space[d].numeric()) {
      fit_numbers(observations[d], dimension);
    } else {
      fit_choices(observations[d], dimension);
    }
    dimensions_.push_back(std::move(dimension));
  }
  if (space.size() == 1 && space.front().kind == TunedParameter::Kind::kReal) arrange_by_center();
}

/// Of a single dimension: the kernels of the least width first, by their centers, so that a point needs only
/// those near it.
void ParzenEstimator::arrange_by_center() {
  Dimension& dimension = dimensions_.front();
  const std::size_t observed = dimension.center.size() - 1;
  if (observed == 0) return;
  const double narrowest = *std::min_element(dimension.width.begin(), dimension.width.end() - 1);
  const auto sorted =
      sort_spread({dimension.center.begin(), dimension.center.end() - 1}, dimension.low, dimension.high);
  std::vector<std::size_t> order, wide;
  for (const auto& [center, kernel] : sorted)
    (dimension.width[kernel] == narrowest ? order : wide).push_back(kernel);
  narrow_ = order.size();
  order.insert(order.end(), wide.begin(), wide.end());
  order.push_back(observed);
  for (auto* values : {&dimension.center, &dimension.width, &dimension.precision, &dimension.log_scale,
                       &weights_, &log_weights_}) {
    std::vector<double> arranged;
    for (const std::size_t kernel : order) arranged.push_back((*values)[kernel]);
    *values = std::move(arranged);
  }
}

void ParzenEstimator::fit_numbers(const std::vector<double>& values, Dimension& dimension) const {
  const auto& parameter = dimension.parameter;
  dimension.low = parameter.inner_low();
  dimension.high = parameter.inner_high();
  const double range = dimension.high - dimension.low;
  for (const double value : values) dimension.center.push_back(parameter.to_inner(value));
  dimension.width = neighbour_distances(dimension.center, dimension.low, dimension.high);
  const double narrowest = range / std::min(kMostKernels, 2.0 + static_cast<double>(values.size()));
  for (double& width : dimension.width) width = std::clamp(width, narrowest, range);
  dimension.center.push_back(0.5 * (dimension.low + dimension.high));
  dimension.width.push_back(range);
  const bool density = parameter.kind == TunedParameter::Kind::kReal;
  const double log_narrowest = std::log(narrowest);
  for (std::size_t k = 0; k < dimension.center.size(); ++k) {
    dimension.precision.push_back(1.0 / dimension.width[k]);
    const double mass = normal_mass((dimension.low - dimension.center[k]) / dimension.width[k],
                                    (dimension.high - dimension.center[k]) / dimension.width[k]);
    const double width = dimension.width[k];
    const double log_width = width == narrowest ? log_narrowest : std::log(width);
    dimension.log_scale.push_back((mass == 1.0 ? 0.0 : -std::log(mass)) -
                                  (density ? log_width + kLogRootTwoPi : 0.0));
  }
}

void ParzenEstimator::fit_choices(const std::vector<double>& values, Dimension& dimension) const {
  const auto choices = static_cast<double>(dimension.parameter.choices.size());
  const double share = 1.0 / static_cast<double>(values.size() + 1);
  for (const double value : values) dimension.choice.push_back(static_cast<std::size_t>(value));
  dimension.log_chosen = std::log((1.0 + share) / (1.0 + choices * share));
  dimension.log_other = std::log(share / (1.0 + choices * share));
  dimension.log_prior = -std::log(choices);
}

double ParzenEstimator::draw_in(const Dimension& dimension, std::size_t kernel, Random& random) const {
  const auto& parameter = dimension.parameter;
  if (!parameter.numeric()) {
    const bool prior = kernel == dimension.choice.size();
    if (!prior &&
        random.uniform() >= static_cast<double>(parameter.choices.size()) * std::exp(dimension.log_other))
      return static_cast<double>(dimension.choice[kernel]);
    return static_cast<double>(random.below(parameter.choices.size()));
  }
  const double center = dimension.center[kernel];
  const double width = dimension.width[kernel];
  const double first = normal_distribution((dimension.low - center) / width);
  const double last = normal_distribution((dimension.high - center) / width);
  const double drawn = center + width * normal_quantile(first + random.uniform() * (last - first));
  return parameter.from_inner(std::clamp(drawn, dimension.low, dimension.high));
}

TuningPoint ParzenEstimator::draw(Random& random) const {
  const double place = random.uniform();
  std::size_t kernel = 0;
  double sum = weights_[0];
  while (kernel + 1 < weights_.size() && place >= sum) sum += weights_[++kernel];
  TuningPoint point;
  for (const auto& dimension : dimensions_) point.push_back(draw_in(dimension, kernel, random));
  return point;
}

void ParzenEstimator::add_log_kernels(const Dimension& dimension, double value, std::size_t first,
                                      std::span<double> logs) const {
  if (logs.empty()) return;
  const auto& parameter = dimension.parameter;
  if (!parameter.numeric()) {
    const auto chosen = static_cast<std::size_t>(value);
    for (std::size_t k = 0; k < dimension.choice.size(); ++k)
      logs[k] += dimension.choice[k] == chosen ? dimension.log_chosen : dimension.log_other;
    logs.back() += dimension.log_prior;
    return;
  }
  if (parameter.kind == TunedParameter::Kind::kReal) {
    const double x = parameter.to_inner(value);
    const double* center = dimension.center.data() + first;
    const double* precision = dimension.precision.data() + first;
    const double* log_scale = dimension.log_scale.data() + first;
    double* log = logs.data();
    for (std::size_t k = 0; k < logs.size(); ++k) {
      const double z = (x - center[k]) * precision[k];
      log[k] += log_scale[k] - 0.5 * z * z;
    }
    return;
  }
  const double below = parameter.to_inner(value - 0.5);
  const double above = parameter.to_inner(value + 0.5);
  for (std::size_t k = 0; k < logs.size(); ++k) {
    const double mass = normal_mass((below - dimension.center[k]) / dimension.width[k],
                                    (above - dimension.center[k]) / dimension.width[k]);
    logs[k] += dimension.log_scale[k] + std::log(std::max(mass, 1e-300));
  }
}

/// Kernels of a single dimension that matter at x: [begin, end) of the narrow ones and all wide ones.
ParzenEstimator::KernelRange ParzenEstimator::narrow_kernels_near(double x) const {
  const Dimension& dimension = dimensions_.front();
  const auto first = dimension.center.begin();
  const auto last = first + static_cast<std::ptrdiff_t>(narrow_);
  const double reach = kReach * dimension.width.front();
  const auto begin = std::lower_bound(first, last, x - reach);
  return {static_cast<std::size_t>(begin - first),
          static_cast<std::size_t>(std::upper_bound(begin, last, x + reach) - first)};
}

std::vector<double> ParzenEstimator::log_densities(const std::vector<TuningPoint>& points) const {
  std::vector<double> logs(weights_.size());
  std::vector<double> densities;
  for (const auto& point : points) {
    KernelRange near{0, narrow_};
    if (narrow_ > 0) near = narrow_kernels_near(dimensions_.front().parameter.to_inner(point.front()));
    const std::span<double> narrow(logs.data(), near.end - near.begin);
    const std::span<double> others(logs.data() + narrow.size(), weights_.size() - narrow_);
    std::copy_n(log_weights_.begin() + static_cast<std::ptrdiff_t>(near.begin), narrow.size(),
                narrow.begin());
    std::copy_n(log_weights_.begin() + static_cast<std::ptrdiff_t>(narrow_), others.size(), others.begin());
    for (std::size_t d = 0; d < dimensions_.size(); ++d) {
      add_log_kernels(dimensions_[d], point[d], near.begin, narrow);
      add_log_kernels(dimensions_[d], point[d], narrow_, others);
    }
    densities.push_back(log_sum_exp({logs.data(), narrow.size() + others.size()}));
  }
  return densities;
}

}  // namespace orrery
