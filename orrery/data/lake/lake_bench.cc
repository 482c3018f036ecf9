// For bench/lake.py. Prints a line of key=value.
// log FOLDER COMMITS: a fresh process' time for the state of a table of so many small commits, made if
// absent. table FOLDER: 2.3 M daily bars, made if absent: one symbol's rows, all rows, all rows as of a time.
// panels LAKE THREADS: all bars of a lake as panels, with calendar, actions and fingerprint.
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/lake.h"
#include "orrery/data/lake/lake_prices.h"

namespace orrery {
namespace {

constexpr int kSymbols = 500;
constexpr int kDays = 4'600;

template <class Work>
double best_ms(int rounds, const Work& work) {
  double best = 1e300;
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - start;
    best = std::min(best, taken.count());
  }
  return best;
}

Table bars() {
  DictionaryStrings symbols;
  std::vector<Date> dates;
  std::vector<std::int64_t> times;
  std::vector<double> prices, volumes;
  for (int symbol = 0; symbol < kSymbols; ++symbol) {
    symbols.dictionary.push_back(fmt::format("SYM{:03}", symbol));
    for (int day = 0; day < kDays; ++day) {
      symbols.codes.push_back(symbol);
      dates.push_back(Date{10'000 + day});
      times.push_back(start_of(Date{10'001 + day}).nanoseconds);
      prices.push_back(std::round((100.0 + (symbol * 31 + day * 17) % 1000 * 0.013) * 100) / 100);
      volumes.push_back(1000.0 * ((symbol * 7 + day * 13) % 9973));
    }
  }
  return {{{"symbol", symbols},
           {"date", dates},
           {"open", prices},
           {"high", prices},
           {"low", prices},
           {"close", prices},
           {"volume", volumes},
           {kEventTime, times},
           {kKnownTime, times},
           {kRetrievedTime, std::vector<std::int64_t>(times.size(), times.back())}}};
}

void make_log(LakeFiles& files, int commits) {
  DeltaLog log(files, "log");
  if (log.latest()) return;
  const auto definition = *standard_table("bars_1d");
  DeltaActions creation;
  creation.protocol.emplace();
  creation.metadata.emplace();
  creation.metadata->id = "bench";
  creation.metadata->schema = definition.schema;
  log.commit(std::move(creation), {});
  for (int i = 0; i < commits; ++i) {
    DeltaActions actions;
    auto& file = actions.added.emplace_back();
    file.path = fmt::format("part-93b3a9cf-bdef-496e-823d-{:012}.zstd.parquet", i);
    file.size = 12'345;
    file.modified_ms = 1'600'000'000'000 + i;
    file.statistics =
        R"({"maxValues":{"close":104.5,"date":"2020-01-02","symbol":"ZTS"},"minValues":{"close":1.5,"date":"2020-01-02","symbol":"A"},"nullCount":{"close":0,"date":0,"symbol":0},"numRecords":500})";
    file.tags.set("orrery.xxh3", fmt::format("93b3a9cfbdef496e823d{:012}", i));
    log.commit(std::move(actions), {.version = i});
  }
}

std::size_t read_all(LakeScan& scan) {
  std::size_t rows = 0;
  while (const auto block = scan.next()) rows += block->rows();
  return rows;
}

/// Freed memory is kept for the next round, as pyarrow's memory pool keeps it: warm means warm for both.
void keep_memory() {
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_ARENA_MAX, 1);
}

void measure_log(const std::filesystem::path& folder, int commits) {
  const auto files = folder_files(folder);
  make_log(*files, commits);
  std::size_t count = 0;
  const double ms = best_ms(5, [&] {
    DeltaLog log(*files, "log");
    count = log.latest()->files.size();
  });
  fmt::print("state_ms={:.1f} files={}\n", ms, count);
}

void measure_table(const std::filesystem::path& folder) {
  Lake lake(folder);
  auto made = lake.open_or_create(*standard_table("bars_1d"));
  if (made.version() == 0) made.append(bars());
  const auto one = [&](int i) {
    return ScanRequest{.where = {one_of("symbol", {fmt::format("SYM{:03}", i % kSymbols)})}};
  };
  int next = 0;
  const double fresh = best_ms(50, [&] {
    Lake reopened(folder);
    reopened.open("bars_1d").scan(one(next += 37))->rest();
  });
  const double open = best_ms(50, [&] { made.scan(one(next += 37))->rest(); });
  std::size_t rows = 0, rows_as_of = 0;
  double plain = 1e300, as_of = 1e300;
  for (int round = 0; round < 5; ++round) {
    plain = std::min(plain, best_ms(1, [&] { rows = read_all(*made.scan({})); }));
    as_of = std::min(as_of,
                     best_ms(1, [&] { rows_as_of = read_all(*scan_as_of(made, start_of(Date{40'000}))); }));
  }
  // Half of it: every other row group is cut by the condition.
  const double half = best_ms(3, [&] { read_all(*scan_as_of(made, start_of(Date{10'001 + kDays / 2}))); });
  fmt::print(
      "symbol_ms={:.2f} symbol_open_ms={:.2f} plain_ms={:.1f} as_of_ms={:.1f} half_ms={:.1f} rows={} "
      "rows_as_of={}\n",
      fresh, open, plain, as_of, half, rows, rows_as_of);
}

/// Times the panels of all bars in a lake.
void measure_panels(const std::filesystem::path& folder, int threads) {
  LakeView view;
  view.folder = folder;
  PriceSource source;
  source.threads = threads;
  std::size_t rows = 0;
  const double ms =
      best_ms(7, [&] { rows = static_cast<std::size_t>(load_lake_prices(view, source).summary.rows_good); });
  fmt::print("panels_ms={:.1f} rows={}\n", ms, rows);
}

int run(const std::string& what, const std::filesystem::path& folder, int number) {
  if (what != "log") keep_memory();
  if (what == "log") {
    measure_log(folder, number);
  } else if (what == "table") {
    measure_table(folder);
  } else if (what == "panels") {
    measure_panels(folder, number);
  } else {
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace orrery

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: {} log FOLDER COMMITS | table FOLDER | panels LAKE THREADS\n", argv[0]);
    return 2;
  }
  return orrery::run(argv[1], argv[2], argc > 3 ? std::atoi(argv[3]) : 1);
}
