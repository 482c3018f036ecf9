#include "orrery/data/lake/file_damage.h"

#include <fmt/format.h>

#include <vector>

#include "orrery/base/fingerprint.h"
#include "orrery/data/lake/data_file.h"

namespace orrery {
namespace {

Fingerprint fingerprint_of(const OpenFile& file) {
  constexpr std::size_t kPiece = 1 << 20;
  std::vector<char> piece(kPiece);
  Fingerprint fingerprint;
  for (std::uint64_t offset = 0; offset < file.size();) {
    const auto got = file.read_at(offset, piece);
    if (got == 0) break;
    fingerprint.update(piece.data(), got);
    offset += got;
  }
  return fingerprint;
}

std::string damage_of(std::uint64_t size, const AddedFile& added, const auto& fingerprint) {
  if (size != static_cast<std::uint64_t>(added.size))
    return fmt::format("it has {} bytes, the log says {}", size, added.size);
  const auto tag = added.tags.find(kFingerprintTag);
  if (!tag || *tag == fingerprint().hex()) return "";
  return "its checksum differs from the one in the log";
}

}  // namespace

std::string damage_of(const OpenFile& file, const AddedFile& added) {
  return damage_of(file.size(), added, [&] { return fingerprint_of(file); });
}

std::string damage_of(std::string_view content, const AddedFile& added) {
  return damage_of(content.size(), added, [&] {
    Fingerprint fingerprint;
    fingerprint.update(content.data(), content.size());
    return fingerprint;
  });
}

}  // namespace orrery
