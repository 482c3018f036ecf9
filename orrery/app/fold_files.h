#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "orrery/app/study.h"
#include "orrery/ml/fold_store.h"

namespace orrery {

/// Identifies how a study trains: everything in it that a fold's model depends on besides the data, and the
/// version of Orrery. Studies that differ in costs, portfolio, names or paths have the same key.
std::string training_key(const Study& study);

/// Which fold it is, by calendar days after purging; an empty validation ends before it begins.
FoldDates fold_dates(const Fold& used, const std::vector<Date>& dates);

/// A fitted fold to be written.
struct FoldFiles {
  const Model& model;
  const FittedFeatures& steps;
  const std::optional<FeatureSelection>& selection;
  const FitReport& fit;
  std::size_t train_samples = 0;
  std::size_t valid_samples = 0;
  FoldDates dates;
  std::string key;  ///< training_key
};

/// Writes model.orrery, preprocess.json, selection.json (where features were selected) and fold.json into an
/// existing folder; the same fold gives the same bytes. Errors: kIo.
void write_fold_files(const std::filesystem::path& folder, const FoldFiles& fold);

/// A fold as it was written.
struct FoldOnDisk {
  FittedFold fitted;
  FoldDates dates;
  std::string key;
};

/// What fold.json says, without the model. Errors: as read_fold_files.
FoldOnDisk read_fold_summary(const std::filesystem::path& folder);

/// Reads what write_fold_files wrote. Errors: kNotFound; kDataCorrupt.
FoldOnDisk read_fold_files(const std::filesystem::path& folder, const ModelEntry& model);

}  // namespace orrery
