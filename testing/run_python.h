#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "orrery/base/files.h"

namespace orrery::testing {

/// Runs a script with the tree's own Python, whose pyarrow the program links, in `folder`; returns its exit
/// code.
inline int run_python(const std::filesystem::path& folder, const std::string& script) {
  const auto python = std::filesystem::absolute(".venv/bin/python");
  write_file_atomically(folder / "script.py", script);
  const std::string command = "cd '" + folder.string() + "' && '" + python.string() + "' script.py";
  return std::system(command.c_str());  // NOLINT(cert-env33-c)
}

}  // namespace orrery::testing
