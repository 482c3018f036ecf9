#include "orrery/data/lake/delta_checkpoint.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>

#include <algorithm>
#include <array>
#include <exception>
#include <string_view>

#include "orrery/base/threads.h"
#include "orrery/data/arrow_status.h"

namespace orrery {
namespace {

constexpr std::string_view kWhat = "a checkpoint";

template <class Result>
auto need(Result result) {
  return arrow_value(std::move(result), ErrorCode::kInternal, "write", std::string(kWhat));
}

void need_ok(const arrow::Status& status) {
  check_arrow(status, ErrorCode::kInternal, "write", std::string(kWhat));
}

using Field = std::shared_ptr<arrow::Field>;

Field text_field(const char* name, bool nullable = true) {
  return arrow::field(name, arrow::utf8(), nullable);
}
Field long_field(const char* name, bool nullable = true) {
  return arrow::field(name, arrow::int64(), nullable);
}
Field map_field(const char* name) { return arrow::field(name, arrow::map(arrow::utf8(), arrow::utf8())); }
Field list_field(const char* name) {
  return arrow::field(name, arrow::list(arrow::field("element", arrow::utf8())));
}

/// The columns of a checkpoint, as the protocol names them.
std::shared_ptr<arrow::Schema> checkpoint_schema() {
  const auto format = arrow::struct_({text_field("provider"), map_field("options")});
  return arrow::schema({
      arrow::field("txn", arrow::struct_({text_field("appId"), long_field("version")})),
      arrow::field(
          "add", arrow::struct_({text_field("path"), map_field("partitionValues"), long_field("size"),
                                 long_field("modificationTime"), arrow::field("dataChange", arrow::boolean()),
                                 text_field("stats"), map_field("tags")})),
      arrow::field("remove", arrow::struct_({text_field("path"), long_field("deletionTimestamp"),
                                             arrow::field("dataChange", arrow::boolean())})),
      arrow::field("metaData", arrow::struct_({text_field("id"), text_field("name"),
                                               text_field("description"), arrow::field("format", format),
                                               text_field("schemaString"), list_field("partitionColumns"),
                                               map_field("configuration"), long_field("createdTime")})),
      arrow::field("protocol", arrow::struct_({arrow::field("minReaderVersion", arrow::int32()),
                                               arrow::field("minWriterVersion", arrow::int32()),
                                               list_field("readerFeatures"), list_field("writerFeatures")})),
  });
}

/// Fills the fields of one struct, one after the other.
class Filler {
 public:
  explicit Filler(arrow::StructBuilder& builder) : builder_(builder) { need_ok(builder_.Append()); }

  void text(std::string_view value) { need_ok(next<arrow::StringBuilder>().Append(value)); }
  void text_or_null(std::string_view value) {
    auto& child = next<arrow::StringBuilder>();
    need_ok(value.empty() ? child.AppendNull() : child.Append(value));
  }
  void number(std::int64_t value) { need_ok(next<arrow::Int64Builder>().Append(value)); }
  void small(int value) { need_ok(next<arrow::Int32Builder>().Append(value)); }
  void truth(bool value) { need_ok(next<arrow::BooleanBuilder>().Append(value)); }
  template <class Map>
  void map(const Map& values) {
    auto& child = next<arrow::MapBuilder>();
    need_ok(child.Append());
    for (const auto& [name, value] : values) {
      need_ok(static_cast<arrow::StringBuilder&>(*child.key_builder()).Append(name));
      append_value(static_cast<arrow::StringBuilder&>(*child.item_builder()), value);
    }
  }
  void list(const std::vector<std::string>& values, bool null_if_empty) {
    auto& child = next<arrow::ListBuilder>();
    if (values.empty() && null_if_empty) return need_ok(child.AppendNull());
    need_ok(child.Append());
    need_ok(static_cast<arrow::StringBuilder&>(*child.value_builder()).AppendValues(values));
  }
  Filler structure() { return Filler(next<arrow::StructBuilder>()); }

 private:
  template <class Builder>
  Builder& next() {
    return static_cast<Builder&>(*builder_.field_builder(field_++));
  }
  static void append_value(arrow::StringBuilder& builder, const std::string& value) {
    need_ok(builder.Append(value));
  }
  static void append_value(arrow::StringBuilder& builder, const std::optional<std::string>& value) {
    need_ok(value ? builder.Append(*value) : builder.AppendNull());
  }

