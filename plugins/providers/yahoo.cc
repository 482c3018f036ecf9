#include <fmt/format.h>

#include <cmath>
#include <map>

#include "orrery/data/number_text.h"
#include "plugins/providers/registry.h"
#include "plugins/providers/web/bars.h"
#include "plugins/providers/web/symbol_fetch.h"

namespace orrery::plugins::providers::yahoo_plugin {
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

/// Dividends and splits by ex-date, as they stand in the answer.
struct Action {
  double dividend = 0.0;
  double split_ratio = 1.0;
};
using Actions = std::map<Date, Action>;

/// New shares for one old by all splits after a day: by so much the answer has divided the day's prices.
double splits_after(const Actions& actions, Date day) {
  double ratio = 1.0;
  for (auto action = actions.upper_bound(day); action != actions.end(); ++action) {
    ratio *= action->second.split_ratio;
  }
  return ratio;
}

/// The answer's prices are single-precision numbers; seven digits are what was quoted, before and after a
/// split.
double as_traded(double adjusted, double ratio) {
  double price = adjusted;
  if (std::isfinite(adjusted)) parse_number(fmt::format("{:.7g}", adjusted * ratio), price);
  return price;
}

class YahooProvider final : public Provider {
 public:
  YahooProvider(const ParameterMap& parameters, const ProviderContext& context)
      : service_(traits(), parameters, context) {}

  const ProviderInfo& info() const override { return info_; }

  std::vector<std::string> first_requests(const ProviderRequest& request) const override {
    return urls_by_symbol(request, [&](const std::string& symbol) { return chart_url(symbol, request); });
  }

  void fetch(const ProviderRequest& request, ProviderSink& sink, Progress& progress) override {
    fetch_by_symbol(
        service_, {bar_layout(), action_layout()}, request, sink, progress,
        [&](const std::string& symbol, Delivery& delivery) { fetch_symbol(symbol, request, delivery); });
  }

 private:
  std::string chart_url(const std::string& symbol, const ProviderRequest& request) const {
    const std::int64_t begin = request.begin ? request.begin->days * kDaySeconds : k1900;
    // To today also where less is wanted: prices are adjusted for every split up to now, and are turned back.
    return service_.url("/v8/finance/chart/" + percent_encode(symbol), {{"interval", "1d"},
                                                                        {"period1", std::to_string(begin)},
                                                                        {"period2", std::to_string(k3000)},
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
    const Actions actions = actions_of(response, results.front(), delivery);
    for (const auto& [day, action] : actions) {
      if (!is_requested(request, day)) continue;
      const double dividend = as_traded(action.dividend, splits_after(actions, day));
      delivery.add("actions", {symbol, day, dividend, action.split_ratio});
    }
    delivery.end();
    delivery.begin(response);
    add_bars(response, symbol, results.front(), actions, request, delivery);
    delivery.end();
  }

  void add_bars(const HttpResponse& response, const std::string& symbol, const Json& result,
                const Actions& actions, const ProviderRequest& request, Delivery& delivery) const {
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
      add_row(response, symbol, meta, row, actions, request, delivery);
    }
  }

  static void add_row(const HttpResponse& response, const std::string& symbol, const Json& meta,
                      const Json& row, const Actions& actions, const ProviderRequest& request,
                      Delivery& delivery) {
    RowReader reader(row);
    Bar bar;
    bar.symbol = symbol;
    bar.price_basis = "raw";
    const std::int64_t seconds = reader.integer("timestamp");
    bar.open_time = seconds * kSecond;
    place_in_time(bar, meta, seconds);
    const double ratio = splits_after(actions, bar.date);
    bar.open = as_traded(reader.number("open"), ratio);
    bar.high = as_traded(reader.number("high"), ratio);
    bar.low = as_traded(reader.number("low"), ratio);
    bar.close = as_traded(reader.number("close"), ratio);
    bar.adj_close = reader.number("adjclose");
    bar.volume = std::round(reader.number("volume") / ratio);
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

  Actions actions_of(const HttpResponse& response, const Json& result, Delivery& delivery) const {
    Actions actions;
    if (!result.contains("events")) return actions;
    const auto offset = result["meta"].value("gmtoffset", std::int64_t{0});
    const Json& events = member(service_, response.url, result, "events", Json::value_t::object);
    for (const auto& [kind, entries] : events.items()) {
      if (kind != "dividends" && kind != "splits") continue;
      for (const auto& [key, entry] : entries.items()) {
        RowReader reader(entry);
        const std::int64_t local = reader.integer("date") + offset;
        Action& action = actions[Date{static_cast<std::int32_t>(local / kDaySeconds)}];
        if (kind == "dividends") {
          action.dividend = reader.number("amount");
        } else {
          action.split_ratio = reader.number("numerator") / reader.number("denominator");
        }
        if (reader.problem()) delivery.add("actions", {}, reader.problem());
      }
    }
    return actions;
  }

  ProviderInfo info_ = yahoo_info();
  Service service_;
};

}  // namespace

void add_to(Registry& registry) {
  registry.add("yahoo", {yahoo_info(), [](const ParameterMap& parameters, const ProviderContext& context) {
                           return std::make_unique<YahooProvider>(parameters, context);
                         }});
}

}  // namespace orrery::plugins::providers::yahoo_plugin
