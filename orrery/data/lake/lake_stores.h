#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "orrery/base/registry.h"
#include "orrery/data/lake/lake_files.h"

namespace orrery {

/// A place for lakes beside the machine's own folders.
struct LakeStore {
  std::string summary;  ///< one line
  /// Opens a place by its whole address, which need not hold anything yet. Errors: kInvalidArgument for an
  /// address or settings that can't be; kUnavailable.
  std::function<std::unique_ptr<LakeFiles>(const std::string& address)> open;
};

/// Stores by the scheme of their addresses, such as "s3" of s3://bucket/prefix.
using LakeStoreRegistry = NamedRegistry<LakeStore>;

/// The stores of this program: filled by main before anything is opened, read-only from then on. One list for
/// the process, because a lake is opened wherever a path to one is written down.
LakeStoreRegistry& lake_stores();

/// Opens the files of a lake: of a folder, or of the store whose scheme the address has.
/// Errors: kNotFound for a scheme that nobody knows; those of LakeStore::open.
std::unique_ptr<LakeFiles> lake_files(const std::filesystem::path& place);

}  // namespace orrery
