#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/statistics.h>

#include <algorithm>
#include <exception>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "orrery/base/threads.h"
#include "orrery/data/arrow_status.h"
#include "orrery/data/lake/delta_checkpoint.h"

namespace orrery {
namespace {

/// A member of a struct column; absent members have no array.
class Member {
 public:
  Member(const arrow::StructArray& parent, const std::string& name) : array_(parent.GetFieldByName(name)) {}

  bool has(std::int64_t row) const { return array_ && array_->IsValid(row); }
  const std::shared_ptr<arrow::Array>& array() const { return array_; }
  std::string_view text(std::int64_t row) const { return has(row) ? text_at(*array_, row) : ""; }
  std::int64_t number(std::int64_t row) const {
    if (!has(row)) return 0;
    return array_->type_id() == arrow::Type::INT32
               ? static_cast<const arrow::Int32Array&>(*array_).Value(row)
               : static_cast<const arrow::Int64Array&>(*array_).Value(row);
  }
  std::vector<std::string> list(std::int64_t row) const {
    std::vector<std::string> values;
    if (!has(row)) return values;
    const auto& lists = static_cast<const arrow::ListArray&>(*array_);
    for (auto i = lists.value_offset(row); i < lists.value_offset(row + 1); ++i) {
      values.emplace_back(text_at(*lists.values(), i));
    }
    return values;
  }
  /// Calls `take(name, array of values, position)` for each entry.
  void each(std::int64_t row, const auto& take) const {
    if (!has(row)) return;
    const auto& maps = static_cast<const arrow::MapArray&>(*array_);
    for (auto i = maps.value_offset(row); i < maps.value_offset(row + 1); ++i) {
      take(text_at(*maps.keys(), i), *maps.items(), i);
    }
  }
  std::map<std::string, std::string> texts(std::int64_t row) const {
    std::map<std::string, std::string> values;
    each(row, [&values](std::string_view name, const arrow::Array& items, std::int64_t i) {
      if (items.IsValid(i)) values.emplace(name, text_at(items, i));
    });
    return values;
  }

  static std::string_view text_at(const arrow::Array& array, std::int64_t i) {
    switch (array.type_id()) {
      case arrow::Type::STRING:
        return static_cast<const arrow::StringArray&>(array).GetView(i);
      case arrow::Type::LARGE_STRING:
        return static_cast<const arrow::LargeStringArray&>(array).GetView(i);
      case arrow::Type::STRING_VIEW:
        return static_cast<const arrow::StringViewArray&>(array).GetView(i);
      default:
        throw std::runtime_error("a text is of the type " + array.type()->ToString());
    }
  }

 private:
  std::shared_ptr<arrow::Array> array_;
};

/// Calls `take(row)` for the rows in which a column has a value.
void for_rows(const arrow::StructArray& column, const auto& take) {
  for (std::int64_t row = 0; row < column.length(); ++row) {
    if (column.IsValid(row)) take(row);
  }
}

/// The files that rows of the column `add` tell of. Statistics and tags stay where they were unpacked.
class FileRows {
 public:
  FileRows(const arrow::StructArray& column, const std::string& place)
      : place_(place),
        path_(column, "path"),
        partitions_(column, "partitionValues"),
        size_(column, "size"),
        modified_(column, "modificationTime"),
        statistics_(column, "stats"),
        tags_(column, "tags"),
        deletion_vector_(column, "deletionVector") {
    for_rows(column, [this](std::int64_t row) { rows_.push_back(row); });
  }

  std::size_t size() const { return rows_.size(); }

  /// Reads files from the one at `first` on.
  void read(std::size_t first, std::span<AddedFile> files) const {
    // An owner of their own: threads that count the users of the same one would wait for each other.
    const auto texts = std::make_shared<Texts>();
    texts->statistics = statistics_.array();
    texts->tags = tags_.array();
    std::vector<std::size_t> tag_ends;
    for (std::size_t i = 0; i < files.size(); ++i) {
      read_file(rows_[first + i], texts, files[i]);
      tag_ends.push_back(texts->entries.size());
    }
    const std::span entries(std::as_const(texts->entries));
    for (std::size_t i = 0; i < files.size(); ++i) {
      const auto begin = i == 0 ? 0 : tag_ends[i - 1];
      if (tag_ends[i] > begin) files[i].tags = {texts, entries.subspan(begin, tag_ends[i] - begin)};
    }
  }

 private:
  /// Holds what the texts of some files lie in.
  struct Texts {
    std::shared_ptr<arrow::Array> statistics, tags;
    std::vector<SharedTextMap::value_type> entries;  ///< of all files' tags, one file after the other
  };

