#pragma once

#include <string>
#include <vector>

#include "orrery/ml/model.h"

namespace orrery::model_parity {

/// Dense row-major features, with labels where there are any.
struct Matrix {
  std::vector<float> x;
  std::vector<double> y;
  std::size_t features = 0;

  std::size_t rows() const { return x.size() / features; }
};

/// What boosting through the bare C API took and gave.
struct BareOutcome {
  LibrarySeconds seconds;
  std::vector<double> predictions;
};

/// Bins two dense matrices, boosts `rounds` rounds with both metrics each, and predicts with the first
/// `best_round`: the calls that any user of LightGBM's C API makes.
BareOutcome run_bare(const Matrix& train, const Matrix& valid, const Matrix& test,
                     const std::string& parameters, int rounds, int best_round);

}  // namespace orrery::model_parity
