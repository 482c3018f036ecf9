#include "orrery/data/sql/local_copies.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <span>
#include <system_error>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/unique_id.h"
#include "orrery/data/lake/lake_stores.h"

namespace orrery {
namespace {

constexpr std::uint64_t kBlockBytes = std::uint64_t{8} << 20;

void copy(const OpenFile& from, const std::filesystem::path& to) {
  std::filesystem::create_directories(to.parent_path());
  std::ofstream out(to, std::ios::binary);
  std::vector<char> block(static_cast<std::size_t>(std::min(kBlockBytes, from.size())));
  for (std::uint64_t at = 0; at < from.size() && out; at += kBlockBytes) {
    const auto count = from.read_at(at, block);
    out.write(block.data(), static_cast<std::streamsize>(count));
  }
  out.close();
  if (!out) throw external_error(ErrorCode::kIo, fmt::format("can't write {}", to.string()));
}

}  // namespace

LocalCopies::LocalCopies(const std::filesystem::path& lake)
    : files_(lake_files(lake)),
      folder_(std::filesystem::temp_directory_path() / ("orrery-copies-" + unique_id())) {
  std::filesystem::create_directory(folder_);
  std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
}

LocalCopies::~LocalCopies() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void LocalCopies::bring(const std::string& table, const DeltaState& state) {
  for (const auto& file : state.files) {
    const auto path = table + "/" + file.path;
    const auto open = files_->open(path);
    if (!open || open->size() != static_cast<std::uint64_t>(file.size)) {
      throw external_error(
          ErrorCode::kDataCorrupt,
          fmt::format("a data file of the table is missing or damaged: {}", files_->location(path)));
    }
    copy(*open, folder_ / path);
  }
}

}  // namespace orrery
