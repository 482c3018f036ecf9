#include "plugins/models/networks/batch.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "orrery/base/random.h"

namespace orrery::plugins::models::networks {
namespace {

/// Returns 0 … count - 1 in a random order (Fisher and Yates).
std::vector<std::uint32_t> shuffled(std::size_t count, std::uint64_t seed) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  Random random(seed);
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

}  // namespace

BatchPlan plan_samples(std::size_t samples, std::size_t batch_size, std::uint64_t seed) {
  const auto order = shuffled(samples, seed);
  BatchPlan plan;
  for (std::size_t begin = 0; begin < samples; begin += batch_size) {
    const std::size_t end = std::min(samples, begin + batch_size);
    plan.parts.push_back({{order.begin() + static_cast<std::ptrdiff_t>(begin),
                           order.begin() + static_cast<std::ptrdiff_t>(end)},
                          {}});
  }
  return plan;
}

BatchPlan plan_sessions(const std::vector<std::size_t>& groups, std::size_t batch_size, std::uint64_t seed) {
  BatchPlan plan;
  for (const std::uint32_t group : shuffled(groups.size() - 1, seed)) {
    const std::size_t size = groups[group + 1] - groups[group];
    if (plan.parts.empty() || plan.parts.back().samples.size() + size > batch_size) {
      plan.parts.push_back({{}, {0}});
    }
    auto& part = plan.parts.back();
    for (std::size_t sample = groups[group]; sample < groups[group + 1]; ++sample) {
      part.samples.push_back(static_cast<std::uint32_t>(sample));
    }
    part.sessions.push_back(part.samples.size());
  }
  return plan;
}

Targets targets_of(const Dataset& data, std::span<const std::uint32_t> samples) {
  Targets targets;
  for (const std::uint32_t sample : samples) {
    targets.labels.push_back(static_cast<float>(data.labels()[sample]));
    if (!data.weights().empty()) targets.weights.push_back(data.weights()[sample]);
  }
  return targets;
}

BatchLoader::BatchLoader(const Dataset& data, const FeatureWindows& windows, const BatchPlan& plan)
    : data_(data), windows_(windows), plan_(plan) {
  start();
}

BatchLoader::~BatchLoader() {
  if (reading_.valid()) reading_.wait();
}

void BatchLoader::start() {
  if (!has_next()) return;
  reading_ = std::async(std::launch::async, [this, part = next_] { return read(part); });
}

Batch BatchLoader::next() {
  Batch batch = reading_.get();
  ++next_;
  start();
  return batch;
}

Batch BatchLoader::read(std::size_t part) const {
  Batch batch;
  batch.samples = plan_.parts[part].samples;
  batch.inputs.resize(batch.samples.size() * windows_.values_per_sample());
  windows_.read(batch.samples, batch.inputs.data());
  batch.targets = targets_of(data_, batch.samples);
  batch.targets.sessions = plan_.parts[part].sessions;
  return batch;
}

}  // namespace orrery::plugins::models::networks
