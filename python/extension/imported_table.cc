#include "python/extension/imported_table.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <unordered_map>

#include "orrery/base/date.h"
#include "orrery/base/error.h"

namespace orrery::python {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// A piece of one column: an array of the C interface from some element on.
struct Piece {
  const ArrowArray* array = nullptr;
  std::size_t first = 0;  ///< element of the buffers that is row 0 of the piece
  std::size_t rows = 0;
  std::size_t start = 0;  ///< row of the table that is row 0 of the piece

  template <class T>
  const T* buffer(std::size_t index) const {
    return static_cast<const T*>(array->buffers[index]);
  }
  bool is_missing(std::size_t row) const {
    const auto* valid = buffer<std::uint8_t>(0);
    const std::size_t element = first + row;
    return array->null_count != 0 && valid != nullptr && ((valid[element / 8] >> (element % 8)) & 1) == 0;
  }
};

Piece piece_of(const ArrowArray& chunk, std::size_t column, std::size_t start) {
  const ArrowArray* array = chunk.children[column];
  return {array, static_cast<std::size_t>(array->offset + chunk.offset),
          static_cast<std::size_t>(chunk.length), start};
}

Error type_error(const ArrowSchema& schema, std::string_view wanted) {
  return user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("column '{}' must hold {}, found Arrow's type '{}'", schema.name, wanted, schema.format));
}

Error row_error(const ArrowSchema& schema, std::size_t row, std::string_view what) {
  return user_error(ErrorCode::kInvalidArgument,
                    fmt::format("column '{}': {}, in row {} (counted from 0)", schema.name, what, row));
}

using TakeNumber = std::function<void(std::size_t, double)>;

template <class T>
void read_numbers(const Piece& piece, const TakeNumber& take) {
  const T* values = piece.buffer<T>(1) + piece.first;
  for (std::size_t row = 0; row < piece.rows; ++row) {
    take(piece.start + row, piece.is_missing(row) ? kMissing : static_cast<double>(values[row]));
  }
}

void read_booleans(const Piece& piece, const TakeNumber& take) {
  const auto* bits = piece.buffer<std::uint8_t>(1);
  for (std::size_t row = 0; row < piece.rows; ++row) {
    const std::size_t element = piece.first + row;
    const bool value = ((bits[element / 8] >> (element % 8)) & 1) != 0;
    take(piece.start + row, piece.is_missing(row) ? kMissing : static_cast<double>(value));
  }
}

/// Reads numbers of a type given by its one letter; false for any other type.
bool read_numbers_of(char format, const Piece& piece, const TakeNumber& take) {
  switch (format) {
    case 'c':
      return read_numbers<std::int8_t>(piece, take), true;
    case 'C':
      return read_numbers<std::uint8_t>(piece, take), true;
    case 's':
      return read_numbers<std::int16_t>(piece, take), true;
    case 'S':
      return read_numbers<std::uint16_t>(piece, take), true;
    case 'i':
      return read_numbers<std::int32_t>(piece, take), true;
    case 'I':
      return read_numbers<std::uint32_t>(piece, take), true;
    case 'l':
      return read_numbers<std::int64_t>(piece, take), true;
    case 'L':
      return read_numbers<std::uint64_t>(piece, take), true;
    case 'f':
      return read_numbers<float>(piece, take), true;
    case 'g':
      return read_numbers<double>(piece, take), true;
    case 'b':
      return read_booleans(piece, take), true;
    default:
      return false;
  }
}

using TakeText = std::function<void(std::size_t, std::string_view)>;

template <class Offset>
void read_texts(const ArrowSchema& schema, const Piece& piece, const TakeText& take) {
  const Offset* offsets = piece.buffer<Offset>(1) + piece.first;
  const char* bytes = piece.buffer<char>(2);
  for (std::size_t row = 0; row < piece.rows; ++row) {
    if (piece.is_missing(row)) throw row_error(schema, piece.start + row, "a value is missing");
    const auto size = static_cast<std::size_t>(offsets[row + 1] - offsets[row]);
    take(piece.start + row, size == 0 ? std::string_view() : std::string_view(bytes + offsets[row], size));
  }
}

