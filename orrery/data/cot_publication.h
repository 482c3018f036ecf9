#pragma once

#include "orrery/base/date.h"
#include "orrery/base/timestamp.h"

namespace orrery {

/// Returns when the CFTC published the Commitments of Traders of a day: 15:30 in New York on the day that a
/// table has for the report. The day is the report's, a Tuesday, or up to three days before it where a
/// holiday moved it. Errors: kInvalidArgument for a day without a report in the table.
Timestamp cot_publication(Date report);

}  // namespace orrery
