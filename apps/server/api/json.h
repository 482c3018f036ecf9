#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace orrery::server {

/// JSON whose members keep their order, so that documents read as they were written.
using Json = nlohmann::ordered_json;

/// JSON on one line; what is no UTF-8 in a text becomes the replacement character.
inline std::string json_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace orrery::server
