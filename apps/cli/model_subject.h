#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "orrery/app/stored_run.h"
#include "orrery/data/model_version.h"

namespace orrery::cli {

/// A model that a command is asked about: a registered version, or that of a run that is not registered.
struct ModelSubject {
  std::filesystem::path folder;
  std::string title;  ///< NAME@VERSION, or the run's folder
  std::optional<ModelVersion> version;
};

/// Finds it by NAME, NAME@VERSION, a run's folder, or nothing, which is the only model that is live. A
/// registered name comes before a run of the same name under out/; a path is always a run's folder, and needs
/// no registry. Errors: kNotFound; kDataCorrupt for a version with a damaged file.
ModelSubject find_model(const std::string& text);

/// What is said above all that the model tells of `data`, "" for the prices of its run: that one of them was
/// simulated; a model of a simulated market stays one.
std::string banner_of(const StoredRun& run, const std::string& data);

}  // namespace orrery::cli
