#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string_view>
#include <utility>

#include "orrery/base/error.h"

namespace orrery {

/// Turns a failed status of the Arrow library into an Error that names the action and the file. A template,
/// so that no Arrow type stands in this header.
template <class Status>
void check_arrow(const Status& status, ErrorCode code, std::string_view action,
                 const std::filesystem::path& path) {
  if (status.ok()) return;
  throw external_error(code, fmt::format("can't {} {}: {}", action, path.string(), status.ToString()));
}

/// Returns the value of an Arrow result, or throws like check_arrow.
template <class Result>
auto arrow_value(Result result, ErrorCode code, std::string_view action, const std::filesystem::path& path) {
  check_arrow(result.status(), code, action, path);
  return std::move(result).ValueUnsafe();
}

}  // namespace orrery
