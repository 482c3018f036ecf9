#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/parameters.h"

namespace orrery {

/// A fitted model on disk: which model, how it was set up, which features it expects, and its own content.
///
/// The file `model.orrery` holds a line `orrery-model 1 FINGERPRINT`, a line of JSON (model, parameters,
/// features), and the content byte for byte. The fingerprint covers everything behind the first line, so that
/// a damaged or shortened file is never used.
struct ModelFile {
  std::string model;  ///< registered name
  ParameterMap parameters;
  std::vector<std::string> features;
  std::string content;  ///< in the model's own format
};

/// Writes `folder/model.orrery` whole or not at all. The same model gives the same bytes. Errors: kIo.
void write_model_file(const std::filesystem::path& folder, const ModelFile& file);

/// Reads `folder/model.orrery`. Errors: kNotFound; kDataCorrupt, naming the file and what is wrong with it:
/// not a model file, another version, damaged or cut short, or of another model than `expected_model`.
ModelFile read_model_file(const std::filesystem::path& folder, std::string_view expected_model);

}  // namespace orrery
