#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "orrery/ml/dataset.h"
#include "plugins/models/xgboost/library.h"

namespace orrery::plugins::models::xgboost {

/// What a table holds beside the features.
struct TableLabels {
  std::vector<float> labels;
  std::vector<float> weights;           ///< by sample, by session for ranking; empty: all the same
  std::vector<std::uint32_t> sessions;  ///< by sample, for ranking; empty otherwise
};

inline constexpr std::size_t kBlockRows = 32768;

struct TableSettings {
  std::int64_t max_bin = 256;
  int threads = 0;
  std::vector<int> categorical;  ///< by feature: 1 where its values are categories; empty: none
  double& library_seconds;       ///< gains the seconds inside the library
};

/// Turns a data set's features into XGBoost's quantised table, block by block, without ever holding them as a
/// dense matrix. `like`: a table whose bins are taken over, as XGBoost needs for validation; null: bins of
/// its own, by the blocks in turn. A block is as many whole sessions as have no more than kBlockRows samples
/// together, one at the least. Equal to the Python package's QuantileDMatrix over an iterator of the same
/// blocks, to the bit.
Table quantise(const Dataset& data, const TableLabels& labels, const TableSettings& settings, Handle like);

}  // namespace orrery::plugins::models::xgboost
