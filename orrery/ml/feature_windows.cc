#include "orrery/ml/feature_windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "orrery/base/error.h"

namespace orrery {
namespace {

constexpr std::uint32_t kNoCell = std::numeric_limits<std::uint32_t>::max();

/// Puts `missing` where a feature is missing. Errors: kInvalidArgument for an infinite one.
void settle_cells(const std::vector<std::string>& names, float missing, std::span<float> cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (std::isfinite(cells[i])) continue;
    if (std::isinf(cells[i])) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("the feature {} is infinite somewhere, which a network can't learn from; "
                                   "add {{clip: 3}} to the preprocessing",
                                   names[i % names.size()]));
    }
    cells[i] = missing;
  }
}

}  // namespace

FeatureWindows::FeatureWindows(const Dataset& data, std::size_t sessions, float missing, int threads)
    : sessions_(sessions),
      features_(data.feature_count()),
      missing_(missing),
      samples_(data.samples()),
      instruments_(data.instrument_count()) {
  if (sessions == 0)
    throw user_error(ErrorCode::kInvalidArgument, "a window of 0 sessions has nothing in it");
  read_cells(data.with_history(sessions - 1), threads);
}

void FeatureWindows::read_cells(const Dataset& history, int threads) {
  if (history.size() == 0) return;
  first_row_ = history.samples().front().row;
  const std::size_t rows = history.samples().back().row + 1 - first_row_;
  positions_.assign(rows * instruments_, kNoCell);
  for (std::size_t i = 0; i < history.size(); ++i) {
    const auto [row, instrument] = history.samples()[i];
    positions_[(row - first_row_) * instruments_ + instrument] = static_cast<std::uint32_t>(i);
  }
  cells_.resize(history.size() * features_);
  history.read_rows(0, history.size(), cells_.data(), threads);
  settle_cells(history.feature_names(), missing_, cells_);
}

const float* FeatureWindows::cell(std::size_t row, std::size_t instrument) const {
  if (row < first_row_) return nullptr;
  const std::uint32_t position = positions_[(row - first_row_) * instruments_ + instrument];
  return position == kNoCell ? nullptr : cells_.data() + position * features_;
}

void FeatureWindows::read(std::span<const std::uint32_t> samples, float* out) const {
  for (const std::uint32_t sample : samples) {
    const auto [row, instrument] = samples_[sample];
    for (std::size_t ago = sessions_; ago-- > 0; out += features_) {
      const float* values = ago <= row ? cell(row - ago, instrument) : nullptr;
      if (values != nullptr) {
        std::copy_n(values, features_, out);
      } else {
        std::fill_n(out, features_, missing_);
      }
    }
  }
}

}  // namespace orrery
