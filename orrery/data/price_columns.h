#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

/// The numeric columns whose meaning is known.
enum PriceColumn : std::size_t {
  kOpen,
  kHigh,
  kLow,
  kClose,
  kVolume,
  kAdjClose,
  kVwap,
  kDividend,
  kSplitRatio,
};
constexpr std::size_t kPriceColumns = 9;

/// Returns the name as Orrery writes it, such as "adj_close".
std::string_view price_column_name(PriceColumn column);

/// Which column of a file means what.
struct PriceLayout {
  std::size_t date = 0;
  std::size_t symbol = 0;
  std::array<std::optional<std::size_t>, kPriceColumns> known;
  std::vector<std::size_t> further;  ///< columns without a known meaning
};

/// Finds the meaning of a file's columns by name, in any case, with spaces or underscores, under the synonyms
/// of docs/data.md. Of two columns with one meaning the more exact name wins; the other is a further column.
/// Errors: kNotFound for a missing required column (date, symbol, open, high, low, close, volume), with what
/// was found and the nearest spelling.
PriceLayout find_price_columns(const std::vector<std::string>& names, const std::filesystem::path& path);

/// Which column of a file of one or more instruments' histories means what.
struct HistoryLayout {
  std::size_t date = 0;
  std::optional<std::size_t> symbol;  ///< absent: one instrument
  std::array<std::optional<std::size_t>, kPriceColumns> known;
  std::optional<std::size_t> capital_gain;
};

/// Finds columns as find_price_columns does; `symbol` and `volume` may be absent, and the part of a fund's
/// distributions that is capital gain has a meaning. Errors: kNotFound.
HistoryLayout find_history_columns(const std::vector<std::string>& names, const std::filesystem::path& path);

/// Returns the field name for a further column: its own, with everything but letters, digits and '_' as '_'.
std::string field_name(std::string_view column);

}  // namespace orrery
