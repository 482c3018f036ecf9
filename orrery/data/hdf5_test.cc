#include "orrery/data/hdf5.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/price_rows.h"
#include "orrery/data/prices.h"
#include "orrery/data/zip_file.h"
#include "testing/temporary_folder.h"

// The files are made by pandas, PyTables and h5py: testing/hdf5/make.py, whose values stand here again.

namespace orrery::hdf5_test {
namespace {

using testing::TemporaryFolder;

/// The files, unpacked once.
const std::filesystem::path& files() {
  static const TemporaryFolder folder;
  static const bool is_unpacked = [] {
    read_zip("testing/hdf5/files.zip", [](std::string_view name, const std::string& bytes) {
      write_file_atomically(folder.path() / name, bytes);
    });
    return true;
  }();
  static const auto path = is_unpacked ? folder.path() : std::filesystem::path();
  return path;
}

Table read(const std::string& path) { return read_hdf5(files() / path); }

std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const auto& column : table.columns) names.push_back(column.name);
  std::sort(names.begin(), names.end());
  return names;
}

/// A value as text, "-" where it is missing.
std::string text_at(const Table& table, const std::string& name, std::size_t row) {
  const auto& values = table.column(name).values;
  if (const auto* texts = std::get_if<DictionaryStrings>(&values)) {
    const auto code = texts->codes[row];
    return code < 0 ? "-" : texts->dictionary[static_cast<std::size_t>(code)];
  }
  if (const auto* days = std::get_if<std::vector<Date>>(&values)) return to_string((*days)[row]);
  if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&values))
    return std::to_string((*whole)[row]);
  const double number = std::get<std::vector<double>>(values)[row];
  return std::isnan(number) ? "-" : fmt::format("{}", number);
}

std::vector<std::string> column(const Table& table, const std::string& name) {
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < table.rows(); ++row) texts.push_back(text_at(table, name, row));
  return texts;
}

using Texts = std::vector<std::string>;

void expect_bars(const Table& table, const std::string& what) {
  SCOPED_TRACE(what);
  EXPECT_EQ(column(table, "date"), (Texts{"2024-07-02", "2024-07-03", "2024-07-05"}));
  EXPECT_EQ(column(table, "symbol"), (Texts{"AAA", "BBB", "Z\xC3\x9CR"}));
  EXPECT_EQ(column(table, "open"), (Texts{"10", "10.5", "0.1"}));
  EXPECT_EQ(column(table, "high"), (Texts{"11", "10.75", "0.2"}));
  EXPECT_EQ(column(table, "low"), (Texts{"9.5", "10.25", "0.05"}));
  EXPECT_EQ(column(table, "close"), (Texts{"10.5", "-", "0.125"}));
  EXPECT_EQ(column(table, "volume"), (Texts{"1000", "9007199254740993", "0"}));
  EXPECT_EQ(column(table, "note"), (Texts{"first", "-", "third"}));
  EXPECT_EQ(column(table, "small"), (Texts{"1.5", "-2.5", "-"}));
  EXPECT_EQ(column(table, "good"), (Texts{"1", "0", "1"}));
}

TEST(Hdf5, FramesOfPandasInEveryFormat) {
  for (const auto* key : {"fixed", "table", "columns", "levels/fixed", "levels/table"}) {
    const auto table = read(std::string("store.h5/") + key);
    expect_bars(table, key);
    EXPECT_EQ(table.columns.size(), 11u) << key;
    const auto& seen = std::get<std::vector<double>>(table.column("seen").values);  // one moment is missing
    EXPECT_EQ(seen[0], 1719950400123456789.0) << key;
    EXPECT_TRUE(std::isnan(seen[1])) << key;
  }
}

TEST(Hdf5, TheIndexIsAColumnWhereItMeansSomething) {
  EXPECT_EQ(names_of(read("store.h5/unnamed")), (Texts{"close", "date"}));
  EXPECT_EQ(names_of(read("store.h5/counted")), (Texts{"close"}));
}

TEST(Hdf5, CategoriesAreTexts) {
  EXPECT_EQ(column(read("store.h5/category"), "kind"), (Texts{"x", "-", "y"}));
}

