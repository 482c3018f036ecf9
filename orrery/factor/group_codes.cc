#include "orrery/factor/group_codes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <set>

#include "orrery/base/error.h"

namespace orrery {

const std::vector<std::string>& group_names() {
  static const std::vector<std::string> names = {"sector"};
  return names;
}

bool is_group_name(std::string_view name) {
  return std::find(group_names().begin(), group_names().end(), name) != group_names().end();
}

std::vector<float> group_codes(const MarketData& market, std::string_view name) {
  std::set<std::string_view> known;
  for (const auto& sector : market.sectors) {
    if (!sector.empty()) known.insert(sector);
  }
  if (known.empty()) {
    throw user_error(ErrorCode::kNotFound,
                     fmt::format("factors ask for ${0}, but no instrument has a {0}; give a file of sectors "
                                 "(symbol, sector) by --sectors, or by data.sectors in a study",
                                 name));
  }
  std::vector<float> codes;
  for (const auto& sector : market.sectors) {
    const auto place = std::distance(known.begin(), known.find(sector));
    codes.push_back(sector.empty() ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(place));
  }
  codes.resize(market.instruments(), std::numeric_limits<float>::quiet_NaN());
  return codes;
}

}  // namespace orrery
