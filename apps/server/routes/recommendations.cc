#include "apps/server/recommendation_rows.h"
#include "apps/server/route_tools.h"
#include "orrery/base/error.h"

namespace orrery::server::recommendations_route {
namespace {

using Kind = ColumnInfo::Kind;

ApiAnswer list_recommendations(const Services& services, const ApiRequest& request) {
  const auto run = run_of(services, request);
  const RunRecommendations& all = run->recommendations();
  if (all.sessions().empty()) throw user_error(ErrorCode::kNotFound, "the run has no scores");
  const Date session = date_of(request, "date").value_or(all.sessions().back());
  RecommendationFilter filter;
  filter.held = request.parameters.value("held", false);
  filter.symbol = request.text("symbol");
  filter.least_probability = request.parameters.value("min_probability", 0.0);
  return {recommendation_rows(*run, session, filter)};
}

Operation recommendations_operation(const Services& services) {
  Operation operation = reading("/api/v1/recommendations", "listRecommendations", "Recommendations",
                                "What to hold after a session's close, why, and how sure");
  operation.description =
      "Rows of one session, by rank. Nothing in a row was known later than the session's close, but for "
      "`outcome`.";
  operation.kept = true;
  operation.parameters = {
      run_query(),
      date_query("date", "The session; the last one without it"),
      {"symbol", schema::name("Only this name"), false, false},
      {"held", schema::flag("Only names that are held now or were before"), false, false},
      {"min_probability", schema::number("Only names with at least this probability"), false, false}};
  operation.about = recommendation_about();
  operation.columns = recommendation_columns();
  operation.run = [&services](const ApiRequest& request) { return list_recommendations(services, request); };
  return operation;
}

ApiAnswer list_picks(const Services& services, const ApiRequest& request) {
  const auto run = run_of(services, request);
  const auto first = date_of(request, "from"), last = date_of(request, "to");
  std::vector<Date> dates;
  std::vector<std::int64_t> picks;
  std::vector<double> outcomes, universe, better;
  for (const PickRecord& one : run->recommendations().record()) {
    if ((first && one.date < *first) || (last && one.date > *last)) continue;
    dates.push_back(one.date);
    picks.push_back(one.picks);
    outcomes.push_back(one.mean_outcome);
    universe.push_back(one.universe_outcome);
    better.push_back(one.better);
  }
  RowsAnswer answer;
  answer.about = run_about(*run);
  answer.rows = {{{"date", std::move(dates)},
                  {"picks", std::move(picks)},
                  {"mean_outcome", std::move(outcomes)},
                  {"universe_outcome", std::move(universe)},
                  {"better", std::move(better)}}};
  return {std::move(answer)};
}

Operation picks_operation(const Services& services) {
  Operation operation = reading("/api/v1/recommendations/record", "listPickRecord", "Recommendations",
                                "How earlier recommendations did, session by session");
  operation.kept = true;
  operation.parameters = {run_query(), date_query("from", "First session"), date_query("to", "Last session")};
  operation.about = schema::object("The run", run_about_members());
  operation.columns = {{"date", Kind::kDate, "Session after whose close this was decided"},
                       {"picks", Kind::kWhole, "Names with a positive weight whose outcome is known"},
                       {"mean_outcome", Kind::kNumber, "Their outcomes' mean, weighted"},
                       {"universe_outcome", Kind::kNumber, "Mean outcome of all scored names, each alike"},
                       {"better", Kind::kNumber, "Share of the picks above the session's median name"}};
  operation.run = [&services](const ApiRequest& request) { return list_picks(services, request); };
  return operation;
}

Operation history_operation(const Services& services) {
  Operation operation = reading("/api/v1/recommendations/{symbol}", "listNameHistory", "Recommendations",
                                "What a run has said of one name, session by session");
  operation.kept = true;
  operation.slow = true;
  operation.parameters = {path_name("symbol", "The name"), run_query(), date_query("from", "First session"),
                          date_query("to", "Last session")};
  operation.about = schema::object("The run", run_about_members());
  operation.columns = recommendation_columns();
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    return {history_rows(*run_of(services, request), request.text("symbol"), date_of(request, "from"),
                         date_of(request, "to"))};
  };
  return operation;
}

}  // namespace

void add_to(ApiServer& api, const Services& services) {
  api.add(recommendations_operation(services));
  api.add(picks_operation(services));
  api.add(history_operation(services));
}

}  // namespace orrery::server::recommendations_route
