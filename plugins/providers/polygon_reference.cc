#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "orrery/data/known_time.h"
#include "orrery/data/lake/action_kinds.h"
#include "orrery/data/lake/delta_schema.h"
#include "plugins/providers/registry.h"
#include "plugins/providers/web/bars.h"
#include "plugins/providers/web/symbol_fetch.h"

namespace orrery::plugins::providers::polygon_reference_plugin {
namespace {

using namespace web;
using Type = Json::value_t;

/// The free plan allows five requests a minute.
ServiceTraits traits() {
  return {"polygon_reference",
          "https://api.polygon.io",
          5.0,
          "POLYGON_API_KEY",
          {Credential::Place::kHeader, "Authorization", "Bearer ", {}}};
}

ProviderInfo polygon_reference_info() {
  return {.name = "polygon_reference",
          .summary = "US stocks and funds: what they are on a day, and their changes of ticker",
          .source = "docs/sources/polygon_reference.md",
          .parameters = service_parameters(traits()),
          .tables = {"instruments", kActionsTable},
          .key = traits().key};
}

TableLayout instrument_layout() {
  const std::string text;
  return {"instruments",
          {{"symbol", text},
           {"event_time", std::int64_t{0}},
           {"name", text},
           {"kind", text},
           {"exchange", text},
           {"currency", text},
           {"sector", text},
           {"first_date", Date{}},
           {"last_date", Date{}},
           {"known_time", std::int64_t{0}}},
          2};
}

TableLayout rename_layout() {
  const std::string text;
  return {kActionsTable,
          {{"symbol", text},
           {"event_time", std::int64_t{0}},
           {"kind", text},
           {"value", 0.0},
           {"note", text},
           {"known_time", std::int64_t{0}}},
          3};
}

/// A ticker and the day from which the instrument had it.
struct TickerFrom {
  Date day;
  std::string ticker;
};

class PolygonReferenceProvider final : public Provider {
 public:
  PolygonReferenceProvider(const ParameterMap& parameters, const ProviderContext& context)
      : clock_(*context.clock), service_(traits(), parameters, context) {}

  const ProviderInfo& info() const override { return info_; }

  std::vector<std::string> first_requests(const ProviderRequest& request) const override {
    std::vector<std::string> urls;
    for (const auto& symbol : request.symbols) {
      urls.push_back(details_url(symbol, request));
      urls.push_back(events_url(symbol));
    }
    return urls;
  }

  void fetch(const ProviderRequest& request, ProviderSink& sink, Progress& progress) override {
    fetch_by_symbol(service_, {instrument_layout(), rename_layout()}, request, sink, progress,
                    [&](const std::string& symbol, Delivery& delivery) {
                      fetch_details(symbol, request, delivery);
                      fetch_renames(symbol, request, delivery);
                    });
  }

 private:
  Date asked_day(const ProviderRequest& request) const { return request.end.value_or(day_of(clock_.now())); }

  std::string details_url(const std::string& symbol, const ProviderRequest& request) const {
    return service_.url("/v3/reference/tickers/" + percent_encode(symbol),
                        {{"date", to_string(asked_day(request))}});
  }

  std::string events_url(const std::string& symbol) const {
    return service_.url("/vX/reference/tickers/" + percent_encode(symbol) + "/events",
                        {{"types", "ticker_change"}});
  }

  /// Asks, and starts the rows of the answer. Returns its "results".
  Json results_of(const std::string& url, Delivery& delivery) {
    auto [response, json] = service_.get_json(url);
    Json results = member(service_, response.url, json, "results", Type::object);
    delivery.begin(response);
    return results;
  }

  /// What is told for a day holds at its end.
  void fetch_details(const std::string& symbol, const ProviderRequest& request, Delivery& delivery) {
    const Json results = results_of(details_url(symbol, request), delivery);
    RowReader reader(results);
    const Date after = asked_day(request) + 1;
    const std::string ticker = reader.text("ticker");
    const std::string name = reader.text("name");
    const std::string kind = reader.optional_text("type");
    const std::string exchange = reader.optional_text("primary_exchange");
    const std::string currency = reader.optional_text("currency_name");
    const std::string sector = reader.optional_text("sic_description");
    const Date first = optional_day(reader, "list_date");
    const Date last = optional_day(reader, "delisted_utc");
    const auto known = known_time("instruments", "polygon", {.event = start_of(after), .day = after});
    delivery.add("instruments",
                 {ticker, start_of(after).nanoseconds, name, kind, exchange, currency, sector, first, last,
                  known.nanoseconds},
                 reader.problem());
    delivery.end();
  }

  static Date optional_day(RowReader& reader, std::string_view column) {
    return reader.optional_text(column).empty() ? kMissingDate : reader.day(column);
  }

  /// The tickers that an instrument had are told one by one; a rename lies between two of them.
  void fetch_renames(const std::string& symbol, const ProviderRequest& request, Delivery& delivery) {
    const Json results = results_of(events_url(symbol), delivery);
    std::vector<TickerFrom> tickers;
    for (const Json& event : member(service_, events_url(symbol), results, "events", Type::array)) {
      RowReader reader(event);
      const Date day = reader.day("date");
      const Json change = event.is_object() ? event.value("ticker_change", Json()) : Json();
      RowReader inner(change);
      const std::string ticker = inner.text("ticker");
      const auto problem = reader.problem() ? reader.problem() : inner.problem();
      delivery.count(kActionsTable, problem);
      if (!problem) tickers.push_back({day, ticker});
    }
    delivery.end();
    std::sort(tickers.begin(), tickers.end(), [](const auto& a, const auto& b) { return a.day < b.day; });
    for (std::size_t i = 1; i < tickers.size(); ++i)
      add_rename(tickers[i - 1], tickers[i], request, delivery);
  }

  static void add_rename(const TickerFrom& from, const TickerFrom& to, const ProviderRequest& request,
                         Delivery& delivery) {
    if (from.ticker == to.ticker || !is_requested(request, to.day)) return;
    const auto known =
        known_time(kActionsTable, "polygon", {.event = start_of(to.day), .day = to.day}).nanoseconds;
    delivery.add(kActionsTable, {from.ticker, start_of(to.day).nanoseconds, std::string(kRenameKind),
                                 std::numeric_limits<double>::quiet_NaN(), to.ticker, known});
  }

  ProviderInfo info_ = polygon_reference_info();
  WaitClock& clock_;
  Service service_;
};

}  // namespace

void add_to(Registry& registry) {
  registry.add("polygon_reference",
               {polygon_reference_info(), [](const ParameterMap& parameters, const ProviderContext& context) {
                  return std::make_unique<PolygonReferenceProvider>(parameters, context);
                }});
}

}  // namespace orrery::plugins::providers::polygon_reference_plugin
