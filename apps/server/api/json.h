#pragma once

#include <nlohmann/json.hpp>

namespace orrery::server {

/// JSON whose members keep their order, so that documents read as they were written.
using Json = nlohmann::ordered_json;

}  // namespace orrery::server
