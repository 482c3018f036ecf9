#pragma once

#include <cstdlib>
#include <filesystem>

namespace orrery::testing {

/// Points ORRERY_PYTHON at the tree's own environment, which has what Python models need, unless it is set
/// already. Test programs run in the root of the tree.
inline const bool kPythonIsChosen = [] {
  const auto own = std::filesystem::absolute(".venv/bin/python");
  if (std::filesystem::exists(own)) ::setenv("ORRERY_PYTHON", own.c_str(), 0);
  return true;
}();

}  // namespace orrery::testing
