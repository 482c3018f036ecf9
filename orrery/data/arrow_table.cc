#include "orrery/data/arrow_table.h"

#include <arrow/api.h>

#include <set>

#include "orrery/data/arrow_status.h"

namespace orrery {
namespace {

/// Wraps values without copying them; the table outlives the array.
template <class ArrowType, class Value>
std::shared_ptr<arrow::Array> wrap(const std::vector<Value>& values) {
  const auto buffer = arrow::Buffer::Wrap(values.data(), values.size());
  return std::make_shared<typename arrow::TypeTraits<ArrowType>::ArrayType>(
      static_cast<std::int64_t>(values.size()), buffer);
}

std::shared_ptr<arrow::Array> text_array(const std::vector<std::string>& texts,
                                         const std::filesystem::path& path) {
  arrow::StringBuilder builder;
  check_arrow(builder.AppendValues(texts), ErrorCode::kInternal, "write", path);
  return arrow_value(builder.Finish(), ErrorCode::kInternal, "write", path);
}

std::shared_ptr<arrow::Array> coded_array(const DictionaryStrings& strings,
                                          const std::filesystem::path& path) {
  arrow::Int32Builder codes;
  check_arrow(codes.Reserve(static_cast<std::int64_t>(strings.codes.size())), ErrorCode::kInternal, "write",
              path);
  for (const std::int32_t code : strings.codes) {
    if (code < 0) {
      codes.UnsafeAppendNull();
    } else {
      codes.UnsafeAppend(code);
    }
  }
  const auto indices = arrow_value(codes.Finish(), ErrorCode::kInternal, "write", path);
  return arrow_value(arrow::DictionaryArray::FromArrays(indices, text_array(strings.dictionary, path)),
                     ErrorCode::kInvalidArgument, "write", path);
}

std::shared_ptr<arrow::Array> to_array(const ColumnValues& values, const std::filesystem::path& path) {
  struct Converter {
    const std::filesystem::path& path;
    std::shared_ptr<arrow::Array> operator()(const std::vector<double>& v) const {
      return wrap<arrow::DoubleType>(v);
    }
    std::shared_ptr<arrow::Array> operator()(const std::vector<float>& v) const {
      return wrap<arrow::FloatType>(v);
    }
    std::shared_ptr<arrow::Array> operator()(const std::vector<std::int64_t>& v) const {
      return wrap<arrow::Int64Type>(v);
    }
    std::shared_ptr<arrow::Array> operator()(const std::vector<Date>& v) const {
      static_assert(sizeof(Date) == sizeof(std::int32_t),
                    "a Date lies in memory as Parquet's days since 1970");
      return wrap<arrow::Date32Type>(v);
    }
    std::shared_ptr<arrow::Array> operator()(const std::vector<std::string>& v) const {
      return text_array(v, path);
    }
    std::shared_ptr<arrow::Array> operator()(const DictionaryStrings& v) const {
      return coded_array(v, path);
    }
  };
  return std::visit(Converter{path}, values);
}

void check_shape(const Table& table, const std::filesystem::path& path) {
  std::set<std::string> names;
  for (const auto& column : table.columns) {
    if (column.size() != table.rows()) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("can't write {}: column '{}' has {} rows, the first column has {}",
                                   path.string(), column.name, column.size(), table.rows()));
    }
    if (!names.insert(column.name).second) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("can't write {}: two columns are named '{}'", path.string(), column.name));
    }
  }
}

}  // namespace

std::shared_ptr<arrow::Table> arrow_table(const Table& table, const std::filesystem::path& path) {
  check_shape(table, path);
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& column : table.columns) {
    arrays.push_back(to_array(column.values, path));
    fields.push_back(arrow::field(column.name, arrays.back()->type()));
  }
  return arrow::Table::Make(arrow::schema(fields), arrays, static_cast<std::int64_t>(table.rows()));
}

}  // namespace orrery
