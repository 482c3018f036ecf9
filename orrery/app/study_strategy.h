#pragma once

#include <memory>
#include <optional>
#include <string>

#include "orrery/app/study.h"
#include "orrery/base/config.h"

namespace orrery {

/// Reads a strategy's name with its settings beside it, as `portfolio` of a study has them. `node` may be
/// null: the usual strategy. Keys that `reader` has been asked for are none of the strategy's.
StrategyChoice read_strategy(const ConfigNode* node, ConfigReader& reader, const Plugins& plugins);

/// Reads `sizing` of a study's `portfolio`; nothing where there is none. Limits that it does not say are
/// those of the strategy, which has to be read before, as the intervals.
std::optional<SizingSettings> read_sizing(ConfigReader& portfolio, const Study& study,
                                          const Plugins& plugins);

/// Makes the study's strategy, with what stands between it and its orders: sizes and regimes. `regimes` are
/// those of the market that it will trade; null where it will only be asked what it reads. Errors: as
/// make_strategy.
std::unique_ptr<Strategy> study_strategy(const Study& study, const Plugins& plugins,
                                         const RegimeHistory* regimes);

}  // namespace orrery
