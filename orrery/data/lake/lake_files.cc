#include "orrery/data/lake/lake_files.h"

#include <fmt/format.h>

#include <mutex>
#include <set>

#include "orrery/base/unique_id.h"

namespace orrery {
namespace {

class FolderFiles : public LakeFiles {
 public:
  FolderFiles(std::filesystem::path root, Disk& disk) : root_(std::move(root)), disk_(disk) {}

  std::string location(const std::string& path) const override {
    return (path.empty() ? root_ : root_ / path).string();
  }

  std::vector<StoredFile> list(const std::string& folder) override {
    std::vector<StoredFile> files;
    list_below(folder, files);
    return files;
  }

  std::vector<std::string> folders(const std::string& folder) override {
    std::vector<std::string> names;
    for (const auto& entry : disk_.list(root_ / folder)) {
      if (entry.is_folder) names.push_back(entry.name);
    }
    return names;
  }

  std::unique_ptr<OpenFile> open(const std::string& path) override { return disk_.open(root_ / path); }

  void write(const std::string& path, std::string_view content) override {
    const auto target = root_ / path;
    const auto staged = stage(target, content);
    disk_.rename(staged, target);
    disk_.sync(target.parent_path());
  }

  bool put_if_absent(const std::string& path, std::string_view content) override {
    const auto target = root_ / path;
    const auto staged = stage(target, content);
    const bool is_ours = disk_.link(staged, target);
    if (is_ours) disk_.sync(target.parent_path());
    disk_.remove(staged);
    return is_ours;
  }

  void remove(const std::string& path) override { disk_.remove(root_ / path); }

 private:
  void list_below(const std::string& folder, std::vector<StoredFile>& files) {
    for (const auto& entry : disk_.list(root_ / folder)) {
      const auto path = folder.empty() ? entry.name : folder + "/" + entry.name;
      if (entry.is_folder) {
        list_below(path, files);
      } else {
        files.push_back({path, entry.size, entry.modified});
      }
    }
  }

  /// Writes and flushes a hidden sibling of the target.
  std::filesystem::path stage(const std::filesystem::path& target, std::string_view content) {
    make_folders(target.parent_path());
    auto staged = target.parent_path() / fmt::format(".{}.{}.tmp", target.filename().string(), unique_id());
    disk_.write(staged, content);
    disk_.sync(staged);
    return staged;
  }

  /// Makes the folders that are missing, and flushes each into the one above it. A folder of ours that is
  /// there is flushed once all the same: the writer that made it may not have come to that yet.
  void make_folders(const std::filesystem::path& folder) {
    if (folder.empty() || is_flushed(folder)) return;
    const auto parent = folder.parent_path();
    if (parent != folder) make_folders(parent);
    const bool is_new = disk_.make_folder(folder);
    if (is_new || folder.string().starts_with(root_.string())) {
      disk_.sync(parent.empty() ? std::filesystem::path(".") : parent);
    }
    const std::lock_guard lock(mutex_);
    flushed_.insert(folder.string());
  }

  bool is_flushed(const std::filesystem::path& folder) const {
    const std::lock_guard lock(mutex_);
    return flushed_.contains(folder.string());
  }

  std::filesystem::path root_;
  Disk& disk_;
  mutable std::mutex mutex_;
  std::set<std::string> flushed_;  ///< folders
};

}  // namespace

std::optional<std::string> LakeFiles::read(const std::string& path) {
  const auto file = open(path);
  if (!file) return std::nullopt;
  std::string content(file->size(), '\0');
  content.resize(file->read_at(0, content));
  return content;
}

std::unique_ptr<LakeFiles> folder_files(std::filesystem::path root, Disk& disk) {
  return std::make_unique<FolderFiles>(std::move(root), disk);
}

}  // namespace orrery
