#pragma once

#include <cstdint>
#include <string>

namespace orrery {

/// Returns the most memory this process has held resident so far, in bytes; 0 where the system does not tell.
std::int64_t peak_memory_bytes();

/// Returns the name of this machine, for a manifest's `runtime` block.
std::string host_name();

/// Returns the time now as `2026-01-31T12:00:00Z`, for a manifest's `runtime` block; nothing else of a run
/// may depend on it.
std::string utc_time();

}  // namespace orrery
