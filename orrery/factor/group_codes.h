#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orrery/market/market_data.h"

namespace orrery {

/// Returns the names of the groups that instruments can belong to, as written behind `$`.
const std::vector<std::string>& group_names();

/// Returns whether `name` is a group and not a field.
bool is_group_name(std::string_view name);

/// Returns a number for the group of every instrument, the same number for the same group; NaN where the
/// group is unknown. Errors: kNotFound when the market knows no group of any instrument.
std::vector<float> group_codes(const MarketData& market, std::string_view name);

}  // namespace orrery
