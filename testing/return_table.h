#pragma once

#include <nlohmann/json.hpp>

#include "orrery/portfolio/portfolio_problem.h"

namespace orrery::testing {

/// Reads a list of rows, a period each.
inline ReturnTable read_return_table(const nlohmann::json& rows) {
  ReturnTable returns;
  for (const auto& row : rows) {
    ++returns.periods;
    returns.names = row.size();
    for (const double value : row) returns.values.push_back(value);
  }
  return returns;
}

}  // namespace orrery::testing
