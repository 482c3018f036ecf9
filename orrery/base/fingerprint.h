#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace orrery {

/// A 128-bit XXH3 digest of the bytes fed in, in order. It identifies data; it is no protection against
/// forgery.
class Fingerprint {
 public:
  Fingerprint();
  ~Fingerprint();
  Fingerprint(Fingerprint&&) noexcept;
  Fingerprint& operator=(Fingerprint&&) noexcept;

  void update(const void* bytes, std::size_t size);
  void update(std::string_view text) { update(text.data(), text.size()); }

  /// Returns the digest of everything fed so far, as 32 hexadecimal digits.
  std::string hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Digests a text.
std::string fingerprint_text(std::string_view text);

/// Digests a file's bytes. Errors: kIo when it can't be read.
std::string fingerprint_file(const std::filesystem::path& path);

}  // namespace orrery