/// Texts of up to 12 bytes lie in the view itself, longer ones in a further buffer.
void read_text_views(const ArrowSchema& schema, const Piece& piece, const TakeText& take) {
  constexpr std::size_t kViewBytes = 16;
  constexpr std::int32_t kInline = 12;
  const char* views = piece.buffer<char>(1) + piece.first * kViewBytes;
  for (std::size_t row = 0; row < piece.rows; ++row) {
    if (piece.is_missing(row)) throw row_error(schema, piece.start + row, "a value is missing");
    const char* view = views + row * kViewBytes;
    std::int32_t words[4];
    std::memcpy(words, view, sizeof(words));
    const char* text = words[0] <= kInline
                           ? view + 4
                           : piece.buffer<char>(2 + static_cast<std::size_t>(words[2])) + words[3];
    take(piece.start + row, {text, static_cast<std::size_t>(words[0])});
  }
}

bool read_texts_of(const ArrowSchema& schema, const Piece& piece, const TakeText& take) {
  const std::string_view format = schema.format;
  if (format == "u") return read_texts<std::int32_t>(schema, piece, take), true;
  if (format == "U") return read_texts<std::int64_t>(schema, piece, take), true;
  if (format == "vu") return read_text_views(schema, piece, take), true;
  return false;
}

/// Numbers the distinct texts in the order in which they appear.
class TextCodes {
 public:
  std::int32_t code_of(std::string_view text) {
    if (!distinct.empty() && distinct[static_cast<std::size_t>(last_)] == text) return last_;
    const auto [found, is_new] =
        codes_.try_emplace(std::string(text), static_cast<std::int32_t>(distinct.size()));
    if (is_new) distinct.emplace_back(text);
    last_ = found->second;
    return last_;
  }
  std::vector<std::string> distinct;

 private:
  std::unordered_map<std::string, std::int32_t> codes_;
  std::int32_t last_ = 0;
};

void read_categories(const ArrowSchema& schema, const Piece& piece, TextCodes& codes,
                     std::vector<std::int32_t>& out) {
  const ArrowArray& words = *piece.array->dictionary;
  std::vector<std::int32_t> code_of_word(static_cast<std::size_t>(words.length), -1);
  std::vector<std::string> text_of_word(code_of_word.size());
  const Piece all{&words, static_cast<std::size_t>(words.offset), code_of_word.size(), 0};
  if (!read_texts_of(*schema.dictionary, all,
                     [&](std::size_t word, std::string_view text) { text_of_word[word] = text; })) {
    throw type_error(*schema.dictionary, "texts");
  }
  const bool known = read_numbers_of(schema.format[0], piece, [&](std::size_t row, double index) {
    if (std::isnan(index)) throw row_error(schema, row, "a value is missing");
    const auto word = static_cast<std::size_t>(index);
    if (code_of_word[word] < 0) code_of_word[word] = codes.code_of(text_of_word[word]);
    out[row] = code_of_word[word];
  });
  if (!known) throw type_error(schema, "texts");
}

/// Units of a date or timestamp in one day; 0 for any other type.
std::int64_t units_of_day(std::string_view format) {
  constexpr std::int64_t kSeconds = 86'400;
  if (format == "tdD") return 1;
  if (format == "tdm" || format.starts_with("tsm:")) return kSeconds * 1'000;
  if (format.starts_with("tss:")) return kSeconds;
  if (format.starts_with("tsu:")) return kSeconds * 1'000'000;
  if (format.starts_with("tsn:")) return kSeconds * 1'000'000'000;
  return 0;
}

template <class T>
void read_days(const ArrowSchema& schema, const Piece& piece, std::int64_t units,
               std::vector<std::int32_t>& out) {
  const T* values = piece.buffer<T>(1) + piece.first;
  for (std::size_t row = 0; row < piece.rows; ++row) {
    if (piece.is_missing(row)) throw row_error(schema, piece.start + row, "a date is missing");
    const std::int64_t value = values[row];
    const std::int64_t day = value / units - (value % units < 0 ? 1 : 0);
    out[piece.start + row] = static_cast<std::int32_t>(day);
  }
}

