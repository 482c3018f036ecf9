#pragma once

#include <cstdint>

#include "orrery/base/parameters.h"

namespace orrery {

/// Returns the seed that a library is given which takes 31 bits: the model's own setting `seed` where it is
/// not negative, else the lowest bits of the run's.
inline std::uint64_t library_seed(const ParameterMap& parameters, std::uint64_t run_seed) {
  const std::int64_t own = get_integer(parameters, "seed");
  return own >= 0 ? static_cast<std::uint64_t>(own) : run_seed & 0x7fffffffU;
}

}  // namespace orrery
