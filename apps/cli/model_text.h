#pragma once

#include <string>
#include <vector>

#include "apps/cli/terminal.h"
#include "orrery/data/model_store.h"

namespace orrery::cli {

/// The registered versions, one a row.
TextTable versions_table(const std::vector<ModelVersion>& versions);
std::string versions_json(const std::vector<ModelVersion>& versions);

/// A version with where it comes from, its files and its history.
std::string version_text(const ModelStore& registry, const ModelVersion& version, std::size_t width);
std::string version_json(const ModelStore& registry, const ModelVersion& version);

/// Changes of stages, one a line.
std::string changes_text(const std::vector<StageChange>& changes);
std::string changes_json(const std::vector<StageChange>& changes);

}  // namespace orrery::cli
