#include "orrery/data/bar_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "orrery/base/error.h"

namespace orrery {
namespace {

bool is_good(const PriceRows& rows, std::size_t row) { return rows.symbol[row] != PriceRows::kUnusable; }

struct DateSpan {
  Date first{std::numeric_limits<std::int32_t>::max()};
  Date last{std::numeric_limits<std::int32_t>::min()};
  bool empty() const { return last < first; }
};

DateSpan span_of(const PriceRows& rows) {
  DateSpan span;
  const DateSpan nothing;
  for (std::size_t row = 0; row < rows.size(); ++row) {  // without a branch
    const bool good = is_good(rows, row);
    const Date first = good ? rows.date[row] : nothing.first;
    const Date last = good ? rows.date[row] : nothing.last;
    span.first = first < span.first ? first : span.first;
    span.last = span.last < last ? last : span.last;
  }
  return span;
}

/// Finds a day's session row by one look-up.
class SessionRows {
 public:
  SessionRows(const std::vector<Date>& sessions, DateSpan span)
      : first_(span.first), rows_(static_cast<std::size_t>(span.last - span.first) + 1, kClosed) {
    for (std::size_t row = 0; row < sessions.size(); ++row) {
      rows_[static_cast<std::size_t>(sessions[row] - first_)] = static_cast<std::int32_t>(row);
    }
  }
  static constexpr std::int32_t kClosed = -1;
  std::int32_t row_of(Date date) const { return rows_[static_cast<std::size_t>(date - first_)]; }

 private:
  Date first_;
  std::vector<std::int32_t> rows_;
};

void set_aside_non_sessions(PriceRows& rows, const SessionRows& sessions, std::vector<Date>& days) {
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (!is_good(rows, row) || sessions.row_of(rows.date[row]) != SessionRows::kClosed) continue;
    days.push_back(rows.date[row]);
    rows.set_aside(row, QuarantineReason::kNotASession, "date", to_string(rows.date[row]));
  }
  std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
}

/// Returns, by code in rows.symbols, the panel column; and fills the symbols in panel order.
std::vector<std::int32_t> order_symbols(const PriceRows& rows, std::vector<std::string>& symbols) {
  std::vector<bool> used(rows.symbols.size(), false);
  for (const std::int32_t code : rows.symbol) {
    if (code != PriceRows::kUnusable) used[static_cast<std::size_t>(code)] = true;
  }
  std::vector<std::int32_t> order;
  for (std::size_t code = 0; code < used.size(); ++code) {
    if (used[code]) order.push_back(static_cast<std::int32_t>(code));
  }
  const auto name = [&](std::int32_t code) -> const std::string& {
    return rows.symbols[static_cast<std::size_t>(code)];
  };
  std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) { return name(a) < name(b); });
  std::vector<std::int32_t> instruments(rows.symbols.size(), -1);
  for (const std::int32_t code : order) {
    instruments[static_cast<std::size_t>(code)] = static_cast<std::int32_t>(symbols.size());
    symbols.push_back(name(code));
  }
  return instruments;
}

/// Calls `visit(row, date_before)` for every good row that has an earlier one of its symbol in the file.
void for_each_successor(const PriceRows& rows, const auto& visit) {
  constexpr Date kNone{std::numeric_limits<std::int32_t>::min()};
  std::vector<Date> last(rows.symbols.size(), kNone);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (!is_good(rows, row)) continue;
    Date& before = last[static_cast<std::size_t>(rows.symbol[row])];
    if (before != kNone) visit(row, before);
    before = rows.date[row];
  }
}

/// Notes rows against the direction in which most of the file runs. Returns how many.
std::size_t note_out_of_order(PriceRows& rows) {
  std::size_t forward = 0;
  std::size_t back = 0;
  for_each_successor(rows, [&](std::size_t row, Date before) {
    forward += rows.date[row] > before ? 1U : 0U;
    back += rows.date[row] < before ? 1U : 0U;
  });
  const bool newest_first = back > forward;
  const std::size_t count = std::min(forward, back);
  if (count == 0) return 0;
  Quarantine notes;
  for_each_successor(rows, [&](std::size_t row, Date before) {
    const bool against = newest_first ? rows.date[row] > before : rows.date[row] < before;
    if (!against) return;
    notes.add({rows.line_of(row), QuarantineReason::kOutOfOrder, to_string(rows.date[row]),
               rows.symbols[static_cast<std::size_t>(rows.symbol[row])], "date",
               fmt::format("{} after {}", to_string(rows.date[row]), to_string(before))});
  });
  rows.quarantine.append(std::move(notes));
  return count;
}

void fill_sources(PriceRows& rows, const SessionRows& session_rows,
                  const std::vector<std::int32_t>& instruments, BarIndex& index) {
  index.sources.assign(index.sessions.size() * index.symbols.size(), BarIndex::kNoBar);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (!is_good(rows, row)) continue;
    const auto instrument = static_cast<std::size_t>(instruments[static_cast<std::size_t>(rows.symbol[row])]);
    const auto session = static_cast<std::size_t>(session_rows.row_of(rows.date[row]));
    auto& source = index.sources[instrument * index.sessions.size() + session];
    if (source != BarIndex::kNoBar) {
      rows.set_aside(static_cast<std::size_t>(source), QuarantineReason::kDuplicateKey, "",
                     fmt::format("replaced by line {}", rows.line_of(row)));
    }
    source = static_cast<std::int32_t>(row);
  }
}

void require_rows(bool any, const PriceRows& rows, const Calendar& calendar) {
  if (any) return;
  std::string reasons;
  for (const auto& [reason, count] : rows.quarantine.counts())
    reasons += fmt::format("; {}: {}", reason, count);
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("there is no usable price on a session of {}: {} rows read{}", calendar.name(),
                               rows.size(), reasons));
}

}  // namespace

std::vector<Date> days_of(const PriceRows& rows) {
  const auto span = span_of(rows);
  if (span.empty()) return {};
  std::vector<bool> seen(static_cast<std::size_t>(span.last - span.first) + 1, false);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (is_good(rows, row)) seen[static_cast<std::size_t>(rows.date[row] - span.first)] = true;
  }
  std::vector<Date> days;
  for (std::size_t day = 0; day < seen.size(); ++day) {
    if (seen[day]) days.push_back(span.first + static_cast<int>(day));
  }
  return days;
}

BarIndex index_bars(PriceRows& rows, const Calendar& calendar) {
  BarIndex index;
  auto span = span_of(rows);
  require_rows(!span.empty(), rows, calendar);
  set_aside_non_sessions(rows, SessionRows(calendar.sessions(span.first, span.last), span),
                         index.non_session_days);
  if (!index.non_session_days.empty()) span = span_of(rows);
  require_rows(!span.empty(), rows, calendar);
  index.sessions = calendar.sessions(span.first, span.last);
  const auto instruments = order_symbols(rows, index.symbols);
  fill_sources(rows, SessionRows(index.sessions, span), instruments, index);
  index.out_of_order_rows = note_out_of_order(rows);
  return index;
}

}  // namespace orrery
