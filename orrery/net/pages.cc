#include "orrery/net/pages.h"

#include <fmt/format.h>

#include <set>

#include "orrery/base/error.h"

namespace orrery {

void fetch_pages(HttpClient& client, HttpRequest first, const NextPage& next, std::size_t most_pages) {
  std::set<std::string> asked;
  std::optional<HttpRequest> page = std::move(first);
  while (page) {
    if (!asked.insert(page->url).second || asked.size() > most_pages) {
      const std::string found = asked.size() > most_pages ? fmt::format("over {} pages", most_pages)
                                                          : "a page that leads back to an earlier one";
      throw external_error(ErrorCode::kUnavailable,
                           client.redacted(fmt::format("{}: GET {}: found {}, expected an end",
                                                       client.options().name, page->url, found)));
    }
    page = next(client.get(*page));
  }
}

}  // namespace orrery
