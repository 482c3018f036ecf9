// Measures an as-of join: orrery_as_of_join_bench FOLDER [REPEATS]. The folder has left_time.bin,
// right_time.bin (int64), left_id.bin, right_id.bin (int32), bid.bin, ask.bin (double, right). Takes the
// right row of each left one and its two values, prints the least milliseconds of both steps, and writes
// match.bin (uint32). bench/as_of_join.py sets it beside Polars.

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "orrery/base/files.h"
#include "orrery/data/as_of_join.h"

namespace {

template <class Value>
std::vector<Value> read(const std::filesystem::path& path) {
  const auto bytes = orrery::read_file(path);
  std::vector<Value> values(bytes.size() / sizeof(Value));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(Value));
  return values;
}

using Column = std::unique_ptr<double[]>;

/// The values of the matched rows, NaN where there is none.
Column take(const std::vector<double>& values, const std::vector<std::uint32_t>& rows) {
  auto taken = std::make_unique_for_overwrite<double[]>(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    taken[i] = rows[i] == orrery::kNoMatch ? std::nan("") : values[rows[i]];
  }
  return taken;
}

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

int run(const std::filesystem::path& folder, int repeats) {
  // Freed memory is kept for the next round, as Polars' allocator keeps it: warm means warm for both.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  const auto left_time = read<std::int64_t>(folder / "left_time.bin");
  const auto right_time = read<std::int64_t>(folder / "right_time.bin");
  const auto left_id = read<std::int32_t>(folder / "left_id.bin");
  const auto right_id = read<std::int32_t>(folder / "right_id.bin");
  const auto bid = read<double>(folder / "bid.bin");
  const auto ask = read<double>(folder / "ask.bin");
  double join_ms = std::numeric_limits<double>::infinity(), all_ms = join_ms;
  std::vector<std::uint32_t> rows;
  for (int i = 0; i < repeats; ++i) {
    const auto start = std::chrono::steady_clock::now();
    rows = orrery::as_of_join({left_time, left_id}, {right_time, right_id});
    join_ms = std::min(join_ms, milliseconds_since(start));
    const auto bids = take(bid, rows);
    const auto asks = take(ask, rows);
    all_ms = std::min(all_ms, milliseconds_since(start));
    if (!rows.empty() && bids[rows.size() - 1] > asks[rows.size() - 1]) return 1;
  }
  orrery::write_file_atomically(
      folder / "match.bin",
      std::string_view(reinterpret_cast<const char*>(rows.data()), rows.size() * sizeof(rows.front())));
  fmt::print("join_ms={:.1f} all_ms={:.1f}\n", join_ms, all_ms);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: orrery_as_of_join_bench FOLDER [REPEATS]\n");
    return 2;
  }
  return run(argv[1], argc > 2 ? std::atoi(argv[2]) : 5);
}
