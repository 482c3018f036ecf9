#pragma once

#include <span>
#include <string>
#include <vector>

#include "orrery/data/lake/delta_actions.h"
#include "orrery/data/lake/delta_state.h"

namespace orrery {

/// Writes a state as the Parquet file of a checkpoint. Removed files whose deletion lies before
/// `forget_before_ms` are left out.
std::string checkpoint_bytes(const DeltaState& state, std::int64_t forget_before_ms);

/// Reads the parts of a checkpoint; the state's version is left to the caller.
/// Errors: kDataCorrupt, naming `place`; kInvalidArgument for files with deletion vectors.
DeltaState parse_checkpoint(std::span<const std::string> parts, const std::string& place);

}  // namespace orrery
