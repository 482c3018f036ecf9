#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "orrery/app/price_scale.h"
#include "orrery/base/progress.h"
#include "orrery/market/factor_frame.h"
#include "orrery/market/market_data.h"
#include "orrery/ml/folds.h"

namespace orrery {

/// A decision of one session, as the doctor compares it.
struct DecidedWeight {
  Date date;
  std::string symbol;
  double weight = 0.0;
};

/// What is examined: the stages from a market to portfolio weights. Each is a function of the market it is
/// given and of what the stages before it made of that same market.
struct LookaheadSubject {
  std::function<FactorFrame(const MarketData&)> factors;
  std::function<MaskPanel(const MarketData&)> eligible;
  /// Before purging.
  std::function<std::vector<Fold>(const MarketData&)> folds;
  /// The factors that each fold chooses; null: no fold chooses.
  std::function<std::vector<std::vector<std::string>>(const MarketData&, const FactorFrame&, const MaskPanel&,
                                                      const std::vector<Fold>&)>
      selection = nullptr;
  std::function<Panel(const MarketData&, const FactorFrame&, const MaskPanel&, const std::vector<Fold>&)>
      scores;
  std::function<std::vector<DecidedWeight>(const MarketData&, const Panel& scores)> weights;
};

struct LookaheadOptions {
  int cuts = 3;  ///< how many dates the future is cut at, spread evenly over the tested sessions
};

/// The first value of a stage (for factors: of one factor) that is not the same without the future.
struct LookaheadFinding {
  std::string stage;           ///< "factors", "universe", "folds", "selection", "predictions", "weights"
  std::string name;            ///< the factor, of "factors" and "selection"; "" for the other stages
  std::string symbol;          ///< "" for folds and selection
  Date date;                   ///< session of the value; for folds and selection the first tested one
  std::string with_future;     ///< the value from the whole data, as text; "–" for none
  std::string without_future;  ///< the value from the data up to `cut`
  Date cut;                    ///< last session of the cut data
  std::size_t changed = 0;     ///< how many values of the stage (the factor) changed at this cut
};

struct LookaheadReport {
  std::vector<Date> cuts;                  ///< those examined, ascending; none after the first with findings
  std::size_t compared = 0;                ///< values held against each other
  std::vector<LookaheadFinding> findings;  ///< in the order of the stages; the first is the cause to mend
  std::string scaled_symbol;               ///< whose prices were multiplied
  std::vector<AdjustmentDependence> adjustment_dependent;  ///< information, not a failure

  bool passed() const { return findings.empty(); }
};

/// Cuts the future at several dates, repeats every stage on what is left, and holds it against the same
/// stage of the whole market, to the bit, up to the cut:
/// - factors on cells with a bar (cells without one are neither learned from nor traded);
/// - the universe on every cell;
/// - folds that begin to test by the cut: same training and validation, and the same test up to the cut;
/// - the factors that each of these folds chooses, where the study selects;
/// - predictions on every cell, and weights of every decision.
/// Then multiplies one symbol's prices by 4, divides its volume by 4 (exact in binary), and lists the
/// factors of that symbol that change by more than a thousandth of their mean size.
/// Errors: kInvalidArgument for fewer than one cut or no session left to cut at; what the stages throw.
LookaheadReport examine_lookahead(const MarketData& market, const LookaheadSubject& subject,
                                  const LookaheadOptions& options = {},
                                  Progress& progress = silent_progress());

}  // namespace orrery
