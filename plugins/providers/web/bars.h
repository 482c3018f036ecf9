#pragma once

#include <limits>
#include <optional>
#include <string>

#include "orrery/market/session_times.h"
#include "plugins/providers/web/delivery.h"

namespace orrery::plugins::providers::web {

/// One bar as a service tells it.
struct Bar {
  std::string symbol;
  Date date;  ///< the session's day at the exchange; UTC for crypto
  double open = std::numeric_limits<double>::quiet_NaN();
  double high = open;
  double low = open;
  double close = open;
  double adj_close = open;  ///< NaN: the source has none
  double volume = open;
  double vwap = open;            ///< NaN: the source has none
  std::int64_t open_time = 0;    ///< nanoseconds, UTC
  std::int64_t close_time = 0;   ///< nanoseconds, UTC; the bar could not be known before
  std::string price_basis = {};  ///< "raw", "split" (adjusted for splits) or "total" (also for dividends)
};

/// The columns of bars: symbol, open_time, date, open, high, low, close, adj_close, volume, vwap, close_time,
/// price_basis. Key: symbol and open_time.
TableLayout bar_layout(std::string table = "prices");

/// The columns of corporate actions: symbol, date (ex-date), dividend (per share), split_ratio (new shares
/// for one old). 0 and 1 where there is none. Key: symbol, date.
TableLayout action_layout();

/// Adds a bar unless something speaks against it: the reader's problem, a price that is not positive, a high
/// below or a low above another price, a negative volume, or an end after it was retrieved (unfinished).
void add_bar(Delivery& delivery, std::string_view table, const Bar& bar, std::optional<RowProblem> problem,
             Timestamp retrieved);

/// Whether a day of the request, inclusive at both ends.
bool is_requested(const ProviderRequest& request, Date day);

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMillisecond = 1'000'000;

}  // namespace orrery::plugins::providers::web
