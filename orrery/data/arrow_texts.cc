#include "orrery/data/arrow_texts.h"

#include <arrow/api.h>
#include <parquet/exception.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "orrery/data/text_codes.h"

namespace orrery {
namespace {

template <class ArrayType>
void append_texts(const arrow::Array& array, TextCodes& codes) {
  const auto& texts = static_cast<const ArrayType&>(array);
  for (std::int64_t i = 0; i < texts.length(); ++i) {
    codes.append(texts.IsNull(i) ? -1 : codes.code(texts.GetView(i)));
  }
}

/// Returns whether the array was of a text type.
bool append_text_array(const arrow::Array& array, TextCodes& codes) {
  switch (array.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      append_texts<arrow::BinaryArray>(array, codes);
      return true;
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      append_texts<arrow::LargeBinaryArray>(array, codes);
      return true;
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      append_texts<arrow::BinaryViewArray>(array, codes);
      return true;
    default:
      return false;
  }
}

std::optional<DictionaryStrings> plain_texts(const arrow::ChunkedArray& column) {
  TextCodes codes;
  codes.reserve(static_cast<std::size_t>(column.length()));
  for (const auto& chunk : column.chunks()) {
    if (!append_text_array(*chunk, codes)) return std::nullopt;
  }
  return codes.take();
}

/// Returns the common code of each entry of a chunk's own dictionary, or nothing when they are no texts.
std::optional<std::vector<std::int32_t>> recode(const arrow::Array& dictionary, TextCodes& codes) {
  TextCodes entries;
  if (!append_text_array(dictionary, entries)) return std::nullopt;
  const auto strings = entries.take();
  std::vector<std::int32_t> common;
  for (const std::int32_t code : strings.codes) {
    common.push_back(code < 0 ? -1 : codes.code(strings.dictionary[static_cast<std::size_t>(code)]));
  }
  return common;
}

/// Damaged bytes must not lead outside the dictionary.
[[noreturn]] void refuse_index() {
  throw parquet::ParquetException("a text's code lies outside its dictionary");
}

/// The usual form, without missing values.
void append_coded(std::span<const std::int32_t> indices, const std::vector<std::int32_t>& common,
                  TextCodes& codes) {
  std::uint32_t largest = 0;  // a negative index is larger than any dictionary
  for (const auto index : indices) largest = std::max(largest, static_cast<std::uint32_t>(index));
  if (!indices.empty() && largest >= common.size()) refuse_index();
  const auto to = codes.append_rows(indices.size());
  for (std::size_t i = 0; i < indices.size(); ++i) to[i] = common[static_cast<std::size_t>(indices[i])];
}

void append_coded(const arrow::DictionaryArray& array, const std::vector<std::int32_t>& common,
                  TextCodes& codes) {
  if (array.indices()->type_id() == arrow::Type::INT32 && array.null_count() == 0) {
    const auto& indices = static_cast<const arrow::Int32Array&>(*array.indices());
    return append_coded({indices.raw_values(), static_cast<std::size_t>(indices.length())}, common, codes);
  }
  for (std::int64_t i = 0; i < array.length(); ++i) {
    if (array.IsNull(i)) {
      codes.append(-1);
      continue;
    }
    const auto index = static_cast<std::uint64_t>(array.GetValueIndex(i));
    if (index >= common.size()) refuse_index();
    codes.append(common[index]);
  }
}

std::optional<DictionaryStrings> dictionary_texts(const arrow::ChunkedArray& column) {
  TextCodes codes;
  codes.reserve(static_cast<std::size_t>(column.length()));
  for (const auto& chunk : column.chunks()) {
    const auto& array = static_cast<const arrow::DictionaryArray&>(*chunk);
    const auto common = recode(*array.dictionary(), codes);
    if (!common) return std::nullopt;
    append_coded(array, *common, codes);
  }
  return codes.take();
}

}  // namespace

std::optional<DictionaryStrings> text_values(const arrow::ChunkedArray& column) {
  return column.type()->id() == arrow::Type::DICTIONARY ? dictionary_texts(column) : plain_texts(column);
}

}  // namespace orrery
