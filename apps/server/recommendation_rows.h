#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/server/api/operation.h"
#include "apps/server/state/run_catalogue.h"

namespace orrery::server {

/// Which names of a session are wanted.
struct RecommendationFilter {
  bool held = false;  ///< only those that are held now or were before
  std::string symbol = {};
  double least_probability = 0.0;
};

/// What a recommendation's row holds.
const std::vector<ColumnInfo>& recommendation_columns();
/// What the rows of a session share: the run, the session, its first and last.
Json recommendation_about();
/// The rows of one name, session by session, ascending. Errors: as RunRecommendations.
RowsAnswer history_rows(const CatalogueRun& run, const std::string& symbol, std::optional<Date> first,
                        std::optional<Date> last);
/// The rows of one session, by rank. Errors: kNotFound for a session without scores.
RowsAnswer recommendation_rows(const CatalogueRun& run, Date session, const RecommendationFilter& filter);

}  // namespace orrery::server
