#include "orrery/data/kept_files.h"

#include <fmt/format.h>

#include <system_error>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/fingerprint.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;

KeptFolder describe_files(const fs::path& source, const std::vector<std::string>& paths) {
  KeptFolder kept;
  Fingerprint all;
  for (const auto& path : paths) {
    const auto file = source / path;
    require_file(file);
    kept.files.push_back({path, static_cast<std::int64_t>(fs::file_size(file)), fingerprint_file(file)});
    all.update(fmt::format("{}\n{}\n", path, kept.files.back().fingerprint));
  }
  kept.content = all.hex();
  return kept;
}

void copy_files(const fs::path& source, const KeptFolder& kept, const fs::path& target) {
  for (const auto& file : kept.files) {
    std::error_code failure;
    fs::create_directories((target / file.path).parent_path(), failure);
    if (!failure) fs::copy_file(source / file.path, target / file.path, failure);
    if (failure) {
      throw external_error(ErrorCode::kIo,
                           fmt::format("can't copy {} to {}: {}", (source / file.path).string(),
                                       (target / file.path).string(), failure.message()));
    }
  }
}

std::string damage_of(const fs::path& file, const KeptFile& kept) {
  std::error_code failure;
  if (!fs::is_regular_file(file, failure)) return fmt::format("the file is missing: {}", file.string());
  const auto bytes = static_cast<std::int64_t>(fs::file_size(file));
  if (bytes != kept.bytes)
    return fmt::format("the file has {} bytes, {} were kept: {}", bytes, kept.bytes, file.string());
  const auto fingerprint = fingerprint_file(file);
  if (fingerprint == kept.fingerprint) return "";
  return fmt::format("the file has the fingerprint {}, {} was kept: {}", fingerprint, kept.fingerprint,
                     file.string());
}

}  // namespace

KeptFolder keep_files(const fs::path& root, const fs::path& source, const std::vector<std::string>& paths) {
  KeptFolder kept = describe_files(source, paths);
  const auto target = root / kept.content;
  if (fs::exists(target) && damaged_files(target, kept.files).empty()) return kept;
  std::error_code ignored;  // the transaction says it better
  fs::create_directories(root, ignored);
  FolderTransaction transaction(target, true);
  copy_files(source, kept, transaction.staging());
  if (const auto changed = damaged_files(transaction.staging(), kept.files); !changed.empty()) {
    throw external_error(ErrorCode::kIo,
                         fmt::format("a file changed while it was copied: {}", changed.front()));
  }
  try {
    transaction.commit();
  } catch (const Error&) {  // another process kept the same files in this moment
    if (!fs::exists(target) || !damaged_files(target, kept.files).empty()) throw;
  }
  return kept;
}

std::vector<std::string> damaged_files(const fs::path& folder, const std::vector<KeptFile>& files) {
  std::vector<std::string> damage;
  for (const auto& file : files) {
    auto found = damage_of(folder / file.path, file);
    if (!found.empty()) damage.push_back(std::move(found));
  }
  return damage;
}

}  // namespace orrery
