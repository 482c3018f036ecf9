#include "plugins/models/networks/scoring.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "orrery/base/random.h"
#include "orrery/base/threads.h"

namespace orrery::plugins::models::networks {
namespace {

/// Samples [begin, end) of a data set, all of one session.
struct Block {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::vector<Block> blocks_of(const std::vector<std::size_t>& groups) {
  std::vector<Block> blocks;
  for (std::size_t g = 0; g + 1 < groups.size(); ++g) {
    for (std::size_t begin = groups[g]; begin < groups[g + 1]; begin += kBlockSamples) {
      blocks.push_back({begin, std::min(groups[g + 1], begin + kBlockSamples)});
    }
  }
  return blocks;
}

/// The windows of a block's samples.
std::vector<float> read_block(const FeatureWindows& windows, Block block) {
  std::vector<std::uint32_t> samples(block.end - block.begin);
  std::iota(samples.begin(), samples.end(), static_cast<std::uint32_t>(block.begin));
  std::vector<float> inputs(samples.size() * windows.values_per_sample());
  windows.read(samples, inputs.data());
  return inputs;
}

/// A pass's own stream, the same for every network.
std::uint64_t seed_of_pass(std::size_t pass) {
  constexpr std::uint64_t kPassStream = 0x64726f7000000000;
  return Random(0).fork(kPassStream + pass).next();
}

double sample_deviation(std::span<const double> values) {
  const auto count = static_cast<double>(values.size());
  // Measured from the first value, so that equal ones have exactly no deviation.
  double shift = 0.0;
  for (const double value : values) shift += value - values.front();
  const double mean = values.front() + shift / count;
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / (count - 1.0));
}

}  // namespace

void deviate_all(const TorchNetwork& network, const FeatureWindows& windows,
                 const std::vector<std::size_t>& groups, int passes, bool are_log_odds, int threads,
                 std::span<double> out) {
  const auto count = static_cast<std::size_t>(passes);
  const auto blocks = blocks_of(groups);
  parallel_for(blocks.size(), threads, [&](std::size_t b) {
    const auto [begin, end] = blocks[b];
    const auto inputs = read_block(windows, blocks[b]);
    std::vector<float> scores(end - begin);
    std::vector<double> by_sample(scores.size() * count);
    for (std::size_t pass = 0; pass < count; ++pass) {
      network.score_dropped(inputs, seed_of_pass(pass), scores);
      for (std::size_t i = 0; i < scores.size(); ++i) {
        const auto score = static_cast<double>(scores[i]);
        by_sample[i * count + pass] = are_log_odds ? 1.0 / (1.0 + std::exp(-score)) : score;
      }
    }
    for (std::size_t i = 0; i < scores.size(); ++i)
      out[begin + i] = sample_deviation(std::span(by_sample).subspan(i * count, count));
  });
}

void explain_all(const TorchNetwork& network, const FeatureWindows& windows,
                 const std::vector<std::size_t>& groups, std::span<const QuadraturePoint> points, int threads,
                 std::span<double> out) {
  const std::size_t features = windows.feature_count();
  std::array<float, 1> base{};
  network.score(std::vector<float>(windows.values_per_sample(), 0.0F), base);
  const auto blocks = blocks_of(groups);
  parallel_for(blocks.size(), threads, [&](std::size_t i) {
    const auto [begin, end] = blocks[i];
    std::vector<double> parts((end - begin) * features);
    network.explain(read_block(windows, blocks[i]), points, parts);
    for (std::size_t sample = begin; sample < end; ++sample) {
      const auto row = std::span(out).subspan(sample * (features + 1), features + 1);
      std::copy_n(parts.begin() + static_cast<std::ptrdiff_t>((sample - begin) * features), features,
                  row.begin());
      row.back() = static_cast<double>(base.front());
    }
  });
}

std::vector<float> score_all(const TorchNetwork& network, const FeatureWindows& windows,
                             const std::vector<std::size_t>& groups, int threads) {
  const auto blocks = blocks_of(groups);
  std::vector<float> scores(groups.back());
  parallel_for(blocks.size(), threads, [&](std::size_t i) {
    const auto [begin, end] = blocks[i];
    network.score(read_block(windows, blocks[i]), std::span(scores).subspan(begin, end - begin));
  });
  return scores;
}

}  // namespace orrery::plugins::models::networks
