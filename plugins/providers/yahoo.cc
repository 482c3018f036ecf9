#include <fmt/format.h>

#include "plugins/providers/registry.h"
#include "plugins/providers/web/bars.h"
#include "plugins/providers/web/service.h"

namespace orrery::plugins::providers {
namespace {

using namespace web;

constexpr std::int64_t kDaySeconds = 86400;
constexpr std::int64_t k1900 = -2208988800;  ///< before the first bar there is
constexpr std::int64_t k3000 = 32503680000;

ServiceTraits traits() { return {"yahoo", "https://query2.finance.yahoo.com", 60.0, "", {}}; }

ProviderInfo yahoo_info() {
  return {.name = "yahoo",
          .summary = "daily bars, dividends and splits of stocks, funds, indices; no key",
          .source = "docs/sources/yahoo.md",
          .parameters = service_parameters(traits()),
          .tables = {"prices", "actions"},
          .calendar = "XNYS"};
}

/// The numbers of one column of the answer's parallel arrays.
const Json& series(const Service& service, const std::string& url, const Json& columns, const char* name,
                   std::size_t rows) {
  const Json& values = member(service, url, columns, name, Json::value_t::array);
  if (values.size() == rows) return values;
  throw service.schema_error(url, fmt::format("{} values of '{}' for {} bars", values.size(), name, rows),
                             "as many of each");
}

class YahooProvider final : public Provider {
 public:
  YahooProvider(const ParameterMap& parameters, const ProviderContext& context)
      : service_(traits(), parameters, context) {}

  const ProviderInfo& info() const override { return info_; }

  std::vector<std::string> first_requests(const ProviderRequest& request) const override {
    std::vector<std::string> urls;
    for (const auto& symbol : request.symbols) urls.push_back(chart_url(symbol, request));
    return urls;
  }

  void fetch(const ProviderRequest& request, ProviderSink& sink, Progress& progress) override {
    require_symbols(service_, request);
    Delivery delivery(service_, {bar_layout(), action_layout()});
    for (const auto& symbol : request.symbols) {
      fetch_symbol(symbol, request, delivery);
      progress.advance();
    }
    delivery.deliver(sink);
  }

 private:
  std::string chart_url(const std::string& symbol, const ProviderRequest& request) const {
    const std::int64_t begin = request.begin ? request.begin->days * kDaySeconds : k1900;
    const std::int64_t end = request.end ? (request.end->days + 1) * kDaySeconds : k3000;
    return service_.url("/v8/finance/chart/" + percent_encode(symbol), {{"interval", "1d"},
                                                                        {"period1", std::to_string(begin)},
                                                                        {"period2", std::to_string(end)},
                                                                        {"events", "div|split"},
                                                                        {"includeAdjustedClose", "true"}});
  }

  void fetch_symbol(const std::string& symbol, const ProviderRequest& request, Delivery& delivery) {
    const auto [response, json] = service_.get_json(chart_url(symbol, request));
    const Json& chart = member(service_, response.url, json, "chart", Json::value_t::object);
    const Json& results = member(service_, response.url, chart, "result", Json::value_t::array);
    if (results.size() != 1) {
      throw service_.schema_error(response.url, fmt::format("{} results", results.size()), "one");
    }
    delivery.begin(response);
    add_bars(response, symbol, results.front(), request, delivery);
    delivery.end();
    delivery.begin(response);
    add_actions(response, symbol, results.front(), request, delivery);
    delivery.end();
  }

