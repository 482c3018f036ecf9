#pragma once

#include <cstddef>
#include <string>

#include "orrery/report/model_health.h"

namespace orrery::cli {

/// How a model fares: a table of the checks, one of its features, worst first, and how many are fine.
/// `shown`: features at most; 0: all.
std::string health_text(const ModelHealth& health, std::size_t shown, std::size_t width);

}  // namespace orrery::cli
