#include <fmt/format.h>

#include <algorithm>

#include "orrery/base/letter_case.h"
#include "orrery/data/csv.h"
#include "orrery/data/number_text.h"
#include "orrery/data/text_file.h"
#include "plugins/providers/registry.h"
#include "plugins/providers/web/bars.h"
#include "plugins/providers/web/symbol_fetch.h"

namespace orrery::plugins::providers::stooq_plugin {
namespace {

using namespace web;

ServiceTraits traits() { return {"stooq", "https://stooq.com", 30.0, "", {}}; }

ProviderInfo stooq_info() {
  return {.name = "stooq",
          .summary = "daily bars of stocks, indices, currencies as CSV; no key, a limit a day",
          .source = "docs/sources/stooq.md",
          .parameters = service_parameters(
              traits(), {{"market", std::string("us"), "added to symbols without one: AAPL is aapl.us"}}),
          .tables = {"prices"},
          .calendar = "XNYS"};
}

std::string day_text(Date day) {
  const auto [year, month, number] = year_month_day(day);
  return fmt::format("{:04}{:02}{:02}", year, month, number);
}

/// The lines of a text, without their ends.
std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) lines.emplace_back(take_line(text));
  return lines;
}

/// A line as a JSON array: numbers where the text is one, so that the same reader serves.
Json row_of(const std::vector<std::string>& fields) {
  Json row = Json::array();
  for (const auto& field : fields) {
    double value = 0.0;
    const NumberText kind = parse_number(field, value);
    if (kind == NumberText::kNumber) {
      row.push_back(value);
    } else {
      row.push_back(kind == NumberText::kEmpty ? Json() : Json(field));
    }
  }
  return row;
}

class StooqProvider final : public Provider {
 public:
  StooqProvider(const ParameterMap& parameters, const ProviderContext& context)
      : market_(get_string(parameters, "market")), service_(traits(), parameters, context) {}

  const ProviderInfo& info() const override { return info_; }

  std::vector<std::string> first_requests(const ProviderRequest& request) const override {
    return urls_by_symbol(request, [&](const std::string& symbol) { return csv_url(symbol, request); });
  }

  void fetch(const ProviderRequest& request, ProviderSink& sink, Progress& progress) override {
    fetch_by_symbol(service_, {bar_layout()}, request, sink, progress,
                    [&](const std::string& symbol, Delivery& delivery) {
                      const HttpResponse response = service_.get(csv_url(symbol, request));
                      delivery.begin(response);
                      add_lines(response, symbol, request, delivery);
                      delivery.end();
                    });
  }

 private:
  std::string csv_url(const std::string& symbol, const ProviderRequest& request) const {
    const bool has_market = symbol.find_first_of(".^") != std::string::npos || market_.empty();
    QueryParameters query = {{"s", lower_case(has_market ? symbol : symbol + "." + market_)}, {"i", "d"}};
    if (request.begin) query.emplace_back("d1", day_text(*request.begin));
    if (request.end) query.emplace_back("d2", day_text(*request.end));
    return service_.url("/q/d/l/", query);
  }

  void add_lines(const HttpResponse& response, const std::string& symbol, const ProviderRequest& request,
                 Delivery& delivery) const {
    const auto lines = lines_of(response.body);
    if (lines.size() == 1 && lines.front() == "No data") return;
    check_form(response, lines);
    const bool has_volume = lines.front() == kHeader;
    for (std::size_t i = 1; i < lines.size(); ++i) {
      std::vector<std::string> fields;
      const bool is_closed = split_csv_line(lines[i], fields);
      add_line(response, symbol, request, is_closed ? row_of(fields) : Json(lines[i]), has_volume, delivery);
    }
  }

  /// A limit that is reached, a page of HTML and a file that was cut all come with status 200.
  void check_form(const HttpResponse& response, const std::vector<std::string>& lines) const {
    const std::string first = lines.empty() ? "an empty body" : lines.front().substr(0, 80);
    if (first != kHeader && first != kHeaderWithoutVolume) {
      throw service_.schema_error(response.url, fmt::format("\"{}\"", first),
                                  fmt::format("the header \"{}\"", kHeader));
    }
    if (response.body.back() != '\n') {
      throw service_.schema_error(response.url, "a last line without its end", "a whole file");
    }
  }

  void add_line(const HttpResponse& response, const std::string& symbol, const ProviderRequest& request,
                const Json& row, bool has_volume, Delivery& delivery) const {
    RowReader reader(row);
    Bar bar;
    bar.symbol = symbol;
    bar.date = reader.day("Date", 0);
    bar.open = reader.number("Open", 1);
    bar.high = reader.number("High", 2);
    bar.low = reader.number("Low", 3);
    bar.close = reader.number("Close", 4);
    bar.adj_close = bar.close;
    if (has_volume) bar.volume = reader.number("Volume", 5);
    bar.price_basis = "total";
    place_in_time(bar);
    if (reader.problem() || is_requested(request, bar.date)) {
      add_bar(delivery, "prices", bar, reader.problem(), response.retrieved);
    }
  }

  /// The file has days only: sessions of New York for its stocks, else the whole day.
  void place_in_time(Bar& bar) const {
    if (market_ == "us") {
      const SessionTimes times = new_york_session(bar.date);
      bar.open_time = times.open;
      bar.close_time = times.close;
    } else {
      bar.open_time = start_of(bar.date).nanoseconds;
      bar.close_time = start_of(bar.date + 1).nanoseconds;
    }
  }

  static constexpr const char* kHeader = "Date,Open,High,Low,Close,Volume";
  static constexpr const char* kHeaderWithoutVolume = "Date,Open,High,Low,Close";

  ProviderInfo info_ = stooq_info();
  std::string market_;
  Service service_;
};

}  // namespace

void add_to(Registry& registry) {
  registry.add("stooq", {stooq_info(), [](const ParameterMap& parameters, const ProviderContext& context) {
                           return std::make_unique<StooqProvider>(parameters, context);
                         }});
}

}  // namespace orrery::plugins::providers::stooq_plugin
