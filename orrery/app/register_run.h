#pragma once

#include <string>

#include "orrery/app/stored_run.h"
#include "orrery/data/model_store.h"

namespace orrery {

/// Describes the model of a finished run for the registry: the last fold's files, which score the sessions to
/// come, with what the run knew of itself (manifest, metrics, scores, daily IC, digest of its inputs), so
/// that a version's folder can be read as a run is. `name` is the study's where it is empty. Errors:
/// kInvalidArgument for a run that kept no model, as of scores that were made elsewhere; kDataCorrupt.
NewModelVersion describe_run_model(const StoredRun& run, const std::string& name);

/// The folder of the last fold's model in a run's folder, or in a registered version's. Errors:
/// kInvalidArgument when there is none.
std::filesystem::path last_fold_folder(const std::filesystem::path& run_folder);

}  // namespace orrery
