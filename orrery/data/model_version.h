#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"

namespace orrery {

/// What a registered model is used for.
enum class ModelStage {
  kCandidate,  ///< waits for a person to say yes
  kLive,       ///< the one that is used; at most one version of a name
  kRetired,    ///< used no more; its files stay, so that it can come back
};

/// Returns "candidate", "live" or "retired".
std::string_view to_string(ModelStage stage);

/// Days, both inclusive.
struct DateSpan {
  Date first;
  Date last;
};

/// Where a model comes from: enough to make it again, and to see whether another is the same.
struct ModelLineage {
  std::string run;         ///< fingerprint of the run's manifest without its runtime block
  std::string run_folder;  ///< where the run lay, as an absolute path
  std::string finished;    ///< when the run ended, UTC; "" where it was not kept
  std::string study_name;
  std::string study_fingerprint;  ///< of `study_yaml`
  std::string study_yaml;         ///< as it was run, overrides included
  std::string data_fingerprint;
  std::string code;   ///< version of Orrery that trained it
  std::string model;  ///< the model and its library, as the model tells
  DateSpan train;     ///< of the last fold, purged
  std::optional<DateSpan> valid;
  std::optional<DateSpan> test;           ///< of the last fold
  DateSpan tested;                        ///< of all folds
  std::map<std::string, double> metrics;  ///< of the run, by the names of docs/metrics.md
};

/// A file that a version keeps.
struct KeptFile {
  std::string path;  ///< within the version's folder, with slashes
  std::int64_t bytes = 0;
  std::string fingerprint;
};

/// One registered model.
struct ModelVersion {
  std::string name;
  std::int64_t version = 0;  ///< from 1
  ModelStage stage = ModelStage::kCandidate;
  std::string registered;  ///< UTC
  std::string content;     ///< fingerprint of all its files
  ModelLineage lineage;
  std::vector<KeptFile> files;

  /// NAME@VERSION.
  std::string reference() const;
};

/// An entry of the history, which only grows.
struct StageChange {
  std::string at;  ///< UTC
  std::string name;
  std::int64_t version = 0;
  std::string action;  ///< add, promote, replace, rollback, retire, demote
  std::optional<ModelStage> from;
  ModelStage to = ModelStage::kCandidate;
  std::string reason;
};

/// A name, and which version of it where one was named.
struct ModelReference {
  std::string name;
  std::optional<std::int64_t> version;
};

/// Reads NAME or NAME@VERSION. Errors: kInvalidArgument with what a name may hold.
ModelReference parse_model_reference(std::string_view text);

/// Errors: kInvalidArgument unless it is letters, digits, '.', '_', '-', the first a letter or digit.
void check_model_name(std::string_view name);

}  // namespace orrery
