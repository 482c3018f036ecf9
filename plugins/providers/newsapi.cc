#include "plugins/providers/registry.h"
#include "plugins/providers/web/articles.h"
#include "plugins/providers/web/symbol_fetch.h"

namespace orrery::plugins::providers::newsapi_plugin {
namespace {

using namespace web;

ServiceTraits traits() {
  return {"newsapi",
          "https://newsapi.org",
          60.0,
          "NEWSAPI_API_KEY",
          {Credential::Place::kHeader, "X-Api-Key", "", {}}};
}

ProviderInfo newsapi_info() {
  return {.name = "newsapi",
          .summary = "Articles of many papers and sites that match a search for each symbol",
          .source = "docs/sources/newsapi.md",
          .parameters = service_parameters(
              traits(), {{"query",
                          std::string("\"{symbol}\""),
                          "what to search for; {symbol} stands for the symbol",
                          {},
                          {},
                          {}},
                         {"language", std::string("en"), "two letters; empty: every language", {}, {}, {}},
                         {"page_rows", std::int64_t{100}, "articles of one answer", 1.0, 100.0}}),
          .tables = {"news"},
          .key = traits().key};
}

class NewsapiProvider final : public Provider {
 public:
  NewsapiProvider(const ParameterMap& parameters, const ProviderContext& context)
      : query_(get_string(parameters, "query")),
        language_(get_string(parameters, "language")),
        page_rows_(static_cast<std::size_t>(get_integer(parameters, "page_rows"))),
        service_(traits(), parameters, context) {}

  const ProviderInfo& info() const override { return info_; }

  std::vector<std::string> first_requests(const ProviderRequest& request) const override {
    return urls_by_symbol(request, [&](const std::string& symbol) { return page_url(symbol, request, 1); });
  }

  void fetch(const ProviderRequest& request, ProviderSink& sink, Progress& progress) override {
    fetch_by_symbol(
        service_, {article_layout()}, request, sink, progress,
        [&](const std::string& symbol, Delivery& delivery) { fetch_symbol(symbol, request, delivery); });
  }

 private:
  std::string page_url(const std::string& symbol, const ProviderRequest& request, std::size_t page) const {
    QueryParameters query = {{"q", put_symbol(query_, symbol)}, {"sortBy", "publishedAt"}};
    if (!language_.empty()) query.emplace_back("language", language_);
    if (request.begin) query.emplace_back("from", to_string(*request.begin) + "T00:00:00");
    if (request.end) query.emplace_back("to", to_string(*request.end) + "T23:59:59");
    query.emplace_back("pageSize", std::to_string(page_rows_));
    query.emplace_back("page", std::to_string(page));
    return service_.url("/v2/everything", query);
  }

  void fetch_symbol(const std::string& symbol, const ProviderRequest& request, Delivery& delivery) {
    PagesSeen seen;
    const auto read = [&](const HttpResponse& response, const Json& answer, PagePlace place) -> RowPage {
      const Json& articles = member(service_, response.url, answer, "articles", Json::value_t::array);
      const Json& total =
          member(service_, response.url, answer, "totalResults", Json::value_t::number_unsigned);
      seen.require_new(service_, response, articles);
      return {&articles, articles.empty() || (place.pages + 1) * page_rows_ >= total.get<std::size_t>()};
    };
    fetch_row_pages(service_, delivery,
                    {[&](PagePlace place) { return page_url(symbol, request, place.pages + 1); }, read,
                     [&](const HttpResponse&, const Json& row) { add(symbol, row, delivery); }});
  }

  /// An article is known by its address. What the service has taken down has neither text nor address.
  void add(const std::string& symbol, const Json& row, Delivery& delivery) const {
    RowReader reader(row);
    Article article;
    article.symbol = symbol;
    article.url = article.id = reader.text("url");
    article.published = article.taken_in = reader.moment("publishedAt");
    article.headline = reader.text("title");
    article.author = reader.optional_text("author");
    article.body = reader.optional_text("description");
    if (article.headline != "[Removed]") add_article(delivery, service_, article, reader.problem());
  }

  ProviderInfo info_ = newsapi_info();
  std::string query_;
  std::string language_;
  std::size_t page_rows_;
  Service service_;
};

}  // namespace

void add_to(Registry& registry) {
  registry.add("newsapi",
               {newsapi_info(), [](const ParameterMap& parameters, const ProviderContext& context) {
                  return std::make_unique<NewsapiProvider>(parameters, context);
                }});
}

}  // namespace orrery::plugins::providers::newsapi_plugin
