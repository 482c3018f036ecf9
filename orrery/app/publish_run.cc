#include "orrery/app/publish_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "orrery/app/run_index.h"
#include "orrery/app/stored_run.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"

namespace orrery {
namespace {

Error refusal(const std::filesystem::path& run, const std::string& why) {
  return user_error(ErrorCode::kInvalidArgument, fmt::format("{} is not published: {}", run.string(), why));
}

std::optional<int> span_of_label(const StoredRun& run, const Plugins& plugins) {
  try {
    return reread_study(run, plugins).label.span_rows;
  } catch (const Error&) {
    return std::nullopt;
  }
}

void check_names(const std::filesystem::path& run, const std::vector<NameRecommendation>& names,
                 int min_names) {
  int scored = 0;
  double lowest = std::numeric_limits<double>::infinity();
  double highest = -lowest;
  for (const auto& name : names) {
    if (!std::isfinite(name.weight))
      throw refusal(run, fmt::format("the weight of {} is no number", name.symbol));
    if (!std::isfinite(name.score)) continue;
    ++scored;
    lowest = std::min(lowest, name.score);
    highest = std::max(highest, name.score);
  }
  if (scored < min_names)
    throw refusal(run, fmt::format("{} names are scored; expected at least {}", scored, min_names));
  if (scored > 1 && lowest == highest)
    throw refusal(run, fmt::format("all {} scores are {}", scored, lowest));
}

}  // namespace

PublishedRun publish_run(const std::filesystem::path& run, const std::filesystem::path& target,
                         const PublishTerms& terms, const Plugins& plugins) {
  const StoredRun stored = read_stored_run(run);
  const RunRecommendations recommendations(run, span_of_label(stored, plugins));
  if (recommendations.sessions().empty()) throw refusal(run, "it has no scores");
  const Date last = recommendations.sessions().back();
  if (last != terms.session) {
    throw refusal(
        run, fmt::format("its last session is {}; expected {}", to_string(last), to_string(terms.session)));
  }
  const auto names = recommendations.of(last);
  check_names(run, names, terms.min_names);
  std::filesystem::create_directories(std::filesystem::absolute(target).parent_path());
  FolderTransaction published(target, true);
  std::filesystem::copy(
      run, published.staging(),
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  tag_run(published.staging(), {"live"});
  published.commit();
  PublishedRun told{stored.name, stored.banner, target, last, 0, {}};
  for (const auto& name : names) {
    told.scored += std::isfinite(name.score) ? 1U : 0U;
    if (name.weight != 0.0) told.held.push_back(name);
  }
  return told;
}

}  // namespace orrery
