#pragma once

#include <memory>

#include "orrery/base/error.h"
#include "orrery/base/progress.h"

namespace orrery::cli {

// A program that calls this one (the Python package does) opens a pipe and names its end in the environment
// variable ORRERY_EVENTS_FD. One line of JSON is written there for each event:
//   {"event": "progress", "stage": "read", "done": 3, "total": 10}   (total 0: unknown)
//   {"event": "error", "code": "not_found", "origin": "user", "message": "…"}

/// Makes a progress that writes events, at most twenty a second within a stage; null when nobody listens.
std::unique_ptr<Progress> make_event_progress();

/// Writes the error as an event when somebody listens.
void tell_error(const Error& error);

}  // namespace orrery::cli
