#include "plugins/models/lightgbm/binning.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

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
  check(LGBM_GetSampleCount(total, context.parameters.c_str(), &count), "to count sampled rows");
  std::vector<std::int32_t> indices(static_cast<std::size_t>(count));
  std::int32_t length = 0;
  check(LGBM_SampleIndices(total, context.parameters.c_str(), indices.data(), &length), "to sample rows");
  indices.resize(static_cast<std::size_t>(length));
  return indices;
}

/// The non-zero values of the sampled rows, by feature, with their positions in the sample.
struct SampledColumns {
  std::vector<std::vector<double>> values;
  std::vector<std::vector<int>> positions;
};

void sample_feature(const Dataset& data, std::size_t feature, const std::vector<std::int32_t>& rows,
                    SampledColumns& out) {
  std::vector<float> column(data.size());
  data.read_feature(feature, column);
  auto& values = out.values[feature];
  auto& positions = out.positions[feature];
  values.resize(rows.size());
  positions.resize(rows.size());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto value = static_cast<double>(column[static_cast<std::size_t>(rows[i])]);
    values[kept] = value;
    positions[kept] = static_cast<int>(i);
    kept += (std::fabs(value) > kZeroThreshold || std::isnan(value)) ? 1 : 0;
  }
  values.resize(kept);
  positions.resize(kept);
}

SampledColumns sample_columns(const Dataset& data, const std::vector<std::int32_t>& rows, int threads) {
  SampledColumns columns{std::vector<std::vector<double>>(data.feature_count()),
                         std::vector<std::vector<int>>(data.feature_count())};
  parallel_for(data.feature_count(), threads,
               [&](std::size_t feature) { sample_feature(data, feature, rows, columns); });
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
    values.push_back(columns.values[feature].data());
    positions.push_back(columns.positions[feature].data());
    counts.push_back(static_cast<int>(columns.values[feature].size()));
  }
  const ScopedSeconds timer(context.library_seconds);
  const auto total = static_cast<std::int32_t>(data.size());
  DatasetHandle handle = nullptr;
  check(LGBM_DatasetCreateFromSampledColumn(
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
    check(LGBM_DatasetPushRows(
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
    check(LGBM_DatasetCreateByReference(reference.get(), static_cast<std::int64_t>(data.size()), &handle),
          "a validation table");
  }
  BinnedTable table(handle);
  push_rows(table, data, context);
  return table;
}

}  // namespace orrery::plugins::models::lightgbm
