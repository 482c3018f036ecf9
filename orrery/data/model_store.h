#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orrery/data/model_version.h"

namespace orrery {

/// A model that is to be registered.
struct NewModelVersion {
  std::string name;
  ModelLineage lineage;
  std::filesystem::path source;    ///< a folder, from which the files are copied
  std::vector<std::string> files;  ///< paths within it
};

/// The models there are, version by version, with their files, their stages and where they come from; on
/// disk, as `registry.sqlite` and a folder `files`. At most one version of a name is live. Every change of a
/// stage stands in a history that only grows. Several processes may work on it at once; what was written
/// survives a kill at any moment. One object serves one thread.
class ModelStore {
 public:
  /// Opens the registry in a folder, and makes it when it is not there. Errors: kIo; kDataCorrupt when its
  /// file is no registry; kInvalidArgument when a later version of Orrery made it.
  explicit ModelStore(std::filesystem::path folder);
  ~ModelStore();
  ModelStore(const ModelStore&) = delete;
  ModelStore& operator=(const ModelStore&) = delete;

  /// Copies the files and registers them as the next version of the name, a candidate. Errors:
  /// kInvalidArgument for the name; kAlreadyExists when the name has this run already; kNotFound, kIo.
  ModelVersion add(const NewModelVersion& model, const std::string& reason);

  /// All versions by name, then version.
  std::vector<ModelVersion> versions() const;
  /// Those of a name. Errors: kNotFound, with the nearest name.
  std::vector<ModelVersion> versions(const std::string& name) const;
  /// The named version, or else the live one. Errors: kNotFound, with what there is.
  ModelVersion find(const ModelReference& reference) const;

  /// Makes a version live; the one that was live is retired. Errors: kNotFound; kAlreadyExists when it is
  /// live; kDataCorrupt when a file of it is damaged. All changes return what entered the history.
  std::vector<StageChange> promote(const ModelReference& reference, const std::string& reason);
  /// Retires the live version and makes the one live again that was before it; called again, it goes one
  /// further back. Where nothing is live, what was live before the last one comes back. Errors: kNotFound
  /// when there is none; kDataCorrupt when a file of it is damaged.
  std::vector<StageChange> rollback(const std::string& name, const std::string& reason);
  /// Retires the named version, or else the live one. Errors: kNotFound; kAlreadyExists when it is retired.
  std::vector<StageChange> retire(const ModelReference& reference, const std::string& reason);
  /// Makes the live version a candidate again. Errors: kNotFound; kInvalidArgument when it is not live.
  std::vector<StageChange> demote(const ModelReference& reference, const std::string& reason);

  /// The history of a name, or of all where it is empty, in order.
  std::vector<StageChange> history(const std::string& name = "") const;

  /// Where a version's files lie.
  std::filesystem::path folder_of(const ModelVersion& version) const;
  /// One sentence for each file of it that is missing or not as it was kept.
  std::vector<std::string> damage(const ModelVersion& version) const;
  /// Errors: kDataCorrupt, naming the first damaged file.
  void check_files(const ModelVersion& version) const;

 private:
  struct Database;
  std::unique_ptr<Database> database_;
  std::filesystem::path folder_;
};

/// Returns `models` in the home folder. Errors: as home_folder.
std::filesystem::path default_model_store();

}  // namespace orrery
