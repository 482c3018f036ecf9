#include "plugins/providers/web/symbol_fetch.h"

#include <fmt/format.h>

#include "orrery/net/pages.h"

namespace orrery::plugins::providers::web {

std::string put_symbol(std::string text, std::string_view symbol) {
  for (auto at = text.find(kSymbolPlaceholder); at != std::string::npos;
       at = text.find(kSymbolPlaceholder, at + symbol.size())) {
    text.replace(at, kSymbolPlaceholder.size(), symbol);
  }
  return text;
}

std::vector<std::string> urls_by_symbol(const ProviderRequest& request,
                                        const std::function<std::string(const std::string&)>& url_of) {
  std::vector<std::string> urls;
  urls.reserve(request.symbols.size());
  for (const auto& symbol : request.symbols) urls.push_back(url_of(symbol));
  return urls;
}

void fetch_by_symbol(Service& service, std::vector<TableLayout> layouts, const ProviderRequest& request,
                     ProviderSink& sink, Progress& progress,
                     const std::function<void(const std::string&, Delivery&)>& fetch_one) {
  require_symbols(service, request);
  Delivery delivery(service, std::move(layouts));
  for (const auto& symbol : request.symbols) {
    fetch_one(symbol, delivery);
    progress.advance();
  }
  delivery.deliver(sink);
}

void fetch_row_pages(Service& service, Delivery& delivery, const RowPages& pages) {
  PagePlace place;
  fetch_pages(service.client(), service.request(pages.url(place)),
              [&](const HttpResponse& response) -> std::optional<HttpRequest> {
                const Json answer = Json::parse(response.body, nullptr, false);
                const RowPage page = pages.read(response, answer, place);
                delivery.begin(response);
                for (const Json& row : *page.rows) pages.add(response, row);
                delivery.end();
                ++place.pages;
                place.rows += page.rows->size();
                if (page.is_last) return std::nullopt;
                return service.request(pages.url(place));
              });
}

const Json& require_rows(const Service& service, const HttpResponse& response, const Json& answer) {
  if (answer.is_array()) return answer;
  const std::string found = answer.is_discarded() ? response.body : answer.dump();
  throw service.schema_error(response.url, fmt::format("\"{}\"", found.substr(0, 80)),
                             "a JSON array of rows");
}

}  // namespace orrery::plugins::providers::web
