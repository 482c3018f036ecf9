#include "orrery/base/error.h"

namespace orrery {

Error::Error(ErrorCode code, ErrorOrigin origin, const std::string& message)
    : std::runtime_error(message), code_(code), origin_(origin) {}

Error user_error(ErrorCode code, const std::string& message) { return {code, ErrorOrigin::kUser, message}; }

Error external_error(ErrorCode code, const std::string& message) {
  return {code, ErrorOrigin::kExternal, message};
}

Error internal_error(const std::string& message) {
  return {ErrorCode::kInternal, ErrorOrigin::kInternal, message};
}

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kAlreadyExists:
      return "already_exists";
    case ErrorCode::kDataCorrupt:
      return "data_corrupt";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "internal";
}

std::string_view to_string(ErrorOrigin origin) {
  switch (origin) {
    case ErrorOrigin::kUser:
      return "user";
    case ErrorOrigin::kInternal:
      return "internal";
    case ErrorOrigin::kExternal:
      return "external";
  }
  return "internal";
}

}  // namespace orrery
