#include "orrery/app/study_survivorship.h"

#include "orrery/app/study_members.h"

namespace orrery {

Survivorship study_survivorship(const Study& study, const MarketData& market) {
  const auto members = index_members(study);
  Survivorship result = measure_survivorship(members.intervals, market);
  result.restricted_to_members = study.universe.holds_members();
  result.membership_file = members.source;
  return result;
}

}  // namespace orrery
