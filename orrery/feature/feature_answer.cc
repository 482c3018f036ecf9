#include "orrery/feature/feature_answer.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"

namespace orrery {
namespace {

FeatureReference find_feature(const FeatureDefinitions& definitions, const std::string& name) {
  const auto colon = name.find(':');
  if (colon == std::string::npos)
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("a feature is named VIEW:FEATURE, found '{}'", name));
  const auto& view = definitions.view(name.substr(0, colon));
  const std::string feature = name.substr(colon + 1);
  const auto at = static_cast<std::size_t>(&view - definitions.views.data());
  if (const auto found = view.find_feature(feature)) return {at, *found};
  std::vector<std::string> names;
  for (const auto& one : view.features) names.push_back(one.name);
  throw user_error(ErrorCode::kNotFound, fmt::format("view {} has no feature '{}'{}", view.name, feature,
                                                     did_you_mean(feature, names)));
}

}  // namespace

std::string_view to_string(FeatureStatus status) {
  switch (status) {
    case FeatureStatus::kPresent:
      return "present";
    case FeatureStatus::kMissing:
      return "missing";
    case FeatureStatus::kExpired:
      return "expired";
    case FeatureStatus::kNeverKnown:
      break;
  }
  return "never_known";
}

std::vector<FeatureReference> find_features(const FeatureDefinitions& definitions,
                                            const std::vector<std::string>& features,
                                            const std::vector<std::string>& views) {
  std::vector<FeatureReference> found;
  std::set<std::pair<std::size_t, std::size_t>> seen;
  const auto add = [&](FeatureReference reference) {
    if (!seen.emplace(reference.view, reference.feature).second)
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("asked for twice: '{}'", feature_name(definitions, reference)));
    found.push_back(reference);
  };
  const auto add_view = [&](const ViewDefinition& view) {
    const auto at = static_cast<std::size_t>(&view - definitions.views.data());
    for (std::size_t feature = 0; feature < view.features.size(); ++feature) add({at, feature});
  };
  for (const auto& name : features) add(find_feature(definitions, name));
  for (const auto& name : views) add_view(definitions.view(name));
  if (features.empty() && views.empty()) {
    for (const auto& view : definitions.views) add_view(view);
  }
  return found;
}

std::string feature_name(const FeatureDefinitions& definitions, const FeatureReference& reference) {
  const auto& view = definitions.views[reference.view];
  return fmt::format("{}:{}", view.name, view.features[reference.feature].name);
}

}  // namespace orrery
