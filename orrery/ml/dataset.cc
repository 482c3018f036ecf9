#include "orrery/ml/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/threads.h"

namespace orrery {
namespace {

/// Features handled together, so that one cache line of every output row is written at once.
constexpr std::size_t kTile = 16;

void require_shapes(const FeatureView& features, const MaskPanel& eligible, const RowRanges& rows,
                    const Panel* label) {
  const auto same = [&](const auto& panel) {
    return panel.rows() == eligible.rows() && panel.columns() == eligible.columns();
  };
  bool fits = (label == nullptr || same(*label)) && rows.end_row() <= eligible.rows() &&
              features.names().size() == features.size();
  for (std::size_t f = 0; f < features.size(); ++f) fits = fits && same(features.panel(f));
  if (fits) return;
  throw internal_error(
      fmt::format("factors, label and mask of a data set differ in shape, or rows {} to {} are not theirs; "
                  "the mask is {} × {}",
                  rows.begin_row(), rows.end_row(), eligible.rows(), eligible.columns()));
}

}  // namespace

Dataset::Dataset(FeatureView features, const FittedFeatures& steps, const MaskPanel& eligible,
                 const RowRanges& rows, const Panel* label)
    : features_(std::move(features)), steps_(&steps), steps_columns_(features_.size()), eligible_(&eligible) {
  std::iota(steps_columns_.begin(), steps_columns_.end(), std::size_t{0});
  require_shapes(features_, eligible, rows, label);
  for (const std::size_t row : rows.rows()) {
    const std::size_t before = samples_.size();
    for (std::size_t i = 0; i < eligible.columns(); ++i) {
      if (eligible(row, i) == 0 || (label != nullptr && !std::isfinite((*label)(row, i)))) continue;
      samples_.push_back({static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(i)});
      if (label != nullptr) labels_.push_back((*label)(row, i));
    }
    if (samples_.size() > before) groups_.push_back(before);
  }
  groups_.push_back(samples_.size());
}

void Dataset::set_weights(std::vector<float> weights) {
  if (weights.size() != size()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{} weights for {} samples", weights.size(), size()));
  }
  for (const float weight : weights) {
    if (std::isfinite(weight) && weight >= 0.0F) continue;
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("a sample's weight must be zero or more, found {}", weight));
  }
  weights_ = std::move(weights);
}

std::size_t Dataset::group_of(std::size_t sample) const {
  return static_cast<std::size_t>(std::upper_bound(groups_.begin(), groups_.end(), sample) -
                                  groups_.begin()) -
         1;
}

void Dataset::read_group(std::size_t group, std::size_t begin, std::size_t end, float* out) const {
  const std::size_t row = samples_[groups_[group]].row;
  const std::size_t instruments = eligible_->columns();
  const std::size_t features = feature_count();
  std::vector<float> tile(kTile * instruments);
  for (std::size_t first = 0; first < features; first += kTile) {
    const std::size_t width = std::min(kTile, features - first);
    for (std::size_t f = 0; f < width; ++f) {
      const std::span<float> values(tile.data() + f * instruments, instruments);
      read_session(first + f, row, values);
    }
    for (std::size_t sample = begin; sample < end; ++sample) {
      const float* column = tile.data() + samples_[sample].instrument;
      float* target = out + (sample - begin) * features + first;
      for (std::size_t f = 0; f < width; ++f) target[f] = column[f * instruments];
    }
  }
}

void Dataset::read_rows(std::size_t begin, std::size_t count, float* out, int threads) const {
  if (count == 0) return;
  const std::size_t end = begin + count;
  const std::size_t first = group_of(begin);
  const std::size_t last = group_of(end - 1);
  parallel_for(last - first + 1, threads, [&](std::size_t i) {
    const std::size_t from = std::max(begin, groups_[first + i]);
    const std::size_t to = std::min(end, groups_[first + i + 1]);
    read_group(first + i, from, to, out + (from - begin) * feature_count());
  });
}

RowRange Dataset::row_span() const {
  if (samples_.empty()) return {};
  return {samples_.front().row, std::size_t{samples_.back().row} + 1};
}

Dataset Dataset::with_history(std::size_t sessions) const {
  RowRange rows = row_span();
  rows.begin -= std::min(rows.begin, sessions);
  Dataset history(features_, *steps_, *eligible_, rows);
  history.steps_columns_ = steps_columns_;
  history.replaced_ = replaced_;
  return history;
}

