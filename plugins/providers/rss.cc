#include <fmt/format.h>

#include <algorithm>

#include "plugins/providers/registry.h"
#include "plugins/providers/web/articles.h"
#include "plugins/providers/web/bars.h"
#include "plugins/providers/web/feed.h"
#include "plugins/providers/web/symbol_fetch.h"

namespace orrery::plugins::providers::rss_plugin {
namespace {

using namespace web;

ServiceTraits traits() { return {"rss", "https://feeds.finance.yahoo.com", 60.0, "", {}}; }

ProviderInfo rss_info() {
  return {.name = "rss",
          .summary = "Articles of any RSS or Atom feed, with one feed a symbol or one for a single symbol",
          .source = "docs/sources/rss.md",
          .parameters = service_parameters(
              traits(), {{"path", std::string("/rss/2.0/headline?s={symbol}&region=US&lang=en-US"),
                          "the feed's address after base_url; {symbol} stands for the symbol"},
                         {"contact", std::string(), "a mail address for feeds that want to be told one"}}),
          .tables = {"news"}};
}

HttpHeaders headers_of(const ParameterMap& parameters) {
  const auto& contact = get_string(parameters, "contact");
  if (contact.empty()) return {};
  return {{"User-Agent", "orrery/" ORRERY_VERSION " " + contact}};
}

class RssProvider final : public Provider {
 public:
  RssProvider(const ParameterMap& parameters, const ProviderContext& context)
      : path_(get_string(parameters, "path")),
        service_(traits(), parameters, context, headers_of(parameters)) {}

  const ProviderInfo& info() const override { return info_; }

  std::vector<std::string> first_requests(const ProviderRequest& request) const override {
    return urls_by_symbol(request, [&](const std::string& symbol) { return feed_url(symbol); });
  }

  void fetch(const ProviderRequest& request, ProviderSink& sink, Progress& progress) override {
    require_symbols(service_, request);
    if (request.symbols.size() > 1 && path_.find(kSymbolPlaceholder) == std::string::npos) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("rss: {} symbols and one feed, '{}': put {} into the path, or fetch the "
                                   "feed for one symbol",
                                   request.symbols.size(), path_, kSymbolPlaceholder));
    }
    fetch_by_symbol(
        service_, {article_layout()}, request, sink, progress,
        [&](const std::string& symbol, Delivery& delivery) { fetch_feed(symbol, request, delivery); });
  }

 private:
  std::string feed_url(const std::string& symbol) const {
    return service_.url(put_symbol(path_, percent_encode(symbol)));
  }

  void fetch_feed(const std::string& symbol, const ProviderRequest& request, Delivery& delivery) {
    const HttpResponse response = service_.get(feed_url(symbol));
    const Feed feed = read_feed(response.body);
    if (!feed.problem.empty()) {
      throw service_.schema_error(response.url, feed.problem, "a whole RSS or Atom document");
    }
    delivery.begin(response);
    for (const Json& entry : feed.entries) add(symbol, entry, request, delivery);
    delivery.end();
  }

  /// An entry that was changed is known from its change: nobody tells what it said before.
  void add(const std::string& symbol, const Json& entry, const ProviderRequest& request,
           Delivery& delivery) const {
    RowReader reader(entry);
    Article article;
    article.symbol = symbol;
    article.headline = reader.text("title");
    article.url = reader.optional_text("url");
    article.id = entry.contains("id") ? reader.text("id") : reader.text("url");
    article.author = reader.optional_text("author");
    article.body = reader.optional_text("summary");
    const bool is_published = entry.contains("published");
    article.published = reader.internet_moment(is_published ? "published" : "updated");
    article.taken_in = article.published;
    if (entry.contains("updated"))
      article.taken_in = std::max(article.published, reader.internet_moment("updated"));
    if (!reader.problem() && !is_requested(request, day_of({article.published}))) return;
    add_article(delivery, service_, article, reader.problem());
  }

  ProviderInfo info_ = rss_info();
  std::string path_;
  Service service_;
};

}  // namespace

void add_to(Registry& registry) {
  registry.add("rss", {rss_info(), [](const ParameterMap& parameters, const ProviderContext& context) {
                         return std::make_unique<RssProvider>(parameters, context);
                       }});
}

}  // namespace orrery::plugins::providers::rss_plugin
