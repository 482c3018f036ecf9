#include "plugins/providers/web/articles.h"

#include "orrery/data/known_time.h"

namespace orrery::plugins::providers::web {
namespace {

constexpr const char* kTable = "news";

}  // namespace

TableLayout article_layout() {
  const std::string text;
  return {kTable,
          {{"symbol", text},
           {"event_time", std::int64_t{0}},
           {"id", text},
           {"known_time", std::int64_t{0}},
           {"author", text},
           {"headline", text},
           {"body", text},
           {"url", text}},
          3};
}

void add_article(Delivery& delivery, const Service& service, const Article& article,
                 const std::optional<RowProblem>& problem) {
  if (problem) return delivery.add(kTable, {}, problem);
  const auto known = known_time(kTable, service.name(),
                                {.event = {article.published}, .published = Timestamp{article.taken_in}});
  delivery.add(kTable, {article.symbol, article.published, article.id, known.nanoseconds, article.author,
                        article.headline, article.body, article.url});
}

void PagesSeen::require_new(const Service& service, const HttpResponse& response, const Json& rows) {
  if (rows.empty() || pages_.insert(rows.dump()).second) return;
  throw service.schema_error(response.url, "a page that was there before", "the next one");
}

}  // namespace orrery::plugins::providers::web
