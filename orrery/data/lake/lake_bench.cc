// usage: orrery_lake_bench FOLDER COMMITS
// Makes a log of COMMITS small commits and a table of daily bars below FOLDER, unless they are there, and
// times how long a fresh process needs for a table's state, for one symbol's bars and for a plain and an
// as-of read.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/lake.h"

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
    file.tags["orrery.xxh3"] = fmt::format("93b3a9cfbdef496e823d{:012}", i);
    log.commit(std::move(actions), {.version = i});
  }
}

std::size_t read_all(LakeScan& scan) {
  std::size_t rows = 0;
  while (const auto block = scan.next()) rows += block->rows();
  return rows;
}

void measure_table(const std::filesystem::path& folder) {
  Lake lake(folder);
  auto made = lake.open_or_create(*standard_table("bars_1d"));
  if (made.version() == 0)
    fmt::print("import of {} rows: {:.0f} ms\n", kSymbols * kDays, best_ms(1, [&] { made.append(bars()); }));
  const auto one = [&](int i) {
    return ScanRequest{.where = {one_of("symbol", {fmt::format("SYM{:03}", i % kSymbols)})}};
  };
  int next = 0;
  fmt::print("one symbol, opening the lake: {:.2f} ms\n", best_ms(50, [&] {
               Lake fresh(folder);
               fresh.open("bars_1d").scan(one(next += 37))->rest();
             }));
  fmt::print("one symbol, table open: {:.2f} ms\n", best_ms(50, [&] { made.scan(one(next += 37))->rest(); }));
  std::size_t rows = 0;
  const double plain = best_ms(3, [&] { rows = read_all(*made.scan({})); });
  fmt::print("all {} rows: {:.0f} ms\n", rows, plain);
  const double as_of = best_ms(3, [&] { rows = read_all(*scan_as_of(made, start_of(Date{40'000}))); });
  fmt::print("all {} rows as of: {:.0f} ms ({:.2f} x)\n", rows, as_of, as_of / plain);
}

}  // namespace
}  // namespace orrery

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  using namespace orrery;
  const std::filesystem::path folder = argv[1];
  const int commits = std::atoi(argv[2]);
  const auto files = folder_files(folder);
  make_log(*files, commits);
  std::size_t count = 0;
  const double ms = best_ms(5, [&] {
    DeltaLog log(*files, "log");
    count = log.latest()->files.size();
  });
  fmt::print("state of a table of {} commits, {} files: {:.1f} ms\n", commits, count, ms);
  measure_table(folder / "lake");
  return 0;
}
