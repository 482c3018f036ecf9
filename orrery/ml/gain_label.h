#pragma once

#include "orrery/market/panel.h"

namespace orrery {

/// The question "does the price rise by `gain` within `within` sessions of the entry?".
struct GainLabel {
  enum class Touch {
    kClose,  ///< a close must reach the target
    kHigh,   ///< any price of the day may
  };
  double gain = 0.10;
  int within = 3;  ///< sessions
  Touch touch = Touch::kClose;
};

/// Rows after t that the label of row t depends on: 1 (entry) + within.
int label_span_rows(const GainLabel& spec);

/// Labels row t with 1 when the highest close (or high) of sessions t + 2 … t + 1 + within is at least (1 +
/// gain) times the fill price of session t + 1, else 0. Prices: one adjusted series, so that splits are no
/// gains. NaN: the entry price is missing (no fill, hence no trade) or a session of the span lies beyond the
/// last row. A halted session inside the span counts as not reaching the target, as a holder could not sell
/// then; when every session of the span is halted the outcome is unknown: NaN. `entry_price`: prices at which
/// an order of the previous evening fills (close by default). Errors: kInvalidArgument for a gain that is not
/// positive or within < 1; kInternal when shapes differ.
Panel gain_label(const Panel& entry_price, const Panel& close, const Panel& high, const GainLabel& spec);

}  // namespace orrery
