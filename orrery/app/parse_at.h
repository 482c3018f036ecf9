#pragma once

#include <string_view>

#include "orrery/base/config.h"
#include "orrery/base/error.h"

namespace orrery {

/// Runs a parser of a single value and turns its error into a problem at the value's place.
template <class Parse>
void parse_at(ConfigReader& reader, std::string_view key, const Parse& parse) {
  try {
    parse();
  } catch (const Error& error) {
    reader.problem(key, error.what());
  }
}

}  // namespace orrery
