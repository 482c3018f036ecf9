#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "orrery/feature/feature_answer.h"
#include "orrery/feature/feature_time.h"
#include "orrery/feature/serving_log.h"

namespace orrery {

/// How fresh a view's values are.
struct ViewFreshness {
  std::string view;
  std::optional<Materialization> latest;  ///< nothing: never materialized
  bool other_definition = false;          ///< they were computed by another definition, and are not served
  std::optional<double> age_seconds;      ///< since the newest session was known
  std::optional<int> sessions_behind;     ///< later sessions that are known by now
  bool expired = false;                   ///< the newest session's values are older than they are good for
};

/// Serves the newest values of features and writes down what it served. Thread-safe.
class OnlineFeatures {
 public:
  /// Opens the store and the log of a file of features. Errors: those of the store.
  OnlineFeatures(FeatureDefinitions definitions, const OnlineStoreRegistry& stores);

  const FeatureDefinitions& definitions() const { return definitions_; }
  OnlineStore& store() { return *store_; }
  const ServingLog& log() const { return log_; }

  /// Errors: as find_features.
  std::vector<FeatureReference> find(const std::vector<std::string>& features,
                                     const std::vector<std::string>& views) const;
  /// Returns the newest values of the symbols at `now`, by view in the order of `wanted`; those of one view
  /// are of one materialization. A view that was materialized by another definition is never known. Errors:
  /// those of the store.
  std::vector<AnsweredView> get(const std::vector<std::string>& symbols,
                                const std::vector<FeatureReference>& wanted, Timestamp now);

  std::vector<ViewFreshness> freshness(Timestamp now);

  /// Looks for newer values and writes down what was served; called a few times a second. Errors: those of
  /// the store and the log.
  void refresh();

 private:
  void answer_view(const std::vector<std::string>& symbols, Timestamp now, AnsweredView& answer);
  void write_down(const std::vector<std::string>& symbols, Timestamp now, const AnsweredView& answer);

  FeatureDefinitions definitions_;
  std::unique_ptr<OnlineStore> store_;
  ServingLog log_;
  std::vector<FeatureTime> times_;  ///< by view
  std::unordered_map<std::string, FeatureReference> by_name_;
};

/// Where a file of features writes down what was served.
std::filesystem::path serving_log_file(const FeatureDefinitions& definitions);

/// Opens the store that a file of features names. Errors: those of the store.
std::unique_ptr<OnlineStore> open_online_store(const FeatureDefinitions& definitions,
                                               const OnlineStoreRegistry& stores);

}  // namespace orrery
