// Fits a model through Orrery on a matrix that a Python program wrote, so that it can compare predictions
// with the model's Python package, and seconds with LightGBM's bare C API.
// usage: orrery_model_parity FOLDER [MODEL] [--bare | --contributions], MODEL lightgbm unless given
//
// In FOLDER: `shape.txt` (features, then train, valid and test rows), `parameters.txt` (one NAME=VALUE a
// line), `train_x.f32`, `valid_x.f32`, `test_x.f32` (row-major), `train_y.f64`, `valid_y.f64`. Written:
// `predictions.f64`, `report.txt` (rounds, best round, then seconds inside the library: binning, boosting,
// prediction; then seconds in all), `model.orrery`. With --bare, afterwards the same work through LightGBM's
// bare C API on dense matrices, `bare.txt` (the same three seconds), and an error unless its predictions are
// the same. With
// --contributions, `contributions.f64`: each test row's, row-major.

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string_view>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/stopwatch.h"
#include "orrery/ml/dataset.h"
#include "plugins/models/lightgbm/parameters.h"
#include "plugins/models/lightgbm/parity/bare.h"
#include "plugins/models/registry.h"

namespace orrery::model_parity {
namespace {

/// Rows of the matrix that stand for one session.
constexpr std::size_t kInstruments = 480;

template <class T>
std::vector<T> read_values(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

std::size_t sessions_for(std::size_t samples) { return (samples + kInstruments - 1) / kInstruments; }

/// What to learn from, what to stop by, what to predict.
using Segments = std::array<Matrix, 3>;

Segments read_segments(const std::filesystem::path& folder) {
  std::istringstream shape(read_file(folder / "shape.txt"));
  std::size_t features = 0;
  shape >> features;
  return {Matrix{read_values<float>(folder / "train_x.f32"), read_values<double>(folder / "train_y.f64"),
                 features},
          Matrix{read_values<float>(folder / "valid_x.f32"), read_values<double>(folder / "valid_y.f64"),
                 features},
          Matrix{read_values<float>(folder / "test_x.f32"), {}, features}};
}

/// The three segments below each other as factor panels.
struct Table {
  FactorFrame features;
  MaskPanel eligible;
  Panel label;
  std::array<RowRange, 3> rows;
};

Table make_table(const Segments& segments) {
  Table table;
  std::size_t row = 0;
  for (std::size_t s = 0; s < 3; ++s) {
    table.rows[s] = {row, row + sessions_for(segments[s].rows())};
    row = table.rows[s].end;
  }
  for (std::size_t f = 0; f < segments[0].features; ++f) {
    table.features.names.push_back(fmt::format("f{}", f));
    table.features.panels.emplace_back(row, kInstruments);
  }
  table.eligible = MaskPanel(row, kInstruments);
  table.label = Panel(row, kInstruments);
  return table;
}

void fill_segment(Table& table, std::size_t first_row, const Matrix& matrix) {
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    const std::size_t row = first_row + i / kInstruments;
    const std::size_t column = i % kInstruments;
    table.eligible(row, column) = 1;
    if (!matrix.y.empty()) table.label(row, column) = matrix.y[i];
    for (std::size_t f = 0; f < matrix.features; ++f) {
      table.features.panels[f](row, column) = matrix.x[i * matrix.features + f];
    }
  }
}

ParameterValue parse_value(const std::string& text) {
  if (text == "true" || text == "false") return text == "true";
  const char* end = text.data() + text.size();
  std::int64_t integer = 0;
  if (const auto [stop, failed] = std::from_chars(text.data(), end, integer);
      failed == std::errc{} && stop == end) {
    return integer;
  }
  double number = 0.0;
  if (const auto [stop, failed] = std::from_chars(text.data(), end, number);
      failed == std::errc{} && stop == end) {
    return number;
  }
  return text;
}

ParameterMap read_parameters(const std::filesystem::path& path) {
  ParameterMap parameters;
  std::istringstream lines(read_file(path));
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find('=');
    parameters[line.substr(0, equals)] = parse_value(line.substr(equals + 1));
  }
  return parameters;
}

/// What fitting and predicting through Orrery took and gave.
struct Outcome {
  FitReport fit;
  LibrarySeconds library_seconds;
  double seconds = 0.0;
  std::vector<double> predictions;
  std::vector<double> contributions;  ///< where they are wanted
};

Outcome run_orrery(const Segments& segments, Model& model, bool with_contributions) {
  Table table = make_table(segments);
  for (std::size_t s = 0; s < 3; ++s) fill_segment(table, table.rows[s].begin, segments[s]);
  const Stopwatch watch;
  const FittedFeatures no_steps;
  const Dataset train(table.features, no_steps, table.eligible, table.rows[0], &table.label);
  const Dataset valid(table.features, no_steps, table.eligible, table.rows[1], &table.label);
  const Dataset test(table.features, no_steps, table.eligible, table.rows[2]);
  Outcome outcome;
  outcome.fit = model.fit(train, &valid, {});
  outcome.predictions.resize(test.size());
  outcome.library_seconds = outcome.fit.library_seconds;
  outcome.library_seconds.prediction = model.predict(test, outcome.predictions, 0).library_seconds.prediction;
  outcome.seconds = watch.seconds();
  if (with_contributions) {
    outcome.contributions.resize(test.size() * (test.feature_count() + 1));
    model.contributions(test, outcome.contributions, 0);
  }
  return outcome;
}

std::string to_text(const LibrarySeconds& seconds) {
  return fmt::format("{:.3f} {:.3f} {:.3f}", seconds.binning, seconds.boosting, seconds.prediction);
}

void compare_with_bare(const Segments& segments, const Model& model, const Outcome& ours,
                       const std::filesystem::path& folder) {
  const ParameterMap given = model.describe().parameters;
  const auto threads = static_cast<int>(get_integer(given, "num_threads"));
  const auto parameters = plugins::models::lightgbm::library_parameters(given, 0, threads);
  const auto bare =
      run_bare(segments[0], segments[1], segments[2], parameters, ours.fit.rounds, ours.fit.best_round);
  write_file_atomically(folder / "bare.txt", to_text(bare.seconds) + "\n");
  if (bare.predictions != ours.predictions) throw internal_error("LightGBM's bare C API predicts otherwise");
}

void write_values(const std::filesystem::path& path, const std::vector<double>& values) {
  write_file_atomically(path, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)});
}

