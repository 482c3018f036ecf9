#pragma once

#include <optional>

#include "apps/server/transport/http_message.h"

namespace orrery::server {

/// Answers a GET outside the API with a file of the dashboard. Its pages have addresses of their own, all of
/// which are the one document: any path that is no file, but for those that belong to the API, streams,
/// health, figures and guide. Nothing: it is not the dashboard's.
std::optional<HttpResponse> dashboard_page(const HttpRequest& request);

}  // namespace orrery::server
