#include "orrery/app/study_members.h"

#include <utility>

#include "orrery/data/lake/lake_membership.h"
#include "orrery/data/renamed_rows.h"

namespace orrery {
namespace {

StudyMembers members_of_file(const Study& study, const std::filesystem::path& file) {
  if (file.empty()) return {};
  auto members = read_membership(file);
  if (!study.data.renames.empty()) {
    members = members_by_name(members, Identities(read_renames(study.data.renames)));
  }
  return {std::move(members), file.filename().string(), false};
}

}  // namespace

StudyMembers universe_members(const Study& study) {
  const auto& universe = study.universe.lake_membership;
  if (universe.empty()) return members_of_file(study, study.universe.membership);
  auto members = read_lake_membership(*study.lake, universe);
  return {members_by_name(members_as_known(std::move(members.events)), members.names), universe, true};
}

std::optional<std::int64_t> members_version(const Study& study) {
  if (study.universe.lake_membership.empty() && study.lake_index_membership.empty()) return std::nullopt;
  Lake lake(study.lake->folder);
  return ViewedTable(lake, *study.lake, kMembershipTable).version;
}

StudyMembers index_members(const Study& study) {
  if (!study.index_membership.empty()) return members_of_file(study, study.index_membership);
  const auto& universe =
      study.lake_index_membership.empty() ? study.universe.lake_membership : study.lake_index_membership;
  if (universe.empty()) return members_of_file(study, study.universe.membership);
  auto members = read_lake_membership(*study.lake, universe);
  return {members_by_name(members_in_hindsight(std::move(members.events)), members.names), universe, true};
}

}  // namespace orrery
