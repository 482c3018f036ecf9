#pragma once

#include <string>
#include <vector>

#include "orrery/report/model_health.h"

namespace orrery {

/// Says each check of a judgement as a person reads it.
std::vector<HealthLine> health_lines(const ModelHealth& health);

/// All of a model's health as JSON.
std::string model_health_json(const ModelHealth& health);

}  // namespace orrery