TEST(Hdf5, AFrameWithoutRowsKeepsItsColumns) {
  const auto table = read("store.h5/nothing");
  EXPECT_EQ(table.rows(), 0u);
  EXPECT_EQ(table.columns.size(), 11u);
  for (const auto& column : table.columns) EXPECT_EQ(column.size(), 0u) << column.name;
}

TEST(Hdf5, PlainDatasetsAreColumnsOrRecords) {
  const auto records = read("plain.h5/records");
  EXPECT_EQ(names_of(records), (Texts{"close", "date", "symbol", "volume"}));  // a pair has no place
  EXPECT_EQ(column(records, "symbol"), (Texts{"AAA", "BBB", "Z\xC3\x9CR"}));
  EXPECT_EQ(column(records, "volume"), (Texts{"1000", "4000000000", "0"}));
  const auto columns = read("plain.h5/columns");
  expect_bars(columns, "columns");
  EXPECT_EQ(columns.columns.size(), 10u);  // without the matrix
}

TEST(Hdf5, IsAFileOfPrices) {
  const auto rows = read_price_rows(files() / "prices.h5", 1);
  EXPECT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows.quarantine.left_out(), 0u);
  const auto store = read_price_rows(files() / "store.h5" / "levels" / "fixed", 1);
  EXPECT_EQ(to_string(store.date[2]), "2024-07-05");
  EXPECT_EQ(store.values[kClose][2], 0.125);
}

TEST(Hdf5, EachTableOfAFileHasAFingerprintOfItsOwn) {
  PriceSource source;
  source.calendar = "file";
  std::set<std::string> fingerprints;
  for (const auto* key : {"prices.h5", "prices.h5/prices", "store.h5/table", "store.h5/columns"}) {
    source.path = files() / key;
    fingerprints.insert(load_prices(source).fingerprint);
  }
  EXPECT_EQ(fingerprints.size(), 4u);
}

std::string error_of(const std::string& path) {
  try {
    read_hdf5(path);
  } catch (const Error& error) {
    EXPECT_NE(error.origin(), ErrorOrigin::kInternal);
    return error.what();
  }
  return "none";
}

void expect_error(const std::string& path, const std::vector<std::string>& parts) {
  const auto message = error_of(path);
  for (const auto& part : parts)
    EXPECT_NE(message.find(part), std::string::npos) << part << " in " << message;
}

TEST(Hdf5, ErrorsSayWhatThereIs) {
  const auto in = [](const std::string& name) { return (files() / name).string(); };
  expect_error(in("absent.h5"), {"no such file", "absent.h5"});
  expect_error(in("store.h5"), {"/category, /columns, /counted, /fixed, /levels/fixed", "store.h5/category"});
  expect_error(in("store.h5/tabel"), {"no '/tabel'", "did you mean '/table'", "it has: /category"});
  expect_error(in("store.h5/series"), {"/series", "is no table"});
  expect_error(in("plain.h5/matrix"), {"/matrix", "is no table", "/columns, /records"});
  expect_error(in("packed.h5"), {"lzf", "packed by zlib or not at all"});
  const TemporaryFolder folder;
  write_file_atomically(folder.path() / "text.h5", "date,symbol\n");
  expect_error((folder.path() / "text.h5").string(), {"text.h5", "as HDF5"});
}

TEST(Hdf5, AFileThatIsCutOffIsAnError) {
  const TemporaryFolder folder;
  const auto bytes = read_file(files() / "prices.h5");
  for (std::size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 40) {
    write_file_atomically(folder.path() / "cut.h5", bytes.substr(0, size));
    EXPECT_NE(error_of((folder.path() / "cut.h5").string()), "none") << size;
  }
}

TEST(Hdf5, PathsLeadIntoFiles) {
  EXPECT_TRUE(is_hdf5_path("a/store.h5"));
  EXPECT_TRUE(is_hdf5_path("a/STORE.HDF5/group/table"));
  EXPECT_FALSE(is_hdf5_path("a/store.parquet"));
  EXPECT_EQ(hdf5_file_of("a/store.h5/group/table"), "a/store.h5");
  EXPECT_EQ(hdf5_file_of("a/store.csv"), std::nullopt);
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "folder.h5");
  EXPECT_FALSE(is_hdf5_path(folder.path() / "folder.h5" / "prices.csv"));
}

}  // namespace
}  // namespace orrery::hdf5_test