  void read_file(std::int64_t row, const std::shared_ptr<Texts>& texts, AddedFile& file) const {
    if (deletion_vector_.has(row)) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("{}: a file has a deletion vector, which Orrery does not read", place_));
    }
    file.path = url_decode(path_.text(row));
    file.size = size_.number(row);
    file.modified_ms = modified_.number(row);
    if (statistics_.has(row)) file.statistics = SharedText(texts, statistics_.text(row));
    tags_.each(row, [&](std::string_view name, const arrow::Array& items, std::int64_t i) {
      if (items.IsValid(i)) texts->entries.emplace_back(name, Member::text_at(items, i));
    });
    partitions_.each(row, [&](std::string_view name, const arrow::Array& items, std::int64_t i) {
      auto& value = file.partition_values[std::string(name)];
      if (items.IsValid(i)) value = std::string(Member::text_at(items, i));
    });
  }

  const std::string& place_;
  Member path_, partitions_, size_, modified_, statistics_, tags_, deletion_vector_;
  std::vector<std::int64_t> rows_;
};

/// Some files of one FileRows, and their place among all.
struct FileBatch {
  const FileRows* rows = nullptr;
  std::size_t first = 0;
  std::span<AddedFile> files;
};

std::vector<FileBatch> batches_of(const std::vector<FileRows>& columns, std::span<AddedFile> files) {
  constexpr std::size_t kTogether = 4096;
  std::vector<FileBatch> batches;
  for (const auto& rows : columns) {
    for (std::size_t first = 0; first < rows.size(); first += kTogether) {
      const auto count = std::min(kTogether, rows.size() - first);
      batches.push_back({&rows, first, files.first(count)});
      files = files.subspan(count);
    }
  }
  return batches;
}

std::vector<AddedFile> read_files(const std::vector<FileRows>& columns) {
  std::size_t count = 0;
  for (const auto& rows : columns) count += rows.size();
  std::vector<AddedFile> files(count);
  const auto batches = batches_of(columns, files);
  parallel_for(batches.size(), 0,
               [&](std::size_t i) { batches[i].rows->read(batches[i].first, batches[i].files); });
  return files;
}

void read_removed(const arrow::StructArray& column, DeltaState& state) {
  const Member path(column, "path"), deleted(column, "deletionTimestamp");
  for_rows(column, [&](std::int64_t row) {
    state.removed.push_back({url_decode(path.text(row)), deleted.number(row), false});
  });
}

void read_metadata(const arrow::StructArray& column, const std::string& place, DeltaState& state) {
  for_rows(column, [&](std::int64_t row) {
    auto& metadata = state.metadata;
    metadata.id = Member(column, "id").text(row);
    metadata.name = Member(column, "name").text(row);
    metadata.description = Member(column, "description").text(row);
    metadata.schema = parse_delta_schema(std::string(Member(column, "schemaString").text(row)), place);
    metadata.partition_columns = Member(column, "partitionColumns").list(row);
    metadata.configuration = Member(column, "configuration").texts(row);
    metadata.created_ms = Member(column, "createdTime").number(row);
  });
}

void read_protocol(const arrow::StructArray& column, DeltaState& state) {
  for_rows(column, [&](std::int64_t row) {
    state.protocol = {static_cast<int>(Member(column, "minReaderVersion").number(row)),
                      static_cast<int>(Member(column, "minWriterVersion").number(row)),
                      Member(column, "readerFeatures").list(row), Member(column, "writerFeatures").list(row)};
  });
}

void read_transactions(const arrow::StructArray& column, DeltaState& state) {
  for_rows(column, [&](std::int64_t row) {
    state.latest.push_back(
        {std::string(Member(column, "appId").text(row)), Member(column, "version").number(row)});
  });
}

/// Reads what is not a file.
void read_column(const std::string& name, const arrow::StructArray& column, const std::string& place,
                 DeltaState& state) {
  if (name == "remove") read_removed(column, state);
  if (name == "metaData") read_metadata(column, place, state);
  if (name == "protocol") read_protocol(column, state);
  if (name == "txn") read_transactions(column, state);
}

/// The name of a leaf's top column, and of the member of it that the leaf belongs to.
std::pair<std::string, std::string> member_of(const parquet::SchemaDescriptor& schema, int leaf) {
  const auto path = schema.Column(leaf)->path()->ToDotVector();
  return {path.front(), path.size() > 1 ? path[1] : ""};
}

