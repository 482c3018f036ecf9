#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <parquet/arrow/writer.h>

#include <array>
#include <string_view>

#include "orrery/data/arrow_status.h"
#include "orrery/data/lake/delta_checkpoint.h"

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
  static void append_value(arrow::StringBuilder& builder, std::string_view value) {
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
  constexpr std::int64_t kRowsPerGroup = 1 << 14;  // a reader's cores take one each
  need_ok(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), sink, kRowsPerGroup, properties));
  return need(sink->Finish())->ToString();
}

}  // namespace orrery
