#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/data/table.h"

namespace orrery {

/// Why a source row is noted. All but kOutOfOrder leave the row out.
enum class QuarantineReason : std::uint8_t {
  kWrongFieldCount,   ///< a text line with more or fewer fields than the header
  kOpenQuote,         ///< a text line with a quote that is not closed
  kUnreadableDate,    ///< not YYYY-MM-DD, YYYYMMDD or YYYY/MM/DD, no such day, or outside 1800 to 2200
  kUnreadableSymbol,  ///< control characters or broken UTF-8
  kEmptyField,        ///< nothing where a value must be
  kNonNumeric,        ///< a text where a number must be; also infinities
  kNonPositivePrice,  ///< a price of zero or less
  kNegativeVolume,    ///< volume below zero
  kImpossibleAction,  ///< a negative dividend or split ratio
  kImpossibleBar,     ///< high below low, open or close, or low above open or close
  kIsolatedDate,      ///< a few rows more than a year away from all others: most likely a slip of the year
  kNotASession,       ///< the calendar is closed on that day
  kDuplicateKey,      ///< a later row has the same date and symbol
  kOutOfOrder,        ///< kept: the date goes back within the symbol's rows
};

/// Returns the reason's name as it stands in quarantine.parquet, such as "duplicate key".
std::string_view to_string(QuarantineReason reason);

/// One noted row. `column` and `found` are empty where a reason concerns the whole row.
struct QuarantineNote {
  std::int64_t line = 0;
  QuarantineReason reason = QuarantineReason::kWrongFieldCount;
  std::string date;
  std::string symbol;
  std::string_view column;  ///< a literal
  std::string found;
};

/// Collects noted rows. Not thread-safe: parallel work fills one each and appends them in order.
class Quarantine {
 public:
  void add(QuarantineNote note) { notes_.push_back(std::move(note)); }
  void append(Quarantine&& other);

  /// Shifts the lines of all notes, for pieces of a file that were read apart.
  void shift_lines(std::int64_t by);

  const std::vector<QuarantineNote>& notes() const { return notes_; }
  /// Returns the left-out rows by reason.
  std::map<std::string, std::size_t> counts() const;
  std::size_t left_out() const;

  /// Makes the table described at PriceLoad::quarantine, ascending by line. `session_calendar` completes
  /// "not a session of …".
  Table to_table(std::string_view session_calendar) const;

 private:
  std::vector<QuarantineNote> notes_;
};

/// Returns a text fit for a table: bytes that are not printable ASCII or whole UTF-8 as \xNN, at most 80
/// bytes.
std::string printable(std::string_view text);

/// Whether a text is valid UTF-8 without control characters.
bool is_clean_text(std::string_view text);

}  // namespace orrery
