#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "apps/server/route_tools.h"
#include "orrery/app/run_factor_evaluation.h"
#include "orrery/data/parquet.h"

namespace orrery::server::market_route {
namespace {

using Kind = ColumnInfo::Kind;

constexpr std::size_t kSessionsOfFactors = 20;

/// The rows of a market between two days, of which either may be left open: the first is `count` sessions
/// before the last then, the last the name's last bar.
RowRange rows_of(const MarketData& market, std::size_t instrument, std::optional<Date> first,
                 std::optional<Date> last, std::size_t count) {
  RowRange rows{0, static_cast<std::size_t>(market.last_row[instrument] + 1)};
  if (last) {
    rows.end = market.lower_row(*last);
    if (rows.end < market.rows() && market.dates[rows.end] == *last) ++rows.end;
  }
  rows.begin = first ? market.lower_row(*first) : rows.end - std::min(rows.end, count);
  rows.begin = std::min(rows.begin, rows.end);
  return rows;
}

ApiAnswer list_bars(const Services& services, const ApiRequest& request) {
  const auto run = run_of(services, request);
  const auto again = services.markets.of(run);
  const MarketData& market = again->market();
  const std::size_t instrument = again->instrument(request.text("symbol"));
  const RowRange rows =
      rows_of(market, instrument, date_of(request, "from"), date_of(request, "to"), market.rows());
  const auto& panels = request.parameters.value("adjusted", true) ? market.fields : market.raw;
  std::vector<Date> dates;
  std::vector<std::size_t> there;
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    if (market.present(row, instrument) == 0) continue;
    there.push_back(row);
    dates.push_back(market.dates[row]);
  }
  RowsAnswer answer;
  answer.about = run_about(*run);
  answer.rows.columns.push_back({"date", std::move(dates)});
  const auto add = [&](const std::string& name, const Panel* panel) {
    std::vector<double> values;
    for (const std::size_t row : there) {
      values.push_back(panel == nullptr ? std::numeric_limits<double>::quiet_NaN()
                                        : (*panel)(row, instrument));
    }
    answer.rows.columns.push_back({name, std::move(values)});
  };
  for (const char* name : {"open", "high", "low", "close", "volume"}) {
    const auto found = panels.find(name);
    add(name, found == panels.end() ? nullptr : &found->second);
  }
  add("dividend", &market.dividend);
  add("split_ratio", &market.split_ratio);
  return {std::move(answer)};
}

Operation bars_operation(const Services& services) {
  Operation operation =
      reading("/api/v1/bars/{symbol}", "listBars", "Market", "The bars of a name that a run read");
  operation.description =
      "Sessions without a good bar are left out, as they were in the run. Needs the run's data, unchanged.";
  operation.kept = true;
  operation.slow = true;
  Json adjusted = schema::with_default(
      schema::flag("Adjusted for dividends and splits from the first bar on; false: as traded"), true);
  operation.parameters = {path_name("symbol", "The name"),
                          run_query(),
                          date_query("from", "First day"),
                          date_query("to", "Last day"),
                          {"adjusted", std::move(adjusted), false, false}};
  operation.about = schema::object("The run", run_about_members());
  operation.columns = {{"date", Kind::kDate, "Session"},
                       {"open", Kind::kNumber, "First price"},
                       {"high", Kind::kNumber, "Highest price"},
                       {"low", Kind::kNumber, "Lowest price"},
                       {"close", Kind::kNumber, "Last price"},
                       {"volume", Kind::kNumber, "Shares"},
                       {"dividend", Kind::kNumber, "Of a share, on its ex-date; as paid"},
                       {"split_ratio", Kind::kNumber, "New shares for an old one; 1: none"}};
  operation.run = [&services](const ApiRequest& request) { return list_bars(services, request); };
  return operation;
}

/// Means over the folds of a run, by feature; empty where it did not explain its models.
std::map<std::string, double> mean_sizes(const StoredRun& run) {
  std::map<std::string, double> sums;
  const auto file = run.folder / "explanation" / "features.parquet";
  if (!std::filesystem::exists(file)) return sums;
  const Table table = read_parquet(file, {"fold", "feature", "mean_size"});
  const auto folds = numbers_of(table.column("fold")), sizes = numbers_of(table.column("mean_size"));
  for (std::size_t i = 0; i < sizes.size(); ++i) sums[text_at(table.column("feature"), i)] += sizes[i];
  const std::set<double> different(folds.begin(), folds.end());
  for (auto& [name, sum] : sums) sum /= static_cast<double>(different.size());
  return sums;
}

ApiAnswer list_factors(const Services& services, const ApiRequest& request) {
  const auto run = run_of(services, request);
  const auto again = services.markets.of(run);
  const FactorFrame& factors = again->required_factors();
  const auto sizes = mean_sizes(run->stored());
  const std::size_t last = again->market().rows() - 1;
  std::vector<std::string> names;
  std::vector<double> size;
  std::vector<double> covered;
  for (std::size_t i = 0; i < factors.names.size(); ++i) {
    names.push_back(factors.names[i]);
    const auto found = sizes.find(factors.names[i]);
    size.push_back(found == sizes.end() ? std::numeric_limits<double>::quiet_NaN() : found->second);
    std::size_t there = 0, eligible = 0;
    for (std::size_t instrument = 0; instrument < again->market().symbols.size(); ++instrument) {
      if (again->universe()(last, instrument) == 0) continue;
      ++eligible;
      there += std::isnan(factors.panels[i](last, instrument)) ? 0 : 1;
    }
    covered.push_back(eligible == 0 ? std::numeric_limits<double>::quiet_NaN()
                                    : static_cast<double>(there) / static_cast<double>(eligible));
  }
  return {RowsAnswer{
      run_about(*run),
      {{{"factor", std::move(names)}, {"mean_size", std::move(size)}, {"covered", std::move(covered)}}}}};
}

Operation factors_operation(const Services& services) {
  Operation operation =
      reading("/api/v1/factors", "listFactors", "Market", "The factors that a run's model reads");
  operation.kept = true;
  operation.slow = true;
  operation.parameters = {run_query()};
  operation.about = schema::object("The run", run_about_members());
  operation.columns = {
      {"factor", Kind::kText, "Its name"},
      {"mean_size", Kind::kNumber,
       "Mean size of its contribution to a score, over folds; null where it was not told"},
      {"covered", Kind::kNumber, "Share of the universe that has a value after the last session"}};
  operation.run = [&services](const ApiRequest& request) { return list_factors(services, request); };
  return operation;
}

/// Share of the universe's values at or below a cell's, less half of its equals; NaN without a value.
double percentile(const FloatPanel& panel, const MaskPanel& universe, std::size_t row,
                  std::size_t instrument) {
  const float own = panel(row, instrument);
  if (std::isnan(own)) return std::numeric_limits<double>::quiet_NaN();
  double below = 0.0, equal = 0.0, all = 0.0;
  for (std::size_t other = 0; other < panel.columns(); ++other) {
    const float value = panel(row, other);
    if ((universe(row, other) == 0 && other != instrument) || std::isnan(value)) continue;
    all += 1.0;
    below += value < own ? 1.0 : 0.0;
    equal += value == own ? 1.0 : 0.0;
  }
  return (below + 0.5 * equal) / all;
}

std::vector<std::size_t> chosen_factors(const FactorFrame& factors, const std::string& wish) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < factors.names.size(); ++i) {
    if (wish.empty() || wish == factors.names[i]) chosen.push_back(i);
  }
  if (chosen.empty()) {
    throw ApiProblem(404, "there is no such factor",
                     {{"query.factor", "'" + wish + "' is no factor of the run; listFactors has them"}});
  }
  return chosen;
}

