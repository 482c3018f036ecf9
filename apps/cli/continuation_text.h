#pragma once

#include <cstddef>
#include <string>

#include "orrery/app/run_continuation.h"

namespace orrery::cli {

/// What was taken up and what was computed, with seconds; the notes of the continuation before it.
std::string continuation_text(const RunContinuation& continuation, const StudyRun& run, std::size_t width);

/// The ten highest scores of the last session with the weights that the strategy wants.
std::string recommendations_text(const StudyRun& run, std::size_t width);

}  // namespace orrery::cli
