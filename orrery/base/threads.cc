#include "orrery/base/threads.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace orrery {
namespace {

/// Keeps the exception of the lowest index, so that the error shown does not depend on timing.
class FirstFailure {
 public:
  void record(std::size_t index) {
    const std::lock_guard lock(mutex_);
    if (!error_ || index < index_) {
      error_ = std::current_exception();
      index_ = index;
    }
  }
  bool any() const {
    const std::lock_guard lock(mutex_);
    return error_ != nullptr;
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  mutable std::mutex mutex_;
  std::exception_ptr error_;
  std::size_t index_ = 0;
};

}  // namespace

int resolve_threads(int requested) {
  if (requested > 0) return requested;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& work) {
  const auto workers = std::min<std::size_t>(count, static_cast<std::size_t>(resolve_threads(threads)));
  std::atomic<std::size_t> next{0};
  FirstFailure failure;
  const auto run = [&] {
    for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
      if (failure.any()) return;
      try {
        work(i);
      } catch (...) {
        failure.record(i);
      }
    }
  };
  std::vector<std::thread> pool;
  for (std::size_t i = 1; i < workers; ++i) pool.emplace_back(run);
  run();
  for (auto& thread : pool) thread.join();
  failure.rethrow();
}

void limit_spinning() {
  // Some 20 µs: longer than the threads of one tree differ, far shorter than a time slice.
  constexpr const char* kTurns = "5000";
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) ::setenv("GOMP_SPINCOUNT", kTurns, 0);
}

}  // namespace orrery
