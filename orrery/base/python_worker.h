#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "orrery/base/worker_process.h"

namespace orrery {

/// A Python interpreter in a process of its own, in which classes of the user's work: python_worker.py.
/// Requests and answers are JSON texts with bytes beside them.
class PythonWorker {
 public:
  /// Returns the worker of an interpreter, starting it where none runs. "" is $ORRERY_PYTHON, else `python3`
  /// on PATH. All objects of one interpreter live in one worker, which ends with the last of them.
  static std::shared_ptr<PythonWorker> of(std::string_view interpreter);

  explicit PythonWorker(const std::string& interpreter);

  /// Asks for something of python_worker.py. Errors: kInvalidArgument with the exception and its place in the
  /// user's file when his code raises; kUnavailable when the process ended.
  WorkerMessage ask(const WorkerMessage& request, std::initializer_list<const SharedMemory*> shared = {});

 private:
  WorkerProcess process_;
};

}  // namespace orrery
