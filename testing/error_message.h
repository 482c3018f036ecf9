#pragma once

#include <string>

#include "orrery/base/error.h"

namespace orrery::testing {

/// Returns what the error of a call says; "": it went well.
inline std::string message_of(const auto& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace orrery::testing
