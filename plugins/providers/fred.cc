#include <fmt/format.h>

#include "orrery/data/known_time.h"
#include "plugins/providers/registry.h"
#include "plugins/providers/web/bars.h"
#include "plugins/providers/web/symbol_fetch.h"

namespace orrery::plugins::providers::fred_plugin {
namespace {

using namespace web;
using Type = Json::value_t;

ServiceTraits traits() {
  return {"fred",
          "https://api.stlouisfed.org",
          100.0,
          "FRED_API_KEY",
          {Credential::Place::kQuery, "api_key", "", {}}};
}

ProviderInfo fred_info() {
  return {.name = "fred",
          .summary = "macro series of FRED with all their vintages (ALFRED): what was known when",
          .source = "docs/sources/fred.md",
          .parameters = service_parameters(
              traits(), {{"vintages", true, "every revision, each known from its day; else today's values"},
                         {"page_rows", std::int64_t{100000}, "rows of one answer", 1.0, 100000.0}}),
          .tables = {"macro"},
          .key = traits().key};
}

std::int64_t known_after(Date vintage) { return known_time("macro", "fred", {.day = vintage}).nanoseconds; }

TableLayout macro_layout() {
  return {"macro",
          {{"symbol", std::string()},
           {"date", Date{}},
           {"vintage", Date{}},
           {"value", 0.0},
           {"known_time", std::int64_t{0}}},
          3};
}

class FredProvider final : public Provider {
 public:
  FredProvider(const ParameterMap& parameters, const ProviderContext& context)
      : has_vintages_(get_bool(parameters, "vintages")),
        page_rows_(get_integer(parameters, "page_rows")),
        service_(traits(), parameters, context) {}

  const ProviderInfo& info() const override { return info_; }

  std::vector<std::string> first_requests(const ProviderRequest& request) const override {
    return urls_by_symbol(request, [&](const std::string& symbol) { return page_url(symbol, request, 0); });
  }

  void fetch(const ProviderRequest& request, ProviderSink& sink, Progress& progress) override {
    fetch_by_symbol(
        service_, {macro_layout()}, request, sink, progress,
        [&](const std::string& symbol, Delivery& delivery) { fetch_series(symbol, request, delivery); });
  }

 private:
  std::string page_url(const std::string& symbol, const ProviderRequest& request, std::size_t offset) const {
    QueryParameters query = {{"series_id", symbol}, {"file_type", "json"}};
    if (request.begin) query.emplace_back("observation_start", to_string(*request.begin));
    if (request.end) query.emplace_back("observation_end", to_string(*request.end));
    if (has_vintages_) {
      query.emplace_back("realtime_start", "1776-07-04");  // its earliest, and latest, day
      query.emplace_back("realtime_end", "9999-12-31");
    }
    query.emplace_back("limit", std::to_string(page_rows_));
    query.emplace_back("offset", std::to_string(offset));
    return service_.url("/fred/series/observations", query);
  }

  void fetch_series(const std::string& symbol, const ProviderRequest& request, Delivery& delivery) {
    fetch_row_pages(service_, delivery,
                    {[&](PagePlace place) { return page_url(symbol, request, place.rows); },
                     [&](const HttpResponse& response, const Json& answer, PagePlace place) {
                       return read_page(response, answer, place.rows);
                     },
                     [&](const HttpResponse&, const Json& row) { add_row(symbol, row, delivery); }});
  }

  RowPage read_page(const HttpResponse& response, const Json& answer, std::size_t rows_seen) const {
    const Json& rows = member(service_, response.url, answer, "observations", Type::array);
    const Json& count = member(service_, response.url, answer, "count", Type::number_unsigned);
    check_place(response, answer, rows_seen);
    const bool is_last = rows_seen + rows.size() >= count.get<std::size_t>();
    if (rows.empty() && !is_last) {
      throw service_.schema_error(response.url, fmt::format("an empty page after {} rows", rows_seen),
                                  fmt::format("{} rows in all", count.dump()));
    }
    return {&rows, is_last};
  }

  /// A page says where it begins; one that is sent twice would else be taken for the next.
  void check_place(const HttpResponse& response, const Json& json, std::size_t rows_seen) const {
    const Json& offset = member(service_, response.url, json, "offset", Type::number_unsigned);
    if (offset.get<std::size_t>() == rows_seen) return;
    throw service_.schema_error(response.url, fmt::format("a page that begins at row {}", offset.dump()),
                                fmt::format("row {}", rows_seen));
  }

  static void add_row(const std::string& symbol, const Json& row, Delivery& delivery) {
    RowReader reader(row);
    const Date date = reader.day("date");
    const Date vintage = reader.day("realtime_start");
    // "." is FRED's mark of a value that is missing: nobody knew one, so there is nothing to tell.
    if (reader.text("value") == "." && !reader.problem()) {
      delivery.count("macro", std::nullopt);
      return;
    }
    const double value = reader.decimal("value");
    delivery.add("macro", {symbol, date, vintage, value, known_after(vintage)}, reader.problem());
  }

  ProviderInfo info_ = fred_info();
  bool has_vintages_;
  std::int64_t page_rows_;
  Service service_;
};

}  // namespace

void add_to(Registry& registry) {
  registry.add("fred", {fred_info(), [](const ParameterMap& parameters, const ProviderContext& context) {
                          return std::make_unique<FredProvider>(parameters, context);
                        }});
}

}  // namespace orrery::plugins::providers::fred_plugin
