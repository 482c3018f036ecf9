// Times epochs of a network's training, for bench/network_epoch.py, and writes what a peer needs to do the
// same. usage: orrery_network_epoch_bench FOLDER MODEL WINDOW BATCH THREADS EPOCHS SESSIONS
//
// Samples: 478 names × SESSIONS of 20 normal features, of which two tell half of the label. Written into
// FOLDER: `start/model.orrery` (the weights before the first step), `shape.json`, `inputs.f32` [sample ×
// WINDOW × feature], `labels.f32`, and for each epoch the order of its samples, `order_0.u32` on. Printed:
// the seconds of an epoch, those of reading its batches alone, and the loss of each, as JSON.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <filesystem>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/stopwatch.h"
#include "orrery/ml/feature_windows.h"
#include "plugins/models/networks/batch.h"
#include "plugins/models/networks/training.h"
#include "testing/model_registry.h"
#include "testing/planted_signal.h"

namespace orrery::network_epoch_bench {
namespace {

using namespace plugins::models::networks;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kNames = 478;
constexpr std::size_t kFeatures = 20;
constexpr std::uint64_t kSeed = 5;

struct Task {
  std::filesystem::path folder;
  std::string model;
  std::int64_t window = 10;
  std::int64_t batch = 2048;
  int threads = 1;
  int epochs = 3;
  std::size_t sessions = 100;
};

std::unique_ptr<Model> make(const Task& task, int epochs, double learning_rate) {
  ParameterMap parameters{{"batch_size", task.batch},
                          {"epochs", std::int64_t{epochs}},
                          {"learning_rate", learning_rate},
                          {"early_stopping_epochs", std::int64_t{0}}};
  if (task.model != "mlp") parameters["window"] = task.window;
  return make_model(testing::model_registry().get(task.model), parameters);
}

template <class Value>
void write_values(const std::filesystem::path& path, const std::vector<Value>& values) {
  write_file_atomically(path, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value)});
}

void write_weights(const Task& task, const Dataset& data) {
  const auto start = make(task, 1, 1e-30);  // a step too small to change a float
  start->fit(data, nullptr, {kSeed, task.threads});
  std::filesystem::create_directories(task.folder / "start");
  start->save(task.folder / "start");
}

TrainingSettings settings_of(const Task& task) {
  TrainingSettings settings;
  settings.batch_size = static_cast<std::size_t>(task.batch);
  return settings;
}

void write_order(const Task& task, const Dataset& data, int epoch) {
  std::vector<std::uint32_t> order;
  for (const auto& part : epoch_batches(settings_of(task), data, kSeed, epoch).parts)
    order.insert(order.end(), part.samples.begin(), part.samples.end());
  write_values(task.folder / fmt::format("order_{}.u32", epoch), order);
}

void write_task(const Task& task, const Dataset& data, const FeatureWindows& windows) {
  std::vector<std::uint32_t> samples(data.size());
  for (std::uint32_t i = 0; i < samples.size(); ++i) samples[i] = i;
  std::vector<float> inputs(samples.size() * windows.values_per_sample());
  windows.read(samples, inputs.data());
  write_values(task.folder / "inputs.f32", inputs);
  write_values(task.folder / "labels.f32", targets_of(data, samples).labels);
  for (int epoch = 0; epoch < task.epochs; ++epoch) write_order(task, data, epoch);
  write_file_atomically(task.folder / "shape.json",
                        fmt::format("{{\"samples\": {}, \"window\": {}, \"features\": {}}}\n", data.size(),
                                    windows.sessions(), kFeatures));
}

/// Of an epoch whose batches are read and thrown away.
double reading_seconds(const Task& task, const Dataset& data, const FeatureWindows& windows) {
  const BatchPlan plan = epoch_batches(settings_of(task), data, kSeed, 0);
  const Stopwatch watch;
  BatchLoader loader(data, windows, plan);
  while (loader.has_next()) static_cast<void>(loader.next());
  return watch.seconds();
}

void run(const Task& task) {
  testing::PlantedShape shape;
  shape.rows = task.sessions;
  shape.instruments = kNames;
  shape.features = kFeatures;
  shape.noise = 1.0;
  const testing::PlantedStudy study(shape);
  const Dataset data = study.learn({0, task.sessions});
  const FeatureWindows windows(data, task.model == "mlp" ? 1 : static_cast<std::size_t>(task.window), 0.0F,
                               1);
  write_weights(task, data);
  write_task(task, data, windows);
  const double reading = reading_seconds(task, data, windows);
  // What comes before the first epoch and after the last falls out of the difference.
  const auto seconds_of = [&](int epochs, FitReport& report) {
    const auto model = make(task, epochs, 0.001);
    const Stopwatch watch;
    report = model->fit(data, nullptr, {kSeed, task.threads});
    return watch.seconds();
  };
  FitReport report;
  const double one = seconds_of(1, report);
  const double all = seconds_of(task.epochs, report);
  fmt::print("{{\"samples\": {}, \"seconds\": {}, \"reading\": {}, \"losses\": [{}]}}\n", data.size(),
             (all - one) / (task.epochs - 1), reading, fmt::join(report.metrics.front().train, ", "));
}

}  // namespace
}  // namespace orrery::network_epoch_bench

int main(int argc, char** argv) {
  using namespace orrery;
  if (argc != 8) {
    fmt::print(stderr, "usage: {} FOLDER MODEL WINDOW BATCH THREADS EPOCHS SESSIONS\n", argv[0]);
    return 2;
  }
  try {
    network_epoch_bench::run({argv[1], argv[2], std::atol(argv[3]), std::atol(argv[4]), std::atoi(argv[5]),
                              std::atoi(argv[6]), std::strtoul(argv[7], nullptr, 10)});
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
