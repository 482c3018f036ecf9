#pragma once

#include <string_view>

#include "apps/server/transport/http_message.h"

namespace orrery::server {

/// Media types of answers.
inline constexpr std::string_view kJsonMedia = "application/json";
inline constexpr std::string_view kArrowMedia = "application/vnd.apache.arrow.stream";

/// Whether a request's Accept header names Arrow.
bool wants_arrow(const HttpRequest& request);

/// Whether it takes a media type: without the header it takes all.
bool takes(const HttpRequest& request, std::string_view media);

}  // namespace orrery::server
