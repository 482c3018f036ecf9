#include "apps/server/recommendation_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/server/api/schema.h"
#include "apps/server/route_tools.h"

namespace orrery::server {
namespace {

std::string reasons_of(const NameRecommendation& one, std::size_t scored) {
  std::string lines;
  const auto add = [&lines](const std::string& line) { lines += (lines.empty() ? "" : "\n") + line; };
  if (!one.reason.empty()) add(one.reason);
  if (one.rank > 0) add(fmt::format("score is number {} of {}", one.rank, scored));
  if (one.weight == 0.0 && one.weight_before != 0.0) add("is closed");
  if (one.weight != 0.0 && one.weight_before == 0.0) add("is new");
  return lines;
}

/// Rows of recommendations, column by column.
struct Columns {
  std::vector<Date> dates;
  std::vector<std::string> symbols, reasons;
  std::vector<std::int64_t> ranks;
  std::vector<double> scores, probabilities, expected, lower, upper, weights, before, changes, outcomes;

  void add(Date session, const NameRecommendation& one, std::size_t scored) {
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

  Table take() {
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
};

std::size_t count_scored(const std::vector<NameRecommendation>& all) {
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [](const NameRecommendation& one) { return one.rank > 0; }));
}

bool is_wanted(const NameRecommendation& one, const RecommendationFilter& filter) {
  if (filter.held && one.weight == 0.0 && one.weight_before == 0.0) return false;
  if (!filter.symbol.empty() && one.symbol != filter.symbol) return false;
  return filter.least_probability <= 0.0 || one.probability >= filter.least_probability;
}

void add_session(const RunRecommendations& all, Date session, const RecommendationFilter& filter,
                 Columns& rows) {
  const auto names = all.of(session);
  const std::size_t scored = count_scored(names);
  for (const NameRecommendation& one : names) {
    if (is_wanted(one, filter)) rows.add(session, one, scored);
  }
}

}  // namespace

const std::vector<ColumnInfo>& recommendation_columns() {
  static const std::vector<ColumnInfo> columns = {
      {"date", ColumnInfo::Kind::kDate, "Session after whose close this was decided"},
      {"symbol", ColumnInfo::Kind::kText, "The name"},
      {"rank", ColumnInfo::Kind::kWhole,
       "Of the score within the session, 1 is the highest; 0 without a score"},
      {"score", ColumnInfo::Kind::kNumber, "What the model said"},
      {"probability", ColumnInfo::Kind::kNumber,
       "Share of earlier cells in the same tenth of scores that did better than their session's median name "
       "(of a 0/1 "
       "label: that were 1); null before 200 of them are known"},
      {"expected_return", ColumnInfo::Kind::kNumber,
       "What such a score has been worth, from the study's fill; a share"},
      {"lower", ColumnInfo::Kind::kNumber, "Lower end of the interval of that return"},
      {"upper", ColumnInfo::Kind::kNumber, "Upper end of it"},
      {"weight", ColumnInfo::Kind::kNumber, "To hold from the next fill on; share of equity"},
      {"weight_before", ColumnInfo::Kind::kNumber, "The weight of the rebalance before"},
      {"change", ColumnInfo::Kind::kNumber, "weight less weight_before"},
      {"reasons", ColumnInfo::Kind::kTexts, "Why this weight"},
      {"outcome", ColumnInfo::Kind::kNumber,
       "What the study's label turned out to be; null while nobody knows"}};
  return columns;
}

Json recommendation_about() {
  Json about = run_about_members();
  about["date"] = schema::date("The session");
  about["first_session"] = schema::date("The run's first");
  about["last_session"] = schema::date("The run's last");
  return schema::object("The run and the session", std::move(about));
}

RowsAnswer recommendation_rows(const CatalogueRun& run, Date session, const RecommendationFilter& filter) {
  const RunRecommendations& all = run.recommendations();
  RowsAnswer answer;
  answer.about = run_about(run);
  answer.about["date"] = to_string(session);
  answer.about["first_session"] = to_string(all.sessions().front());
  answer.about["last_session"] = to_string(all.sessions().back());
  Columns rows;
  add_session(all, session, filter, rows);
  answer.rows = rows.take();
  return answer;
}

RowsAnswer history_rows(const CatalogueRun& run, const std::string& symbol, std::optional<Date> first,
                        std::optional<Date> last) {
  const RunRecommendations& all = run.recommendations();
  RecommendationFilter filter;
  filter.symbol = symbol;
  Columns rows;
  for (const Date session : all.sessions()) {
    if ((first && session < *first) || (last && session > *last)) continue;
    add_session(all, session, filter, rows);
  }
  RowsAnswer answer;
  answer.about = run_about(run);
  answer.rows = rows.take();
  return answer;
}

}  // namespace orrery::server
