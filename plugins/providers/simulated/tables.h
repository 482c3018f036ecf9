#pragma once

#include <vector>

#include "plugins/providers/simulated/bars.h"
#include "plugins/providers/simulated/damage.h"

namespace orrery::plugins::providers::simulated {

Table price_table(const DeliveredRows& delivered, const std::vector<Instrument>& instruments,
                  const std::vector<Date>& sessions);
Table sector_table(const std::vector<Instrument>& instruments);
/// The session on which a holder is paid is the one after the last bar.
Table delisting_table(const std::vector<Instrument>& instruments, const std::vector<Date>& sessions);
Table action_table(const std::vector<BarSeries>& series, const std::vector<Instrument>& instruments,
                   const std::vector<Date>& sessions);
/// By session, then symbol; only cells that have a signal.
Table truth_table(const Paths& paths, const std::vector<Instrument>& instruments,
                  const std::vector<Date>& sessions);

}  // namespace orrery::plugins::providers::simulated