  arrow::StructBuilder& builder_;
  int field_ = 0;
};

/// Makes the rows: in each exactly one of the five columns has a value.
class Rows {
 public:
  enum Column : std::size_t { kTransaction, kAdd, kRemove, kMetadata, kProtocol, kColumns };

  Rows() : schema_(checkpoint_schema()) {
    for (std::size_t i = 0; i < kColumns; ++i) {
      builders_[i] = need(arrow::MakeBuilder(schema_->field(static_cast<int>(i))->type()));
    }
  }

  Filler row(Column column) {
    for (std::size_t i = 0; i < kColumns; ++i) {
      if (i != column) need_ok(builders_[i]->AppendNull());
    }
    return Filler(static_cast<arrow::StructBuilder&>(*builders_[column]));
  }

  std::shared_ptr<arrow::Table> finish() {
    arrow::ArrayVector arrays;
    for (const auto& builder : builders_) arrays.push_back(need(builder->Finish()));
    return arrow::Table::Make(schema_, arrays);
  }

 private:
  std::shared_ptr<arrow::Schema> schema_;
  std::array<std::unique_ptr<arrow::ArrayBuilder>, kColumns> builders_;
};

void add_protocol(const DeltaProtocol& protocol, Rows& rows) {
  auto row = rows.row(Rows::kProtocol);
  row.small(protocol.reader_version);
  row.small(protocol.writer_version);
  row.list(protocol.reader_features, true);
  row.list(protocol.writer_features, true);
}

void add_metadata(const DeltaMetadata& metadata, Rows& rows) {
  auto row = rows.row(Rows::kMetadata);
  row.text(metadata.id);
  row.text_or_null(metadata.name);
  row.text_or_null(metadata.description);
  auto format = row.structure();
  format.text("parquet");
  format.map(std::map<std::string, std::string>{});
  row.text(to_json(metadata.schema));
  row.list(metadata.partition_columns, false);
  row.map(metadata.configuration);
  row.number(metadata.created_ms);
}

void add_file(const AddedFile& file, Rows& rows) {
  auto row = rows.row(Rows::kAdd);
  row.text(url_encode(file.path));
  row.map(file.partition_values);
  row.number(file.size);
  row.number(file.modified_ms);
  row.truth(false);  // a checkpoint itself changes nothing
  row.text_or_null(file.statistics);
  row.map(file.tags);
}

void add_removed(const RemovedFile& file, Rows& rows) {
  auto row = rows.row(Rows::kRemove);
  row.text(url_encode(file.path));
  row.number(file.deleted_ms);
  row.truth(file.data_change);
}

void add_transaction(const DeltaTransaction& transaction, Rows& rows) {
  auto row = rows.row(Rows::kTransaction);
  row.text(transaction.application);
  row.number(transaction.version);
}

std::shared_ptr<arrow::Table> checkpoint_table(const DeltaState& state, std::int64_t forget_before_ms) {
  Rows rows;
  add_protocol(state.protocol, rows);
  add_metadata(state.metadata, rows);
  for (const auto& transaction : state.latest) add_transaction(transaction, rows);
  for (const auto& file : state.removed) {
    if (file.deleted_ms >= forget_before_ms) add_removed(file, rows);
  }
  for (const auto& file : state.files) add_file(file, rows);
  return rows.finish();
}

/// A member of a struct column; absent members have no array.
class Member {
 public:
  Member(const arrow::StructArray& parent, const std::string& name) : array_(parent.GetFieldByName(name)) {}

