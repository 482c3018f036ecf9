#include "plugins/models/lightgbm/binning.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

#include "orrery/base/aligned_memory.h"
#include "orrery/base/stopwatch.h"
#include "orrery/base/threads.h"

namespace orrery::plugins::models::lightgbm {
namespace {

/// Rows read and pushed at a time: enough to feed all threads, little enough to stay in the cache.
constexpr std::size_t kBlockRows = 8192;
/// LightGBM's kZeroThreshold: smaller values are zeros, which its samples leave out.
constexpr double kZeroThreshold = 1e-35F;

/// The rows that LightGBM would look at to find bins, for the seed and count in the parameters.
std::vector<std::int32_t> sampled_rows(std::size_t rows, const BinningContext& context) {
  const ScopedSeconds timer(context.library_seconds);
  const auto total = static_cast<std::int32_t>(rows);
  int count = 0;
  check(library().count_sample(total, context.parameters.c_str(), &count), "to count sampled rows");
  std::vector<std::int32_t> indices(static_cast<std::size_t>(count));
  std::int32_t length = 0;
  check(library().sample_rows(total, context.parameters.c_str(), indices.data(), &length), "to sample rows");
  indices.resize(static_cast<std::size_t>(length));
  return indices;
}

/// A feature with at most this share of zeros hands them over as values like any other. Bins come out the
/// same, and such features then share one list of positions, which saves four bytes a value.
constexpr double kDenseZeroShare = 0.05;

/// The values of the sampled rows, by feature, with their positions in the sample. Zeros may be left out.
class SampledColumns {
 public:
  SampledColumns(std::size_t features, std::size_t rows)
      : rows_(rows),
        values_(static_cast<double*>(allocate_aligned(features * rows * sizeof(double)))),
        every_position_(rows),
        positions_(features),
        counts_(features) {
    std::iota(every_position_.begin(), every_position_.end(), 0);
  }

  void fill(const Dataset& data, std::size_t feature, const std::vector<std::int32_t>& rows) {
    std::vector<float> column(data.size());
    data.read_feature(feature, column);
    double* const values = this->values(feature);
    std::size_t zeros = 0;
    for (std::size_t i = 0; i < rows_; ++i) {
      values[i] = static_cast<double>(column[static_cast<std::size_t>(rows[i])]);
      zeros += is_zero(values[i]) ? 1 : 0;
    }
    counts_[feature] = static_cast<int>(rows_);
    if (static_cast<double>(zeros) > kDenseZeroShare * static_cast<double>(rows_))
      leave_out_zeros(feature, zeros);
  }

  double* values(std::size_t feature) { return values_.get() + feature * rows_; }
  int* positions(std::size_t feature) {
    return positions_[feature].empty() ? every_position_.data() : positions_[feature].data();
  }
  int count(std::size_t feature) const { return counts_[feature]; }

 private:
  struct Release {
    void operator()(double* values) const { release_aligned(values); }
  };

  static bool is_zero(double value) { return std::fabs(value) <= kZeroThreshold; }

  void leave_out_zeros(std::size_t feature, std::size_t zeros) {
    double* const values = this->values(feature);
    auto& positions = positions_[feature];
    positions.reserve(std::max<std::size_t>(1, rows_ - zeros));
    for (std::size_t i = 0; i < rows_; ++i) {
      if (is_zero(values[i])) continue;
      values[positions.size()] = values[i];
      positions.push_back(static_cast<int>(i));
    }
    counts_[feature] = static_cast<int>(positions.size());
    if (positions.empty())
      positions.push_back(0);  // tells "none" from "all"; the count says how many are read
  }

  std::size_t rows_;
  std::unique_ptr<double, Release> values_;  ///< one block, so that all of it goes back to the system at once
  std::vector<int> every_position_;
  std::vector<std::vector<int>> positions_;  ///< by feature; empty: every position
  std::vector<int> counts_;
};

SampledColumns sample_columns(const Dataset& data, const std::vector<std::int32_t>& rows, int threads) {
  SampledColumns columns(data.feature_count(), rows.size());
  parallel_for(data.feature_count(), threads,
               [&](std::size_t feature) { columns.fill(data, feature, rows); });
  return columns;
}

/// Finds the bins; the table has room for every row and holds none yet.
BinnedTable create_table(const Dataset& data, const BinningContext& context) {
  const auto rows = sampled_rows(data.size(), context);
  SampledColumns columns = sample_columns(data, rows, context.threads);
  std::vector<double*> values;
  std::vector<int*> positions;
  std::vector<int> counts;
  for (std::size_t feature = 0; feature < data.feature_count(); ++feature) {
    values.push_back(columns.values(feature));
    positions.push_back(columns.positions(feature));
    counts.push_back(columns.count(feature));
  }
  const ScopedSeconds timer(context.library_seconds);
  const auto total = static_cast<std::int32_t>(data.size());
  DatasetHandle handle = nullptr;
  check(library().create_table_from_sample(
            values.data(), positions.data(), static_cast<std::int32_t>(data.feature_count()), counts.data(),
            static_cast<std::int32_t>(rows.size()), total, total, context.parameters.c_str(), &handle),
        "to find bins");
  return BinnedTable(handle);
}

void push_rows(const BinnedTable& table, const Dataset& data, const BinningContext& context) {
  std::vector<float> block(std::min(kBlockRows, data.size()) * data.feature_count());
  for (std::size_t begin = 0; begin < data.size(); begin += kBlockRows) {
    const std::size_t count = std::min(kBlockRows, data.size() - begin);
    data.read_rows(begin, count, block.data(), context.threads);
    const ScopedSeconds timer(context.library_seconds);
    check(library().push_rows(
              table.get(), block.data(), C_API_DTYPE_FLOAT32, static_cast<std::int32_t>(count),
              static_cast<std::int32_t>(data.feature_count()), static_cast<std::int32_t>(begin)),
          "rows");
  }
}

}  // namespace

BinnedTable bin_features(const Dataset& data, const BinningContext& context) {
  auto table = create_table(data, context);
  push_rows(table, data, context);
  return table;
}

BinnedTable bin_features_like(const BinnedTable& reference, const Dataset& data,
                              const BinningContext& context) {
  DatasetHandle handle = nullptr;
  {
    const ScopedSeconds timer(context.library_seconds);
    check(library().create_table_like(reference.get(), static_cast<std::int64_t>(data.size()), &handle),
          "a validation table");
  }
  BinnedTable table(handle);
  push_rows(table, data, context);
  return table;
}

}  // namespace orrery::plugins::models::lightgbm
