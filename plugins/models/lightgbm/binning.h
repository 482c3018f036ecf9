#pragma once

#include <string>

#include "orrery/ml/dataset.h"
#include "plugins/models/lightgbm/library.h"

namespace orrery::plugins::models::lightgbm {

/// Seconds inside and outside the library's calls are told apart: `library_seconds` gains the former.
struct BinningContext {
  std::string parameters;  ///< in LightGBM's form
  int threads = 0;
  double& library_seconds;
};

/// Turns a data set's features into LightGBM's binned table (about one byte a cell) without ever holding them
/// as a dense matrix: the rows that LightGBM itself would sample decide the bins, then rows are pushed block
/// by block. The result equals that of LGBM_DatasetCreateFromMat on the same values, to the bit.
BinnedTable bin_features(const Dataset& data, const BinningContext& context);

/// Bins a data set by the bins of another, as LightGBM needs for validation.
BinnedTable bin_features_like(const BinnedTable& reference, const Dataset& data,
                              const BinningContext& context);

}  // namespace orrery::plugins::models::lightgbm
