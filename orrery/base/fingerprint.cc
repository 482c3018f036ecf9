#include "orrery/base/fingerprint.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <array>
#include <fstream>

#include "orrery/base/error.h"

namespace orrery {

struct Fingerprint::State {
  XXH3_state_t* hash = XXH3_createState();
  State() { XXH3_128bits_reset(hash); }
  ~State() { XXH3_freeState(hash); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Fingerprint::Fingerprint() : state_(std::make_unique<State>()) {}
Fingerprint::~Fingerprint() = default;
Fingerprint::Fingerprint(Fingerprint&&) noexcept = default;
Fingerprint& Fingerprint::operator=(Fingerprint&&) noexcept = default;

void Fingerprint::update(const void* bytes, std::size_t size) {
  XXH3_128bits_update(state_->hash, bytes, size);
}

std::string Fingerprint::hex() const {
  const XXH128_hash_t digest = XXH3_128bits_digest(state_->hash);
  return fmt::format("{:016x}{:016x}", digest.high64, digest.low64);
}

std::string fingerprint_text(std::string_view text) {
  Fingerprint fingerprint;
  fingerprint.update(text);
  return fingerprint.hex();
}

std::string fingerprint_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw external_error(ErrorCode::kIo, fmt::format("can't read file: {}", path.string()));
  Fingerprint fingerprint;
  std::array<char, 1 << 16> buffer{};
  while (file) {
    file.read(buffer.data(), buffer.size());
    fingerprint.update(buffer.data(), static_cast<std::size_t>(file.gcount()));
  }
  return fingerprint.hex();
}

}  // namespace orrery
