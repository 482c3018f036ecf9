#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "orrery/app/plugins.h"
#include "orrery/app/run_recommendations.h"
#include "orrery/app/stored_run.h"
#include "orrery/base/wait_clock.h"

namespace orrery::server {

/// A run as it was found; never changes. Another run in its place is another object.
class CatalogueRun {
 public:
  CatalogueRun(StoredRun stored, std::vector<std::string> tags, const Plugins& plugins);

  const std::string& name() const { return name_; }  ///< of its folder
  const StoredRun& stored() const { return stored_; }
  const std::vector<std::string>& tags() const { return tags_; }
  /// Its recommendations, read when they are first asked for. Errors: as RunRecommendations.
  const RunRecommendations& recommendations() const;

 private:
  std::string name_;
  StoredRun stored_;
  std::vector<std::string> tags_;
  const Plugins& plugins_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<const RunRecommendations> recommendations_;
};

/// The runs directly under a folder. Looks at most once a second whether there are new ones. Thread-safe.
class RunCatalogue {
 public:
  RunCatalogue(std::filesystem::path folder, const Plugins& plugins, WaitClock& clock);

  /// The last finished first.
  std::vector<std::shared_ptr<const CatalogueRun>> runs();
  /// The run of a name; "": the one that is recommended from (see `preferred`). Errors: kNotFound, with the
  /// runs there are.
  std::shared_ptr<const CatalogueRun> find(const std::string& name);
  /// The run that recommendations come from: one tagged "live", else the last finished; null without any.
  std::shared_ptr<const CatalogueRun> preferred();
  /// A line for each folder that looks like a run and can't be read.
  std::vector<std::string> unreadable();
  /// A number that is another one after every change.
  std::uint64_t generation();
  const std::filesystem::path& folder() const { return folder_; }
  /// Looks at once.
  void rescan();

 private:
  struct Entry {
    std::string stamp;  ///< what its files look like from outside
    std::shared_ptr<const CatalogueRun> run;
    std::string fault;
  };

  void look();
  void look_again();

  std::filesystem::path folder_;
  const Plugins& plugins_;
  WaitClock& clock_;
  std::atomic<double> looked_{-1.0};
  std::atomic<std::uint64_t> generation_{1};
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace orrery::server
