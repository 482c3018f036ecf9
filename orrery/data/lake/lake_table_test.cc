#include "orrery/data/lake/lake_table.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <thread>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/random.h"
#include "orrery/data/lake/table_rows.h"
#include "testing/crashing_disk.h"
#include "testing/temporary_folder.h"

namespace orrery::lake_table_test {
namespace {

using testing::CrashingDisk;
using testing::PowerFailure;
using testing::TemporaryFolder;

TableDefinition bars() {
  TableDefinition definition;
  definition.name = "bars";
  definition.schema.fields = {{.name = "symbol"},
                              {.name = "date", .type = DeltaType::kDate},
                              {.name = "close", .type = DeltaType::kDouble},
                              {.name = "volume", .type = DeltaType::kLong},
                              {.name = "known_time", .type = DeltaType::kTimestamp}};
  definition.key = {"symbol", "date"};
  definition.sort_by = {"symbol", "date", "known_time"};
  return definition;
}

struct Bar {
  std::string symbol;
  Date date;
  double close = 0.0;
  std::int64_t volume = 0;
  std::int64_t known = 0;

  auto operator<=>(const Bar&) const = default;
};

Table to_table(const std::vector<Bar>& rows) {
  DictionaryStrings symbols;
  std::vector<Date> dates;
  std::vector<double> closes;
  std::vector<std::int64_t> volumes, known;
  for (const auto& row : rows) {
    symbols.codes.push_back(static_cast<std::int32_t>(symbols.dictionary.size()));
    symbols.dictionary.push_back(row.symbol);
    dates.push_back(row.date);
    closes.push_back(row.close);
    volumes.push_back(row.volume);
    known.push_back(row.known);
  }
  return {
      {{"symbol", symbols}, {"date", dates}, {"close", closes}, {"volume", volumes}, {"known_time", known}}};
}

template <class T>
const std::vector<T>& values(const Table& table, const std::string& name) {
  return std::get<std::vector<T>>(table.column(name).values);
}

std::string text(const Table& table, const std::string& name, std::size_t row) {
  const auto& column = std::get<DictionaryStrings>(table.column(name).values);
  return column.codes[row] < 0 ? "(missing)" : column.dictionary[static_cast<std::size_t>(column.codes[row])];
}

std::vector<Bar> to_bars(const Table& table) {
  std::vector<Bar> rows;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    rows.push_back({text(table, "symbol", i), values<Date>(table, "date")[i],
                    values<double>(table, "close")[i], values<std::int64_t>(table, "volume")[i],
                    values<std::int64_t>(table, "known_time")[i]});
  }
  return rows;
}

std::vector<Bar> sorted(std::vector<Bar> rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

/// Rows of random symbols and days; equal rows do not occur.
std::vector<Bar> random_bars(Random& random, std::size_t count) {
  std::map<std::pair<std::string, int>, Bar> rows;
  while (rows.size() < count) {
    Bar bar;
    bar.symbol = fmt::format("S{:02}", random.below(40));
    bar.date = Date{static_cast<int>(18'000 + random.below(500))};
    bar.close = random.uniform();
    bar.volume = static_cast<std::int64_t>(random.next() >> 2);
    bar.known = static_cast<std::int64_t>(random.below(1'000'000'000)) * 1000;
    rows[{bar.symbol, bar.date.days}] = bar;
  }
  std::vector<Bar> result;
  for (const auto& [key, bar] : rows) result.push_back(bar);
  for (std::size_t i = result.size() - 1; i > 0; --i) std::swap(result[i], result[random.below(i + 1)]);
  return result;
}

/// Small row groups and files, so that little data meets every case.
LakeTableOptions small_pieces() {
  LakeTableOptions options;
  options.log.checkpoint_interval = 3;
  options.rows_per_group = 16;
  options.rows_per_file = 64;
  options.small_file_rows = 48;
  return options;
}

TEST(LakeTable, ReadsBackWhatWasAppended) {
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path());
  LakeTable::create(*files, "bars", bars());
  LakeTable table(*files, "bars");
  EXPECT_EQ(table.append(to_table({{"MSFT", make_date(2020, 1, 3), 2.5, 7, 1'000},
                                   {"AAPL", make_date(2020, 1, 2), 1.5, 5, 2'001}})),
            1);
  const auto rows = to_bars(table.scan({})->rest());
  // The finer moment went up to the next microsecond.
  EXPECT_EQ(rows, (std::vector<Bar>{{"AAPL", make_date(2020, 1, 2), 1.5, 5, 3'000},
                                    {"MSFT", make_date(2020, 1, 3), 2.5, 7, 1'000}}));
  EXPECT_EQ(table.definition().key, bars().key);
  EXPECT_EQ(table.append(to_table({})), 1);
}

TEST(LakeTable, KeepsMissingValuesMissing) {
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path());
  LakeTable::create(*files, "bars", bars());
  LakeTable table(*files, "bars");
  Table rows = to_table({{"A", kMissingDate, std::nan(""), kMissingInteger, kMissingInteger},
                         {"B", make_date(1950, 1, 1), -0.0, -9007199254740993, -1'000}});
  std::get<DictionaryStrings>(rows.columns[0].values).codes[0] = -1;
  table.append(rows);
  const auto read = table.scan({})->rest();
  EXPECT_EQ(text(read, "symbol", 0), "(missing)");
  EXPECT_EQ(values<Date>(read, "date"), (std::vector<Date>{kMissingDate, make_date(1950, 1, 1)}));
  EXPECT_TRUE(std::isnan(values<double>(read, "close")[0]));
  EXPECT_EQ(values<std::int64_t>(read, "volume"),
            (std::vector<std::int64_t>{kMissingInteger, -9007199254740993}));
  EXPECT_EQ(values<std::int64_t>(read, "known_time"), (std::vector<std::int64_t>{kMissingInteger, -1'000}));
  EXPECT_EQ(table.scan({.where = {one_of("symbol", {"A"})}})->rest().rows(), 0u);
}

TEST(LakeTable, ErrorsNameWhatIsWrong) {
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path());
  EXPECT_THROW(LakeTable(*files, "bars"), Error);
  LakeTable::create(*files, "bars", bars());
  EXPECT_THROW(LakeTable::create(*files, "bars", bars()), Error);
  LakeTable table(*files, "bars");
  const auto message = [](const auto& work) -> std::string {
    try {
      work();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message([&] {
              table.append({{{"clsoe", std::vector<double>{1.0}}}});
            }),
            "the table has no column 'clsoe'; did you mean 'close'?; it has: symbol, date, close, volume, "
            "known_time");
  EXPECT_EQ(message([&] {
              table.append({{{"volume", std::vector<double>{1.5}}}});
            }),
            "column 'volume' holds values of the type long; found 1.5");
  EXPECT_EQ(message([&] { table.scan({.where = {{.column = "date", .at_least = "soon"}}}); }),
            "column 'date' holds values of the type date; it can't be compared with 'soon'");
}

/// Oracle: the same conditions on the rows in memory.
TEST(LakeTable, ReadsExactlyTheRowsThatMeetTheConditions) {
  Random random(5);
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path());
  LakeTable::create(*files, "bars", bars());
  LakeTable table(*files, "bars", small_pieces());
  std::vector<Bar> all;
  for (int i = 0; i < 6; ++i) {
    const auto rows = random_bars(random, 40 + random.below(200));
    table.append(to_table(rows));
    all.insert(all.end(), rows.begin(), rows.end());
  }
  for (int round = 0; round < 60; ++round) {
    const auto symbol = fmt::format("S{:02}", random.below(42));
    const Date first{static_cast<int>(18'000 + random.below(500))};
    const Date last = first + static_cast<int>(random.below(100));
    ScanRequest request{.where = {between("date", first, last)}};
    if (round % 2 == 0) request.where.push_back(one_of("symbol", {symbol, "S07"}));
    request.rows_per_block = static_cast<std::int64_t>(1 + random.below(300));
    std::vector<Bar> expected;
    std::copy_if(all.begin(), all.end(), std::back_inserter(expected), [&](const Bar& bar) {
      return bar.date >= first && bar.date <= last &&
             (round % 2 == 1 || bar.symbol == symbol || bar.symbol == "S07");
    });
    const auto found = round % 3 == 0 ? table.scan_sorted(request) : table.scan(request);
    EXPECT_EQ(sorted(to_bars(found->rest())), sorted(expected)) << round;
  }
}

TEST(LakeTable, SortedBlocksFollowEachOther) {
  Random random(6);
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path());
  LakeTable::create(*files, "bars", bars());
  LakeTable table(*files, "bars", small_pieces());
  std::vector<Bar> all;
  for (int i = 0; i < 8; ++i) {
    const auto rows = random_bars(random, 100);
    table.append(to_table(rows));
    all.insert(all.end(), rows.begin(), rows.end());
  }
  Table nameless = to_table({{"x", Date{18'000}, 1.0, 1, 1'000}});
  std::get<DictionaryStrings>(nameless.columns[0].values).codes[0] = -1;
  table.append(nameless);
  for (const std::int64_t rows_per_block : {1, 50, 200, 100'000}) {
    const auto scan = table.scan_sorted(
        {.columns = {"close", "known_time", "date", "symbol", "volume"}, .rows_per_block = rows_per_block});
    std::vector<Bar> found;
    while (const auto block = scan->next()) {
      EXPECT_EQ(block->columns.front().name, "close");
      for (const auto& bar : to_bars(*block)) found.push_back(bar);
      // A block has one symbol at least, whose rows are about 25 here.
      EXPECT_LE(block->rows(), static_cast<std::size_t>(rows_per_block + 40));
    }
    ASSERT_EQ(found.size(), all.size() + 1) << rows_per_block;
    EXPECT_EQ(found.front().symbol, "(missing)");
    const auto before = [](const Bar& a, const Bar& b) {
      return std::tie(a.symbol, a.date, a.known) < std::tie(b.symbol, b.date, b.known);
    };
    EXPECT_TRUE(std::is_sorted(found.begin(), found.end(), before));
    EXPECT_EQ(sorted({found.begin() + 1, found.end()}), sorted(all));
  }
}

TEST(LakeTable, OverwritesExactlyTheRowsThatMeetTheConditions) {
  Random random(7);
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path());
  LakeTable::create(*files, "bars", bars());
  LakeTable table(*files, "bars", small_pieces());
  auto all = random_bars(random, 300);
  table.append(to_table(all));
  const std::vector<Bar> news = {{"S03", Date{18'001}, 9.0, 9, 9'000}};
  table.overwrite(to_table(news), {one_of("symbol", {"S03"})});
  std::erase_if(all, [](const Bar& bar) { return bar.symbol == "S03"; });
  all.push_back(news.front());
  EXPECT_EQ(sorted(to_bars(table.scan({})->rest())), sorted(all));
  EXPECT_EQ(sorted(to_bars(table.scan({.version = 1})->rest())).size(), 300u);
  table.overwrite(to_table(news));
  EXPECT_EQ(to_bars(table.scan({})->rest()), news);
}

TEST(LakeTable, AnOverwriteDoesNotSwallowWhatOthersAdded) {
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path());
  LakeTable::create(*files, "bars", bars());
  LakeTable table(*files, "bars");
  const Bar a{"A", Date{1}, 1.0, 1, 1'000}, b{"B", Date{1}, 1.0, 1, 1'000};
  table.append(to_table({a, b}));
  // The other writer comes between this one's reading and its commit: when the clock is first asked.
  LakeTableOptions late;
  bool is_first = true;
  const auto between_with = [&](const Bar& theirs) {
    is_first = true;
    late.log.clock = [&, theirs] {
      if (std::exchange(is_first, false)) table.append(to_table({theirs}));
      return current_time();
    };
  };
  between_with(b);
  LakeTable slow(*files, "bars", late);
  slow.overwrite(to_table({a}), {one_of("symbol", {"A"})});
  EXPECT_EQ(table.scan({})->rest().rows(), 3u);
  between_with(a);
  LakeTable slower(*files, "bars", late);
  EXPECT_THROW(slower.overwrite(to_table({a}), {one_of("symbol", {"A"})}), Error);
  EXPECT_EQ(table.scan({})->rest().rows(), 4u);
}

TEST(LakeTable, ColumnsCanBeAdded) {
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path());
  LakeTable::create(*files, "bars", bars());
  LakeTable table(*files, "bars");
  table.append(to_table({{"A", Date{1}, 1.0, 1, 1'000}}));
  table.add_columns({{.name = "source"},
                     {.name = "vwap", .type = DeltaType::kDouble},
                     {.name = "trades", .type = DeltaType::kLong}});
  table.add_columns({{.name = "source"}});
  EXPECT_EQ(table.version(), 2);
  EXPECT_THROW(table.add_columns({{.name = "close"}}), Error);
  Table wide = to_table({{"B", Date{1}, 1.0, 1, 1'000}});
  wide.columns.push_back({"trades", std::vector<std::int64_t>{12}});
  table.append(wide);
  const auto rows = table.scan_sorted({})->rest();
  EXPECT_EQ(values<std::int64_t>(rows, "trades"), (std::vector<std::int64_t>{kMissingInteger, 12}));
  EXPECT_EQ(text(rows, "source", 0), "(missing)");
  EXPECT_TRUE(std::isnan(values<double>(rows, "vwap")[1]));
}

TEST(LakeTable, PartitionsAreFoldersAndReadAsColumns) {
  Random random(8);
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path());
  auto definition = bars();
  definition.partition_by = {"date"};
  LakeTable::create(*files, "bars", definition);
  LakeTable table(*files, "bars", small_pieces());
  const std::vector<Bar> all = {
      {"B", Date{1}, 1.0, 1, 1'000}, {"A", Date{1}, 1.0, 1, 1'000}, {"A", Date{2}, 2.0, 2, 2'000}};
  table.append(to_table(all));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "bars/date=1970-01-02"));
  EXPECT_EQ(to_bars(table.scan_sorted({})->rest()), (std::vector<Bar>{all[1], all[2], all[0]}));
  EXPECT_EQ(to_bars(table.scan({.where = {between("date", Date{2}, Date{9})}})->rest()),
            std::vector<Bar>{all[2]});
  table.overwrite(to_table({}), {between("date", Date{1}, Date{1})});
  EXPECT_EQ(to_bars(table.scan({})->rest()), std::vector<Bar>{all[2]});
}

TEST(LakeTable, CompactionKeepsEveryRowAndVacuumOnlyWhatIsNeeded) {
  Random random(9);
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path());
  LakeTable::create(*files, "bars", bars());
  LakeTable table(*files, "bars", small_pieces());
  std::vector<Bar> all;
  for (int i = 0; i < 20; ++i) {
    const auto rows = random_bars(random, 10);
    table.append(to_table(rows));
    all.insert(all.end(), rows.begin(), rows.end());
  }
  const auto result = table.compact();
  EXPECT_EQ(result.files_before, 20u);
  EXPECT_LE(result.files_after, 5u);
  EXPECT_EQ(result.rows, 200);
  EXPECT_EQ(sorted(to_bars(table.scan({})->rest())), sorted(all));
  EXPECT_EQ(table.vacuum({0}), 0u);
  EXPECT_EQ(table.scan({.version = 20})->rest().rows(), 200u);
  EXPECT_GE(table.vacuum({current_time().nanoseconds + 1'000'000'000}), 20u);
  EXPECT_EQ(sorted(to_bars(table.scan({})->rest())), sorted(all));
  EXPECT_THROW(table.scan({.version = 3})->rest(), Error);
  LakeTable fresh(*files, "bars");
  EXPECT_EQ(fresh.scan({})->rest().rows(), 200u);
}

TEST(LakeTable, ADamagedFileIsFoundAndNamed) {
  Random random(10);
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path());
  LakeTable::create(*files, "bars", bars());
  LakeTable table(*files, "bars", small_pieces());
  const auto all = random_bars(random, 60);
  table.append(to_table(all));
  EXPECT_TRUE(table.verify().empty());
  const auto path = folder.path() / "bars" / table.log().latest()->files.front().path;
  const auto bytes = read_file(path);
  int unnoticed_by_reading = 0;
  for (std::size_t place = 0; place < bytes.size(); place += 7) {
    auto damaged = bytes;
    damaged[place] = static_cast<char>(damaged[place] ^ (1 << random.below(8)));
    write_file_atomically(path, damaged);
    const auto found = table.verify();
    ASSERT_EQ(found.size(), 1u) << place;
    EXPECT_EQ(found.front().path, path.string());
    try {
      const auto rows = to_bars(table.scan({})->rest());
      if (sorted(rows) != sorted(all)) ++unnoticed_by_reading;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(path.filename().string()), std::string::npos) << error.what();
    }
  }
  // Pages are checked as they are read; headers and footer are not, and verify() is there for them.
  EXPECT_LE(unnoticed_by_reading, static_cast<int>(bytes.size() / 7 / 50));
  write_file_atomically(path, bytes.substr(0, bytes.size() / 2));
  EXPECT_EQ(table.verify().size(), 1u);
  EXPECT_THROW(table.scan({})->rest(), Error);
}

TEST(LakeTable, RacingWritersLoseNoRow) {
  constexpr int kWriters = 4;
  constexpr int kCommits = 100;
  const TemporaryFolder folder;
  const auto files = folder_files(folder.path());
  LakeTable::create(*files, "bars", bars());
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      const auto own_files = folder_files(folder.path());
      LakeTable table(*own_files, "bars");
      for (int i = 0; i < kCommits; ++i) {
        table.append(to_table({{fmt::format("W{}", writer), Date{i}, 1.0, i, 1'000}}));
        if (writer == 0 && i % 40 == 39) {
          try {
            table.compact();
          } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
          }
        }
      }
    });
  }
  for (auto& writer : writers) writer.join();
  LakeTable table(*files, "bars");
  const auto rows = to_bars(table.scan_sorted({})->rest());
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(kWriters * kCommits));
  for (int writer = 0; writer < kWriters; ++writer) {
    for (int i = 0; i < kCommits; ++i)
      EXPECT_EQ(rows[static_cast<std::size_t>(writer * kCommits + i)].volume, i);
  }
}

/// Appends, overwrites and compacts until the power fails. Returns the tables that may be found afterwards:
/// the last one acknowledged, and the one in the air.
std::vector<std::vector<Bar>> work_until_failure(Disk& disk, std::uint64_t seed) {
  Random random(seed);
  const auto files = folder_files("/lake", disk);
  std::vector<std::vector<Bar>> possible = {{}};
  try {
    LakeTable::create(*files, "bars", bars());
    LakeTable table(*files, "bars", small_pieces());
    for (int i = 0; i < 8; ++i) {
      auto rows = possible.back();
      const auto news = random_bars(random, 5);
      if (i % 4 == 2) std::erase_if(rows, [](const Bar& bar) { return bar.symbol < "S20"; });
      if (i % 4 != 3) rows.insert(rows.end(), news.begin(), news.end());
      possible.push_back(sorted(rows));
      if (i % 4 == 3) {
        table.compact();
      } else if (i % 4 == 2) {
        table.overwrite(to_table(news), {{.column = "symbol", .below = "S20"}});
      } else {
        table.append(to_table(news));
      }
      possible = {possible.back()};
    }
  } catch (const PowerFailure&) {
  }
  return possible;
}

TEST(LakeTable, APowerFailureLeavesItAtItsLastCommit) {
  CrashingDisk whole(0);
  ASSERT_EQ(work_until_failure(whole, 1).size(), 1u);
  int crashes = 0, found_tables = 0;
  for (std::size_t step = 0; step < whole.steps(); ++step) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed, ++crashes) {
      CrashingDisk disk(100 * step + seed);
      disk.fail_after(step);
      const auto possible = work_until_failure(disk, 1);
      disk.restart();
      const auto files = folder_files("/lake", disk);
      DeltaLog log(*files, "bars");
      if (!log.latest()) {
        EXPECT_TRUE(possible.front().empty()) << "step " << step;
        continue;
      }
      ++found_tables;
      LakeTable table(*files, "bars", small_pieces());
      const auto rows = sorted(to_bars(table.scan({})->rest()));
      EXPECT_TRUE(std::find(possible.begin(), possible.end(), rows) != possible.end()) << "step " << step;
      EXPECT_TRUE(table.verify().empty()) << "step " << step;
      table.append(to_table({{"AFTER", Date{1}, 1.0, 1, 1'000}}));
      EXPECT_EQ(table.scan({})->rest().rows(), rows.size() + 1);
    }
  }
  EXPECT_GT(crashes, 300);
  EXPECT_GT(found_tables, 250);
}

}  // namespace
}  // namespace orrery::lake_table_test
