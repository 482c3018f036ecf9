#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "plugins/providers/web/delivery.h"
#include "plugins/providers/web/service.h"

namespace orrery::plugins::providers::web {

/// One article about one symbol.
struct Article {
  std::string symbol;
  std::string id;  ///< by which the source knows it
  std::string author, headline, body, url;
  std::int64_t published = 0;  ///< nanoseconds, UTC
  std::int64_t taken_in = 0;   ///< when it could be had from the source; `published` where that is not told
};

/// Returns the table `news`.
TableLayout article_layout();

/// Adds an article, known by the rule of its source, or its problem.
void add_article(Delivery& delivery, const Service& service, const Article& article,
                 const std::optional<RowProblem>& problem);

/// Tells a page that came twice. Pages of a list to which something is added meanwhile may overlap; one that
/// is the same as another means that the next one never comes.
class PagesSeen {
 public:
  /// Errors: the service's schema_error for rows that were a page before.
  void require_new(const Service& service, const HttpResponse& response, const Json& rows);

 private:
  std::set<std::string> pages_;
};

}  // namespace orrery::plugins::providers::web
