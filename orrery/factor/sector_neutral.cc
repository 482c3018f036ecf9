#include "orrery/factor/sector_neutral.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "orrery/base/error.h"

namespace orrery {
namespace {

/// The sector of each column as a number from 0; kNoSector where it has none.
constexpr std::size_t kNoSector = static_cast<std::size_t>(-1);

struct Sectors {
  std::vector<std::size_t> of_column;
  std::size_t count = 0;
};

Sectors number_sectors(const std::vector<std::string>& names) {
  Sectors sectors;
  std::map<std::string_view, std::size_t> known;
  for (const std::string& name : names) {
    if (name.empty()) {
      sectors.of_column.push_back(kNoSector);
    } else {
      sectors.of_column.push_back(known.emplace(name, known.size()).first->second);
    }
  }
  sectors.count = known.size();
  return sectors;
}

/// One session's names: score and return with their sectors.
struct Session {
  std::vector<double> scores;
  std::vector<double> returns;
  std::vector<std::size_t> sectors;
};

Session collect_names(std::span<const double> scores, std::span<const double> returns,
                      const Sectors& sectors) {
  const auto counts_at = [&](std::size_t i) {
    return sectors.of_column[i] != kNoSector && std::isfinite(scores[i]) && std::isfinite(returns[i]);
  };
  std::vector<std::size_t> names_of(sectors.count, 0);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (counts_at(i)) ++names_of[sectors.of_column[i]];
  }
  Session session;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!counts_at(i) || names_of[sectors.of_column[i]] < 2) continue;
    session.scores.push_back(scores[i]);
    session.returns.push_back(returns[i]);
    session.sectors.push_back(sectors.of_column[i]);
  }
  return session;
}

/// Means are taken of the differences to the sector's first name, so that equal values leave exactly nothing.
void subtract_sector_means(const std::vector<std::size_t>& sectors, std::size_t count,
                           std::vector<double>& values) {
  std::vector<double> first(count, CorrelationSummary::kMissing);
  std::vector<double> sum(count, 0.0);
  std::vector<double> names(count, 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (names[sectors[i]] == 0.0) first[sectors[i]] = values[i];
    values[i] -= first[sectors[i]];
    sum[sectors[i]] += values[i];
    names[sectors[i]] += 1.0;
  }
  for (std::size_t i = 0; i < values.size(); ++i) values[i] -= sum[sectors[i]] / names[sectors[i]];
}

double correlate_ranks(const std::vector<double>& x, const std::vector<double>& y) {
  std::vector<double> x_ranks(x.size());
  std::vector<double> y_ranks(y.size());
  rank_average_ties(x, x_ranks);
  rank_average_ties(y, y_ranks);
  return pearson_correlation(x_ranks, y_ranks);
}

bool has_score(std::span<const double> row) {
  return std::any_of(row.begin(), row.end(), [](double score) { return std::isfinite(score); });
}

/// The scored rows, as evaluate_signal counts them: [first, last + 1).
std::pair<std::size_t, std::size_t> scored_span(const Panel& scores) {
  std::size_t begin = 0;
  std::size_t end = scores.rows();
  while (begin < end && !has_score(scores.row(begin))) ++begin;
  while (end > begin && !has_score(scores.row(end - 1))) --end;
  return {begin, end};
}

}  // namespace

SectorNeutralCorrelation evaluate_within_sectors(const Panel& scores, const Panel& forward_returns,
                                                 const std::vector<std::string>& sectors,
                                                 const SignalEvaluationOptions& options) {
  if (scores.rows() != forward_returns.rows() || scores.columns() != forward_returns.columns() ||
      sectors.size() != scores.columns()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("evaluation within sectors: scores are {} × {}, returns {} × {}, sectors {}",
                                 scores.rows(), scores.columns(), forward_returns.rows(),
                                 forward_returns.columns(), sectors.size()));
  }
  const Sectors numbered = number_sectors(sectors);
  const auto [begin, end] = scored_span(scores);
  std::vector<double> ic(end - begin, CorrelationSummary::kMissing);
  std::vector<double> rank_ic = ic;
  for (std::size_t row = begin; row < end; ++row) {
    Session session = collect_names(scores.row(row), forward_returns.row(row), numbered);
    if (session.scores.size() < static_cast<std::size_t>(options.minimum_pairs)) continue;
    subtract_sector_means(session.sectors, numbered.count, session.scores);
    subtract_sector_means(session.sectors, numbered.count, session.returns);
    ic[row - begin] = pearson_correlation(session.scores, session.returns);
    rank_ic[row - begin] = correlate_ranks(session.scores, session.returns);
  }
  return {numbered.count,
          summarize_correlations(std::move(ic), options.return_sessions, options.newey_west_lag),
          summarize_correlations(std::move(rank_ic), options.return_sessions, options.newey_west_lag)};
}

}  // namespace orrery
