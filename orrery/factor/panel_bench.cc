// Measures the factor engine on a panel that its peers read as well. bench/factor_engine.py runs it.
//
//   orrery_factor_panel_bench compute PANEL SET THREADS REPEATS PRECISION [VALUES EVERY]
//   orrery_factor_panel_bench stream PANEL SET ROWS
//   orrery_factor_panel_bench write PANELS ROWS INSTRUMENTS PIECE
//
// PANEL is a folder with `shape.txt` (rows, instruments) and a FIELD.f32 (rows of floats, NaN where missing)
// a field. SET is a set's name or a file of factors. `compute` writes into results that exist and have been
// touched, and, with VALUES, every EVERY-th instrument's values as doubles [factor × row × instrument].
// `write` fills float results past the caches as a run does, tiles of PIECE instruments and blocks of 32
// rows, and computes nothing: the floor under any run. All print one line of JSON.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <immintrin.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/factor/executor.h"
#include "orrery/factor/streaming.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;

std::vector<float> read_floats(const fs::path& file, std::size_t count) {
  std::vector<float> cells(count);
  std::ifstream in(file, std::ios::binary);
  in.read(reinterpret_cast<char*>(cells.data()), static_cast<std::streamsize>(count * sizeof(float)));
  if (!in) throw user_error(ErrorCode::kIo, fmt::format("{}: expected {} floats", file.string(), count));
  return cells;
}

Panel read_field(const fs::path& file, std::size_t rows, std::size_t instruments) {
  const auto cells = read_floats(file, rows * instruments);
  Panel result(rows, instruments);
  for (std::size_t row = 0; row < rows; ++row)
    std::copy_n(cells.data() + row * instruments, instruments, result.row_data(row));
  return result;
}

void find_lives(MarketData& market) {
  const Panel& close = market.field("close");
  market.first_row.assign(market.instruments(), static_cast<int>(market.rows()));
  market.last_row.assign(market.instruments(), -1);
  market.present = MaskPanel(market.rows(), market.instruments(), 0);
  for (std::size_t row = 0; row < market.rows(); ++row) {
    for (std::size_t i = 0; i < market.instruments(); ++i) {
      if (std::isnan(close(row, i))) continue;
      market.present(row, i) = 1;
      market.first_row[i] = std::min(market.first_row[i], static_cast<int>(row));
      market.last_row[i] = static_cast<int>(row);
    }
  }
}

constexpr std::size_t kSectors = 11;  ///< in turn

MarketData read_panel(const fs::path& folder) {
  std::size_t rows = 0;
  std::size_t instruments = 0;
  if (!(std::ifstream(folder / "shape.txt") >> rows >> instruments))
    throw user_error(ErrorCode::kIo,
                     fmt::format("no shape.txt with rows and instruments in {}", folder.string()));
  MarketData market;
  for (std::size_t row = 0; row < rows; ++row) market.dates.push_back(Date{static_cast<std::int32_t>(row)});
  for (std::size_t i = 0; i < instruments; ++i) {
    market.symbols.push_back(fmt::format("S{:04}", i));
    market.sectors.push_back(fmt::format("{:02}", i % kSectors));
  }
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".f32")
      market.fields.emplace(entry.path().stem().string(), read_field(entry.path(), rows, instruments));
  }
  find_lives(market);
  return market;
}

/// Reads the peak from the kernel's own account; getrusage would count the program that started this one.
double peak_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::strtod(line.c_str() + 6, nullptr) / 1024.0;
  }
  return 0.0;
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

class Watch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

template <class T>
void write_values(const std::vector<PanelT<T>>& results, const fs::path& file, std::size_t every) {
  std::ofstream out(file, std::ios::binary);
  std::vector<double> picked;
  for (const auto& panel : results) {
    for (std::size_t row = 0; row < panel.rows(); ++row) {
      picked.clear();
      for (std::size_t i = 0; i < panel.columns(); i += every) picked.push_back(panel(row, i));
      out.write(reinterpret_cast<const char*>(picked.data()),
                static_cast<std::streamsize>(picked.size() * sizeof(double)));
    }
  }
}

struct ComputeRun {
  std::string set;
  int threads = 1;
  int repeats = 1;
  Precision precision = Precision::kFloat32;
  fs::path values;  ///< empty: not written
  std::size_t every = 1;
};

template <class T>
void compute(const MarketData& market, const ComputeRun& run) {
  const auto definitions = factor_set(run.set);
  const Watch cold;
  const CompiledFactors factors = compile_factors(definitions, run.precision, false, market.dates);
  const ExecutionShape shape = shape_for(factors, market.instruments(), run.threads);
  const BatchExecutor executor(factors, market, shape, kernels::available_instructions());
  std::vector<PanelT<T>> results;
  for (std::size_t i = 0; i < definitions.size(); ++i)
    results.emplace_back(market.rows(), market.instruments());
  executor.run(results, run.threads, silent_progress());
  const double cold_seconds = cold.seconds();
  std::vector<double> seconds;
  std::vector<double> cpu;
  for (int i = 0; i < run.repeats; ++i) {
    const double cpu_before = cpu_seconds();
    const Watch watch;
    executor.run(results, run.threads, silent_progress());
    seconds.push_back(watch.seconds());
    cpu.push_back(cpu_seconds() - cpu_before);
  }
  const double result_megabytes =
      static_cast<double>(results.size() * market.rows() * results.front().stride() * sizeof(T)) / 1048576.0;
  const double peak = peak_megabytes();
  if (!run.values.empty()) write_values(results, run.values, run.every);
  fmt::print(
      R"({{"factors": {}, "threads": {}, "cold_seconds": {:.4f}, "seconds": [{:.4f}], "cpu_seconds": [{:.4f}], )"
      R"("result_mb": {:.0f}, "peak_mb": {:.0f}}})"
      "\n",
      results.size(), run.threads, cold_seconds, fmt::join(seconds, ", "), fmt::join(cpu, ", "),
      result_megabytes, peak);
}

