#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/parameters.h"
#include "orrery/base/timestamp.h"
#include "orrery/data/lake/lake_view.h"
#include "orrery/data/prices.h"
#include "orrery/factor/compute.h"
#include "orrery/feature/online_store.h"

namespace orrery {

/// How long a value is good for: sessions of the view's calendar, or a length of time; one of the two.
struct TimeToLive {
  int sessions = 0;
  std::int64_t nanoseconds = 0;

  bool operator==(const TimeToLive&) const = default;
};

/// Where the bars of a view come from.
struct FeatureData {
  PriceSource prices;
  std::optional<LakeView> lake;  ///< instead of a file
  /// After the end of a session, until its bar is here: nothing of it is known before.
  std::int64_t delay_nanoseconds = 0;
};

/// Features that are computed, kept and aged together.
struct ViewDefinition {
  std::string name;
  std::string description;
  FeatureData data;
  std::vector<FactorDefinition> features;
  Precision precision = Precision::kFloat32;
  std::optional<TimeToLive> ttl;  ///< absent: values never expire
  /// Of all that decides a value but the data: expressions, precision, calendar, adjustment.
  std::string fingerprint;

  std::optional<std::size_t> find_feature(std::string_view feature) const;
};

/// What of the answers is written down for the audit.
struct ServingLogChoice {
  double sample = 1.0;  ///< share of requests, spread evenly
  std::int64_t megabytes = 64;
};

/// A file of features. See docs/features.md for the keys.
struct FeatureDefinitions {
  std::filesystem::path file;
  std::filesystem::path state;  ///< folder of the embedded store and of what was served
  std::string store = "embedded";
  ParameterMap store_parameters;
  ServingLogChoice log;
  std::vector<ViewDefinition> views;

  /// Errors: kNotFound, with the nearest name.
  const ViewDefinition& view(std::string_view name) const;
};

/// Reads and checks a file of features without touching its data. Errors: kNotFound for the file;
/// kInvalidArgument with one line a problem: file, line, column, key, what was found, what is allowed.
FeatureDefinitions read_feature_definitions(const std::filesystem::path& file,
                                            const OnlineStoreRegistry& stores);

/// The same from YAML text; `source` names it in messages and is the base of relative paths.
FeatureDefinitions parse_feature_definitions(const std::string& text, const std::string& source,
                                             const OnlineStoreRegistry& stores);

/// Writes "5 sessions", "36 hours".
std::string to_string(const TimeToLive& ttl);

}  // namespace orrery
