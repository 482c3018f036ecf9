#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orrery/data/model_version.h"

namespace orrery {

/// Files that belong together, in a folder that is named by their bytes: the same files are kept once, and a
/// folder that is there is whole.
struct KeptFolder {
  std::string content;  ///< the folder's name: a fingerprint of all paths and bytes
  std::vector<KeptFile> files;
};

/// Copies files of `source` (paths within it) into `root`/CONTENT, which appears whole or not at all. A
/// folder that is there already is left, or replaced where a file in it is damaged. Errors: kNotFound, kIo.
KeptFolder keep_files(const std::filesystem::path& root, const std::filesystem::path& source,
                      const std::vector<std::string>& paths);

/// Returns one sentence for each file that is missing or not as it was kept, with its path.
std::vector<std::string> damaged_files(const std::filesystem::path& folder,
                                       const std::vector<KeptFile>& files);

}  // namespace orrery
