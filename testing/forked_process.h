#pragma once

#include <fmt/format.h>
#include <sys/types.h>
#include <unistd.h>

#include <exception>

namespace orrery::testing {

/// Runs `work` in a process of its own, which ends with 1 and the message where it throws; returns its id, to
/// be waited for.
template <class Work>
pid_t fork_process(Work work) {
  const pid_t child = fork();
  if (child != 0) return child;
  try {
    work();
  } catch (const std::exception& failure) {  // must not reach the test, of which this is a copy
    fmt::print(stderr, "{}\n", failure.what());
    _exit(1);
  }
  _exit(0);
}

}  // namespace orrery::testing
