#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "orrery/data/adjusted_closes.h"
#include "orrery/data/price_history.h"
#include "orrery/data/usual_moves.h"

namespace orrery {

/// What the adjusted closes say of a dividend.
enum class AdjustmentSays : std::uint8_t {
  kTheSame,
  kNothing,    ///< nothing is taken off
  kHundredth,  ///< a hundredth of it is taken off
  kHundredfold,
  kOther,
  kUnknown,  ///< no adjusted closes around the day, or nothing large enough to be seen
};

/// A dividend with what speaks about it.
struct DividendEvidence {
  std::size_t row = 0;     ///< that it stands in
  std::size_t day = 0;     ///< of UsualMoves, that bears it
  std::size_t before = 0;  ///< the last row before with a close
  double amount = 0.0;
  double gain = 0.0;  ///< the capital gain of the day
  double close_before = 0.0;
  double yield = 0.0;        ///< amount / close before
  double taken_off = 0.0;    ///< by the adjusted closes; NaN where that can't be told
  double later_split = 1.0;  ///< new shares for an old one by all splits after it
  AdjustmentSays adjustment = AdjustmentSays::kUnknown;
};

/// Gathers the evidence on every dividend that has a close within ten days before, and one on its day or
/// after, by row. Nothing can be said of the others.
std::vector<DividendEvidence> gather_dividends(const PriceHistory& history, const UsualMoves& moves,
                                               const AdjustedCloses& adjusted);

/// Puts dividends together that speak alike: the adjusted closes say the same of them, and their yields, in
/// order, lie less than eightfold apart.
std::vector<std::vector<std::size_t>> alike(const std::vector<DividendEvidence>& dividends);

/// What a dividend may be, apart from what it says: a multiple of its amount.
struct DividendReading {
  double factor = 1.0;
  double price_evidence = 0.0;  ///< log likelihood of the prices, above that of the amount as it stands
  double score = 0.0;           ///< log of likelihood times prior, above that of the amount as it stands
};

/// Weighs what dividends that speak alike may be and returns the likeliest reading; factor 1 where the
/// amounts stand. A reading that neither prices nor adjusted closes nor the other dividends ask for is never
/// taken.
DividendReading likeliest_reading(const std::vector<DividendEvidence>& dividends,
                                  const std::vector<std::size_t>& group, const UsualMoves& moves);

}  // namespace orrery
