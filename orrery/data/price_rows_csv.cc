#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <unordered_map>

#include "orrery/base/error.h"
#include "orrery/base/threads.h"
#include "orrery/data/csv.h"
#include "orrery/data/number_text.h"
#include "orrery/data/price_rows.h"
#include "orrery/data/text_file.h"

namespace orrery {
namespace {

constexpr std::size_t kChunkBytes = 1 << 20;

/// Splits a text into pieces of about kChunkBytes that end with a line. Where the cuts fall depends on the
/// text alone, so that the result does not depend on the number of threads.
std::vector<std::string_view> cut_into_chunks(std::string_view text) {
  std::vector<std::string_view> chunks;
  while (!text.empty()) {
    const auto end = text.size() <= kChunkBytes ? std::string_view::npos : text.find('\n', kChunkBytes);
    const std::size_t size = end == std::string_view::npos ? text.size() : end + 1;
    chunks.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return chunks;
}

/// What a text file's columns are.
struct TextLayout {
  PriceLayout columns;
  std::vector<std::string> names;
  bool quoted = false;  ///< whether any quote stands in the file
};

/// Reads the lines of one chunk into rows with chunk-local symbols and lines (from 0).
class ChunkReader {
 public:
  ChunkReader(const TextLayout& layout, std::string_view chunk) : layout_(layout), text_(chunk) {
    for (const std::size_t column : layout.columns.further)
      rows_.further.push_back({layout.names[column], {}, 0});
    reserve(chunk.size() / 50);
  }

  void read() {
    while (!text_.empty()) {
      const auto line = take_line();
      if (!trim(line).empty()) read_line(line);
      ++line_number_;
    }
  }

  PriceRows& rows() { return rows_; }
  std::int64_t line_count() const { return line_number_; }

 private:
  void reserve(std::size_t rows) {
    rows_.symbol.reserve(rows);
    rows_.date.reserve(rows);
    rows_.line.reserve(rows);
    for (std::size_t column = 0; column < kPriceColumns; ++column) {
      if (layout_.columns.known[column]) rows_.values[column].reserve(rows);
    }
    for (auto& field : rows_.further) field.values.reserve(rows);
  }

  std::string_view take_line() {
    const auto end = text_.find('\n');
    auto line = text_.substr(0, end);
    text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line;
  }

  void read_line(std::string_view line) {
    start_row();
    if (!split(line)) {
      note(QuarantineReason::kOpenQuote, "", line.substr(0, 80));
    } else if (fields_.size() != layout_.names.size()) {
      note(QuarantineReason::kWrongFieldCount, "", std::to_string(fields_.size()));
    } else {
      read_fields();
    }
  }

  /// Appends a row that is unusable until its fields have been read.
  void start_row() {
    rows_.symbol.push_back(PriceRows::kUnusable);
    rows_.date.emplace_back();
    rows_.line.push_back(line_number_);
    for (std::size_t column = 0; column < kPriceColumns; ++column) {
      if (layout_.columns.known[column])
        rows_.values[column].push_back(std::numeric_limits<double>::quiet_NaN());
    }
    for (auto& field : rows_.further) field.values.push_back(std::numeric_limits<double>::quiet_NaN());
  }

  bool split(std::string_view line) {
    fields_.clear();
    if (layout_.quoted && line.find('"') != std::string_view::npos) {
      if (!split_csv_line(line, unquoted_)) return false;
      fields_.assign(unquoted_.begin(), unquoted_.end());
      return true;
    }
    const char* start = line.data();
    const char* const end = start + line.size();
    for (const char* at = start; at != end; ++at) {
      if (*at != ',') continue;
      fields_.emplace_back(start, static_cast<std::size_t>(at - start));
      start = at + 1;
    }
    fields_.emplace_back(start, static_cast<std::size_t>(end - start));
    return true;
  }

  void read_fields() {
    if (!read_date(fields_[layout_.columns.date])) return;
    const auto symbol = trim(fields_[layout_.columns.symbol]);
    if (symbol.empty()) return note(QuarantineReason::kEmptyField, "symbol", "");
    if (!read_known()) return;
    read_further();
    rows_.symbol.back() = code_of(symbol);
    if (rows_.symbol.back() == PriceRows::kUnusable)
      note(QuarantineReason::kUnreadableSymbol, "symbol", symbol);
  }

  bool read_date(std::string_view text) {
    if (text != last_date_text_ || !last_date_) {
      last_date_text_ = text;
      last_date_ = parse_price_date(text);
    }
    if (last_date_) {
      rows_.date.back() = *last_date_;
      return true;
    }
    note(trim(text).empty() ? QuarantineReason::kEmptyField : QuarantineReason::kUnreadableDate, "date",
         text);
    return false;
  }

  bool read_known() {
    for (std::size_t column = 0; column < kPriceColumns; ++column) {
      if (!layout_.columns.known[column]) continue;
      const auto text = fields_[*layout_.columns.known[column]];
      if (parse_number(text, rows_.values[column].back()) == NumberText::kNoNumber) {
        note(QuarantineReason::kNonNumeric, price_column_name(static_cast<PriceColumn>(column)), text);
        return false;
      }
    }
    return true;
  }

  void read_further() {
    for (std::size_t i = 0; i < rows_.further.size(); ++i) {
      auto& field = rows_.further[i];
      const auto kind = parse_number(fields_[layout_.columns.further[i]], field.values.back());
      if (kind == NumberText::kNoNumber) ++field.unreadable;
    }
  }

  /// Returns the symbol's place in this chunk's list, or kUnusable for one that is not clean text.
  std::int32_t code_of(std::string_view symbol) {
    if (symbol == last_symbol_) return last_code_;
    const auto found = codes_.find(std::string(symbol));
    if (found != codes_.end()) {
      last_code_ = found->second;
    } else {
      if (!is_clean_text(symbol)) return PriceRows::kUnusable;
      last_code_ = static_cast<std::int32_t>(rows_.symbols.size());
      rows_.symbols.emplace_back(symbol);
      codes_.emplace(symbol, last_code_);
    }
    last_symbol_ = symbol;
    return last_code_;
  }

  void note(QuarantineReason reason, std::string_view column, std::string_view found) {
    const bool whole = fields_.size() == layout_.names.size();
    const auto text = [&](std::size_t field) {
      return whole ? printable(trim(fields_[field])) : std::string();
    };
    rows_.quarantine.add({line_number_, reason, text(layout_.columns.date), text(layout_.columns.symbol),
                          column, printable(found)});
  }

  const TextLayout& layout_;
  std::string_view text_;
  PriceRows rows_;
  std::int64_t line_number_ = 0;
  std::vector<std::string_view> fields_;
  std::vector<std::string> unquoted_;
  std::string_view last_date_text_;
  std::optional<Date> last_date_;
  std::string_view last_symbol_;
  std::int32_t last_code_ = PriceRows::kUnusable;
  std::unordered_map<std::string, std::int32_t> codes_;
};

template <class T>
void append_rows(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

/// Puts the chunks' rows together in file order.
class ChunkJoiner {
 public:
  explicit ChunkJoiner(std::int64_t first_line) : next_line_(first_line) {}

  void add(ChunkReader& chunk) {
    auto& part = chunk.rows();
    std::vector<std::int32_t> codes;
    for (const auto& symbol : part.symbols) codes.push_back(code_of(symbol));
    for (const std::int32_t code : part.symbol) {
      rows_.symbol.push_back(code < 0 ? code : codes[static_cast<std::size_t>(code)]);
    }
    for (const std::int64_t line : part.line) rows_.line.push_back(line + next_line_);
    append_rows(rows_.date, part.date);
    for (std::size_t column = 0; column < kPriceColumns; ++column) {
      append_rows(rows_.values[column], part.values[column]);
    }
    add_further(part);
    part.quarantine.shift_lines(next_line_);
    rows_.quarantine.append(std::move(part.quarantine));
    next_line_ += chunk.line_count();
  }

  PriceRows take() { return std::move(rows_); }

 private:
  std::int32_t code_of(const std::string& symbol) {
    const auto [entry, is_new] = codes_.try_emplace(symbol, static_cast<std::int32_t>(rows_.symbols.size()));
    if (is_new) rows_.symbols.push_back(symbol);
    return entry->second;
  }

  void add_further(const PriceRows& part) {
    if (rows_.further.size() < part.further.size()) rows_.further.resize(part.further.size());
    for (std::size_t i = 0; i < part.further.size(); ++i) {
      rows_.further[i].name = part.further[i].name;
      append_rows(rows_.further[i].values, part.further[i].values);
      rows_.further[i].unreadable += part.further[i].unreadable;
    }
  }

  std::int64_t next_line_;
  PriceRows rows_;
  std::unordered_map<std::string, std::int32_t> codes_;
};

/// A further column is numeric when at least half of what stands in it are numbers; the others are ignored.
void keep_numeric_fields(PriceRows& rows) {
  std::vector<FurtherField> kept;
  for (auto& field : rows.further) {
    const auto numbers = static_cast<std::size_t>(
        std::count_if(field.values.begin(), field.values.end(), [](double value) { return value == value; }));
    if (numbers > 0 && numbers >= field.unreadable) {
      field.name = field_name(field.name);
      kept.push_back(std::move(field));
    } else {
      rows.ignored_columns.push_back(field.name);
    }
  }
  rows.further = std::move(kept);
}

/// Takes the header line off the text.
TextLayout read_header(std::string_view& text, const std::filesystem::path& path) {
  if (text.substr(0, 3) == kByteOrderMark) text.remove_prefix(3);
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  TextLayout layout;
  if (trim(line).empty() || !split_csv_line(line, layout.names)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{}, line 1: a header with column names is expected, found '{}'",
                                 path.string(), printable(line)));
  }
  layout.columns = find_price_columns(layout.names, path);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  layout.quoted = text.find('"') != std::string_view::npos;
  return layout;
}

}  // namespace

PriceRows read_price_rows_csv(const std::filesystem::path& path, int threads) {
  const auto content = read_text_file(path);
  std::string_view text = content;
  const auto layout = read_header(text, path);
  const auto chunks = cut_into_chunks(text);
  std::vector<std::unique_ptr<ChunkReader>> readers(chunks.size());
  parallel_for(chunks.size(), threads, [&](std::size_t i) {
    readers[i] = std::make_unique<ChunkReader>(layout, chunks[i]);
    readers[i]->read();
  });
  ChunkJoiner joiner(2);
  for (auto& reader : readers) {
    joiner.add(*reader);
    reader.reset();
  }
  auto rows = joiner.take();
  keep_numeric_fields(rows);
  return rows;
}

}  // namespace orrery
