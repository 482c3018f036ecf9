#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/market/market_data.h"
#include "orrery/market/panel.h"

namespace orrery {

/// What regimes are told by. Each is of the market's returns, total ones of closes: of one symbol, or the
/// mean of the middle half of all names with a bar, which a wrong price of one name does not move.
enum class RegimeInput : std::uint8_t {
  kReturn,       ///< of the session
  kVolatility,   ///< a year's, standard deviation (n - 1) of the last `volatility_window` returns
  kTrend,        ///< compounded return of the last `trend_window` sessions
  kCorrelation,  ///< mean of all pairs of names over the last `correlation_window` sessions
};

/// Reads "return", "volatility", "trend" or "correlation". Errors: kInvalidArgument.
RegimeInput parse_regime_input(std::string_view name);
std::string_view to_string(RegimeInput input);

/// A limit that an input has to be above and below, both strictly.
struct RegimeCondition {
  RegimeInput input = RegimeInput::kVolatility;
  double above = -std::numeric_limits<double>::infinity();
  double below = std::numeric_limits<double>::infinity();
};

struct RegimeState {
  std::string name;
  std::vector<RegimeCondition> when;  ///< of rules: all have to hold; empty: always
};

enum class RegimeMethod : std::uint8_t {
  kHmm,    ///< a Gaussian hidden Markov model; states by ascending volatility
  kRules,  ///< the first state whose conditions hold
};

struct RegimeSettings {
  RegimeMethod method = RegimeMethod::kHmm;
  std::vector<RegimeState>
      states;      ///< of an HMM 2 to 4, from the calmest; of rules the last has no condition
  std::string of;  ///< symbol that stands for the market; "": the names' middle half
  int volatility_window = 20;
  int trend_window = 100;
  int correlation_window = 60;
  std::vector<RegimeInput> inputs = {RegimeInput::kReturn, RegimeInput::kVolatility};  ///< of an HMM; the
                                                                                       ///< first is kReturn
  int history = 504;             ///< sessions with all inputs before the first fit
  int refit = 63;                ///< such sessions between two fits, each on all that came before
  double min_probability = 0.6;  ///< that a state needs before one goes over to it
  int min_sessions = 3;          ///< in a row in which it needs it
};

/// Errors: kInvalidArgument, naming the key of the study's `regimes`.
void check_regimes(const RegimeSettings& settings);

/// Which regime each session was in, told after its close.
struct RegimeHistory {
  static constexpr int kUnknown = -1;
  std::vector<std::string> names;  ///< of the states
  std::vector<int> state;          ///< by row; kUnknown before anything can be told
  Panel probabilities;             ///< rows × states: filtered; of rules 0 or 1; NaN where unknown
  Panel inputs;                    ///< rows × the four of RegimeInput; NaN where not used or not known
  std::vector<std::size_t> fits;   ///< rows after whose close a hidden Markov model was fitted
};

/// Tells the regimes of all sessions. Row t depends on rows <= t only: models are fitted on the past, and the
/// probabilities are filtered. A session in which an input is missing keeps the state before it. The
/// logarithm of volatility, which is nearer to normal, is what an HMM sees of it; a refit starts both from
/// the model before and anew, and the more likely one is kept. Errors: kNotFound for a symbol that the data
/// has not; as check_regimes.
RegimeHistory tell_regimes(const RegimeSettings& settings, const MarketData& market,
                           double sessions_per_year);

}  // namespace orrery
