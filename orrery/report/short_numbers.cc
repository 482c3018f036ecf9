#include "orrery/report/short_numbers.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

namespace orrery {

nlohmann::json short_number(double value, int digits) {
  if (!std::isfinite(value)) return nullptr;
  return std::strtod(fmt::format("{:.{}g}", value, digits).c_str(), nullptr);
}

nlohmann::json short_numbers(std::span<const double> values, int digits) {
  auto list = nlohmann::json::array();
  for (const double value : values) list.push_back(short_number(value, digits));
  return list;
}

}  // namespace orrery
