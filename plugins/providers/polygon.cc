#include <fmt/format.h>

#include <map>
#include <set>

#include "orrery/net/pages.h"
#include "plugins/providers/registry.h"
#include "plugins/providers/web/bars.h"
#include "plugins/providers/web/symbol_fetch.h"

namespace orrery::plugins::providers::polygon_plugin {
namespace {

using namespace web;
using Type = Json::value_t;

constexpr std::int64_t kDayMilliseconds = 86'400'000;

/// The free plan allows five requests a minute.
ServiceTraits traits() {
  return {"polygon",
          "https://api.polygon.io",
          5.0,
          "POLYGON_API_KEY",
          {Credential::Place::kHeader, "Authorization", "Bearer ", {}}};
}

ProviderInfo polygon_info() {
  return {.name = "polygon",
          .summary = "US stocks: unadjusted daily bars, dividends, splits",
          .source = "docs/sources/polygon.md",
          .parameters = service_parameters(traits()),
          .tables = {"prices", "actions"},
          .key = traits().key,
          .calendar = "XNYS"};
}

class PolygonProvider final : public Provider {
 public:
  PolygonProvider(const ParameterMap& parameters, const ProviderContext& context)
      : clock_(*context.clock), service_(traits(), parameters, context) {}

  const ProviderInfo& info() const override { return info_; }

  std::vector<std::string> first_requests(const ProviderRequest& request) const override {
    std::vector<std::string> urls;
    for (const auto& symbol : request.symbols) {
      urls.push_back(bars_url(symbol, request));
      urls.push_back(actions_url("dividends", "ex_dividend_date", symbol, request));
      urls.push_back(actions_url("splits", "execution_date", symbol, request));
    }
    return urls;
  }

  void fetch(const ProviderRequest& request, ProviderSink& sink, Progress& progress) override {
    fetch_by_symbol(service_, {bar_layout(), action_layout()}, request, sink, progress,
                    [&](const std::string& symbol, Delivery& delivery) {
                      fetch_bars(symbol, request, delivery);
                      fetch_actions(symbol, request, delivery);
                    });
  }

 private:
  std::string bars_url(const std::string& symbol, const ProviderRequest& request) const {
    const Date today{static_cast<std::int32_t>(clock_.now().nanoseconds / kMillisecond / kDayMilliseconds)};
    return service_.url(
        fmt::format("/v2/aggs/ticker/{}/range/1/day/{}/{}", percent_encode(symbol),
                    to_string(request.begin.value_or(Date{0})), to_string(request.end.value_or(today))),
        {{"adjusted", "false"}, {"sort", "asc"}, {"limit", "50000"}});
  }

  std::string actions_url(const char* kind, const std::string& day_name, const std::string& symbol,
                          const ProviderRequest& request) const {
    QueryParameters query = {{"ticker", symbol}, {"limit", "1000"}, {"sort", day_name}, {"order", "asc"}};
    if (request.begin) query.emplace_back(day_name + ".gte", to_string(*request.begin));
    if (request.end) query.emplace_back(day_name + ".lte", to_string(*request.end));
    return service_.url(std::string("/v3/reference/") + kind, query);
  }

  /// Asks page by page and hands over each row of "results"; an answer without them has none.
  template <class AddRow>
  void fetch_rows(const std::string& first, Delivery& delivery, const AddRow& add_row) {
    fetch_pages(
        service_.client(), service_.request(first),
        [&](const HttpResponse& response) -> std::optional<HttpRequest> {
          const Json json = Json::parse(response.body, nullptr, false);
          const std::string status = json.is_object() ? json.value("status", "no status") : "no JSON object";
          if (status != "OK" && status != "DELAYED") {
            throw service_.schema_error(response.url, fmt::format("the status '{}'", status),
                                        "the status 'OK'");
          }
          delivery.begin(response);
          if (json.contains("results")) {
            for (const Json& row : member(service_, response.url, json, "results", Type::array))
              add_row(response, row);
          } else if (json.value("resultsCount", 0) != 0 || !json.contains("resultsCount")) {
            throw service_.schema_error(response.url, "an answer without 'results'", "rows in 'results'");
          }
          delivery.end();
          if (!json.contains("next_url") || json["next_url"].is_null()) return std::nullopt;
          const Json& next = member(service_, response.url, json, "next_url", Type::string);
          return service_.request(service_.own_url(next.get<std::string>()));
        });
  }

  void fetch_bars(const std::string& symbol, const ProviderRequest& request, Delivery& delivery) {
    fetch_rows(bars_url(symbol, request), delivery, [&](const HttpResponse& response, const Json& row) {
      RowReader reader(row);
      Bar bar;
      bar.symbol = symbol;
      bar.price_basis = "raw";
      // The start of the day in New York, of which the UTC day is the same.
      bar.date = Date{static_cast<std::int32_t>(reader.integer("t") / kDayMilliseconds)};
      bar.open = reader.number("o");
      bar.high = reader.number("h");
      bar.low = reader.number("l");
      bar.close = reader.number("c");
      bar.volume = reader.number("v");
      bar.vwap = reader.optional_number("vw");
      const SessionTimes session = new_york_session(bar.date);
      bar.open_time = session.open;
      bar.close_time = session.close;
      if (reader.problem() || is_requested(request, bar.date)) {
        add_bar(delivery, "prices", bar, reader.problem(), response.retrieved);
      }
    });
  }

  void fetch_actions(const std::string& symbol, const ProviderRequest& request, Delivery& delivery) {
    std::map<Date, std::pair<double, double>> actions;
    std::set<std::string> known;  // a page that is sent twice must not double a dividend
    const auto action_on = [&](Date day) -> auto& {
      return actions.try_emplace(day, 0.0, 1.0).first->second;
    };
    fetch_rows(actions_url("dividends", "ex_dividend_date", symbol, request), delivery,
               [&](const HttpResponse&, const Json& row) {
                 RowReader reader(row);
                 const std::string ticker = reader.text("ticker");
                 const Date day = reader.day("ex_dividend_date");
                 const double amount = reader.number("cash_amount");
                 delivery.count("actions", reader.problem());
                 const bool is_new = known.insert(row.dump()).second;
                 if (!reader.problem() && is_new && ticker == symbol) action_on(day).first += amount;
               });
    fetch_rows(actions_url("splits", "execution_date", symbol, request), delivery,
               [&](const HttpResponse&, const Json& row) {
                 RowReader reader(row);
                 const std::string ticker = reader.text("ticker");
                 const Date day = reader.day("execution_date");
                 const double ratio = reader.number("split_to") / reader.number("split_from");
                 delivery.count("actions", reader.problem());
                 if (!reader.problem() && ticker == symbol) action_on(day).second = ratio;
               });
    for (const auto& [day, action] : actions) {
      if (is_requested(request, day)) delivery.add("actions", {symbol, day, action.first, action.second});
    }
  }

  ProviderInfo info_ = polygon_info();
  WaitClock& clock_;
  Service service_;
};

}  // namespace

void add_to(Registry& registry) {
  registry.add("polygon",
               {polygon_info(), [](const ParameterMap& parameters, const ProviderContext& context) {
                  return std::make_unique<PolygonProvider>(parameters, context);
                }});
}

}  // namespace orrery::plugins::providers::polygon_plugin
