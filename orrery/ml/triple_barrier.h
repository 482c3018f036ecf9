#pragma once

#include <optional>
#include <vector>

#include "orrery/market/market_data.h"
#include "orrery/market/panel.h"
#include "orrery/ml/label_life.h"

namespace orrery {

/// The question "which is reached first after the entry: a profit, a loss, or the end of the wait?".
struct TripleBarrier {
  enum class Touch {
    kClose,  ///< a close must reach the barrier, and is the exit
    kRange,  ///< any price of the session may: orders rest at the barriers
  };
  /// What the label says of the outcome.
  enum class Value {
    kReturn,  ///< exit / entry - 1
    kSign,    ///< the return's sign: -1, 0, 1
    kTouch,   ///< 1 profit, -1 stop, 0 the wait ended first
    kProfit,  ///< 1 profit, 0 anything else: the event of a model of probabilities
  };
  std::optional<double> profit;  ///< widths above the entry, above 0; absent: no such barrier
  std::optional<double> stop;    ///< widths below the entry, above 0; absent: no such barrier
  int within = 10;               ///< sessions after the entry's that may touch; the vertical barrier
  int delay = 1;                 ///< sessions from the decision to the entry
  Touch touch = Touch::kClose;
  Value value = Value::kReturn;
};

/// Rows after t that the label of row t depends on at most: delay + within.
int label_span_rows(const TripleBarrier& spec);

/// Adjusted prices of the same rows and columns. `entry`: at which the decision's order fills.
struct BarrierPrices {
  const Panel& entry;
  const Panel& open;
  const Panel& high;
  const Panel& low;
  const Panel& close;
};

/// Labels row t by what a decision after its close comes to. The entry fills at `prices.entry` of session
/// t + delay; barriers lie at entry × (1 + profit × width) and entry × (1 - stop × width), with the width
/// that `widths` has at row t (null: 1, so that the barriers are returns). Sessions t + delay + 1 … t + delay
/// + within are looked at in order; the entry's own never counts.
///
/// Touch kClose: the first close on or beyond a barrier is the exit. Touch kRange: a session that opens on or
/// beyond a barrier is left at its open; else a low on or below the stop is left at the stop; else a high on
/// or above the profit is left at the profit. So where one session's range holds both barriers, the stop
/// counts: which came first can't be seen, and the worse is assumed. Untouched at the end: the last close.
/// A session without a bar touches nothing. A recorded delisting closes the position on its session at the
/// last close × (1 + its return), before that session can touch a barrier; later bars don't count, and
/// nothing fills on that session or later, as in the engine.
///
/// Result: the label, and by cell the row on which it became known: of the touch, of the delisting, or
/// t + delay + within. NaN: the entry's price or the width is missing or not above 0, the name was delisted
/// by then, no session after the entry has a price, or the data end before the outcome is known. Look-ahead:
/// row t reads rows up to its last row, and no width of a later row. The result does not depend on `threads`.
/// Source: López de Prado (2018), "Advances in financial machine learning", sec. 3.3 to 3.5; the order of
/// touches within a session is ours. Errors: kInvalidArgument for a spec without barriers or with numbers out
/// of range; kInternal when shapes differ.
Label triple_barrier_label(const BarrierPrices& prices, const Panel* widths,
                           const std::vector<Delisting>& delistings, const TripleBarrier& spec, int threads);

}  // namespace orrery
