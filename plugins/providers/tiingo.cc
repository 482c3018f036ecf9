#include "plugins/providers/registry.h"
#include "plugins/providers/web/bars.h"
#include "plugins/providers/web/symbol_fetch.h"

namespace orrery::plugins::providers::tiingo_plugin {
namespace {

using namespace web;

/// The free plan allows 50 requests an hour; the paid ones far more.
ServiceTraits traits() {
  return {"tiingo",
          "https://api.tiingo.com",
          50.0,
          "TIINGO_API_KEY",
          {Credential::Place::kHeader, "Authorization", "Token ", {}}};
}

ProviderInfo tiingo_info() {
  return {.name = "tiingo",
          .summary = "US stocks and funds: unadjusted and adjusted daily bars, dividends, splits",
          .source = "docs/sources/tiingo.md",
          .parameters = service_parameters(traits()),
          .tables = {"prices", "actions"},
          .key = traits().key,
          .calendar = "XNYS"};
}

class TiingoProvider final : public Provider {
 public:
  TiingoProvider(const ParameterMap& parameters, const ProviderContext& context)
      : service_(traits(), parameters, context) {}

  const ProviderInfo& info() const override { return info_; }

  std::vector<std::string> first_requests(const ProviderRequest& request) const override {
    return urls_by_symbol(request, [&](const std::string& symbol) { return prices_url(symbol, request); });
  }

  void fetch(const ProviderRequest& request, ProviderSink& sink, Progress& progress) override {
    fetch_by_symbol(
        service_, {bar_layout(), action_layout()}, request, sink, progress,
        [&](const std::string& symbol, Delivery& delivery) { fetch_bars(symbol, request, delivery); });
  }

 private:
  void fetch_bars(const std::string& symbol, const ProviderRequest& request, Delivery& delivery) {
    const auto [response, answer] = service_.get_json(prices_url(symbol, request));
    delivery.begin(response);
    for (const Json& row : require_rows(service_, response, answer)) {
      add_row(response, symbol, row, request, delivery);
    }
    delivery.end();
  }

  std::string prices_url(const std::string& symbol, const ProviderRequest& request) const {
    QueryParameters query = {{"format", "json"}, {"resampleFreq", "daily"}};
    query.emplace_back("startDate", to_string(request.begin.value_or(make_date(1900, 1, 1))));
    if (request.end) query.emplace_back("endDate", to_string(*request.end));
    return service_.url("/tiingo/daily/" + percent_encode(symbol) + "/prices", query);
  }

  static void add_row(const HttpResponse& response, const std::string& symbol, const Json& row,
                      const ProviderRequest& request, Delivery& delivery) {
    RowReader reader(row);
    Bar bar;
    bar.symbol = symbol;
    bar.price_basis = "raw";
    bar.date = reader.day("date");
    bar.open = reader.number("open");
    bar.high = reader.number("high");
    bar.low = reader.number("low");
    bar.close = reader.number("close");
    bar.adj_close = reader.number("adjClose");
    bar.volume = reader.number("volume");
    const double dividend = reader.number("divCash");
    const double split_ratio = reader.number("splitFactor");
    const SessionTimes session = new_york_session(bar.date);
    bar.open_time = session.open;
    bar.close_time = session.close;
    if (!reader.problem() && !is_requested(request, bar.date)) return;
    add_bar(delivery, "prices", bar, reader.problem(), response.retrieved);
    if (!reader.problem() && (dividend != 0.0 || split_ratio != 1.0)) {
      delivery.add("actions", {symbol, bar.date, dividend, split_ratio});
    }
  }

  ProviderInfo info_ = tiingo_info();
  Service service_;
};

}  // namespace

void add_to(Registry& registry) {
  registry.add("tiingo", {tiingo_info(), [](const ParameterMap& parameters, const ProviderContext& context) {
                            return std::make_unique<TiingoProvider>(parameters, context);
                          }});
}

}  // namespace orrery::plugins::providers::tiingo_plugin
