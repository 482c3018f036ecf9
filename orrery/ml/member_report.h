#pragma once

#include <string>

namespace orrery {

/// One model of several that predict together.
struct MemberReport {
  std::string name;
  double weight = 0.0;         ///< its share in the prediction
  double valid_rank_ic = 0.0;  ///< mean over the validation sessions; NaN without them
};

}  // namespace orrery
