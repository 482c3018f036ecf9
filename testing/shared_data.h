#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace orrery::testing {

/// Returns the path of a file or folder of the shared real data, or nothing where it is absent.
/// The root is `$ORRERY_SHARED`, by default `../shared` beside the repository.
inline std::optional<std::filesystem::path> find_shared(const std::string& relative) {
  const char* root = std::getenv("ORRERY_SHARED");
  const auto path = std::filesystem::path(root != nullptr ? root : "../shared") / relative;
  if (!std::filesystem::exists(path)) return std::nullopt;
  return path;
}

inline bool shared_data_required() {
  const char* required = std::getenv("ORRERY_REQUIRE_SHARED");
  return required != nullptr && std::string(required) == "1";
}

}  // namespace orrery::testing

/// Declares `variable` as the path of shared data. Where it is absent the test is counted as skipped, or
/// fails when ORRERY_REQUIRE_SHARED=1.
#define ORRERY_SHARED_OR_SKIP(variable, relative)                                       \
  const auto variable##_found = ::orrery::testing::find_shared(relative);               \
  if (!variable##_found && ::orrery::testing::shared_data_required()) {                 \
    FAIL() << "ORRERY_REQUIRE_SHARED=1, but there is no shared data at " << (relative); \
  }                                                                                     \
  if (!variable##_found) GTEST_SKIP() << "skipped, no shared data at " << (relative);   \
  const std::filesystem::path& variable = *variable##_found