ApiAnswer list_values(const Services& services, const ApiRequest& request) {
  const auto run = run_of(services, request);
  const auto again = services.markets.of(run);
  const MarketData& market = again->market();
  const std::size_t instrument = again->instrument(request.text("symbol"));
  const FactorFrame& factors = again->required_factors();
  const auto chosen = chosen_factors(factors, request.text("factor"));
  const RowRange rows =
      rows_of(market, instrument, date_of(request, "from"), date_of(request, "to"), kSessionsOfFactors);
  std::vector<Date> dates;
  std::vector<std::string> names;
  std::vector<double> values, shares;
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    if (market.present(row, instrument) == 0) continue;
    for (const std::size_t i : chosen) {
      dates.push_back(market.dates[row]);
      names.push_back(factors.names[i]);
      values.push_back(static_cast<double>(factors.panels[i](row, instrument)));
      shares.push_back(percentile(factors.panels[i], again->universe(), row, instrument));
    }
  }
  return {RowsAnswer{run_about(*run),
                     {{{"date", std::move(dates)},
                       {"factor", std::move(names)},
                       {"value", std::move(values)},
                       {"percentile", std::move(shares)}}}}};
}

Operation values_operation(const Services& services) {
  Operation operation =
      reading("/api/v1/factors/{symbol}", "listFactorValues", "Market", "What a run's model reads of a name");
  operation.description =
      "Computed again from the run's data, which has to be there unchanged; before preprocessing. Nothing in "
      "a row was "
      "known later than its session's close.";
  operation.kept = true;
  operation.slow = true;
  operation.parameters = {path_name("symbol", "The name"),
                          run_query(),
                          date_query("from", "First day; without it the last 20 sessions up to `to`"),
                          date_query("to", "Last day; without it that of the name's last bar"),
                          {"factor", schema::name("Only this factor"), false, false}};
  operation.about = schema::object("The run", run_about_members());
  operation.columns = {{"date", Kind::kDate, "Session"},
                       {"factor", Kind::kText, "Its name"},
                       {"value", Kind::kNumber, "Of the name after the session; null where it is missing"},
                       {"percentile", Kind::kNumber,
                        "Share of the universe with a smaller value, equal ones counted half; 0 to 1"}};
  operation.run = [&services](const ApiRequest& request) { return list_values(services, request); };
  return operation;
}

