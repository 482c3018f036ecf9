#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "orrery/ml/tuning/sampler.h"

namespace orrery {

/// A trial of one of several families.
struct FamilyTrial {
  std::size_t family = 0;
  TuningTrial trial;
};

/// Which family tries next: successive halving over families. In the first round each tries once, with its
/// settings as given; then the better half (rounded up, by the best loss so far; earlier listed ones first
/// among equals) goes on with two trials each, of these the better half with four each, and so on; the last
/// one goes on alone. `can_search`: by family, whether it has more to try than its settings as given; those
/// that have not stay what they are, to be chosen in the end. Nothing: nobody has more to try. Depends on the
/// trials alone. Source: Jamieson and Talwalkar (2016), "Non-stochastic best arm identification".
std::optional<std::size_t> next_family(const std::vector<FamilyTrial>& trials,
                                       const std::vector<bool>& can_search);

}  // namespace orrery
