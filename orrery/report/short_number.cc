#include "orrery/report/short_number.h"

#include <fmt/format.h>

#include <cstdlib>

namespace orrery {

double short_number(double value, int digits) {
  return std::strtod(fmt::format("{:.{}g}", value, digits).c_str(), nullptr);
}

}  // namespace orrery
