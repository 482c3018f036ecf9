#include "orrery/data/lake/lake_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/data/lake/delta_log.h"
#include "orrery/data/lake/file_damage.h"
#include "orrery/data/lake/lake.h"
#include "orrery/data/lake/lake_stores.h"

namespace orrery {
namespace {

/// Files of a version go while they are copied only when a vacuum runs at that time; the next version is then
/// there.
constexpr int kMostCopyAttempts = 3;

class TableCopier {
 public:
  TableCopier(LakeFiles& from, LakeFiles& to, const std::string& table, const TableCopyOptions& options,
              Progress& progress)
      : from_(from),
        to_(to),
        folder_(table),
        options_(options),
        progress_(progress),
        log_(from, table),
        copied_log_(to, table) {
    result_.table = table;
  }

  TableCopy run() {
    const auto there = copied_log_.latest();
    if (there) result_.earlier_version = result_.version = there->version;
    for (int attempt = 0; attempt < kMostCopyAttempts; ++attempt) {
      const auto state = options_.at ? log_.at_time(*options_.at) : log_.latest();
      if (there) require_same_history(*state, *there);
      if (!copy_files(*state)) continue;
      if (result_.damaged.empty() && state->version > result_.version) copy_log(*state);
      return std::move(result_);
    }
    throw external_error(
        ErrorCode::kUnavailable,
        fmt::format("{}: files were removed while they were copied; wait until the compaction "
                    "has ended and repeat",
                    from_.location(folder_)));
  }

 private:
  void require_same_history(const DeltaState& state, const DeltaState& there) {
    const auto refuse = [this](const std::string& reason) {
      return user_error(ErrorCode::kInvalidArgument,
                        fmt::format("{} can't be brought forward to {}: {}; copy to another folder",
                                    to_.location(folder_), from_.location(folder_), reason));
    };
    if (state.metadata.id != there.metadata.id) throw refuse("it is another table of the same name");
    const bool only_mends = options_.mends && !options_.at;
    if (there.version > state.version && !only_mends)
      throw refuse(fmt::format("it is at version {}, the other at {}", there.version, state.version));
    const auto shared = std::min(there.version, state.version);
    const auto commit = log_.commit_path(shared);
    const auto ours = to_.read(commit);
    const auto theirs = from_.read(commit);
    if (ours && theirs && *ours != *theirs)
      throw refuse(fmt::format("version {} is not the same in both", shared));
  }

  /// Copies the version's data files, and those of earlier versions that are still there. Returns false when
  /// one of the version's was gone.
  bool copy_files(const DeltaState& state) {
    progress_.begin("copying " + result_.table, state.files.size() + state.removed.size());
    for (const auto& file : state.files) {
      if (!copy_file(file)) return false;
      progress_.advance();
    }
    for (const auto& file : state.removed) {
      copy_earlier(file.path);
      progress_.advance();
    }
    progress_.end();
    return true;
  }

  std::string path_of(const std::string& file) const { return folder_ + "/" + file; }

  bool copy_file(const AddedFile& file) {
    const auto path = path_of(file.path);
    if (is_there(path, file)) return true;
    const auto content = from_.read(path);
    if (!content) return is_lost(file.path);
    const auto damage = damage_of(*content, file);
    if (damage.empty()) {
      write(path, *content);
    } else {
      result_.damaged.push_back({from_.location(path), damage});
    }
    return true;
  }

  /// A file that the latest version still has is no file that a vacuum took: it is lost.
  bool is_lost(const std::string& file) {
    const auto latest = log_.latest();
    const bool belongs = std::any_of(latest->files.begin(), latest->files.end(),
                                     [&](const AddedFile& each) { return each.path == file; });
    if (belongs) result_.damaged.push_back({from_.location(path_of(file)), "it is missing"});
    return belongs;
  }

  /// Earlier versions of the copy are as readable as they are here.
  void copy_earlier(const std::string& file) {
    const auto path = path_of(file);
    if (to_.open(path) != nullptr) {
      ++result_.files_there;
    } else if (const auto content = from_.read(path)) {
      write(path, *content);
    }
  }

  bool is_there(const std::string& path, const AddedFile& file) {
    const auto open = to_.open(path);
    if (!open) return false;
    const bool is_whole = options_.mends ? damage_of(*open, file).empty()
                                         : open->size() == static_cast<std::uint64_t>(file.size);
    if (is_whole) ++result_.files_there;
    return is_whole;
  }

  void write(const std::string& path, const std::string& content) {
    to_.write(path, content);
    ++result_.files_copied;
    result_.bytes_copied += static_cast<std::int64_t>(content.size());
  }

  /// The checkpoint goes first: from it on the copy has the version, whose files are all there, while of the
  /// versions before it some files may have been removed long ago.
  void copy_log(const DeltaState& state) {
    result_.version = state.version;
    copied_log_.write_checkpoint(state);
    for (const auto& path : log_.commit_paths(state.version)) {
      if (const auto content = from_.read(path)) to_.put_if_absent(path, *content);
    }
  }

  LakeFiles& from_;
  LakeFiles& to_;
  std::string folder_;
  TableCopyOptions options_;
  Progress& progress_;
  DeltaLog log_;
  DeltaLog copied_log_;
  TableCopy result_;
};

}  // namespace

TableCopy copy_table(LakeFiles& from, LakeFiles& to, const std::string& table,
                     const TableCopyOptions& options, Progress& progress) {
  return TableCopier(from, to, table, options, progress).run();
}

std::vector<TableCopy> copy_lake(const std::filesystem::path& from, const std::filesystem::path& to,
                                 std::vector<std::string> tables, const TableCopyOptions& options,
                                 Progress& progress) {
  Lake lake(from);
  for (const auto& table : tables) lake.open(table);
  if (tables.empty()) tables = lake.tables();
  if (tables.empty())
    throw user_error(ErrorCode::kNotFound, fmt::format("{} is no lake: it has no tables", from.string()));
  const auto source = lake_files(from);
  const auto target = lake_files(to);
  std::vector<TableCopy> copies;
  for (const auto& table : tables) {
    if (options.at && !lake.open(table).log().version_at(*options.at)) continue;
    copies.push_back(copy_table(*source, *target, table, options, progress));
  }
  if (copies.empty())
    throw user_error(ErrorCode::kNotFound,
                     fmt::format("nothing of {} was committed by {}", from.string(), to_string(*options.at)));
  return copies;
}

}  // namespace orrery
