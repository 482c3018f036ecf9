// Fits LightGBM through Orrery on a matrix that a Python test wrote, so that the test can compare with the
// Python package. usage: orrery_lightgbm_parity FOLDER
//
// In FOLDER: `shape.txt` (features, then train, valid and test rows), `parameters.txt` (one NAME=VALUE a
// line), `train_x.f32`, `valid_x.f32`, `test_x.f32` (row-major), `train_y.f64`, `valid_y.f64`. Written:
// `predictions.f64`, `report.txt` (rounds, best round, seconds in the library by phase, seconds in all).

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/stopwatch.h"
#include "orrery/ml/dataset.h"
#include "plugins/models/registry.h"

namespace orrery {
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

/// The three segments below each other as factor panels.
struct Table {
  FactorFrame features;
  MaskPanel eligible;
  Panel label;
  std::array<RowRange, 3> segments;
};

Table make_table(std::size_t features, const std::array<std::size_t, 3>& samples) {
  Table table;
  std::size_t row = 0;
  for (std::size_t s = 0; s < 3; ++s) {
    table.segments[s] = {row, row + sessions_for(samples[s])};
    row = table.segments[s].end;
  }
  for (std::size_t f = 0; f < features; ++f) {
    table.features.names.push_back(fmt::format("f{}", f));
    table.features.panels.emplace_back(row, kInstruments);
  }
  table.eligible = MaskPanel(row, kInstruments);
  table.label = Panel(row, kInstruments);
  return table;
}

void fill_segment(Table& table, std::size_t first_row, const std::vector<float>& x,
                  const std::vector<double>& y) {
  const std::size_t features = table.features.panels.size();
  for (std::size_t i = 0; i < x.size() / features; ++i) {
    const std::size_t row = first_row + i / kInstruments;
    const std::size_t column = i % kInstruments;
    table.eligible(row, column) = 1;
    if (!y.empty()) table.label(row, column) = y[i];
    for (std::size_t f = 0; f < features; ++f) table.features.panels[f](row, column) = x[i * features + f];
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

void run(const std::filesystem::path& folder) {
  std::istringstream shape(read_file(folder / "shape.txt"));
  std::size_t features = 0;
  std::array<std::size_t, 3> samples{};
  shape >> features >> samples[0] >> samples[1] >> samples[2];
  Table table = make_table(features, samples);
  fill_segment(table, table.segments[0].begin, read_values<float>(folder / "train_x.f32"),
               read_values<double>(folder / "train_y.f64"));
  fill_segment(table, table.segments[1].begin, read_values<float>(folder / "valid_x.f32"),
               read_values<double>(folder / "valid_y.f64"));
  fill_segment(table, table.segments[2].begin, read_values<float>(folder / "test_x.f32"), {});

  ModelRegistry registry("model");
  plugins::models::register_all(registry);
  const auto model = make_model(registry.get("lightgbm"), read_parameters(folder / "parameters.txt"));
  const Stopwatch watch;
  const FittedFeatures no_steps;
  const Dataset train(table.features, no_steps, table.eligible, table.segments[0], &table.label);
  const Dataset valid(table.features, no_steps, table.eligible, table.segments[1], &table.label);
  const Dataset test(table.features, no_steps, table.eligible, table.segments[2]);
  const auto report = model->fit(train, valid.size() > 0 ? &valid : nullptr, {});
  std::vector<double> predictions(test.size());
  const auto predicted = model->predict(test, predictions, 0);
  const double seconds = watch.seconds();
  write_file_atomically(folder / "predictions.f64", {reinterpret_cast<const char*>(predictions.data()),
                                                     predictions.size() * sizeof(double)});
  write_file_atomically(folder / "report.txt",
                        fmt::format("{} {} {:.3f} {:.3f} {:.3f} {:.3f}\n", report.rounds, report.best_round,
                                    report.library_seconds.binning, report.library_seconds.boosting,
                                    predicted.library_seconds.prediction, seconds));
}

}  // namespace
}  // namespace orrery

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: orrery_lightgbm_parity FOLDER\n", stderr);
    return 2;
  }
  try {
    orrery::run(argv[1]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "orrery_lightgbm_parity: {}\n", error.what());
    return 1;
  }
  return 0;
}
