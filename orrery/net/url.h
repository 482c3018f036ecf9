#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orrery {

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

/// Writes everything but letters, digits and -._~ as %XX (RFC 3986).
std::string percent_encode(std::string_view text);

/// Appends parameters to a URL, percent-encoded, behind `?` or `&`.
std::string add_query(std::string url, const QueryParameters& parameters);

/// Returns scheme, host and port: "https://api.example.com:8443" of "https://api.example.com:8443/v1?x=2".
std::string origin_of(std::string_view url);

/// Returns the path with its query, from the first slash on; "/" where there is none.
std::string path_of(std::string_view url);

/// Returns where a Location header points, seen from `base`: absolute, from the root, or beside the page.
std::string resolve_url(std::string_view base, std::string_view location);

/// Returns the URL without the named parameter of its query, for pages whose next address repeats the key.
std::string without_parameter(std::string_view url, std::string_view name);

}  // namespace orrery