/// The factor that ranks most like another one, either way round; the factor itself where there is no other.
std::size_t nearest(const Panel& correlations, std::size_t factor) {
  std::size_t best = factor;
  double most = -1.0;
  for (std::size_t other = 0; other < correlations.columns(); ++other) {
    const double size = std::abs(correlations(factor, other));
    if (other == factor || !(size > most)) continue;
    most = size;
    best = other;
  }
  return best;
}

ApiAnswer list_judged(const Services& services, const ApiRequest& request) {
  const auto run = run_of(services, request);
  const FactorEvaluation judged = evaluate_run_factors(*services.markets.of(run), 1);
  const std::vector<int>& horizons = judged.spec.horizons;
  std::vector<std::string> names, alike;
  std::vector<double> ts, half_lives, persistences, correlations;
  std::vector<std::vector<double>> ics(horizons.size());
  for (std::size_t i = 0; i < judged.factors.size(); ++i) {
    const FactorResult& factor = judged.factors[i];
    names.push_back(factor.name);
    const FactorHorizon& first = factor.horizons[judged.primary()];
    ts.push_back(first.rank_ic.newey_west_t);
    persistences.push_back(first.autocorrelation);
    half_lives.push_back(factor.decay.half_life);
    for (std::size_t h = 0; h < horizons.size(); ++h) ics[h].push_back(factor.horizons[h].rank_ic.mean);
    const std::size_t other = nearest(judged.correlations, i);
    alike.push_back(other == i ? "" : judged.factors[other].name);
    correlations.push_back(other == i ? std::nan("") : judged.correlations(i, other));
  }
  RowsAnswer answer;
  answer.about = run_about(*run);
  answer.about["first_session"] = to_string(judged.dates.front());
  answer.about["last_session"] = to_string(judged.dates.back());
  answer.rows.columns = {{"factor", std::move(names)}, {"t", std::move(ts)}};
  for (std::size_t h = 0; h < horizons.size(); ++h) {
    answer.rows.columns.push_back({"rank_ic_" + std::to_string(horizons[h]), std::move(ics[h])});
  }
  answer.rows.columns.push_back({"half_life", std::move(half_lives)});
  answer.rows.columns.push_back({"persistence", std::move(persistences)});
  answer.rows.columns.push_back({"nearest", std::move(alike)});
  answer.rows.columns.push_back({"correlation", std::move(correlations)});
  return {std::move(answer)};
}

Operation judged_operation(const Services& services) {
  Operation operation = reading("/api/v1/factors/evaluation", "listFactorEvaluation", "Market",
                                "What a run's factors were worth before its tests, how fast that fades, and "
                                "which are alike");
  operation.description =
      "On sessions whose returns end before the first tested one alone, so that choosing by it spoils no "
      "test.";
  operation.kept = true;
  operation.slow = true;
  operation.parameters = {run_query()};
  Json about = run_about_members();
  about["first_session"] = schema::date("First that is judged");
  about["last_session"] = schema::date("Last that is judged");
  operation.about = schema::object("The run, and what is judged", std::move(about));
  operation.columns = {
      {"factor", Kind::kText, "Its name"},
      {"t", Kind::kNumber, "Newey-West t of rank_ic_1"},
      {"rank_ic_1", Kind::kNumber, "Mean rank IC with the return of the first session"},
      {"rank_ic_5", Kind::kNumber, "With that of 5 sessions"},
      {"rank_ic_10", Kind::kNumber, "With that of 10"},
      {"rank_ic_20", Kind::kNumber, "With that of 20"},
      {"half_life", Kind::kNumber,
       "Sessions in which the rank IC halves; null: it does not, or there is none to halve"},
      {"persistence", Kind::kNumber, "Mean correlation of a day's ranks with the day before's"},
      {"nearest", Kind::kText, "The factor whose ranks are most alike, either way round"},
      {"correlation", Kind::kNumber, "Mean correlation of their ranks"}};
  operation.run = [&services](const ApiRequest& request) { return list_judged(services, request); };
  return operation;
}

}  // namespace

void add_to(ApiServer& api, const Services& services) {
  api.add(bars_operation(services));
  api.add(factors_operation(services));
  api.add(values_operation(services));
  api.add(judged_operation(services));
}

}  // namespace orrery::server::market_route
