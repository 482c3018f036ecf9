#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/execution/journal.h"
#include "orrery/execution/order_check.h"

namespace orrery {

/// How several purchases and sales of one security on one day are counted.
enum class DayTradeCount : std::uint8_t {
  kOpeningOrders,  ///< every order that opened or increased what is closed the same day is one
  kDirections,     ///< every turn from opening to closing is one (FINRA Regulatory Notice 21-13)
};

/// Counts the day trades of an account: purchases and sales, or sales and purchases, of one security on one
/// day. What was held overnight and is closed before anything new is opened is none; after that a closing
/// trade closes what was opened that day first (FINRA Rule 4210(f)(8)(B)(i)). The fills of one order are one
/// transaction.
class DayTrades {
 public:
  /// Days are sessions: business days. `window`: sessions that sums are taken over, this one included.
  DayTrades(int window, DayTradeCount count) : window_(window), count_(count) {}

  void open_session(const Session& session);
  void book(const JournalEntry& entry);
  /// Returns how many day trades the order would add, were it filled.
  int added_by(const CheckedOrder& order) const;
  int day_trades() const;  ///< within the window
  int trades() const;      ///< orders that were filled at least in part, within the window

  void set_count(DayTradeCount count) { count_ = count; }
  std::string save() const;
  /// Errors: kDataCorrupt.
  void restore(std::string_view state);

 private:
  struct Opening {
    std::uint64_t order = 0;
    Quantity shares;  ///< left, positive
    bool counted = false;
  };
  /// A security's trading on the current day.
  struct Activity {
    Quantity overnight;             ///< left of what was held at the day's start
    std::vector<Opening> openings;  ///< all on one side
    OrderSide opened = OrderSide::kBuy;
    OrderSide last = OrderSide::kBuy;
    std::uint64_t last_order = 0;  ///< 0: none yet
    bool counted = false;          ///< the present run of trades on one side was counted
  };
  struct Day {
    std::size_t row = 0;
    int day_trades = 0;
    int trades = 0;
  };

  int apply(Activity& activity, OrderSide side, Quantity shares, std::uint64_t order) const;
  int close_opened(Activity& activity, Quantity& shares) const;
  Activity activity_of(std::uint32_t instrument) const;

  int window_;
  DayTradeCount count_;
  std::map<std::uint32_t, Quantity> held_;  ///< never zero
  std::map<std::uint32_t, Activity> today_;
  std::deque<Day> days_;  ///< the last is today
};

}  // namespace orrery
