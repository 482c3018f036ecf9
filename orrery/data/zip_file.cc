#include "orrery/data/zip_file.h"

#include <fmt/format.h>
#include <zip.h>

#include <array>
#include <memory>

#include "orrery/base/error.h"
#include "orrery/base/files.h"

namespace orrery {
namespace {

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

using Archive = std::unique_ptr<zip_t, Discard>;
using Entry = std::unique_ptr<zip_file_t, Discard>;

Error damaged(const std::filesystem::path& path, std::string_view what, std::string_view reason) {
  return external_error(ErrorCode::kDataCorrupt,
                        fmt::format("can't read {}{}: {}", path.string(), what, reason));
}

Archive open_archive(const std::filesystem::path& path) {
  require_file(path);
  int code = 0;
  Archive archive(zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code));
  if (archive) return archive;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  throw damaged(path, "", reason);
}

/// The size that an archive promises is not believed: memory grows with what comes.
std::string read_entry(zip_file_t& file, const std::filesystem::path& path, std::string_view name) {
  std::string text;
  std::array<char, 1 << 16> block{};
  for (;;) {
    const auto read = zip_fread(&file, block.data(), block.size());
    if (read < 0)
      throw damaged(path, fmt::format(", file '{}' in it", name),
                    zip_error_strerror(zip_file_get_error(&file)));
    if (read == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(read));
  }
}

}  // namespace

void read_zip(const std::filesystem::path& path,
              const std::function<void(std::string_view name, std::string text)>& take) {
  const auto archive = open_archive(path);
  const auto count = static_cast<zip_uint64_t>(zip_get_num_entries(archive.get(), 0));
  for (zip_uint64_t i = 0; i < count; ++i) {
    const char* known = zip_get_name(archive.get(), i, ZIP_FL_ENC_GUESS);
    const std::string name = known == nullptr ? fmt::format("{}", i) : known;
    if (name.ends_with('/')) continue;
    const Entry entry(zip_fopen_index(archive.get(), i, 0));
    if (!entry) throw damaged(path, fmt::format(", file '{}' in it", name), zip_strerror(archive.get()));
    take(name, read_entry(*entry, path, name));
  }
}

}  // namespace orrery
