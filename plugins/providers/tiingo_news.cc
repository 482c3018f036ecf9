#include <fmt/format.h>

#include <algorithm>

#include "plugins/providers/registry.h"
#include "plugins/providers/web/articles.h"
#include "plugins/providers/web/symbol_fetch.h"

namespace orrery::plugins::providers::tiingo_news_plugin {
namespace {

using namespace web;

ServiceTraits traits() {
  return {"tiingo_news",
          "https://api.tiingo.com",
          50.0,
          "TIINGO_API_KEY",
          {Credential::Place::kHeader, "Authorization", "Token ", {}}};
}

ProviderInfo tiingo_news_info() {
  return {.name = "tiingo_news",
          .summary = "Articles that Tiingo has tied to shares, known from when Tiingo had them",
          .source = "docs/sources/tiingo_news.md",
          .parameters = service_parameters(
              traits(), {{"page_rows", std::int64_t{1000}, "articles of one answer", 1.0, 1000.0}}),
          .tables = {"news"},
          .key = traits().key};
}

class TiingoNewsProvider final : public Provider {
 public:
  TiingoNewsProvider(const ParameterMap& parameters, const ProviderContext& context)
      : page_rows_(static_cast<std::size_t>(get_integer(parameters, "page_rows"))),
        service_(traits(), parameters, context) {}

  const ProviderInfo& info() const override { return info_; }

  std::vector<std::string> first_requests(const ProviderRequest& request) const override {
    return urls_by_symbol(request, [&](const std::string& symbol) { return page_url(symbol, request, 0); });
  }

  void fetch(const ProviderRequest& request, ProviderSink& sink, Progress& progress) override {
    fetch_by_symbol(
        service_, {article_layout()}, request, sink, progress,
        [&](const std::string& symbol, Delivery& delivery) { fetch_symbol(symbol, request, delivery); });
  }

 private:
  std::string page_url(const std::string& symbol, const ProviderRequest& request, std::size_t offset) const {
    QueryParameters query = {{"tickers", symbol}, {"sortBy", "publishedDate"}};
    if (request.begin) query.emplace_back("startDate", to_string(*request.begin));
    if (request.end) query.emplace_back("endDate", to_string(*request.end));
    query.emplace_back("limit", std::to_string(page_rows_));
    query.emplace_back("offset", std::to_string(offset));
    return service_.url("/tiingo/news", query);
  }

  void fetch_symbol(const std::string& symbol, const ProviderRequest& request, Delivery& delivery) {
    PagesSeen seen;
    const auto read = [&](const HttpResponse& response, const Json& answer, PagePlace) -> RowPage {
      const Json& articles = require_rows(service_, response, answer);
      seen.require_new(service_, response, articles);
      return {&articles, articles.size() < page_rows_};
    };
    fetch_row_pages(service_, delivery,
                    {[&](PagePlace place) { return page_url(symbol, request, place.rows); }, read,
                     [&](const HttpResponse&, const Json& row) { add(symbol, row, delivery); }});
  }

  /// Tiingo finds some articles days after their publication; its readers knew them from then on.
  void add(const std::string& symbol, const Json& row, Delivery& delivery) const {
    RowReader reader(row);
    Article article;
    article.symbol = symbol;
    article.id = fmt::format("{}", reader.integer("id"));
    article.url = reader.text("url");
    article.published = reader.moment("publishedDate");
    article.taken_in = std::max(article.published, reader.moment("crawlDate"));
    article.headline = reader.text("title");
    article.author = reader.optional_text("source");
    article.body = reader.optional_text("description");
    add_article(delivery, service_, article, reader.problem());
  }

  ProviderInfo info_ = tiingo_news_info();
  std::size_t page_rows_;
  Service service_;
};

}  // namespace

void add_to(Registry& registry) {
  registry.add("tiingo_news",
               {tiingo_news_info(), [](const ParameterMap& parameters, const ProviderContext& context) {
                  return std::make_unique<TiingoNewsProvider>(parameters, context);
                }});
}

}  // namespace orrery::plugins::providers::tiingo_news_plugin
