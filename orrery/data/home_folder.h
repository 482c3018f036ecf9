#pragma once

#include <filesystem>

namespace orrery {

/// Returns the folder of what outlives a single run: the ledger of trials, the registered models. It is
/// $ORRERY_HOME, or else ~/.local/share/orrery. Errors: kNotFound when neither ORRERY_HOME nor HOME is set.
std::filesystem::path home_folder();

}  // namespace orrery