Dataset Dataset::within(const RowRanges& rows) const {
  Dataset part = *this;
  part.samples_.clear();
  part.groups_.clear();
  part.labels_.clear();
  part.weights_.clear();
  for (const RowRange& range : rows.ranges()) {
    const auto row_before = [](const Sample& sample, std::size_t row) { return sample.row < row; };
    const auto from = std::lower_bound(samples_.begin(), samples_.end(), range.begin, row_before);
    const auto to = std::lower_bound(from, samples_.end(), range.end, row_before);
    for (auto sample = from; sample != to; ++sample) {
      if (part.samples_.empty() || part.samples_.back().row != sample->row)
        part.groups_.push_back(part.samples_.size());
      part.samples_.push_back(*sample);
    }
    const auto append = [&](const auto& all, auto& some) {
      if (all.empty()) return;
      some.insert(some.end(), all.begin() + (from - samples_.begin()), all.begin() + (to - samples_.begin()));
    };
    append(labels_, part.labels_);
    append(weights_, part.weights_);
  }
  part.groups_.push_back(part.samples_.size());
  return part;
}

Dataset Dataset::with_columns(const std::vector<std::size_t>& chosen) const {
  Dataset some = *this;
  some.features_ = FeatureView(features_, chosen);
  some.steps_columns_.clear();
  some.replaced_ = {};
  for (std::size_t column = 0; column < chosen.size(); ++column) {
    some.steps_columns_.push_back(steps_columns_[chosen[column]]);
    if (chosen[column] == replaced_.feature) some.replaced_ = {column, replaced_.values};
  }
  return some;
}

Dataset Dataset::on_features(FeatureView features) const {
  static const FittedFeatures as_they_stand;
  Dataset other(std::move(features), as_they_stand, *eligible_, RowRange{});
  other.samples_ = samples_;
  other.groups_ = groups_;
  other.labels_ = labels_;
  other.weights_ = weights_;
  return other;
}

Dataset Dataset::with_further(const FactorFrame& further) const {
  Dataset more = *this;
  for (const auto& name : further.names) {
    const auto& known = feature_names();
    if (std::find(known.begin(), known.end(), name) == known.end()) continue;
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("there is a feature named '{}' already, which a model adds by itself", name));
  }
  more.features_.add(further);
  more.steps_columns_.resize(more.features_.size(), kAsItStands);
  require_shapes(more.features_, *eligible_, RowRange{}, nullptr);
  return more;
}

Dataset Dataset::with_labels(std::vector<double> labels) const {
  if (labels.size() != size())
    throw internal_error(fmt::format("{} labels for {} samples", labels.size(), size()));
  Dataset other = *this;
  other.labels_ = std::move(labels);
  return other;
}

Dataset Dataset::with_feature(std::size_t feature, const FloatPanel& values) const {
  if (feature >= feature_count() || values.rows() != eligible_->rows() ||
      values.columns() != eligible_->columns()) {
    throw internal_error(fmt::format("feature {} of {} can't be replaced by {} × {} values for {} × {} cells",
                                     feature, feature_count(), values.rows(), values.columns(),
                                     eligible_->rows(), eligible_->columns()));
  }
  Dataset data = *this;
  data.replaced_ = {feature, &values};
  return data;
}

/// Writes one session's values of a feature, one cell an instrument.
void Dataset::read_session(std::size_t feature, std::size_t row, std::span<float> values) const {
  const bool is_replaced = replaced_.values != nullptr && replaced_.feature == feature;
  const FloatPanel& panel = is_replaced ? *replaced_.values : features_.panel(feature);
  std::copy_n(panel.row_data(row), values.size(), values.begin());
  if (is_replaced || steps_columns_[feature] == kAsItStands) return;
  steps_->apply(steps_columns_[feature], eligible_->row(row), values);
}

void Dataset::read_feature(std::size_t feature, std::span<float> out) const {
  std::vector<float> values(eligible_->columns());
  for (std::size_t group = 0; group + 1 < groups_.size(); ++group) {
    const std::size_t row = samples_[groups_[group]].row;
    read_session(feature, row, values);
    for (std::size_t sample = groups_[group]; sample < groups_[group + 1]; ++sample) {
      out[sample] = values[samples_[sample].instrument];
    }
  }
}

}  // namespace orrery
