#pragma once

#include <vector>

#include "orrery/app/account_folder.h"

namespace orrery::server {

/// How a line of equities stands at its end.
struct Standing {
  double equity = 0.0;      ///< the last
  double gain = 0.0;        ///< since the first, a share
  double drawdown = 0.0;    ///< from the highest, a share
  double net_return = 0.0;  ///< of the last session; 0 before there was one
};

/// Returns that of equities, of which there is at least one.
Standing standing_of(const std::vector<double>& equities);

/// Returns an account's first cash and its equity after each session.
std::vector<double> equities_of(const AccountStatus& account);

}  // namespace orrery::server