/// What is asked for on the command line.
struct Request {
  std::filesystem::path folder;
  std::string model = "lightgbm";
  bool with_bare = false;
  bool with_contributions = false;
};

std::optional<Request> read_request(int argc, char** argv) {
  if (argc < 2) return std::nullopt;
  Request request{argv[1]};
  for (int i = 2; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--bare") {
      request.with_bare = true;
    } else if (argument == "--contributions") {
      request.with_contributions = true;
    } else if (argument.starts_with('-') || i != 2) {
      return std::nullopt;
    } else {
      request.model = argument;
    }
  }
  return request;
}

void run(const Request& request) {
  const auto& folder = request.folder;
  ModelRegistry registry("model");
  plugins::models::register_all(registry);
  const auto model = make_model(registry.get(request.model), read_parameters(folder / "parameters.txt"));
  const Segments segments = read_segments(folder);
  const Outcome outcome = run_orrery(segments, *model, request.with_contributions);
  write_values(folder / "predictions.f64", outcome.predictions);
  model->save(folder);
  if (request.with_contributions) write_values(folder / "contributions.f64", outcome.contributions);
  write_file_atomically(folder / "report.txt",
                        fmt::format("{} {} {} {:.3f}\n", outcome.fit.rounds, outcome.fit.best_round,
                                    to_text(outcome.library_seconds), outcome.seconds));
  if (request.with_bare) compare_with_bare(segments, *model, outcome, folder);
}

}  // namespace
}  // namespace orrery::model_parity

int main(int argc, char** argv) {
  const auto request = orrery::model_parity::read_request(argc, argv);
  if (!request) {
    std::fputs("usage: orrery_model_parity FOLDER [MODEL] [--bare | --contributions]\n", stderr);
    return 2;
  }
  try {
    orrery::model_parity::run(*request);
  } catch (const std::exception& error) {
    fmt::print(stderr, "orrery_model_parity: {}\n", error.what());
    return 1;
  }
  return 0;
}
