#pragma once

#include <string>

#include "apps/server/api/json.h"

namespace orrery::server {

/// The guide to the API as one page that needs nothing else: every operation of an OpenAPI document by
/// chapter, with its parameters, roles, answers and a line of curl to try it.
std::string guide_page(const Json& document);

}  // namespace orrery::server
