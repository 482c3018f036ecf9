#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "orrery/app/run_market.h"
#include "orrery/app/stored_run.h"
#include "orrery/base/date.h"

namespace orrery {

/// A number or a text about a decision.
struct DecisionFact {
  std::string name;
  std::variant<double, std::string> value;  ///< NaN: missing
};

/// One step from the bar to the fill.
struct DecisionStage {
  std::string name;   ///< such as "raw bar"
  std::string known;  ///< when this was known, such as "after the close of 2019-05-02"
  std::vector<DecisionFact> facts;
  std::vector<std::string> sentences;  ///< what happened, or why nothing did
};

/// Why a run did with a symbol on a day what it did.
struct DecisionExplanation {
  std::string symbol;
  Date date;
  std::string run;
  std::string banner;  ///< "" for real data
  std::vector<DecisionStage> stages;
};

struct ExplainOptions {
  std::size_t factors = 10;  ///< the most important ones, and the largest contributions; 0: all
  int threads = 0;
};

/// Follows one decision through a run: raw bar, adjusted bar, universe, factors, score, what the factors
/// added to it, weight, order, fill.
/// Prices and factors are computed again from the study's data, the rest is read from the run's tables.
/// Errors: kNotFound when the data is gone, the symbol or session unknown; kInvalidArgument when the data is
/// not what the run read.
DecisionExplanation explain_decision(const StoredRun& run, const std::string& symbol, Date date,
                                     const Plugins& plugins, const ExplainOptions& options,
                                     Progress& progress = silent_progress());

/// The same on a market that was read before.
DecisionExplanation explain_decision(const RunMarket& market, const std::string& symbol, Date date,
                                     const Plugins& plugins, const ExplainOptions& options);

/// The explanation as one JSON object: {"symbol", "date", "run", "banner", "stages": [{"name", "known",
/// "facts": {…}, "sentences"}]}.
std::string explanation_json(const DecisionExplanation& explanation);

}  // namespace orrery
