#include "orrery/ml/sample_table.h"

#include <algorithm>
#include <utility>

#include "orrery/base/random.h"
#include "orrery/base/threads.h"

namespace orrery {

std::vector<std::size_t> draw_positions(std::size_t size, std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::size_t> drawn;
  for (std::size_t i = 0; i < size && drawn.size() < count; ++i) {
    if (random.below(size - i) < count - drawn.size()) drawn.push_back(i);
  }
  return drawn;
}

SampleTable::SampleTable(const Dataset& data, const std::vector<std::size_t>& positions, std::size_t sessions,
                         int threads)
    : eligible_(sessions, positions.size(), std::uint8_t{0}) {
  features_.names = data.feature_names();
  for (std::size_t f = 0; f < data.feature_count(); ++f) {
    features_.panels.emplace_back(sessions, positions.size());
  }
  for (const std::size_t position : positions) samples_.push_back(data.samples()[position]);
  const Dataset history = data.with_history(sessions - 1);
  parallel_for(history.groups().size() - 1, threads,
               [&](std::size_t group) { copy_session(history, group); });
}

/// Copies what the samples read of one session.
void SampleTable::copy_session(const Dataset& history, std::size_t group) {
  const std::size_t begin = history.groups()[group];
  const std::size_t end = history.groups()[group + 1];
  const std::size_t row = history.samples()[begin].row;
  const std::size_t sessions = eligible_.rows();
  const auto first = std::lower_bound(samples_.begin(), samples_.end(), row,
                                      [](const Sample& sample, std::size_t at) { return sample.row < at; });
  const auto last = std::lower_bound(first, samples_.end(), row + sessions,
                                     [](const Sample& sample, std::size_t at) { return sample.row < at; });
  if (first == last) return;
  const std::size_t width = features_.panels.size();
  std::vector<float> block((end - begin) * width);
  history.read_rows(begin, end - begin, block.data(), 1);
  const std::span cells = std::span(history.samples()).subspan(begin, end - begin);
  for (auto sample = first; sample != last; ++sample) {
    const auto cell =
        std::lower_bound(cells.begin(), cells.end(), sample->instrument,
                         [](const Sample& each, std::uint32_t at) { return each.instrument < at; });
    if (cell == cells.end() || cell->instrument != sample->instrument) continue;
    const float* values = block.data() + static_cast<std::size_t>(cell - cells.begin()) * width;
    const std::size_t target = sessions - 1 - (sample->row - row);
    const auto column = static_cast<std::size_t>(sample - samples_.begin());
    eligible_(target, column) = 1;
    for (std::size_t f = 0; f < width; ++f) features_.panels[f](target, column) = values[f];
  }
}

Dataset SampleTable::data() const {
  const RowRange own{eligible_.rows() - 1, eligible_.rows()};
  return {features_, no_steps_, eligible_, own};
}

FloatPanel SampleTable::replace_feature(std::size_t feature, FloatPanel values) {
  return std::exchange(features_.panels[feature], std::move(values));
}

}  // namespace orrery
