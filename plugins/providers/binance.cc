#include <fmt/format.h>

#include <algorithm>

#include "orrery/net/pages.h"
#include "plugins/providers/registry.h"
#include "plugins/providers/web/bars.h"
#include "plugins/providers/web/symbol_fetch.h"

namespace orrery::plugins::providers::binance_plugin {
namespace {

using namespace web;

constexpr std::int64_t kDayMilliseconds = 86'400'000;

/// The spot service allows 6000 weights a minute; a page of klines weighs 2.
ServiceTraits traits() { return {"binance", "https://api.binance.com", 1200.0, "", {}}; }

ProviderInfo binance_info() {
  return {.name = "binance",
          .summary = "crypto: bars and trades of spot, funding rates of futures; no key",
          .source = "docs/sources/binance.md",
          .parameters = service_parameters(
              traits(),
              {{"futures_url", std::string("https://fapi.binance.com"), "address of the futures' service"},
               {"table",
                std::string("prices"),
                "what to fetch: bars, trades or funding",
                {},
                {},
                {"prices", "trades", "funding"}},
               {"interval",
                std::string("1d"),
                "length of a bar",
                {},
                {},
                {"1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d"}},
               {"page_rows", std::int64_t{1000}, "rows of one answer", 1.0, 1000.0}}),
          .tables = {"prices", "trades", "funding"},
          .calendar = "24/7"};
}

TableLayout trade_layout() {
  return {"trades",
          {{"symbol", std::string()},
           {"trade_id", std::int64_t{0}},
           {"time", std::int64_t{0}},
           {"price", 0.0},
           {"quantity", 0.0},
           {"buyer_is_maker", std::int64_t{0}}},
          2};
}

TableLayout funding_layout() {
  return {"funding",
          {{"symbol", std::string()}, {"time", std::int64_t{0}}, {"rate", 0.0}, {"mark_price", 0.0}},
          2};
}

Date day_of(std::int64_t milliseconds) {
  return Date{static_cast<std::int32_t>(milliseconds / kDayMilliseconds)};
}

class BinanceProvider final : public Provider {
 public:
  BinanceProvider(const ParameterMap& parameters, const ProviderContext& context)
      : table_(get_string(parameters, "table")),
        interval_(get_string(parameters, "interval")),
        page_rows_(static_cast<std::size_t>(get_integer(parameters, "page_rows"))),
        service_(traits(), settings_of(parameters), context) {}

  const ProviderInfo& info() const override { return info_; }

  std::vector<std::string> first_requests(const ProviderRequest& request) const override {
    return urls_by_symbol(
        request, [&](const std::string& symbol) { return page_url(symbol, request, begin_of(request)); });
  }

  void fetch(const ProviderRequest& request, ProviderSink& sink, Progress& progress) override {
    const TableLayout layout =
        table_ == "prices" ? bar_layout() : (table_ == "trades" ? trade_layout() : funding_layout());
    fetch_by_symbol(
        service_, {layout}, request, sink, progress,
        [&](const std::string& symbol, Delivery& delivery) { fetch_symbol(symbol, request, delivery); });
  }

 private:
  static ParameterMap settings_of(ParameterMap parameters) {
    if (get_string(parameters, "table") == "funding") parameters["base_url"] = parameters["futures_url"];
    return parameters;
  }

  static std::int64_t begin_of(const ProviderRequest& request) {
    return request.begin ? request.begin->days * kDayMilliseconds : 0;
  }

  std::string page_url(const std::string& symbol, const ProviderRequest& request, std::int64_t from) const {
    QueryParameters query = {{"symbol", symbol}, {"limit", std::to_string(page_rows_)}};
    // Trades go on by their number: many share one millisecond.
    const bool by_number = table_ == "trades" && from < 0;
    query.emplace_back(by_number ? "fromId" : "startTime", std::to_string(by_number ? -from - 1 : from));
    if (request.end && !by_number) {
      query.emplace_back("endTime", std::to_string((request.end->days + 1) * kDayMilliseconds - 1));
    }
    if (table_ == "trades") return service_.url("/api/v3/aggTrades", query);
    if (table_ == "funding") return service_.url("/fapi/v1/fundingRate", query);
    query.insert(query.begin() + 1, {"interval", interval_});
    return service_.url("/api/v3/klines", query);
  }

