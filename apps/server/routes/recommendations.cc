#include <fmt/format.h>

#include <algorithm>

#include "apps/server/route_tools.h"
#include "orrery/base/error.h"

namespace orrery::server::recommendations_route {
namespace {

using Kind = ColumnInfo::Kind;

const std::vector<ColumnInfo>& recommendation_columns() {
  static const std::vector<ColumnInfo> columns = {
      {"date", Kind::kDate, "Session after whose close this was decided"},
      {"symbol", Kind::kText, "The name"},
      {"rank", Kind::kWhole, "Of the score within the session, 1 is the highest; 0 without a score"},
      {"score", Kind::kNumber, "What the model said"},
      {"probability", Kind::kNumber,
       "Share of earlier cells in the same tenth of scores that did better than their session's median name "
       "(of a 0/1 "
       "label: that were 1); null before 200 of them are known"},
      {"expected_return", Kind::kNumber, "What such a score has been worth, from the study's fill; a share"},
      {"lower", Kind::kNumber, "Lower end of the interval of that return"},
      {"upper", Kind::kNumber, "Upper end of it"},
      {"weight", Kind::kNumber, "To hold from the next fill on; share of equity"},
      {"weight_before", Kind::kNumber, "The weight of the rebalance before"},
      {"change", Kind::kNumber, "weight less weight_before"},
      {"reasons", Kind::kTexts, "Why this weight"},
      {"outcome", Kind::kNumber, "What the study's label turned out to be; null while nobody knows"}};
  return columns;
}

std::string reasons_of(const NameRecommendation& one, std::size_t scored) {
  std::string lines;
  const auto add = [&lines](const std::string& line) { lines += (lines.empty() ? "" : "\n") + line; };
  if (!one.reason.empty()) add(one.reason);
  if (one.rank > 0) add(fmt::format("score is number {} of {}", one.rank, scored));
  if (one.weight == 0.0 && one.weight_before != 0.0) add("is closed");
  if (one.weight != 0.0 && one.weight_before == 0.0) add("is new");
  return lines;
}

Table recommendation_table(Date session, const std::vector<NameRecommendation>& all,
                           const ApiRequest& request) {
  const bool held = request.parameters.value("held", false);
  const std::string symbol = request.text("symbol");
  const double least = request.parameters.value("min_probability", 0.0);
  const auto scored = static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [](const NameRecommendation& one) { return one.rank > 0; }));
  std::vector<Date> dates;
  std::vector<std::string> symbols, reasons;
  std::vector<std::int64_t> ranks;
  std::vector<double> scores, probabilities, expected, lower, upper, weights, before, changes, outcomes;
  for (const NameRecommendation& one : all) {
    if (held && one.weight == 0.0 && one.weight_before == 0.0) continue;
    if (!symbol.empty() && one.symbol != symbol) continue;
    if (least > 0.0 && !(one.probability >= least)) continue;
    dates.push_back(session);
    symbols.push_back(one.symbol);
    ranks.push_back(one.rank);
    scores.push_back(one.score);
    probabilities.push_back(one.probability);
    expected.push_back(one.expected);
    lower.push_back(one.lower);
    upper.push_back(one.upper);
    weights.push_back(one.weight);
    before.push_back(one.weight_before);
    changes.push_back(one.weight - one.weight_before);
    reasons.push_back(reasons_of(one, scored));
    outcomes.push_back(one.outcome);
  }
  return {{{"date", std::move(dates)},
           {"symbol", std::move(symbols)},
           {"rank", std::move(ranks)},
           {"score", std::move(scores)},
           {"probability", std::move(probabilities)},
           {"expected_return", std::move(expected)},
           {"lower", std::move(lower)},
           {"upper", std::move(upper)},
           {"weight", std::move(weights)},
           {"weight_before", std::move(before)},
           {"change", std::move(changes)},
           {"reasons", std::move(reasons)},
           {"outcome", std::move(outcomes)}}};
}

ApiAnswer list_recommendations(const Services& services, const ApiRequest& request) {
  const auto run = run_of(services, request);
  const RunRecommendations& all = run->recommendations();
  if (all.sessions().empty()) throw user_error(ErrorCode::kNotFound, "the run has no scores");
  const Date session = date_of(request, "date").value_or(all.sessions().back());
  RowsAnswer answer;
  answer.about = run_about(*run);
  answer.about["date"] = to_string(session);
  answer.about["first_session"] = to_string(all.sessions().front());
  answer.about["last_session"] = to_string(all.sessions().back());
  answer.rows = recommendation_table(session, all.of(session), request);
  return {std::move(answer)};
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
  Json about = run_about_members();
  about["date"] = schema::date("The session");
  about["first_session"] = schema::date("The run's first");
  about["last_session"] = schema::date("The run's last");
  operation.about = schema::object("The run and the session", std::move(about));
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

}  // namespace

void add_to(ApiServer& api, const Services& services) {
  api.add(recommendations_operation(services));
  api.add(picks_operation(services));
}

}  // namespace orrery::server::recommendations_route
