#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orrery/app/plugins.h"
#include "orrery/app/run_recommendations.h"

namespace orrery {

/// What a run must have before people are shown what it recommends.
struct PublishTerms {
  Date session;       ///< its last scored session has to be this one
  int min_names = 1;  ///< that it has scored then
};

/// What was published.
struct PublishedRun {
  std::string title;   ///< the study's name
  std::string banner;  ///< "" for real data
  std::filesystem::path folder;
  Date session;
  std::size_t scored = 0;
  std::vector<NameRecommendation> held;  ///< names with a weight that is not 0, by rank
};

/// Copies a run to a folder where a server finds it, tagged `live`: whole or not at all, in the place of what
/// was published there before. The same again changes nothing that is seen. Errors: kNotFound, kDataCorrupt
/// for no run; kInvalidArgument where its last session is another one, too few names are scored, or scores or
/// weights are no numbers or all the same: then what was published before stays.
PublishedRun publish_run(const std::filesystem::path& run, const std::filesystem::path& target,
                         const PublishTerms& terms, const Plugins& plugins);

}  // namespace orrery