  bool has(std::int64_t row) const { return array_ && array_->IsValid(row); }
  const arrow::Array* get() const { return array_.get(); }
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
      take(std::string(text_at(*maps.keys(), i)), *maps.items(), i);
    }
  }
  std::map<std::string, std::string> texts(std::int64_t row) const {
    std::map<std::string, std::string> values;
    each(row, [&values](std::string name, const arrow::Array& items, std::int64_t i) {
      if (items.IsValid(i)) values.emplace(std::move(name), text_at(items, i));
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

void read_files(const arrow::StructArray& column, const std::string& place, DeltaState& state) {
  const Member path(column, "path"), partitions(column, "partitionValues"), size(column, "size"),
      modified(column, "modificationTime"), statistics(column, "stats"), tags(column, "tags"),
      deletion_vector(column, "deletionVector");
  std::vector<std::int64_t> rows;
  for_rows(column, [&](std::int64_t row) { rows.push_back(row); });
  const auto first = state.files.size();
  state.files.resize(first + rows.size());
  const auto read_file = [&](std::size_t index) {
    const auto row = rows[index];
    if (deletion_vector.has(row)) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("{}: a file has a deletion vector, which Orrery does not read", place));
    }
    auto& file = state.files[first + index];
    file.path = url_decode(path.text(row));
    file.size = size.number(row);
    file.modified_ms = modified.number(row);
    file.statistics = statistics.text(row);
    file.tags = tags.texts(row);
    partitions.each(row, [&](std::string name, const arrow::Array& items, std::int64_t i) {
      auto& value = file.partition_values[std::move(name)];
      if (items.IsValid(i)) value = std::string(Member::text_at(items, i));
    });
  };
  constexpr std::size_t kTogether = 4096;
  parallel_for((rows.size() + kTogether - 1) / kTogether, 0, [&](std::size_t part) {
    const auto end = std::min(rows.size(), (part + 1) * kTogether);
    for (std::size_t index = part * kTogether; index < end; ++index) read_file(index);
  });
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

void read_column(const std::string& name, const arrow::StructArray& column, const std::string& place,
                 DeltaState& state) {
  if (name == "add") read_files(column, place, state);
  if (name == "remove") read_removed(column, state);
  if (name == "metaData") read_metadata(column, place, state);
  if (name == "protocol") read_protocol(column, state);
  if (name == "txn") read_transactions(column, state);
}

/// Leaves out what other writers put beside the actions we know, such as statistics once more as structs.
std::vector<int> wanted_leaves(const parquet::SchemaDescriptor& schema) {
  std::vector<int> leaves;
  for (int leaf = 0; leaf < schema.num_columns(); ++leaf) {
    const auto path = schema.Column(leaf)->path()->ToDotVector();
    const auto& column = path.front();
    const auto& member = path.size() > 1 ? path[1] : column;
    const bool is_known = column == "add" || column == "metaData" || column == "protocol" ||
                          column == "txn" ||
                          (column == "remove" && (member == "path" || member == "deletionTimestamp"));
    if (is_known && member != "stats_parsed" && member != "partitionValues_parsed") leaves.push_back(leaf);
  }
  return leaves;
}

void parse_part(const std::string& bytes, const std::string& place, DeltaState& state) {
  const auto corrupt = [&place](auto result) {
    return arrow_value(std::move(result), ErrorCode::kDataCorrupt, "read", place);
  };
  const auto buffer = std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(bytes));
  const auto reader = corrupt(parquet::arrow::OpenFile(buffer, arrow::default_memory_pool()));
  reader->set_use_threads(true);
  const auto table =
      corrupt(reader->ReadTable(wanted_leaves(*reader->parquet_reader()->metadata()->schema())));
  for (int i = 0; i < table->num_columns(); ++i) {
    for (const auto& chunk : table->column(i)->chunks()) {
      read_column(table->field(i)->name(), static_cast<const arrow::StructArray&>(*chunk), place, state);
    }
  }
}

}  // namespace

std::string checkpoint_bytes(const DeltaState& state, std::int64_t forget_before_ms) {
  const auto table = checkpoint_table(state, forget_before_ms);
  const auto properties = parquet::WriterProperties::Builder()
                              .compression(parquet::Compression::ZSTD)
                              ->compression_level(1)
                              ->disable_dictionary()
                              ->created_by("orrery")
                              ->build();
  const auto sink = need(arrow::io::BufferOutputStream::Create());
  constexpr std::int64_t kRowsPerGroup = 1 << 20;
  need_ok(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), sink, kRowsPerGroup, properties));
  return need(sink->Finish())->ToString();
}

DeltaState parse_checkpoint(std::span<const std::string> parts, const std::string& place) {
  DeltaState state;
  try {
    for (const auto& part : parts) parse_part(part, place, state);
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
