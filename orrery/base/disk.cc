#include "orrery/base/disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/io_error.h"

namespace orrery {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

class LocalFile : public OpenFile {
 public:
  LocalFile(int descriptor, std::filesystem::path path) : descriptor_(descriptor), path_(std::move(path)) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) throw io_error("read", path_);
    size_ = static_cast<std::uint64_t>(status.st_size);
  }

  std::uint64_t size() const override { return size_; }

  std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
    std::size_t done = 0;
    while (done < into.size()) {
      const auto got = ::pread(descriptor_.get(), into.data() + done, into.size() - done,
                               static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw io_error("read", path_);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

 private:
  Descriptor descriptor_;
  std::filesystem::path path_;
  std::uint64_t size_ = 0;
};

void write_all(const Descriptor& file, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw io_error("write", path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

class LocalAppendFile : public AppendFile {
 public:
  LocalAppendFile(const std::filesystem::path& path, std::uint64_t keep)
      : descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)), path_(path) {
    if (!descriptor_.is_open()) throw io_error("create", path_);
    struct stat status {};
    if (::fstat(descriptor_.get(), &status) != 0) throw io_error("read", path_);
    const bool is_longer = static_cast<std::uint64_t>(status.st_size) > keep;
    if (is_longer && ::ftruncate(descriptor_.get(), static_cast<off_t>(keep)) != 0)
      throw io_error("write", path_);
  }

  void append(std::string_view bytes) override { write_all(descriptor_, bytes, path_); }

  void sync() override {
    if (::fdatasync(descriptor_.get()) != 0) throw io_error("write", path_);
  }

 private:
  Descriptor descriptor_;
  std::filesystem::path path_;
};

DiskEntry entry_of(const std::filesystem::path& path) {
  struct stat status {};
  DiskEntry entry;
  entry.name = path.filename().string();
  if (::stat(path.c_str(), &status) != 0) return entry;  // removed meanwhile
  entry.is_folder = S_ISDIR(status.st_mode);
  entry.size = entry.is_folder ? 0 : static_cast<std::uint64_t>(status.st_size);
  entry.modified = {status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
  return entry;
}

class LocalDisk : public Disk {
 public:
  void write(const std::filesystem::path& path, std::string_view content) override {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file.is_open()) throw io_error("create", path);
    write_all(file, content, path);
  }

  void sync(const std::filesystem::path& path) override { sync_path(path); }

  bool link(const std::filesystem::path& from, const std::filesystem::path& to) override {
    if (::link(from.c_str(), to.c_str()) == 0) return true;
    if (errno == EEXIST) return false;
    throw io_error("create", to);
  }

  void rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) throw io_error("create", to);
  }

  void remove(const std::filesystem::path& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw io_error("remove", path);
  }

  bool make_folder(const std::filesystem::path& path) override {
    if (::mkdir(path.c_str(), 0755) == 0) return true;
    if (errno == EEXIST) return false;
    throw io_error("create", path);
  }

  std::vector<DiskEntry> list(const std::filesystem::path& folder) override {
    std::vector<DiskEntry> entries;
    std::error_code failure;
    for (std::filesystem::directory_iterator entry(folder, failure), end; !failure && entry != end;
         entry.increment(failure)) {
      entries.push_back(entry_of(*entry));
    }
    if (failure && failure != std::errc::no_such_file_or_directory) {
      throw external_error(ErrorCode::kIo,
                           fmt::format("can't list {}: {}", folder.string(), failure.message()));
    }
    return entries;
  }

  std::unique_ptr<OpenFile> open(const std::filesystem::path& path) override {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor >= 0) return std::make_unique<LocalFile>(descriptor, path);
    if (errno == ENOENT || errno == ENOTDIR) return nullptr;
    throw io_error("open", path);
  }

  std::unique_ptr<AppendFile> append_to(const std::filesystem::path& path, std::uint64_t keep) override {
    return std::make_unique<LocalAppendFile>(path, keep);
  }
};

}  // namespace

Disk& local_disk() {
  static LocalDisk disk;
  return disk;
}

}  // namespace orrery
