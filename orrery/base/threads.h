#pragma once

#include <cstddef>
#include <functional>

namespace orrery {

/// Returns how many threads a request means: `requested` itself, or the machine's cores for 0.
int resolve_threads(int requested);

/// Calls `work(i)` for every i in [0, count) on up to `threads` threads and returns when all are done.
/// Tasks are handed out in ascending order; results must not depend on which thread runs one.
/// Errors: the exception of the lowest failing index is thrown again here after all threads have stopped.
void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& work);

}  // namespace orrery
