#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "orrery/base/spelling.h"
#include "orrery/data/known_time.h"
#include "plugins/providers/registry.h"
#include "plugins/providers/web/bars.h"
#include "plugins/providers/web/symbol_fetch.h"

namespace orrery::plugins::providers::edgar_plugin {
namespace {

using namespace web;
using Type = Json::value_t;

/// The SEC asks for at most ten requests a second, and to be told who asks.
ServiceTraits traits() { return {"edgar", "https://data.sec.gov", 480.0, "", {}}; }

ProviderInfo edgar_info() {
  return {.name = "edgar",
          .summary = "facts of US companies' filings, each known from the moment its filing was accepted",
          .source = "docs/sources/edgar.md",
          .parameters = service_parameters(
              traits(), {{"contact", std::string(), "your mail address, which the SEC wants to be told"},
                         {"tickers_url", std::string("https://www.sec.gov"),
                          "where the SEC keeps its list of tickers"}}),
          .tables = {"fundamentals"}};
}

TableLayout fact_layout() {
  const std::string text;
  return {"fundamentals",
          {{"symbol", text},
           {"taxonomy", text},
           {"concept", text},
           {"unit", text},
           {"start", Date{}},
           {"end", Date{}},
           {"accession", text},
           {"value", 0.0},
           {"form", text},
           {"filed", Date{}},
           {"known_time", std::int64_t{0}}},
          7};
}

/// "320193", "0000320193" and "CIK0000320193" are the same company. "" for anything else.
std::string cik_of(std::string symbol) {
  if (symbol.rfind("CIK", 0) == 0) symbol.erase(0, 3);
  const bool is_number =
      !symbol.empty() && symbol.size() <= 10 &&
      std::all_of(symbol.begin(), symbol.end(), [](char c) { return c >= '0' && c <= '9'; });
  return is_number ? std::string(10 - symbol.size(), '0') + symbol : "";
}

class EdgarProvider final : public Provider {
 public:
  EdgarProvider(const ParameterMap& parameters, const ProviderContext& context)
      : contact_(get_string(parameters, "contact")),
        tickers_url_(get_string(parameters, "tickers_url") + "/files/company_tickers.json"),
        service_(traits(), parameters, context, {{"User-Agent", "orrery/" ORRERY_VERSION " " + contact_}}) {}

  const ProviderInfo& info() const override { return info_; }

  std::vector<std::string> first_requests(const ProviderRequest& request) const override {
    std::vector<std::string> urls;
    const bool has_ticker = std::any_of(request.symbols.begin(), request.symbols.end(),
                                        [](const auto& symbol) { return cik_of(symbol).empty(); });
    if (has_ticker) urls.push_back(tickers_url_);
    for (const auto& symbol : request.symbols) {
      const auto cik = cik_of(symbol);
      if (cik.empty()) continue;
      urls.push_back(submissions_url(cik));
      urls.push_back(facts_url(cik));
    }
    return urls;
  }

  void fetch(const ProviderRequest& request, ProviderSink& sink, Progress& progress) override {
    if (contact_.empty()) {
      throw user_error(ErrorCode::kInvalidArgument,
                       "edgar: the SEC wants to know who asks: --set contact=you@example.com");
    }
    std::optional<CompanyNumbers> numbers;
    fetch_by_symbol(service_, {fact_layout()}, request, sink, progress,
                    [&](const std::string& symbol, Delivery& delivery) {
                      auto cik = cik_of(symbol);
                      if (cik.empty()) {
                        if (!numbers) numbers = company_numbers();
                        cik = number_of(symbol, *numbers);
                      }
                      fetch_facts(symbol, cik, acceptance_times(cik), request, delivery);
                    });
  }

 private:
  using Acceptances = std::map<std::string, std::int64_t>;

  using CompanyNumbers = std::map<std::string, std::string>;

  std::string submissions_url(const std::string& cik) const {
    return service_.url("/submissions/CIK" + cik + ".json");
  }
  std::string facts_url(const std::string& cik) const {
    return service_.url("/api/xbrl/companyfacts/CIK" + cik + ".json");
  }

