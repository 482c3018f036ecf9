#pragma once

namespace orrery {

/// The text of python_worker.py, which becomes part of the program.
extern const char* const kPythonWorkerText;

}  // namespace orrery
