#include "orrery/base/unique_id.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cstdint>

#include "orrery/base/error.h"

namespace orrery {

std::string unique_id() {
  std::array<std::uint16_t, 8> bits{};
  if (::getrandom(bits.data(), sizeof bits, 0) != static_cast<ssize_t>(sizeof bits)) {
    throw external_error(ErrorCode::kIo, "the system gives no random numbers");
  }
  constexpr unsigned kVersion = 0x4000;  // version 4: random
  constexpr unsigned kVariant = 0x8000;
  const unsigned version = (bits[3] & 0x0fffu) | kVersion;
  const unsigned variant = (bits[4] & 0x3fffu) | kVariant;
  return fmt::format("{:04x}{:04x}-{:04x}-{:04x}-{:04x}-{:04x}{:04x}{:04x}", bits[0], bits[1], bits[2],
                     version, variant, bits[5], bits[6], bits[7]);
}

}  // namespace orrery
