#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace orrery {

/// What went wrong, in the terms in which a caller can act on it.
enum class ErrorCode {
  kInvalidArgument,  ///< a value, file or line breaks its contract; the message says which and what is
                     ///< allowed
  kNotFound,         ///< a named thing (file, column, symbol, plug-in) does not exist
  kAlreadyExists,    ///< the thing to be made exists and must not be overwritten
  kDataCorrupt,      ///< bytes that were written whole can no longer be read
  kIo,               ///< the operating system refused a read or a write
  kUnavailable,      ///< an outside service or library did not answer; may succeed later
  kCancelled,        ///< the user asked to stop
  kInternal,         ///< a defect in Orrery
};

/// Who can mend it: the person who typed, the authors of Orrery, or somebody outside.
enum class ErrorOrigin { kUser, kInternal, kExternal };

/// The one exception type of Orrery. The message ends with the run-time values that it is about.
/// Per-row and per-tick paths never throw; they count or mark instead.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, ErrorOrigin origin, const std::string& message);

  ErrorCode code() const { return code_; }
  ErrorOrigin origin() const { return origin_; }

 private:
  ErrorCode code_;
  ErrorOrigin origin_;
};

/// Makes an error about something the user gave: a value, a file, a name.
Error user_error(ErrorCode code, const std::string& message);
/// Makes an error about the world outside: disk, network, third-party library.
Error external_error(ErrorCode code, const std::string& message);
/// Makes an error about a broken promise within Orrery.
Error internal_error(const std::string& message);

/// Returns the code's name as it appears in logs and JSON, such as "invalid_argument".
std::string_view to_string(ErrorCode code);
/// Returns "user", "internal" or "external".
std::string_view to_string(ErrorOrigin origin);

}  // namespace orrery
