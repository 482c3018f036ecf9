#pragma once

#include <string>

namespace orrery {

/// Makes a name that no other process or machine makes: a random UUID (RFC 4122, version 4), such as
/// "93b3a9cf-bdef-496e-823d-1ed0f512b3fe". For names of files only; nothing whose result must repeat may
/// depend on it. Errors: kIo when the system has no randomness.
std::string unique_id();

}  // namespace orrery
