#pragma once

#include <cstdint>
#include <string>

namespace orrery {

/// Returns the most memory this process has held resident so far, in bytes; 0 where the system does not tell.
std::int64_t peak_memory_bytes();

/// Lets this process hold as many files and connections open as its hard limit allows; the usual soft one of
/// 1,024 is too few for a server. Returns how many that are; 0 where the system does not tell.
std::uint64_t raise_file_limit();

/// Keeps as many heaps as the machine has cores, at least two, where the C library would have up to eight
/// times as many: each keeps what was freed in it, which for a server that runs for months is several times
/// what it needs (measured in docs/performance.md). Leaves alone what the environment says (MALLOC_ARENA_MAX,
/// GLIBC_TUNABLES). To be called before threads are started.
void limit_heaps();

/// Returns the name of this machine, for a manifest's `runtime` block.
std::string host_name();

/// Returns the time now as `2026-01-31T12:00:00Z`, for a manifest's `runtime` block; nothing else of a run
/// may depend on it.
std::string utc_time();

/// Returns a text that no other process of any machine has at the same time: name of the machine, process
/// number, and when it began. For telling whether a process that began some work still lives.
std::string process_mark();

/// False when `mark` is of this machine and its process has ended, killed or not. True where this can't be
/// told: of other machines.
bool process_lives(const std::string& mark);

}  // namespace orrery
