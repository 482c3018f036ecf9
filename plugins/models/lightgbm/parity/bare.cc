#include "plugins/models/lightgbm/parity/bare.h"

#include <array>

#include "orrery/base/stopwatch.h"
#include "plugins/models/lightgbm/library.h"

namespace orrery::model_parity {
namespace {

using plugins::models::lightgbm::BinnedTable;
using plugins::models::lightgbm::Booster;
using plugins::models::lightgbm::check;
using plugins::models::lightgbm::library;

BinnedTable bin_matrix(const Matrix& matrix, const std::string& parameters, void* reference) {
  DatasetHandle handle = nullptr;
  const auto rows = static_cast<std::int32_t>(matrix.rows());
  check(library().create_table(matrix.x.data(), C_API_DTYPE_FLOAT32, rows,
                               static_cast<std::int32_t>(matrix.features), 1, parameters.c_str(), reference,
                               &handle),
        "a dense matrix");
  BinnedTable table(handle);
  const std::vector<float> labels(matrix.y.begin(), matrix.y.end());
  check(library().set_field(handle, "label", labels.data(), rows, C_API_DTYPE_FLOAT32), "labels");
  return table;
}

void boost(void* booster, int rounds) {
  std::array<double, 8> metrics{};
  for (int round = 0; round < rounds; ++round) {
    int finished = 0;
    int count = 0;
    check(library().update(booster, &finished), "a round");
    for (const int data : {0, 1}) check(library().evaluate(booster, data, &count, metrics.data()), "metrics");
  }
}

std::vector<double> predict(void* booster, const Matrix& test, int rounds) {
  std::vector<double> scores(test.rows());
  std::int64_t written = 0;
  check(library().predict(booster, test.x.data(), C_API_DTYPE_FLOAT32, static_cast<std::int32_t>(test.rows()),
                          static_cast<std::int32_t>(test.features), 1, C_API_PREDICT_NORMAL, 0, rounds, "",
                          &written, scores.data()),
        "to predict");
  return scores;
}

}  // namespace

BareOutcome run_bare(const Matrix& train, const Matrix& valid, const Matrix& test,
                     const std::string& parameters, int rounds, int best_round) {
  BareOutcome outcome;
  const Stopwatch binning;
  const BinnedTable train_table = bin_matrix(train, parameters, nullptr);
  const BinnedTable valid_table = bin_matrix(valid, parameters, train_table.get());
  outcome.seconds.binning = binning.seconds();
  const Stopwatch boosting;
  BoosterHandle handle = nullptr;
  check(library().create_booster(train_table.get(), parameters.c_str(), &handle), "a booster");
  const Booster booster(handle);
  check(library().add_validation(handle, valid_table.get()), "validation rows");
  boost(handle, rounds);
  outcome.seconds.boosting = boosting.seconds();
  const Stopwatch prediction;
  outcome.predictions = predict(handle, test, best_round);
  outcome.seconds.prediction = prediction.seconds();
  return outcome;
}

}  // namespace orrery::model_parity