  /// The CIK of each company by its ticker of today.
  CompanyNumbers company_numbers() {
    const auto [response, json] = service_.get_json(tickers_url_);
    CompanyNumbers numbers;
    for (const auto& [place, row] : json.items()) {
      const Json& ticker = member(service_, response.url, row, "ticker", Type::string);
      const Json& number = member(service_, response.url, row, "cik_str", Type::number_unsigned);
      numbers[ticker.get<std::string>()] = cik_of(number.dump());
    }
    return numbers;
  }

  static std::string number_of(const std::string& symbol, const CompanyNumbers& numbers) {
    // The SEC writes classes of shares with a hyphen: BRK-B.
    std::string ticker = symbol;
    std::replace(ticker.begin(), ticker.end(), '.', '-');
    if (const auto found = numbers.find(ticker); found != numbers.end()) return found->second;
    std::vector<std::string> tickers;
    for (const auto& [name, number] : numbers) tickers.push_back(name);
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("edgar: no company has the ticker '{}' today{}; a company that has gone is "
                                 "found by its CIK, such as 320193",
                                 symbol, did_you_mean(ticker, tickers)));
  }

  /// When each of the latest filings was accepted, by its accession number.
  Acceptances acceptance_times(const std::string& cik) {
    const auto [response, json] = service_.get_json(submissions_url(cik));
    const Json& filings = member(service_, response.url, json, "filings", Type::object);
    const Json& recent = member(service_, response.url, filings, "recent", Type::object);
    const Json& numbers = member(service_, response.url, recent, "accessionNumber", Type::array);
    const Json& moments = member(service_, response.url, recent, "acceptanceDateTime", Type::array);
    if (numbers.size() != moments.size()) {
      throw service_.schema_error(response.url,
                                  fmt::format("{} filings with {} moments", numbers.size(), moments.size()),
                                  "as many of each");
    }
    Acceptances times;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const auto moment =
          moments[i].is_string() ? parse_timestamp(moments[i].get<std::string>()) : std::nullopt;
      if (!moment || !numbers[i].is_string()) {
        throw service_.schema_error(response.url, "a filing's moment " + moments[i].dump(),
                                    "a moment in UTC");
      }
      times[numbers[i].get<std::string>()] = moment->nanoseconds;
    }
    return times;
  }

  void fetch_facts(const std::string& symbol, const std::string& cik, const Acceptances& times,
                   const ProviderRequest& request, Delivery& delivery) {
    const auto [response, json] = service_.get_json(facts_url(cik));
    delivery.begin(response);
    for (const auto& [taxonomy, concepts] :
         member(service_, response.url, json, "facts", Type::object).items()) {
      for (const auto& [name, fact] : concepts.items()) {
        for (const auto& [unit, rows] : member(service_, response.url, fact, "units", Type::object).items()) {
          for (const Json& row : rows)
            add_fact({symbol, taxonomy, name, unit}, row, times, request, delivery);
        }
      }
    }
    delivery.end();
  }

  /// `cells` are the first ones of the row: symbol, taxonomy, concept, unit.
  static void add_fact(std::vector<Cell> cells, const Json& row, const Acceptances& times,
                       const ProviderRequest& request, Delivery& delivery) {
    RowReader reader(row);
    const Date end = reader.day("end");
    const Date start = row.is_object() && row.contains("start") ? reader.day("start") : end;
    const std::string accession = reader.text("accn");
    const double value = reader.number("val");
    const std::string form = reader.text("form");
    const Date filed = reader.day("filed");
    if (reader.problem()) {
      delivery.add("fundamentals", {}, reader.problem());
      return;
    }
    if (!is_requested(request, filed)) return;
    const auto accepted = times.find(accession);
    FactTimes told{.event = start_of(end + 1), .day = filed};
    if (accepted != times.end()) told.published = Timestamp{accepted->second};
    const std::int64_t known = known_time("fundamentals", "edgar", told).nanoseconds;
    for (Cell cell : std::initializer_list<Cell>{start, end, accession, value, form, filed, known}) {
      cells.push_back(std::move(cell));
    }
    delivery.add("fundamentals", std::move(cells));
  }

  ProviderInfo info_ = edgar_info();
  std::string contact_;
  std::string tickers_url_;
  Service service_;
};

}  // namespace

void add_to(Registry& registry) {
  registry.add("edgar", {edgar_info(), [](const ParameterMap& parameters, const ProviderContext& context) {
                           return std::make_unique<EdgarProvider>(parameters, context);
                         }});
}

}  // namespace orrery::plugins::providers::edgar_plugin