  void fetch_symbol(const std::string& symbol, const ProviderRequest& request, Delivery& delivery) {
    fetch_pages(service_.client(), service_.request(page_url(symbol, request, begin_of(request))),
                [&](const HttpResponse& response) -> std::optional<HttpRequest> {
                  const Json answer = Json::parse(response.body, nullptr, false);
                  const Json& rows = require_rows(service_, response, answer);
                  delivery.begin(response);
                  for (const Json& row : rows) add_row(response, symbol, row, request, delivery);
                  delivery.end();
                  if (rows.size() < page_rows_) return std::nullopt;
                  return next_page(response, symbol, rows, request);
                });
  }

  std::optional<HttpRequest> next_page(const HttpResponse& response, const std::string& symbol,
                                       const Json& rows, const ProviderRequest& request) const {
    const Json& last = rows.back();
    RowReader reader(last);
    const char* name = table_ == "trades" ? "a" : (table_ == "funding" ? "fundingTime" : "open time");
    const std::int64_t value = reader.integer(name, 0);
    if (reader.problem())
      throw service_.schema_error(response.url, last.dump().substr(0, 80), "a last row to go on from");
    if (table_ != "trades") return service_.request(page_url(symbol, request, value + 1));
    const std::int64_t time = RowReader(last).integer("T");
    if (request.end && time >= (request.end->days + 1) * kDayMilliseconds) return std::nullopt;
    return service_.request(page_url(symbol, request, -(value + 1) - 1));
  }

  void add_row(const HttpResponse& response, const std::string& symbol, const Json& row,
               const ProviderRequest& request, Delivery& delivery) const {
    if (table_ == "prices") {
      add_kline(response, symbol, row, request, delivery);
    } else if (table_ == "trades") {
      add_trade(symbol, row, request, delivery);
    } else {
      add_funding(symbol, row, request, delivery);
    }
  }

  static void add_kline(const HttpResponse& response, const std::string& symbol, const Json& row,
                        const ProviderRequest& request, Delivery& delivery) {
    RowReader reader(row);
    Bar bar;
    bar.symbol = symbol;
    bar.price_basis = "raw";
    const std::int64_t open_time = reader.integer("open time", 0);
    bar.open_time = open_time * kMillisecond;
    bar.open = reader.decimal("open", 1);
    bar.high = reader.decimal("high", 2);
    bar.low = reader.decimal("low", 3);
    bar.close = reader.decimal("close", 4);
    bar.volume = reader.decimal("volume", 5);
    // The last millisecond inside the bar; it is known when the next one begins.
    bar.close_time = (reader.integer("close time", 6) + 1) * kMillisecond;
    const double quote_volume = reader.decimal("quote volume", 7);
    if (bar.volume > 0.0) bar.vwap = quote_volume / bar.volume;
    bar.date = day_of(open_time);
    if (reader.problem() || is_requested(request, bar.date)) {
      add_bar(delivery, "prices", bar, reader.problem(), response.retrieved);
    }
  }

  static void add_trade(const std::string& symbol, const Json& row, const ProviderRequest& request,
                        Delivery& delivery) {
    RowReader reader(row);
    const std::int64_t number = reader.integer("a");
    const std::int64_t time = reader.integer("T");
    const double price = reader.decimal("p");
    const double quantity = reader.decimal("q");
    const bool buyer_is_maker =
        row.is_object() && row.value("m", Json()).is_boolean() && row["m"].get<bool>();
    if (!reader.problem() && !is_requested(request, day_of(time))) return;
    delivery.add("trades",
                 {symbol, number, time * kMillisecond, price, quantity, std::int64_t{buyer_is_maker ? 1 : 0}},
                 reader.problem());
  }

  static void add_funding(const std::string& symbol, const Json& row, const ProviderRequest& request,
                          Delivery& delivery) {
    RowReader reader(row);
    const std::int64_t time = reader.integer("fundingTime");
    const double rate = reader.decimal("fundingRate");
    // Early years have an empty text here.
    double mark_price = std::numeric_limits<double>::quiet_NaN();
    if (!reader.optional_text("markPrice").empty()) mark_price = reader.decimal("markPrice");
    if (!reader.problem() && !is_requested(request, day_of(time))) return;
    delivery.add("funding", {symbol, time * kMillisecond, rate, mark_price}, reader.problem());
  }

  ProviderInfo info_ = binance_info();
  std::string table_;
  std::string interval_;
  std::size_t page_rows_;
  Service service_;
};

}  // namespace

void add_to(Registry& registry) {
  registry.add("binance",
               {binance_info(), [](const ParameterMap& parameters, const ProviderContext& context) {
                  return std::make_unique<BinanceProvider>(parameters, context);
                }});
}

}  // namespace orrery::plugins::providers::binance_plugin