std::int32_t day_of_text(const ArrowSchema& schema, std::size_t row, const std::string& text) {
  const auto date = parse_date(text);
  if (!date) throw row_error(schema, row, fmt::format("'{}' is no date YYYY-MM-DD", text));
  return date->days;
}

}  // namespace

ImportedTable::ImportedTable(ArrowArrayStream& stream) {
  const Released<ArrowArrayStream> owned(stream);
  stream.release = nullptr;
  auto* source = const_cast<Released<ArrowArrayStream>&>(owned).get();
  const auto check = [&](int failure) {
    if (failure == 0) return;
    const char* reason = source->get_last_error(source);
    throw external_error(
        ErrorCode::kUnavailable,
        fmt::format("the frame could not be read: {}", reason == nullptr ? "no reason given" : reason));
  };
  check(source->get_schema(source, schema_.get()));
  check_rows_are_structs();
  while (true) {
    Released<ArrowArray> chunk;
    check(source->get_next(source, chunk.get()));
    if (chunk->release == nullptr) return;
    rows_ += static_cast<std::size_t>(chunk->length);
    chunks_.push_back(std::move(chunk));
  }
}

void ImportedTable::check_rows_are_structs() const {
  if (std::string_view(schema_->format) == "+s") return;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("a table with named columns is wanted, found Arrow's type '{}'", schema_->format));
}

std::vector<std::string> ImportedTable::column_names() const {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < schema_->n_children; ++i) {
    const char* name = schema_->children[i]->name;
    names.emplace_back(name == nullptr ? "" : name);
  }
  return names;
}

bool ImportedTable::is_numeric(std::size_t column) const {
  const auto& schema = column_schema(column);
  return std::strlen(schema.format) == 1 && schema.dictionary == nullptr &&
         std::strchr("cCsSiIlLfgb", schema.format[0]) != nullptr;
}

void ImportedTable::for_each_number(std::size_t column, const TakeNumber& take) const {
  const auto& schema = column_schema(column);
  if (!is_numeric(column)) throw type_error(schema, "numbers");
  std::size_t start = 0;
  for (const auto& chunk : chunks_) {
    read_numbers_of(schema.format[0], piece_of(*chunk, column, start), take);
    start += static_cast<std::size_t>(chunk->length);
  }
}

std::vector<std::int32_t> ImportedTable::days(std::size_t column) const {
  const auto& schema = column_schema(column);
  const std::int64_t units = units_of_day(schema.format);
  if (units == 0) {
    const Texts found = texts(column);
    std::vector<std::int32_t> day_of_code(found.distinct.size());
    for (std::size_t i = 0; i < day_of_code.size(); ++i)
      day_of_code[i] = day_of_text(schema, i, found.distinct[i]);
    std::vector<std::int32_t> result(rows_);
    for (std::size_t row = 0; row < rows_; ++row)
      result[row] = day_of_code[static_cast<std::size_t>(found.codes[row])];
    return result;
  }
  std::vector<std::int32_t> result(rows_);
  std::size_t start = 0;
  for (const auto& chunk : chunks_) {
    const Piece piece = piece_of(*chunk, column, start);
    units == 1 ? read_days<std::int32_t>(schema, piece, units, result)
               : read_days<std::int64_t>(schema, piece, units, result);
    start += piece.rows;
  }
  return result;
}

ImportedTable::Texts ImportedTable::texts(std::size_t column) const {
  const auto& schema = column_schema(column);
  Texts result;
  result.codes.resize(rows_);
  TextCodes codes;
  std::size_t start = 0;
  for (const auto& chunk : chunks_) {
    const Piece piece = piece_of(*chunk, column, start);
    if (schema.dictionary != nullptr) {
      read_categories(schema, piece, codes, result.codes);
    } else if (!read_texts_of(schema, piece, [&](std::size_t row, std::string_view text) {
                 result.codes[row] = codes.code_of(text);
               })) {
      throw type_error(schema, "texts or dates");
    }
    start += piece.rows;
  }
  result.distinct = std::move(codes.distinct);
  return result;
}

}  // namespace orrery::python
