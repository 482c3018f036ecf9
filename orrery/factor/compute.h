#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "orrery/base/progress.h"
#include "orrery/factor/factor_set.h"
#include "orrery/market/factor_frame.h"
#include "orrery/market/market_data.h"

namespace orrery {

/// In which precision factors are computed.
enum class Precision {
  kFloat32,  ///< as qlib does: fields and element-wise operations in float, rolling ones in double
  kFloat64,  ///< everything in double
};

struct FactorOptions {
  Precision precision = Precision::kFloat32;
  int threads = 0;            ///< 0: all cores; never changes a bit of the result
  bool allow_future = false;  ///< negative lags are legal (labels)
};

/// Computes every factor on every session.
/// Shape: one panel [session × instrument] a definition, in their order. A cell is NaN outside the symbol's
/// first to last bar; within it a missing bar is a NaN row that occupies a slot of every window, and each
/// operator's rule says what it makes of NaN. Cross-sections compare the symbols with a bar on the session,
/// and are NaN for the others: whether one that pauses comes back is not known yet. Look-ahead: none where
/// there is a bar, unless `allow_future`; without one, that there is a value tells that a bar will follow.
/// Errors: those of check_factors; an internal one where there are cross-sections and `market.present` lacks
/// the market's shape.
FactorFrame compute_factors(std::span<const FactorDefinition> definitions, const MarketData& market,
                            const FactorOptions& options = {}, Progress& progress = silent_progress());

/// Takes a block of rows of all factors: which sessions it holds, and panels [row of the block × instrument]
/// that are valid until it returns. The last block may fill only the first rows of its panels.
using FactorBlockSink = std::function<void(RowRange sessions, const FactorFrame& block)>;

/// Computes every factor on every session and hands the rows out block by block, ascending, so that the
/// results need not fit the memory. The bits are those of compute_factors.
/// `bytes`: how much a block of results may hold, a row at the least. Look-ahead and errors: as
/// compute_factors; kInvalidArgument for `allow_future`. An exception of the sink ends the work and comes out
/// here.
void compute_factor_blocks(std::span<const FactorDefinition> definitions, const MarketData& market,
                           const FactorOptions& options, std::size_t bytes, const FactorBlockSink& sink,
                           Progress& progress = silent_progress());

/// Computes one expression with a double result, which labels and filters need. Otherwise as compute_factors.
Panel compute_expression(const FactorDefinition& definition, const MarketData& market,
                         const FactorOptions& options = {});

/// How far an expression reaches from the row it is computed for, in session rows.
struct ExpressionSpan {
  int look_back_rows = 0;   ///< row t reads rows >= t - look_back_rows; operators without end (EMA) count 1
  int look_ahead_rows = 0;  ///< row t reads rows <= t + look_ahead_rows; 0 without negative lags
};

/// Returns an expression's span. `name` stands in error messages. Negative lags are legal here.
/// Errors: kInvalidArgument as check_factors, but fields are not checked.
ExpressionSpan expression_span(std::string_view name, std::string_view expression);

/// Checks definitions before any data is read: syntax, operators, arguments, types, fields, repeated names
/// and, unless `allow_future`, negative lags. Errors: kInvalidArgument with the factor's file and line
/// where it has them, its name, the text with a caret, the reason and the nearest known name.
void check_factors(std::span<const FactorDefinition> definitions, std::span<const std::string> fields,
                   bool allow_future = false);

}  // namespace orrery
