#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "orrery/data/table.h"

namespace orrery {

/// Gives texts their codes, in order of first appearance.
class TextCodes {
 public:
  std::int32_t code(std::string_view text) {
    if (last_code_ >= 0 && strings_.dictionary[static_cast<std::size_t>(last_code_)] == text)
      return last_code_;
    const auto [entry, is_new] =
        codes_.try_emplace(std::string(text), static_cast<std::int32_t>(strings_.dictionary.size()));
    if (is_new) strings_.dictionary.emplace_back(text);
    last_code_ = entry->second;
    return last_code_;
  }
  void append(std::int32_t code) { strings_.codes.push_back(code); }
  /// Appends rows, whose codes the caller writes.
  std::span<std::int32_t> append_rows(std::size_t rows) {
    auto& codes = strings_.codes;
    codes.resize(codes.size() + rows);
    return std::span(codes).last(rows);
  }
  void reserve(std::size_t rows) { strings_.codes.reserve(rows); }
  DictionaryStrings take() { return std::move(strings_); }

 private:
  std::unordered_map<std::string, std::int32_t> codes_;
  DictionaryStrings strings_;
  std::int32_t last_code_ = -1;
};

/// Returns a column of so many rows that all have one text.
inline DictionaryStrings repeated_text(std::size_t rows, std::string text) {
  return {std::vector<std::int32_t>(rows, 0), {std::move(text)}};
}

/// Returns a row's text; "" where it is missing.
inline std::string_view text_at(const DictionaryStrings& texts, std::size_t row) {
  const auto code = texts.codes[row];
  return code < 0 ? std::string_view{} : std::string_view(texts.dictionary[static_cast<std::size_t>(code)]);
}

}  // namespace orrery
