#pragma once

#include <functional>
#include <optional>

#include "orrery/net/http_client.h"

namespace orrery {

/// Takes one page and returns the request of the next, or nothing after the last.
using NextPage = std::function<std::optional<HttpRequest>(const HttpResponse&)>;

/// Asks page by page. Errors: those of HttpClient::get and of `next`; kUnavailable when a page leads back to
/// one that was there before, or there are over `most_pages`.
void fetch_pages(HttpClient& client, HttpRequest first, const NextPage& next,
                 std::size_t most_pages = 100000);

}  // namespace orrery
