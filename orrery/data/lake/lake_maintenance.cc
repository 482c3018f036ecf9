#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/timestamp.h"
#include "orrery/data/lake/column_statistics.h"
#include "orrery/data/lake/data_file.h"
#include "orrery/data/lake/file_damage.h"
#include "orrery/data/lake/lake_table.h"
#include "orrery/data/lake/scan_plan.h"
#include "orrery/data/lake/table_rows.h"

namespace orrery {
namespace {

/// Files that lie in one folder and may be joined.
using FilesByPartition = std::map<std::map<std::string, std::optional<std::string>>, std::vector<AddedFile>>;

FilesByPartition small_files(const DeltaState& state, std::int64_t small_file_rows) {
  FilesByPartition parts;
  for (const auto& file : state.files) {
    const auto rows = parse_statistics(file.statistics, state.metadata.schema).rows;
    if (!rows || *rows < small_file_rows) parts[file.partition_values].push_back(file);
  }
  std::erase_if(parts, [](const auto& part) { return part.second.size() < 2; });
  return parts;
}

/// Another writer's file has no checksum of ours; its pages have their own, perhaps.
std::string unreadable(LakeFiles& files, const std::string& folder, const AddedFile& added,
                       const DeltaMetadata& metadata) {
  try {
    DataFile file(files, folder, added, metadata);
    for (int group = 0; group < file.groups(); ++group) file.read({group}, metadata.schema.fields);
    return "";
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDataCorrupt) throw;
    return error.what();
  }
}

bool is_log(const std::string& path, const std::string& folder) {
  return path.starts_with((folder.empty() ? "" : folder + "/") + "_delta_log/");
}

bool is_staging(const std::string& path) {
  return path.ends_with(".tmp") && path.substr(path.rfind('/') + 1).starts_with('.');
}

}  // namespace

Compaction LakeTable::compact() {
  const auto now = state();
  Compaction result;
  DeltaActions actions;
  actions.info = CommitInfo{0, "OPTIMIZE", {}};
  const std::int64_t time_ms = options_.log.clock().nanoseconds / kNanosecondsPerMillisecond;
  for (auto& [partition, joined] : small_files(*now, options_.small_file_rows)) {
    auto part = std::make_shared<DeltaState>();
    part->metadata = now->metadata;
    part->files = joined;
    ScanRequest request{.rows_per_block = options_.rows_per_file};
    const auto scan = sorted_scan(std::move(part), request);
    while (auto block = scan->next()) {
      result.rows += static_cast<std::int64_t>(block->rows());
      for (auto& file : write_files(std::move(*block), now->metadata, false))
        actions.added.push_back(std::move(file));
    }
    for (const auto& file : joined) actions.removed.push_back({file.path, time_ms, false});
  }
  result.files_before = actions.removed.size();
  result.files_after = actions.added.size();
  if (!actions.removed.empty()) log_.commit(std::move(actions), {now->version, now->metadata});
  return result;
}

std::size_t LakeTable::vacuum(Timestamp before) {
  const auto now = state();
  std::set<std::string> kept;
  const auto path_of = [this](const std::string& path) {
    return folder_.empty() ? path : folder_ + "/" + path;
  };
  for (const auto& file : now->files) kept.insert(path_of(file.path));
  for (const auto& file : now->removed) {
    if (file.deleted_ms > before.nanoseconds / kNanosecondsPerMillisecond) kept.insert(path_of(file.path));
  }
  std::size_t count = 0;
  for (const auto& file : files_.list(folder_)) {
    const bool is_ours =
        is_staging(file.path) || (!is_log(file.path, folder_) && file.path.ends_with(".parquet"));
    if (!is_ours || kept.contains(file.path) || file.modified > before) continue;
    files_.remove(file.path);
    ++count;
  }
  return count + log_.remove_before(before);
}

std::vector<DamagedFile> LakeTable::verify() {
  const auto now = state();
  std::vector<DamagedFile> damaged;
  for (const auto& file : now->files) {
    const auto path = folder_.empty() ? file.path : folder_ + "/" + file.path;
    const auto open = files_.open(path);
    auto reason = open ? damage_of(*open, file) : "it is missing";
    const bool is_foreign = !file.tags.contains(kFingerprintTag);
    if (reason.empty() && is_foreign) reason = unreadable(files_, folder_, file, now->metadata);
    if (!reason.empty()) damaged.push_back({files_.location(path), reason});
  }
  return damaged;
}

}  // namespace orrery
