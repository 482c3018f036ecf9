#pragma once

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "orrery/base/disk.h"
#include "orrery/base/random.h"

namespace orrery::testing {

/// The power fails. Not an Error, so that nothing on the way takes it for one.
struct PowerFailure : std::runtime_error {
  PowerFailure() : std::runtime_error("the power fails") {}
};

/// A disk in memory that loses power after a chosen number of steps. What was flushed is there afterwards; of
/// what was not, each name may be there or not, of what was appended any beginning, or nothing, or noise, and
/// of what was overwritten some sectors and not others. Not thread-safe.
class CrashingDisk : public Disk {
 public:
  explicit CrashingDisk(std::uint64_t seed) : random_(seed) {}

  /// From now on the step after `steps` more fails, half done, and every one after it.
  void fail_after(std::size_t steps) { steps_left_ = steps; }

  /// Steps that changed something, so far.
  std::size_t steps() const { return steps_; }

  /// The machine starts again: what was not flushed is lost in part.
  void restart() {
    steps_left_.reset();
    lose_names();
    lose_contents();
  }

  void write(const std::filesystem::path& path, std::string_view content) override {
    change([&] {
      auto node = std::make_shared<Node>();
      node->content = content;
      names_[key(path)] = node;
    });
  }
  void sync(const std::filesystem::path& path) override {
    change([&] { flush(key(path)); });
  }
  bool link(const std::filesystem::path& from, const std::filesystem::path& to) override {
    if (names_.contains(key(to))) return false;
    change([&] { names_[key(to)] = names_.at(key(from)); });
    return true;
  }
  void rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    change([&] {
      names_[key(to)] = names_.at(key(from));
      names_.erase(key(from));
    });
  }
  void remove(const std::filesystem::path& path) override {
    change([&] { names_.erase(key(path)); });
  }
  bool make_folder(const std::filesystem::path& path) override {
    if (names_.contains(key(path)) || path == path.root_path()) return false;
    change([&] {
      names_[key(path)] = std::make_shared<Node>();
      names_[key(path)]->is_folder = true;
    });
    return true;
  }
  std::vector<DiskEntry> list(const std::filesystem::path& folder) override {
    std::vector<DiskEntry> entries;
    for (const auto& [path, node] : names_) {
      if (path != "/" && std::filesystem::path(path).parent_path() == key(folder)) {
        entries.push_back(
            {std::filesystem::path(path).filename().string(), node->is_folder, node->content.size(), {}});
      }
    }
    return entries;
  }
  std::unique_ptr<OpenFile> open(const std::filesystem::path& path) override {
    const auto found = names_.find(key(path));
    if (found == names_.end()) return nullptr;
    return std::make_unique<Content>(found->second->content);
  }
  std::unique_ptr<AppendFile> append_to(const std::filesystem::path& path, std::uint64_t keep) override {
    resize(path, std::min<std::uint64_t>(keep, content(path).size()));
    return std::make_unique<Tail>(*this, path);
  }

