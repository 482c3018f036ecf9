#pragma once

#include <Eigen/Dense>
#include <algorithm>
#include <cstddef>
#include <vector>

#include "orrery/base/threads.h"
#include "orrery/ml/dataset.h"

namespace orrery::plugins::models::linear {

/// Samples taken together. The blocks are the same whatever the number of threads.
constexpr std::size_t kBlockSamples = 4096;

inline std::size_t block_count(std::size_t samples) { return (samples + kBlockSamples - 1) / kBlockSamples; }

/// Adds up one part for each block of samples, in block order, with the parts computed in parallel a few at a
/// time. `compute(begin, count)` makes a part from samples [begin, begin + count).
template <class Part, class Compute>
void sum_blocks(std::size_t samples, int threads, Part& total, const Compute& compute) {
  constexpr std::size_t kTogether = 16;
  const std::size_t blocks = block_count(samples);
  for (std::size_t first = 0; first < blocks; first += kTogether) {
    std::vector<Part> parts(std::min(kTogether, blocks - first));
    parallel_for(parts.size(), threads, [&](std::size_t i) {
      const std::size_t begin = (first + i) * kBlockSamples;
      parts[i] = compute(begin, std::min(kBlockSamples, samples - begin));
    });
    for (const auto& part : parts) total += part;
  }
}

/// Calls `work(begin, count, rows)` in parallel with the features of samples [begin, begin + count),
/// row-major.
template <class Work>
void for_each_block(const Dataset& data, int threads, const Work& work) {
  parallel_for(block_count(data.size()), threads, [&](std::size_t block) {
    const std::size_t begin = block * kBlockSamples;
    const std::size_t count = std::min(kBlockSamples, data.size() - begin);
    std::vector<float> rows(count * data.feature_count());
    data.read_rows(begin, count, rows.data(), 1);
    work(begin, count, rows.data());
  });
}

/// Features of samples [begin, begin + count), a row a sample.
Eigen::MatrixXd read_block(const Dataset& data, std::size_t begin, std::size_t count);

/// 1 where samples have no weights.
double weight_of(const Dataset& data, std::size_t sample);

/// Makes the sizes of Eigen's own blocks, on which the bits of its sums depend, the same on every machine.
void fix_eigen_blocks();

}  // namespace orrery::plugins::models::linear
