#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "orrery/base/date.h"

namespace orrery {

/// A number of a chart, cut to so many digits, which keeps a page small; null where it is not finite.
nlohmann::json short_json(double value, int digits);
nlohmann::json short_json(std::span<const double> values, int digits);

/// Days as ISO texts.
nlohmann::json dates_json(std::span<const Date> dates);

/// A page's data as text that can stand in a script element: '<' is escaped.
std::string script_text(const nlohmann::json& data);

}  // namespace orrery