double push_row(StreamingFactors& stream, const MarketData& market, std::size_t row) {
  std::vector<std::span<const double>> fields;
  for (const auto& name : stream.fields()) fields.push_back(market.field(name).row(row));
  const Watch watch;
  const auto refusal = stream.push({start_of(market.dates[row]), fields});
  if (refusal) throw internal_error(*refusal);
  return watch.seconds();
}

void stream(const MarketData& market, const std::string& set, std::size_t rows) {
  const Watch from_text;
  StreamingFactors factors(factor_set(set), {market.symbols, market.sectors});
  push_row(factors, market, 0);
  const double start = from_text.seconds();
  std::vector<double> seconds;
  for (std::size_t row = 1; row < std::min(rows, market.rows()); ++row)
    seconds.push_back(push_row(factors, market, row));
  std::sort(seconds.begin(), seconds.end());
  fmt::print(
      R"({{"factors": {}, "start_ms": {:.2f}, "rows": {}, "row_us_median": {:.1f}, "row_us_p99": {:.1f}}})"
      "\n",
      factors.names().size(), 1e3 * start, seconds.size(), 1e6 * seconds[seconds.size() / 2],
      1e6 * seconds[seconds.size() * 99 / 100]);
}

/// Fills a block of a tile; the piece is whole cache lines.
void write_block(FloatPanel& panel, std::size_t first_row, std::size_t rows, std::size_t lane,
                 std::size_t piece) {
  constexpr std::size_t kLanes = 8;
  for (std::size_t row = first_row; row < first_row + rows; ++row) {
    float* to = panel.row_data(row) + lane;
    for (std::size_t i = 0; i < piece; i += kLanes) _mm256_stream_ps(to + i, _mm256_setzero_ps());
  }
}

void write_all(std::vector<FloatPanel>& panels, std::size_t piece) {
  constexpr std::size_t kBlock = 32;
  const std::size_t rows = panels.front().rows();
  const std::size_t stride = panels.front().stride();
  for (std::size_t lane = 0; lane < stride; lane += piece) {
    for (std::size_t row = 0; row < rows; row += kBlock) {
      for (FloatPanel& panel : panels)
        write_block(panel, row, std::min(kBlock, rows - row), lane, std::min(piece, stride - lane));
    }
  }
}

void measure_writes(std::size_t count, std::size_t rows, std::size_t instruments, std::size_t piece) {
  std::vector<FloatPanel> panels;
  for (std::size_t i = 0; i < count; ++i) panels.emplace_back(rows, instruments);
  std::vector<double> cpu;
  for (int i = 0; i < 7; ++i) {
    const double before = cpu_seconds();
    write_all(panels, piece);
    cpu.push_back(cpu_seconds() - before);
  }
  fmt::print(R"({{"panels": {}, "piece": {}, "cpu_seconds": {:.4f}}})"
             "\n",
             count, piece, *std::min_element(cpu.begin(), cpu.end()));
}

int run(const std::vector<std::string>& arguments) {
  if (arguments[1] == "write") {
    measure_writes(std::stoul(arguments[2]), std::stoul(arguments[3]), std::stoul(arguments[4]),
                   std::stoul(arguments[5]));
    return 0;
  }
  const MarketData market = read_panel(arguments[2]);
  if (arguments[1] == "stream") {
    stream(market, arguments[3], std::stoul(arguments[4]));
    return 0;
  }
  ComputeRun run;
  run.set = arguments[3];
  run.threads = std::stoi(arguments[4]);
  run.repeats = std::stoi(arguments[5]);
  if (arguments.size() > 8) {
    run.values = arguments[7];
    run.every = std::stoul(arguments[8]);
  }
  if (arguments[6] == "float64") {
    run.precision = Precision::kFloat64;
    compute<double>(market, run);
  } else {
    compute<float>(market, run);
  }
  return 0;
}

}  // namespace
}  // namespace orrery

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  const bool streams = argc == 5 && arguments[1] == "stream";
  const bool writes = argc == 6 && arguments[1] == "write";
  if (!streams && !writes && argc != 7 && argc != 9) {
    fmt::print(stderr, "usage: {} compute PANEL SET THREADS REPEATS float32|float64 [VALUES EVERY]\n",
               argv[0]);
    fmt::print(stderr, "       {} stream PANEL SET ROWS\n", argv[0]);
    fmt::print(stderr, "       {} write PANELS ROWS INSTRUMENTS PIECE\n", argv[0]);
    return 2;
  }
  try {
    return orrery::run(arguments);
  } catch (const orrery::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
