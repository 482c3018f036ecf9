#pragma once

#include <cstddef>
#include <vector>

#include "orrery/base/progress.h"
#include "orrery/market/panel.h"
#include "plugins/providers/simulated/economy.h"

namespace orrery::plugins::providers::simulated {

/// What happens to every instrument on every session, before it is made into bars. [session × instrument];
/// NaN outside an instrument's life.
struct Paths {
  Panel total_return;  ///< simple return of the session, dividends included; 0 on the first bar
  Panel volatility;    ///< standard deviation of the session's return
  Panel volume;        ///< shares traded, in shares of the first bar (no splits)
  Panel signal;        ///< the latent predictor, known at the session's close; NaN in the first 60 sessions
};

/// Simulates returns, volumes and the signal session by session. The signal of session t raises the returns
/// of session t + 2.
Paths simulate_paths(const SimulatedMarketOptions& options, const std::vector<Instrument>& instruments,
                     std::size_t sessions, Progress& progress);

/// Sessions of history that the signal needs.
inline constexpr std::size_t kSignalHistory = 60;

}  // namespace orrery::plugins::providers::simulated
