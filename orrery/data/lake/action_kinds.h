#pragma once

namespace orrery {

/// What the column `kind` of the table corporate_actions says. The event is the start of the first day
/// without the action, 00:00 UTC.
inline constexpr const char* kActionsTable = "corporate_actions";
inline constexpr const char* kDividendKind = "dividend";  ///< value: cash per share held the evening before
inline constexpr const char* kSplitKind = "split";        ///< value: new shares for an old one
inline constexpr const char* kAdjustmentKind =
    "adjustment";  ///< value: a step of adjusted prices that is neither
inline constexpr const char* kDelistingKind = "delisting";  ///< value: the holders' return, note: the reason
inline constexpr const char* kRenameKind = "rename";        ///< note: the symbol from that day on

}  // namespace orrery
