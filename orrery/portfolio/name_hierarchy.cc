#include "orrery/portfolio/name_hierarchy.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "orrery/base/error.h"

namespace orrery {
namespace {

constexpr std::array<std::pair<Linkage, std::string_view>, 4> kLinkages = {{{Linkage::kSingle, "single"},
                                                                            {Linkage::kComplete, "complete"},
                                                                            {Linkage::kAverage, "average"},
                                                                            {Linkage::kWard, "ward"}}};

constexpr std::string_view kColumns = "columns";

}  // namespace

std::vector<ParameterInfo> hierarchy_parameters(const std::string& usual_linkage) {
  std::vector<std::string> linkages;
  for (const auto& [linkage, name] : kLinkages) linkages.emplace_back(name);
  return {{"linkage", usual_linkage, "what the distance of two clusters is", {}, {}, linkages},
          {"distance",
           std::string("correlation"),
           "of two names: by their correlation, or of the two columns of such distances",
           {},
           {},
           {"correlation", std::string(kColumns)}}};
}

HierarchySettings read_hierarchy_settings(const ParameterMap& parameters) {
  HierarchySettings settings;
  for (const auto& [linkage, name] : kLinkages) {
    if (get_string(parameters, "linkage") == name) settings.linkage = linkage;
  }
  settings.columns = get_string(parameters, "distance") == kColumns;
  return settings;
}

NameHierarchy arrange_names(const PortfolioProblem& problem, const HierarchySettings& settings) {
  NameHierarchy made;
  made.covariance = problem.risk.full();
  for (std::size_t i = 0; i < made.covariance.size; ++i) {
    if (made.covariance(i, i) > 0.0) continue;
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("'{}' has no variance, and so no correlation with others", problem.names[i]));
  }
  made.distance = correlation_distance(made.covariance);
  if (settings.columns) made.distance = distance_of_columns(made.distance);
  made.tree = build_hierarchy(made.distance, settings.linkage);
  return made;
}

ParameterInfo cluster_count_parameter() {
  return {"clusters", std::int64_t{0}, "how many clusters; 0: as the two-order difference says", 0.0, 1e6};
}

std::vector<std::size_t> choose_clusters(const NameHierarchy& names, std::size_t count) {
  if (count > names.tree.names) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("clusters = {}, but there are {} names", count, names.tree.names));
  }
  return cut_hierarchy(names.tree, count > 0 ? count : count_clusters(names.tree, names.distance));
}

}  // namespace orrery
