// Times predictions of one session, for bench/predict_rows.py.
// usage: orrery_predict_bench MODEL NAMES REPEATS
//
// The model learns from 120 sessions × 400 names of 158 normal features and then scores one session of NAMES
// again and again, on one thread. Printed: median and 99th percentile of the seconds, as JSON. The scores of
// all repeats are the same, or it fails.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "orrery/base/error.h"
#include "orrery/base/stopwatch.h"
#include "testing/model_registry.h"
#include "testing/planted_signal.h"

namespace orrery::predict_bench {
namespace {

constexpr std::size_t kSessions = 120;
constexpr std::size_t kFeatures = 158;

testing::PlantedShape shape_of(std::size_t sessions, std::size_t names) {
  testing::PlantedShape shape;
  shape.rows = sessions;
  shape.instruments = names;
  shape.features = kFeatures;
  return shape;
}

/// As many rounds as bench/model_calls.py, about what the main study fits, where the model has rounds.
ParameterMap parameters_of(const std::string& model) {
  if (model == "lightgbm") return {{"num_iterations", std::int64_t{60}}, {"num_leaves", std::int64_t{64}}};
  if (model == "xgboost") return {{"num_boost_round", std::int64_t{60}}, {"max_depth", std::int64_t{6}}};
  return {{"epochs", std::int64_t{1}}};
}

void run(const std::string& name, std::size_t names, std::size_t repeats) {
  const auto model = make_model(testing::model_registry().get(name), parameters_of(name));
  {
    const testing::PlantedStudy study(shape_of(kSessions, 400));
    model->fit(study.learn({0, kSessions}), nullptr, {1, 0});
  }
  testing::PlantedStudy asked(shape_of(20, names));
  std::fill(asked.eligible.row(19).begin(), asked.eligible.row(19).end(), std::uint8_t{1});
  const Dataset session = asked.predict({19, 20});
  std::vector<double> first(session.size());
  model->predict(session, first, 1);  // loads what is loaded once
  std::vector<double> seconds;
  std::vector<double> scores(session.size());
  for (std::size_t i = 0; i < repeats; ++i) {
    const Stopwatch watch;
    model->predict(session, scores, 1);
    seconds.push_back(watch.seconds());
    if (scores != first) throw internal_error("a repeated prediction differs");
  }
  std::sort(seconds.begin(), seconds.end());
  fmt::print("{{\"rows\": {}, \"median\": {}, \"p99\": {}}}\n", session.size(), seconds[repeats / 2],
             seconds[repeats * 99 / 100]);
}

}  // namespace
}  // namespace orrery::predict_bench

int main(int argc, char** argv) {
  using namespace orrery;
  if (argc != 4) {
    fmt::print(stderr, "usage: {} MODEL NAMES REPEATS\n", argv[0]);
    return 2;
  }
  try {
    predict_bench::run(argv[1], std::strtoul(argv[2], nullptr, 10), std::strtoul(argv[3], nullptr, 10));
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
