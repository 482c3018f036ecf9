#pragma once

#include "orrery/app/study.h"
#include "orrery/data/survivorship.h"

namespace orrery {

/// Tells how the study's names differ from the members of the index that `data.index_membership` describes,
/// or else `universe.membership`; without either, only what the prices themselves say. Nothing in a run but
/// its report depends on it. Errors: as read_membership.
Survivorship study_survivorship(const Study& study, const MarketData& market);

}  // namespace orrery
