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

/// Keeps the threads of OpenMP libraries that are loaded later (LightGBM, XGBoost, libtorch) from spinning
/// for long while they wait for one another: where other programs use the cores too, training would take many
/// times as long. Leaves alone what the environment says (OMP_WAIT_POLICY, GOMP_SPINCOUNT). To be called
/// before threads are started. Measured in docs/performance.md.
void limit_spinning();

}  // namespace orrery
