#pragma once

#include <string>

#include "apps/server/api/json.h"
#include "apps/server/api/route_table.h"

namespace orrery::server {

/// The OpenAPI 3.1 document of the operations: made of the same definitions that route and check requests.
Json openapi_document(const RouteTable& routes);

/// The schema of a problem document.
Json problem_schema();

}  // namespace orrery::server
