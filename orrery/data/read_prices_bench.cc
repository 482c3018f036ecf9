// Measures reading a price file into panels: orrery_read_prices_bench FILE [THREADS] [REPEATS].
// Prints one line: first, median and least milliseconds, peak memory. bench/read_prices.py sets it beside
// pyarrow.

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/data/prices.h"

namespace {

double milliseconds_of_one_load(const orrery::PriceSource& source) {
  const auto start = std::chrono::steady_clock::now();
  const auto load = orrery::load_prices(source);
  const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
  if (load.summary.rows_good == 0) std::abort();
  return elapsed.count();
}

/// Reads the peak from the kernel's own account; getrusage would count the program that started this one.
double peak_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::strtod(line.c_str() + 6, nullptr) / 1024.0;
  }
  return 0.0;
}

int run(int argc, char** argv) {
  // Freed memory is kept for the next round, as pyarrow's memory pool keeps it: warm means warm for both. The
  // first round still pays for fresh pages and is printed apart.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_ARENA_MAX, 1);
  orrery::PriceSource source;
  source.path = argv[1];
  source.threads = argc > 2 ? std::atoi(argv[2]) : 0;
  const int repeats = argc > 3 ? std::atoi(argv[3]) : 11;
  std::vector<double> times;
  times.reserve(static_cast<std::size_t>(repeats));
  for (int i = 0; i < repeats; ++i) times.push_back(milliseconds_of_one_load(source));
  const double first = times.front();
  std::sort(times.begin(), times.end());
  fmt::print("{} threads={} first_ms={:.1f} median_ms={:.1f} least_ms={:.1f} peak_mb={:.0f}\n",
             source.path.filename().string(), source.threads, first, times[times.size() / 2], times.front(),
             peak_megabytes());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: {} FILE [THREADS] [REPEATS]\n", argv[0]);
    return 2;
  }
  try {
    return run(argc, argv);
  } catch (const orrery::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
