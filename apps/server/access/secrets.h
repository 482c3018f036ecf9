#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace orrery::server {

/// Returns bytes that nobody can guess. Errors: kIo when the system has no randomness.
std::string secret_bytes(std::size_t count);

/// Returns the 32 bytes of SHA-256.
std::string sha256(std::string_view bytes);

/// Base 64 for URLs, without padding (RFC 4648, 5).
std::string base64url(std::string_view bytes);
/// Nothing for what is no such text.
std::optional<std::string> from_base64url(std::string_view text);

/// Compares two texts in a time that depends on their lengths alone.
bool equal_secrets(std::string_view left, std::string_view right);

}  // namespace orrery::server
