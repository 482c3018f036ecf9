#pragma once

#include <vector>

#include "orrery/ml/settings_search.h"

namespace orrery {

/// The name under which a choice among families stands in a study.
inline constexpr const char* kAuto = "auto";

/// Returns an entry of the same model that chooses its settings anew in every fit, by search_settings on the
/// training rows alone, and is then fitted with the best on all of them. Name, settings and declarations are
/// the model's own. Saved as the model is, with `chosen.json` beside, which names it.
ModelEntry tuned_entry(ModelEntry model, SearchSpace space, const SettingsSearch& search);

/// Returns an entry named `auto` that chooses among families and their settings in the same way. Its own
/// settings (see ModelInfo::parameters) are `trials`, `minutes`, `folds`, `objective`, `sampler` and
/// `pruner`; with `minutes` and without `trials` the time alone limits. `families`: at least one.
ModelEntry auto_entry(std::vector<SearchFamily> families);

}  // namespace orrery
