#include "orrery/data/parquet_numbers.h"

#include <fmt/format.h>
#include <parquet/column_reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <memory>

#include "orrery/base/aligned_memory.h"
#include "orrery/base/threads.h"

namespace orrery {
namespace {

/// The row groups to read, and where each one's rows start among all that are read.
class WantedGroups {
 public:
  WantedGroups(const parquet::FileMetaData& metadata, std::span<const int> groups)
      : groups_(groups.begin(), groups.end()), starts_{0} {
    for (const int group : groups) {
      const auto rows = metadata.RowGroup(group)->num_rows();
      if (rows < 0) throw parquet::ParquetException("a row group has fewer than no rows");
      starts_.push_back(starts_.back() + static_cast<std::size_t>(rows));
    }
  }

  std::size_t size() const { return groups_.size(); }
  int group(std::size_t slot) const { return groups_[slot]; }
  std::size_t start(std::size_t slot) const { return starts_[slot]; }
  std::size_t rows_of(std::size_t slot) const { return starts_[slot + 1] - starts_[slot]; }
  std::size_t rows() const { return starts_.back(); }

 private:
  std::vector<int> groups_;
  std::vector<std::size_t> starts_;  ///< one more than groups; the last is the number of rows
};

class NumberColumn {
 public:
  virtual ~NumberColumn() = default;
  /// Takes the memory.
  virtual void prepare() = 0;
  virtual void read_group(std::size_t slot) = 0;
  virtual StoredNumbers take() = 0;
};

template <class ParquetType>
class TypedNumberColumn final : public NumberColumn {
 public:
  using Value = typename ParquetType::c_type;

  TypedNumberColumn(parquet::ParquetFileReader& file, const WantedGroups& groups, int leaf)
      : file_(file), groups_(groups), leaf_(leaf), missing_(groups.size()) {}

  void prepare() override {
    values_.reserve(groups_.rows());
    prefer_huge_pages(values_.data(), values_.capacity() * sizeof(Value));
    values_.resize(groups_.rows());
  }

  void read_group(std::size_t slot) override {
    const auto column = file_.RowGroup(groups_.group(slot))->Column(leaf_);
    auto& reader = static_cast<parquet::TypedColumnReader<ParquetType>&>(*column);
    const std::size_t start = groups_.start(slot);
    std::vector<std::int16_t> levels(kBatch);
    for (std::size_t done = 0; done < groups_.rows_of(slot);) {
      const auto wanted = std::min(kBatch, groups_.rows_of(slot) - done);
      std::int64_t stored = 0;
      const std::int64_t rows = reader.ReadBatch(static_cast<std::int64_t>(wanted), levels.data(), nullptr,
                                                 values_.data() + start + done, &stored);
      if (rows == 0) throw parquet::ParquetException("a column ends before its row group does");
      if (stored < rows) spread(slot, start + done, levels, rows, stored);
      done += static_cast<std::size_t>(rows);
    }
  }

  StoredNumbers take() override {
    StoredNumbers result;
    for (const auto& rows : missing_) result.missing.insert(result.missing.end(), rows.begin(), rows.end());
    result.values = std::move(values_);
    return result;
  }

 private:
  static constexpr std::size_t kBatch = 1 << 16;

  /// Moves the values, which lie closely packed at `start`, to the rows that have one.
  void spread(std::size_t slot, std::size_t start, const std::vector<std::int16_t>& levels, std::int64_t rows,
              std::int64_t stored) {
    Value* const values = values_.data() + start;
    for (std::int64_t row = rows - 1; row >= 0; --row) {
      if (levels[static_cast<std::size_t>(row)] > 0) {
        values[row] = values[--stored];
      } else {
        missing_[slot].push_back(start + static_cast<std::size_t>(row));
      }
    }
  }

  parquet::ParquetFileReader& file_;
  const WantedGroups& groups_;
  int leaf_;
  std::vector<Value> values_;
  std::vector<std::vector<std::size_t>> missing_;  ///< by group
};

/// Memory is taken for as many values as the file promises; two promises must agree.
void check_lengths(const parquet::FileMetaData& metadata, const WantedGroups& groups, int leaf) {
  for (std::size_t slot = 0; slot < groups.size(); ++slot) {
    const auto values = metadata.RowGroup(groups.group(slot))->ColumnChunk(leaf)->num_values();
    if (static_cast<std::size_t>(values) == groups.rows_of(slot)) continue;
    throw parquet::ParquetException(fmt::format("row group {} has {} rows, but a column of it has {} values",
                                                groups.group(slot), groups.rows_of(slot), values));
  }
}

bool is_number(parquet::Type::type type) {
  return type == parquet::Type::DOUBLE || type == parquet::Type::FLOAT || type == parquet::Type::INT64 ||
         type == parquet::Type::INT32;
}

std::unique_ptr<NumberColumn> make_column(parquet::ParquetFileReader& file, const WantedGroups& groups,
                                          int leaf) {
  const auto metadata = file.metadata();
  check_lengths(*metadata, groups, leaf);
  switch (metadata->schema()->Column(leaf)->physical_type()) {
    case parquet::Type::DOUBLE:
      return std::make_unique<TypedNumberColumn<parquet::DoubleType>>(file, groups, leaf);
    case parquet::Type::FLOAT:
      return std::make_unique<TypedNumberColumn<parquet::FloatType>>(file, groups, leaf);
    case parquet::Type::INT64:
      return std::make_unique<TypedNumberColumn<parquet::Int64Type>>(file, groups, leaf);
    default:
      return std::make_unique<TypedNumberColumn<parquet::Int32Type>>(file, groups, leaf);
  }
}

}  // namespace

std::optional<int> number_leaf(const parquet::ParquetFileReader& file, const std::string& name) {
  const auto metadata = file.metadata();
  const auto& schema = *metadata->schema();
  for (int leaf = 0; leaf < schema.num_columns(); ++leaf) {
    const auto& column = *schema.Column(leaf);
    const auto path = column.path()->ToDotVector();
    if (path.front() != name) continue;
    const bool is_flat =
        path.size() == 1 && column.max_repetition_level() == 0 && column.max_definition_level() <= 1;
    return is_flat && is_number(column.physical_type()) ? std::optional(leaf) : std::nullopt;
  }
  return std::nullopt;
}

std::vector<StoredNumbers> read_numbers(parquet::ParquetFileReader& file, std::span<const int> groups,
                                        std::span<const int> leaves, int threads,
                                        std::span<const std::function<void()>> beside) {
  const WantedGroups wanted(*file.metadata(), groups);
  std::vector<std::unique_ptr<NumberColumn>> columns;
  for (const int leaf : leaves) columns.push_back(make_column(file, wanted, leaf));
  parallel_for(beside.size() + columns.size(), threads, [&](std::size_t task) {
    if (task < beside.size()) {
      beside[task]();
    } else {
      columns[task - beside.size()]->prepare();
    }
  });
  parallel_for(columns.size() * wanted.size(), threads,
               [&](std::size_t task) { columns[task / wanted.size()]->read_group(task % wanted.size()); });
  std::vector<StoredNumbers> result(columns.size());
  parallel_for(columns.size(), threads, [&](std::size_t i) { result[i] = columns[i]->take(); });
  return result;
}

}  // namespace orrery
