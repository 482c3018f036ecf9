#include "orrery/app/study_members.h"

#include "orrery/data/lake/lake_membership.h"

namespace orrery {
namespace {

StudyMembers members_of_file(const std::filesystem::path& file) {
  if (file.empty()) return {};
  return {read_membership(file), file.filename().string(), false};
}

}  // namespace

StudyMembers universe_members(const Study& study) {
  const auto& universe = study.universe.lake_membership;
  if (universe.empty()) return members_of_file(study.universe.membership);
  auto members = read_lake_membership(*study.lake, universe);
  return {members.names.by_name(members_as_known(std::move(members.events))), universe, true};
}

std::optional<std::int64_t> members_version(const Study& study) {
  if (study.universe.lake_membership.empty() && study.lake_index_membership.empty()) return std::nullopt;
  Lake lake(study.lake->folder);
  return ViewedTable(lake, *study.lake, kMembershipTable).version;
}

StudyMembers index_members(const Study& study) {
  if (!study.index_membership.empty()) return members_of_file(study.index_membership);
  const auto& universe =
      study.lake_index_membership.empty() ? study.universe.lake_membership : study.lake_index_membership;
  if (universe.empty()) return members_of_file(study.universe.membership);
  auto members = read_lake_membership(*study.lake, universe);
  return {members.names.by_name(members_in_hindsight(std::move(members.events))), universe, true};
}

}  // namespace orrery
