#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orrery/app/stored_run.h"

namespace orrery {

/// A run in a list.
struct ListedRun {
  StoredRun run;
  std::vector<std::string> tags;  ///< in the order in which they were given
};

/// What a folder of runs holds.
struct RunIndex {
  std::vector<ListedRun> runs;          ///< the last finished first, then by folder
  std::vector<std::string> unreadable;  ///< one line a run that can't be read, with the reason
};

/// Lists the runs directly under `root`; no such folder: none.
RunIndex list_runs(const std::filesystem::path& root);

/// Adds tags to a run and returns all it has. They lie in its folder as tags.json, and end when the run is
/// replaced. Errors: kNotFound when the folder is no run; kInvalidArgument for an empty tag or one with a
/// comma.
std::vector<std::string> tag_run(const std::filesystem::path& folder, const std::vector<std::string>& tags);

/// Returns a run's tags. Errors: kDataCorrupt.
std::vector<std::string> run_tags(const std::filesystem::path& folder);

/// Deletes a run's folder with all it holds. Errors: kNotFound when it is no run; kIo.
void delete_run(const std::filesystem::path& folder);

/// The list as a JSON array.
std::string run_index_json(const RunIndex& index);

}  // namespace orrery
