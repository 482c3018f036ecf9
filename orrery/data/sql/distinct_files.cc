#include "orrery/data/sql/distinct_files.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "orrery/data/lake/column_statistics.h"
#include "orrery/data/lake/data_file.h"
#include "orrery/data/lake/lake_table.h"

namespace orrery {
namespace {

struct FileRange {
  const AddedFile* file = nullptr;
  std::int64_t smallest = 0;
  std::int64_t largest = 0;
};

/// Whether ranges of a column tell files apart: its values in memory are whole numbers, in the log exact.
bool is_exact(DeltaType type) {
  return type == DeltaType::kTimestamp || type == DeltaType::kDate || type == DeltaType::kLong ||
         type == DeltaType::kInteger;
}

std::optional<FileRange> range_of(const AddedFile& file, const FileStatistics& statistics,
                                  const std::string& column) {
  const auto range = statistics.ranges.find(column);
  const auto nulls = statistics.null_counts.find(column);
  if (range == statistics.ranges.end() || nulls == statistics.null_counts.end() || nulls->second != 0) {
    return std::nullopt;
  }
  return FileRange{&file, std::get<std::int64_t>(range->second.smallest),
                   std::get<std::int64_t>(range->second.largest)};
}

/// Returns the range of every file in one column, by where it begins; nothing when one is unknown.
std::optional<std::vector<FileRange>> ranges_in(const DeltaState& state, const std::string& column) {
  std::vector<FileRange> ranges;
  for (const auto& file : state.files) {
    const auto range = range_of(file, parse_statistics(file.statistics, state.metadata.schema), column);
    if (!range) return std::nullopt;
    ranges.push_back(*range);
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const auto& a, const auto& b) { return a.smallest < b.smallest; });
  return ranges;
}

FilesByVersions all_files(const DeltaState& state) {
  FilesByVersions files;
  const bool is_single = state.files.size() == 1 && state.files.front().tags.contains(kDistinctKeysTag);
  for (const auto& file : state.files) (is_single ? files.single : files.versions).push_back(&file);
  return files;
}

/// Goes through the ranges; files that meet one another stand beside each other.
FilesByVersions part(const std::vector<FileRange>& ranges) {
  FilesByVersions files;
  for (std::size_t begin = 0; begin < ranges.size();) {
    std::int64_t largest = ranges[begin].largest;
    std::size_t end = begin + 1;
    for (; end < ranges.size() && ranges[end].smallest <= largest; ++end) {
      largest = std::max(largest, ranges[end].largest);
    }
    const bool is_single = end == begin + 1 && ranges[begin].file->tags.contains(kDistinctKeysTag);
    for (; begin < end; ++begin) (is_single ? files.single : files.versions).push_back(ranges[begin].file);
  }
  return files;
}

}  // namespace

FilesByVersions files_by_versions(const DeltaState& state) {
  if (state.files.size() > 1) {
    for (const auto& name : definition_of(state.metadata).key) {
      if (!is_exact(state.metadata.schema.at(name).type)) continue;
      if (const auto ranges = ranges_in(state, name)) return part(*ranges);
    }
  }
  return all_files(state);
}

}  // namespace orrery
