#include "orrery/data/quarantine.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>

namespace orrery {
namespace {

constexpr std::size_t kLongestText = 80;

/// Returns the length of the UTF-8 character at the front, or 0 when it is broken. Source: RFC 3629,
/// section 4.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool surrogate = first == 0xED && byte(1) > 0x9F;
  const bool beyond = first == 0xF4 && byte(1) > 0x8F;
  return overlong || surrogate || beyond ? 0 : length;
}

bool is_control(unsigned char c) { return c < 0x20 || c == 0x7F; }

/// Builds one text column of the quarantine table.
class TextColumn {
 public:
  void add(std::string_view text) {
    const auto [entry, is_new] =
        codes_.try_emplace(std::string(text), static_cast<std::int32_t>(strings_.dictionary.size()));
    if (is_new) strings_.dictionary.emplace_back(text);
    strings_.codes.push_back(entry->second);
  }
  Column take(const char* name) { return {name, std::move(strings_)}; }

 private:
  std::unordered_map<std::string, std::int32_t> codes_;
  DictionaryStrings strings_;
};

}  // namespace

std::string_view to_string(QuarantineReason reason) {
  switch (reason) {
    case QuarantineReason::kWrongFieldCount:
      return "wrong number of fields";
    case QuarantineReason::kOpenQuote:
      return "quote not closed";
    case QuarantineReason::kUnreadableDate:
      return "unparsable date";
    case QuarantineReason::kUnreadableSymbol:
      return "unreadable symbol";
    case QuarantineReason::kEmptyField:
      return "empty field";
    case QuarantineReason::kNonNumeric:
      return "non-numeric field";
    case QuarantineReason::kNonPositivePrice:
      return "zero or negative price";
    case QuarantineReason::kNegativeVolume:
      return "negative volume";
    case QuarantineReason::kImpossibleAction:
      return "impossible corporate action";
    case QuarantineReason::kImpossibleBar:
      return "impossible bar";
    case QuarantineReason::kIsolatedDate:
      return "isolated date";
    case QuarantineReason::kNotASession:
      return "not a session";
    case QuarantineReason::kDuplicateKey:
      return "duplicate key";
    case QuarantineReason::kOutOfOrder:
      return "out-of-order date";
  }
  return "";
}

void Quarantine::append(Quarantine&& other) {
  notes_.insert(notes_.end(), std::make_move_iterator(other.notes_.begin()),
                std::make_move_iterator(other.notes_.end()));
  other.notes_.clear();
}

void Quarantine::shift_lines(std::int64_t by) {
  for (auto& note : notes_) note.line += by;
}

std::map<std::string, std::size_t> Quarantine::counts() const {
  std::map<std::string, std::size_t> result;
  for (const auto& note : notes_) {
    if (note.reason != QuarantineReason::kOutOfOrder) ++result[std::string(to_string(note.reason))];
  }
  return result;
}

std::size_t Quarantine::left_out() const {
  return static_cast<std::size_t>(std::count_if(notes_.begin(), notes_.end(), [](const QuarantineNote& note) {
    return note.reason != QuarantineReason::kOutOfOrder;
  }));
}

Table Quarantine::to_table(std::string_view session_calendar) const {
  std::vector<const QuarantineNote*> sorted;
  for (const auto& note : notes_) sorted.push_back(&note);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* a, const auto* b) { return a->line < b->line; });
  std::vector<std::int64_t> lines;
  TextColumn dates, symbols, reasons, columns, found, actions;
  for (const auto* note : sorted) {
    lines.push_back(note->line);
    dates.add(note->date);
    symbols.add(note->symbol);
    reasons.add(note->reason == QuarantineReason::kNotASession
                    ? fmt::format("not a session of {}", session_calendar)
                    : std::string(to_string(note->reason)));
    columns.add(note->column);
    found.add(note->found);
    actions.add(note->reason == QuarantineReason::kOutOfOrder ? "kept" : "left out");
  }
  Table table;
  table.columns.push_back({"line", std::move(lines)});
  table.columns.push_back(dates.take("date"));
  table.columns.push_back(symbols.take("symbol"));
  table.columns.push_back(reasons.take("reason"));
  table.columns.push_back(columns.take("column"));
  table.columns.push_back(found.take("found"));
  table.columns.push_back(actions.take("action"));
  return table;
}

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty() && result.size() < kLongestText) {
    const std::size_t length = utf8_length(text);
    if (length == 0 || is_control(static_cast<unsigned char>(text.front()))) {
      result += fmt::format("\\x{:02X}", static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
    } else {
      result += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return result;
}

bool is_clean_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0 || is_control(static_cast<unsigned char>(text.front()))) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace orrery
