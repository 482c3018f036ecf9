#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plugins/providers/web/delivery.h"
#include "plugins/providers/web/service.h"

namespace orrery::plugins::providers::web {

/// What stands for the symbol in a setting.
inline constexpr std::string_view kSymbolPlaceholder = "{symbol}";

/// Returns a text with another in each place of the placeholder.
std::string put_symbol(std::string text, std::string_view symbol);

/// Returns an address for each symbol of a request.
std::vector<std::string> urls_by_symbol(const ProviderRequest& request,
                                        const std::function<std::string(const std::string& symbol)>& url_of);

/// Fetches symbol by symbol, and hands the tables over when all have come. Errors: kInvalidArgument for a
/// request without symbols; those of `fetch_one`.
void fetch_by_symbol(Service& service, std::vector<TableLayout> layouts, const ProviderRequest& request,
                     ProviderSink& sink, Progress& progress,
                     const std::function<void(const std::string& symbol, Delivery& delivery)>& fetch_one);

/// How much of a list there was before a page of it.
struct PagePlace {
  std::size_t pages = 0;
  std::size_t rows = 0;
};

/// The rows of one answer: an array inside of it.
struct RowPage {
  const Json* rows = nullptr;
  bool is_last = true;
};

/// How one service tells a list by pages.
struct RowPages {
  std::function<std::string(PagePlace)> url;
  /// Finds the rows in an answer, and says what is wrong with it. `answer` is discarded where it is no JSON.
  std::function<RowPage(const HttpResponse&, const Json& answer, PagePlace)> read;
  std::function<void(const HttpResponse&, const Json& row)> add;
};

/// Asks page by page until the last. Errors: those of fetch_pages, of `pages` and of Delivery::end.
void fetch_row_pages(Service& service, Delivery& delivery, const RowPages& pages);

/// Returns the answer, which is to be an array. Errors: schema_error for anything else.
const Json& require_rows(const Service& service, const HttpResponse& response, const Json& answer);

}  // namespace orrery::plugins::providers::web
