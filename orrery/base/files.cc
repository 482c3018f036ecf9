#include "orrery/base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "orrery/base/error.h"
#include "orrery/base/io_error.h"

namespace orrery {
namespace {

class FileDescriptor {
 public:
  FileDescriptor(const std::filesystem::path& path, int flags, std::string_view action)
      : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0) throw io_error(action, path);
  }
  ~FileDescriptor() { ::close(descriptor_); }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

void write_all(int descriptor, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw io_error("write", path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::filesystem::path parent_of(const std::filesystem::path& path) {
  const auto parent = path.parent_path();
  return parent.empty() ? std::filesystem::path(".") : parent;
}

std::filesystem::path hidden_sibling(const std::filesystem::path& path, std::string_view suffix) {
  return parent_of(path) / fmt::format(".{}.{}.{}", path.filename().string(), ::getpid(), suffix);
}

/// How many DeferredSync of this thread are alive.
/// Aligned as the section that comes after it: where the end of a page fell between the two, mold 1.10 linked
/// a program that the loader refuses ("cannot apply additional memory protection after relocation").
alignas(16) thread_local int deferred_syncs = 0;

void sync_unless_deferred(const std::filesystem::path& path) {
  if (deferred_syncs == 0) sync_path(path);
}

/// Renames in one step: at no moment is there neither the old folder nor the new one.
bool move_into_place(const std::filesystem::path& from, const std::filesystem::path& to, bool exchange) {
  return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), exchange ? RENAME_EXCHANGE : 0) == 0;
}

/// Removes what a killed process left of an unfinished folder: hidden siblings whose process is gone.
void remove_stale_staging(const std::filesystem::path& target) {
  const auto prefix = fmt::format(".{}.", target.filename().string());
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(parent_of(target), ignored)) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with(prefix) || !name.ends_with(".new")) continue;
    const auto digits = name.substr(prefix.size(), name.size() - prefix.size() - 4);
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) continue;
    const bool alive = ::kill(static_cast<pid_t>(std::stol(digits)), 0) == 0 || errno == EPERM;
    if (!alive) std::filesystem::remove_all(entry.path(), ignored);
  }
}

}  // namespace

void require_file(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) {
    throw user_error(ErrorCode::kNotFound, fmt::format("no such file: {}", path.string()));
  }
}

std::string read_file(const std::filesystem::path& path) {
  require_file(path);
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file) throw io_error("read", path);
  return std::move(content).str();
}

std::string read_file_end(const std::filesystem::path& path, std::size_t most_bytes) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return "";
  const auto size = static_cast<std::size_t>(std::max<std::streamoff>(file.tellg(), 0));
  std::string text(std::min(size, most_bytes), '\0');
  file.seekg(static_cast<std::streamoff>(size - text.size()));
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

DeferredSync::DeferredSync() { ++deferred_syncs; }
DeferredSync::~DeferredSync() { --deferred_syncs; }

void sync_path(const std::filesystem::path& path) {
  const FileDescriptor file(path, O_RDONLY, "open");
  if (::fsync(file.get()) != 0) throw io_error("flush", path);
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  FileTransaction file(path);
  {
    const FileDescriptor descriptor(file.staging(), O_WRONLY | O_CREAT | O_TRUNC, "create");
    write_all(descriptor.get(), content, file.staging());
  }
  file.commit();
}

FileTransaction::FileTransaction(std::filesystem::path target)
    : target_(std::move(target)), staging_(hidden_sibling(target_, "new")) {}

FileTransaction::~FileTransaction() {
  if (committed_) return;
  std::error_code ignored;
  std::filesystem::remove(staging_, ignored);
}

void FileTransaction::commit() {
  sync_unless_deferred(staging_);
  std::error_code failure;
  std::filesystem::rename(staging_, target_, failure);
  if (failure) {
    throw external_error(ErrorCode::kIo, fmt::format("can't move the finished file to {}: {}",
                                                     target_.string(), failure.message()));
  }
  committed_ = true;
  sync_unless_deferred(parent_of(target_));
}

FolderTransaction::FolderTransaction(std::filesystem::path target, bool replace)
    : target_(std::move(target)), replace_(replace) {
  if (!target_.has_filename()) target_ = target_.parent_path();
  if (!replace_ && std::filesystem::exists(target_)) {
    throw user_error(ErrorCode::kAlreadyExists, fmt::format("folder exists already: {}", target_.string()));
  }
  remove_stale_staging(target_);
  staging_ = hidden_sibling(target_, "new");
  std::error_code failure;
  std::filesystem::remove_all(staging_, failure);
  std::filesystem::create_directories(staging_, failure);
  if (failure) {
    throw external_error(ErrorCode::kIo,
                         fmt::format("can't create {}: {}", staging_.string(), failure.message()));
  }
}

FolderTransaction::~FolderTransaction() {
  if (committed_) return;
  std::error_code ignored;
  std::filesystem::remove_all(staging_, ignored);
}

void FolderTransaction::commit() {
  if (deferred_syncs == 0) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(staging_)) sync_path(entry.path());
    sync_path(staging_);
  }
  const bool exchange = replace_ && std::filesystem::exists(target_);
  if (!move_into_place(staging_, target_, exchange)) {
    throw external_error(ErrorCode::kIo, fmt::format("can't move the finished folder to {}: {}",
                                                     target_.string(), std::strerror(errno)));
  }
  committed_ = true;
  sync_unless_deferred(parent_of(target_));
  std::error_code ignored;
  std::filesystem::remove_all(staging_, ignored);  // after an exchange this is the earlier folder
}

}  // namespace orrery