  void add_bars(const HttpResponse& response, const std::string& symbol, const Json& result,
                const ProviderRequest& request, Delivery& delivery) const {
    using Type = Json::value_t;
    const std::string& url = response.url;
    const Json& meta = member(service_, url, result, "meta", Type::object);
    const std::string granularity = meta.value("dataGranularity", "1d");
    if (granularity != "1d") throw service_.schema_error(url, "bars of " + granularity, "bars of 1d");
    if (!result.contains("timestamp")) return;  // how it says: nothing in this span
    const Json& times = member(service_, url, result, "timestamp", Type::array);
    const Json& indicators = member(service_, url, result, "indicators", Type::object);
    const Json& quotes = member(service_, url, indicators, "quote", Type::array);
    const Json& adjusted = member(service_, url, indicators, "adjclose", Type::array);
    const Json& quote = quotes.empty() ? quotes : quotes.front();
    Json columns = Json::object();
    for (const char* name : {"open", "high", "low", "close", "volume"}) {
      columns[name] = series(service_, url, quote, name, times.size());
    }
    columns["adjclose"] =
        series(service_, url, adjusted.empty() ? adjusted : adjusted.front(), "adjclose", times.size());
    columns["timestamp"] = times;
    for (std::size_t i = 0; i < times.size(); ++i) {
      Json row = Json::object();
      for (const auto& [name, values] : columns.items()) row[name] = values[i];
      add_row(response, symbol, meta, row, request, delivery);
    }
  }

  static void add_row(const HttpResponse& response, const std::string& symbol, const Json& meta,
                      const Json& row, const ProviderRequest& request, Delivery& delivery) {
    RowReader reader(row);
    Bar bar;
    bar.symbol = symbol;
    bar.price_basis = "split";
    const std::int64_t seconds = reader.integer("timestamp");
    bar.open_time = seconds * kSecond;
    bar.open = reader.number("open");
    bar.high = reader.number("high");
    bar.low = reader.number("low");
    bar.close = reader.number("close");
    bar.adj_close = reader.number("adjclose");
    bar.volume = reader.number("volume");
    place_in_time(bar, meta, seconds);
    if (is_requested(request, bar.date)) {
      add_bar(delivery, "prices", bar, reader.problem(), response.retrieved);
    }
  }

  /// The bar's day at its exchange, and its end: the session's in New York, elsewhere the end of that day,
  /// which is never too early.
  static void place_in_time(Bar& bar, const Json& meta, std::int64_t seconds) {
    const auto offset = meta.value("gmtoffset", std::int64_t{0});
    const std::int64_t local = seconds + offset;
    bar.date =
        Date{static_cast<std::int32_t>(local >= 0 ? local / kDaySeconds : (local + 1) / kDaySeconds - 1)};
    const bool in_new_york = meta.value("exchangeTimezoneName", "") == "America/New_York";
    bar.close_time = in_new_york ? new_york_session(bar.date).close
                                 : ((bar.date.days + 1) * kDaySeconds - offset) * kSecond;
  }

  void add_actions(const HttpResponse& response, const std::string& symbol, const Json& result,
                   const ProviderRequest& request, Delivery& delivery) const {
    if (!result.contains("events")) return;
    const auto offset = result["meta"].value("gmtoffset", std::int64_t{0});
    const Json& events = member(service_, response.url, result, "events", Json::value_t::object);
    std::map<Date, std::pair<double, double>> actions;
    for (const auto& [kind, entries] : events.items()) {
      if (kind != "dividends" && kind != "splits") continue;
      for (const auto& [key, entry] : entries.items()) {
        RowReader reader(entry);
        const std::int64_t local = reader.integer("date") + offset;
        const Date day{static_cast<std::int32_t>(local / kDaySeconds)};
        auto& [dividend, ratio] = actions.try_emplace(day, 0.0, 1.0).first->second;
        if (kind == "dividends") {
          dividend = reader.number("amount");
        } else {
          ratio = reader.number("numerator") / reader.number("denominator");
        }
        if (reader.problem()) delivery.add("actions", {}, reader.problem());
      }
    }
    for (const auto& [day, action] : actions) {
      if (is_requested(request, day)) {
        delivery.add("actions", {symbol, day, action.first, action.second});
      }
    }
  }

  ProviderInfo info_ = yahoo_info();
  Service service_;
};

}  // namespace

void register_providers_yahoo(Registry& registry) {
  registry.add("yahoo", {yahoo_info(), [](const ParameterMap& parameters, const ProviderContext& context) {
                           return std::make_unique<YahooProvider>(parameters, context);
                         }});
}

}  // namespace orrery::plugins::providers