/// Other writers put more beside the actions we know, such as statistics once more as structs.
bool is_wanted(const std::string& column, const std::string& member) {
  if (column == "remove") return member == "path" || member == "deletionTimestamp";
  if (column == "add") {
    return member != "dataChange" && member != "stats_parsed" && member != "partitionValues_parsed";
  }
  return column == "metaData" || column == "protocol" || column == "txn";
}

/// Whether a row group's statistics say that a leaf holds no value.
bool leaf_is_empty(const parquet::RowGroupMetaData& group, int leaf) {
  const auto chunk = group.ColumnChunk(leaf);
  const auto statistics = chunk->statistics();
  return statistics && statistics->HasNullCount() && statistics->null_count() == chunk->num_values();
}

/// Takes the leaves of the members that we want and that hold anything in a row group: most rows are files,
/// and hold nothing of the other actions.
std::vector<int> wanted_leaves(const parquet::FileMetaData& file, int group) {
  const auto row_group = file.RowGroup(group);
  std::map<std::pair<std::string, std::string>, std::pair<std::vector<int>, bool>> members;
  for (int leaf = 0; leaf < file.num_columns(); ++leaf) {
    auto& [leaves, holds_any] = members[member_of(*file.schema(), leaf)];
    leaves.push_back(leaf);
    holds_any = holds_any || !leaf_is_empty(*row_group, leaf);
  }
  std::vector<int> wanted;
  for (const auto& [name, member] : members) {
    const auto& [leaves, holds_any] = member;
    if (holds_any && is_wanted(name.first, name.second))
      wanted.insert(wanted.end(), leaves.begin(), leaves.end());
  }
  std::sort(wanted.begin(), wanted.end());
  return wanted;
}

/// A part of a checkpoint, open for reading.
class CheckpointPart {
 public:
  CheckpointPart(const std::string& bytes, const std::string& place) : place_(place) {
    parquet::ArrowReaderProperties properties;
    properties.set_use_threads(false);  // row groups are read beside each other
    properties.set_pre_buffer(false);
    parquet::arrow::FileReaderBuilder builder;
    const auto buffer = std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(bytes));
    check_arrow(builder.Open(buffer), ErrorCode::kDataCorrupt, "read", place_);
    builder.properties(properties);
    reader_ = arrow_value(builder.Build(), ErrorCode::kDataCorrupt, "read", place_);
  }

  int groups() const { return reader_->num_row_groups(); }
  std::shared_ptr<arrow::Table> read(int group) const {
    const auto leaves = wanted_leaves(*reader_->parquet_reader()->metadata(), group);
    return arrow_value(reader_->ReadRowGroup(group, leaves), ErrorCode::kDataCorrupt, "read", place_);
  }

 private:
  const std::string& place_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
};

/// Reads all row groups, in their order.
std::vector<std::shared_ptr<arrow::Table>> read_tables(std::span<const std::string> contents,
                                                       const std::string& place) {
  std::vector<CheckpointPart> parts;
  std::vector<std::pair<std::size_t, int>> groups;  // part, and group in it
  for (const auto& content : contents) {
    parts.emplace_back(content, place);
    for (int group = 0; group < parts.back().groups(); ++group) groups.emplace_back(parts.size() - 1, group);
  }
  std::vector<std::shared_ptr<arrow::Table>> tables(groups.size());
  parallel_for(groups.size(), 0,
               [&](std::size_t i) { tables[i] = parts[groups[i].first].read(groups[i].second); });
  return tables;
}

DeltaState state_of(const std::vector<std::shared_ptr<arrow::Table>>& tables, const std::string& place) {
  DeltaState state;
  std::vector<FileRows> files;
  for (const auto& table : tables) {
    for (int i = 0; i < table->num_columns(); ++i) {
      const auto& name = table->field(i)->name();
      for (const auto& chunk : table->column(i)->chunks()) {
        const auto& column = static_cast<const arrow::StructArray&>(*chunk);
        if (name == "add") files.emplace_back(column, place);
        read_column(name, column, place, state);
      }
    }
  }
  state.files = read_files(files);
  return state;
}

}  // namespace

DeltaState parse_checkpoint(std::span<const std::string> parts, const std::string& place) {
  DeltaState state;
  try {
    state = state_of(read_tables(parts, place), place);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {  // parts of the library throw
    throw external_error(ErrorCode::kDataCorrupt, fmt::format("can't read {}: {}", place, error.what()));
  }
  if (state.metadata.id.empty()) {
    throw external_error(ErrorCode::kDataCorrupt, fmt::format("can't read {}: it has no metaData", place));
  }
  return state;
}

}  // namespace orrery
