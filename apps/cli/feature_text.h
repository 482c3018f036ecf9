#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/cli/terminal.h"
#include "orrery/data/table.h"
#include "orrery/feature/feature_audit.h"
#include "orrery/feature/historical_features.h"
#include "orrery/feature/online_features.h"

namespace orrery::cli {

/// A view that was materialized, and what that has changed.
struct MaterializedView {
  Materialization about;
  std::optional<OnlineWrite> write;  ///< nothing: later values are there, and stay
  std::size_t symbols = 0;
  double seconds = 0.0;
};

std::string materialized_json(const std::vector<MaterializedView>& views);
TextTable materialized_table(const std::vector<MaterializedView>& views);

/// Values that were served: a row a symbol and feature.
TextTable served_table(const FeatureDefinitions& definitions, const std::vector<std::string>& symbols,
                       const std::vector<AnsweredView>& answers);
std::string served_json(const FeatureDefinitions& definitions, const std::vector<std::string>& symbols,
                        const std::vector<AnsweredView>& answers);

/// Values joined to rows: `symbol`, `time`, a column a feature, and one for each feature's status where they
/// are wanted.
Table historical_table(const FeatureDefinitions& definitions, const EntityRows& rows,
                       const std::vector<AnsweredView>& answers, bool statuses);

std::string audit_json(const FeatureAudit& audit);
std::string audit_text(const FeatureAudit& audit);

std::string freshness_json(const FeatureDefinitions& definitions, const std::vector<ViewFreshness>& views);
TextTable freshness_table(const FeatureDefinitions& definitions, const std::vector<ViewFreshness>& views);

}  // namespace orrery::cli
