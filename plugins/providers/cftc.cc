#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "orrery/data/known_time.h"
#include "plugins/providers/registry.h"
#include "plugins/providers/web/bars.h"
#include "plugins/providers/web/symbol_fetch.h"

namespace orrery::plugins::providers::cftc_plugin {
namespace {

using namespace web;

constexpr const char* kReportDate = "report_date_as_yyyy_mm_dd";

ServiceTraits traits() { return {"cftc", "https://publicreporting.cftc.gov", 60.0, "", {}}; }

/// The reports and their data sets.
constexpr std::array<std::pair<const char*, const char*>, 6> kReports = {
    {{"legacy", "6dca-aqww"},
     {"legacy_combined", "jun7-fc8e"},
     {"disaggregated", "72hh-3qpy"},
     {"disaggregated_combined", "kh3c-gbw2"},
     {"financial", "gpe5-46if"},
     {"financial_combined", "yw9f-hn96"}}};

std::vector<std::string> report_names() {
  std::vector<std::string> names;
  for (const auto& [name, data_set] : kReports) names.emplace_back(name);
  return names;
}

ProviderInfo cftc_info() {
  return {.name = "cftc",
          .summary = "Commitments of Traders, each known from the day of its publication; no key",
          .source = "docs/sources/cftc.md",
          .parameters = service_parameters(
              traits(), {{"report",
                          std::string("financial"),
                          "which report; _combined: futures and options",
                          {},
                          {},
                          report_names()},
                         {"page_rows", std::int64_t{1000}, "rows of one answer", 1.0, 50000.0}}),
          .tables = {"positioning"}};
}

TableLayout positioning_layout() {
  const std::string text;
  return {"positioning",
          {{"symbol", text},
           {"report", text},
           {"event_time", std::int64_t{0}},
           {"item", text},
           {"value", 0.0},
           {"market", text},
           {"known_time", std::int64_t{0}}},
          4};
}

/// Whether a column has contracts or traders of all crop years, and is no change, share or concentration.
bool is_item(std::string_view name) {
  if (name.ends_with("_old") || name.ends_with("_other") || name.starts_with("change_") ||
      name.starts_with("pct_") || name.starts_with("conc_")) {
    return false;
  }
  return name.starts_with("open_interest") || name.starts_with("traders_") ||
         name.find("positions_") != std::string_view::npos;
}

class CftcProvider final : public Provider {
 public:
  CftcProvider(const ParameterMap& parameters, const ProviderContext& context)
      : report_(get_string(parameters, "report")),
        page_rows_(static_cast<std::size_t>(get_integer(parameters, "page_rows"))),
        service_(traits(), parameters, context) {}

  const ProviderInfo& info() const override { return info_; }

  std::vector<std::string> first_requests(const ProviderRequest& request) const override {
    return urls_by_symbol(request, [&](const std::string& symbol) { return page_url(symbol, request, 0); });
  }

  void fetch(const ProviderRequest& request, ProviderSink& sink, Progress& progress) override {
    fetch_by_symbol(
        service_, {positioning_layout()}, request, sink, progress,
        [&](const std::string& symbol, Delivery& delivery) { fetch_contract(symbol, request, delivery); });
  }

 private:
  std::string page_url(const std::string& symbol, const ProviderRequest& request, std::size_t offset) const {
    std::string where = fmt::format("cftc_contract_market_code='{}'", symbol);
    if (request.begin) where += fmt::format(" AND {} >= '{}'", kReportDate, to_string(*request.begin));
    if (request.end) where += fmt::format(" AND {} <= '{}'", kReportDate, to_string(*request.end));
    const auto data_set = std::find_if(kReports.begin(), kReports.end(),
                                       [this](const auto& report) { return report.first == report_; });
    return service_.url(fmt::format("/resource/{}.json", data_set->second),
                        {{"$where", where},
                         {"$order", kReportDate},
                         {"$limit", std::to_string(page_rows_)},
                         {"$offset", std::to_string(offset)}});
  }

  void fetch_contract(const std::string& symbol, const ProviderRequest& request, Delivery& delivery) {
    std::string last_date;
    const auto read = [&](const HttpResponse& response, const Json& answer, PagePlace) -> RowPage {
      const Json& rows = require_rows(service_, response, answer);
      return {&rows, rows.size() < page_rows_};
    };
    const auto add = [&](const HttpResponse& response, const Json& row) {
      check_order(response, row, last_date);
      add_report(response, symbol, row, delivery);
    };
    fetch_row_pages(service_, delivery,
                    {[&](PagePlace place) { return page_url(symbol, request, place.rows); }, read, add});
  }

  /// One report a week, in order: a page that is sent twice would else be taken for the next.
  void check_order(const HttpResponse& response, const Json& row, std::string& last_date) const {
    if (!row.is_object()) return;
    const std::string date = row.value(kReportDate, "");
    if (!date.empty() && !last_date.empty() && date <= last_date) {
      throw service_.schema_error(response.url, "a report of " + date, "one after " + last_date);
    }
    last_date = date;
  }

  void add_report(const HttpResponse& response, const std::string& symbol, const Json& row,
                  Delivery& delivery) const {
    RowReader head(row);
    const Date report = head.day(kReportDate);
    const std::string market = head.text("market_and_exchange_names");
    std::optional<RowProblem> problem = head.problem();
    std::int64_t known = 0;
    if (!problem) problem = find_known_time(report, response.retrieved, known);
    if (problem) {
      delivery.add("positioning", {}, problem);
      return;
    }
    for (const auto& [name, value] : row.items()) {
      // A dot is the service's mark for nothing to count.
      if (!is_item(name) || value == ".") continue;
      RowReader reader(row);
      const double number = reader.decimal(name);
      delivery.add("positioning",
                   {symbol, report_, start_of(report + 1).nanoseconds, name, number, market, known},
                   reader.problem());
    }
  }

  /// Puts the moment of publication into `known`. A report that is newer than the table of publications is
  /// known from now on; of an older one nobody can say.
  static std::optional<RowProblem> find_known_time(Date report, Timestamp retrieved, std::int64_t& known) {
    constexpr int kNewDays = 30;
    try {
      known = known_time("positioning", "cftc", {.event = start_of(report + 1), .day = report}).nanoseconds;
    } catch (const Error& error) {
      if (start_of(report + kNewDays) < retrieved) {
        return RowProblem{"day of publication unknown", kReportDate, to_string(report)};
      }
      known = retrieved.nanoseconds;
    }
    return std::nullopt;
  }

  ProviderInfo info_ = cftc_info();
  std::string report_;
  std::size_t page_rows_;
  Service service_;
};

}  // namespace

void add_to(Registry& registry) {
  registry.add("cftc", {cftc_info(), [](const ParameterMap& parameters, const ProviderContext& context) {
                          return std::make_unique<CftcProvider>(parameters, context);
                        }});
}

}  // namespace orrery::plugins::providers::cftc_plugin
