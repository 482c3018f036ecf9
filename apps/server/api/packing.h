#pragma once

#include <string>
#include <string_view>

namespace orrery::server {

/// Returns the bytes as gzip.
std::string gzip(std::string_view bytes);

/// Whether a request's Accept-Encoding takes gzip.
bool takes_gzip(std::string_view accept_encoding);

}  // namespace orrery::server
