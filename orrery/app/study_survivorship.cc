#include "orrery/app/study_survivorship.h"

namespace orrery {

Survivorship study_survivorship(const Study& study, const MarketData& market) {
  const bool restricted = !study.universe.membership.empty();
  const auto& file = study.index_membership.empty() ? study.universe.membership : study.index_membership;
  Survivorship result =
      measure_survivorship(file.empty() ? std::vector<MembershipInterval>{} : read_membership(file), market);
  result.restricted_to_members = restricted;
  result.membership_file = file.filename().string();
  return result;
}

}  // namespace orrery
