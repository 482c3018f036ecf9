#pragma once

#include <memory>
#include <string>

#include "orrery/app/study.h"
#include "orrery/base/config.h"

namespace orrery {

/// Reads a strategy's name with its settings beside it, as `portfolio` of a study has them. `node` may be
/// null: the usual strategy. Keys that `reader` has been asked for are none of the strategy's.
StrategyChoice read_strategy(const ConfigNode* node, ConfigReader& reader, const Plugins& plugins);

/// Makes the study's strategy, with what stands between it and its orders: its regimes. `regimes` are those
/// of the market that it will trade; null where it will only be asked what it reads. Errors: as
/// make_strategy.
std::unique_ptr<Strategy> study_strategy(const Study& study, const Plugins& plugins,
                                         const RegimeHistory* regimes);

}  // namespace orrery