  /// For files that are written in place.
  bool exists(const std::filesystem::path& path) const { return names_.contains(key(path)); }
  std::string_view content(const std::filesystem::path& path) const {
    const auto found = names_.find(key(path));
    return found == names_.end() ? std::string_view() : std::string_view(found->second->content);
  }
  void overwrite(const std::filesystem::path& path, std::uint64_t offset, std::string_view bytes) {
    change([&] {
      std::string& content = node_of(path).content;
      if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size());
      std::copy(bytes.begin(), bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(offset));
    });
  }
  void resize(const std::filesystem::path& path, std::uint64_t size) {
    if (exists(path) && content(path).size() == size) return;
    change([&] { node_of(path).content.resize(size); });
  }
  /// Whether the power is off: nothing works until restart().
  bool is_off() const { return is_off_; }

 private:
  static constexpr std::size_t kSectorBytes = 512;

  struct Node {
    std::string content;
    std::string flushed;  ///< what is sure to be there
    bool is_folder = false;
  };
  using Names = std::map<std::string, std::shared_ptr<Node>>;

  class Content : public OpenFile {
   public:
    explicit Content(std::string content) : content_(std::move(content)) {}
    std::uint64_t size() const override { return content_.size(); }
    std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
      const std::size_t start = std::min<std::size_t>(offset, content_.size());
      const auto count = std::min(into.size(), content_.size() - start);
      std::memcpy(into.data(), content_.data() + start, count);
      return count;
    }

   private:
    std::string content_;
  };

  class Tail : public AppendFile {
   public:
    Tail(CrashingDisk& disk, std::filesystem::path path) : disk_(disk), path_(std::move(path)) {}
    void append(std::string_view bytes) override {
      disk_.overwrite(path_, disk_.content(path_).size(), bytes);
    }
    void sync() override {
      disk_.change([&] {
        Node& node = disk_.node_of(path_);
        node.flushed = node.content;
      });
    }

   private:
    CrashingDisk& disk_;
    std::filesystem::path path_;
  };

  Node& node_of(const std::filesystem::path& path) {
    auto& node = names_[key(path)];
    if (node == nullptr) node = std::make_shared<Node>();
    return *node;
  }

  static std::string key(const std::filesystem::path& path) { return path.lexically_normal().string(); }
  static std::string folder_of(const std::string& path) {
    return std::filesystem::path(path).parent_path().string();
  }

  /// The step at which the power fails may or may not come about.
  void change(const std::function<void()>& step) {
    if (steps_left_ && *steps_left_ == 0) {
      if (!is_off_ && random_.below(2) == 0) step();
      is_off_ = true;
      throw PowerFailure();
    }
    if (steps_left_) --*steps_left_;
    ++steps_;
    step();
  }

  /// A file: its content. A folder: the names in it.
  void flush(const std::string& path) {
    if (const auto found = names_.find(path); found != names_.end()) {
      found->second->flushed = found->second->content;
    }
    std::erase_if(flushed_names_, [&](const auto& entry) { return folder_of(entry.first) == path; });
    for (const auto& [name, node] : names_) {
      if (folder_of(name) == path) flushed_names_[name] = node;
    }
  }

  /// Each name that differs from what was flushed takes either side.
  void lose_names() {
    is_off_ = false;
    std::set<std::string> all;
    for (const auto& [path, node] : names_) all.insert(path);
    for (const auto& [path, node] : flushed_names_) all.insert(path);
    Names kept;
    for (const auto& path : all) {
      const auto& side = random_.below(2) == 0 ? names_ : flushed_names_;
      if (const auto found = side.find(path); found != side.end()) kept.insert(*found);
    }
    // Nothing is left below a folder that is not.
    std::erase_if(kept, [&kept](const auto& entry) {
      const auto folder = folder_of(entry.first);
      return folder != "/" && folder != entry.first && !kept.contains(folder);
    });
    names_ = kept;
    flushed_names_ = kept;
  }

  void lose_contents() {
    for (auto& [path, node] : names_) {
      if (node->is_folder || node->content == node->flushed) continue;
      const std::size_t sure = node->flushed.size();
      if (node->content.compare(0, sure, node->flushed) == 0 && node->content.size() > sure) {
        lose_tail(*node, sure);
      } else {
        lose_sectors(*node);
      }
      node->flushed = node->content;
    }
  }

  void lose_tail(Node& node, std::size_t sure) {
    const auto fate = random_.below(3);
    if (fate == 0) node.content.resize(sure);
    if (fate == 1) node.content.resize(sure + random_.below(node.content.size() - sure + 1));
    if (fate == 2)
      std::fill(node.content.begin() + static_cast<std::ptrdiff_t>(sure), node.content.end(), '\0');
  }

  void lose_sectors(Node& node) {
    std::string& old = node.flushed;
    if (random_.below(2) == 0) node.content.resize(old.size());
    for (std::size_t start = 0; start < node.content.size(); start += kSectorBytes) {
      if (random_.below(2) == 0 || start >= old.size()) continue;
      const std::size_t count = std::min({kSectorBytes, old.size() - start, node.content.size() - start});
      node.content.replace(start, count, old, start, count);
    }
  }

  Random random_;
  Names names_;
  Names flushed_names_;
  std::optional<std::size_t> steps_left_;
  std::size_t steps_ = 0;
  bool is_off_ = false;
};

}  // namespace orrery::testing
