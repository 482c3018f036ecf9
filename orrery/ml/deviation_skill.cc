#include "orrery/ml/deviation_skill.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/statistics.h"
#include "orrery/ml/rank_correlation.h"

namespace orrery {
namespace {

constexpr std::size_t kFewestNames = 5;

struct Cell {
  double deviation = 0.0;
  double score = 0.0;
  double outcome = 0.0;
};

/// The session's cells, the surest first.
std::vector<Cell> sorted_cells(const Panel& scores, const Panel& deviations, const Panel& outcome,
                               std::size_t row) {
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < scores.columns(); ++i) {
    const Cell cell{deviations(row, i), scores(row, i), outcome(row, i)};
    if (std::isfinite(cell.deviation) && std::isfinite(cell.score) && std::isfinite(cell.outcome))
      cells.push_back(cell);
  }
  std::stable_sort(cells.begin(), cells.end(),
                   [](const Cell& left, const Cell& right) { return left.deviation < right.deviation; });
  return cells;
}

/// One session's groups.
DeviationGroup group_of(const Cell* begin, const Cell* end) {
  std::vector<double> deviations, scores, outcomes;
  for (const Cell* cell = begin; cell != end; ++cell) {
    deviations.push_back(cell->deviation);
    scores.push_back(cell->score);
    outcomes.push_back(cell->outcome);
  }
  return {mean(deviations), rank_correlation(scores, outcomes), standard_deviation(outcomes)};
}

/// What the sessions said, a series a group.
struct GroupSeries {
  std::vector<double> deviation, rank_ic, outcome_deviation;
};

void add_session(const std::vector<Cell>& cells, std::vector<GroupSeries>& series) {
  const std::size_t groups = series.size();
  if (cells.size() < groups * kFewestNames || cells.front().deviation == cells.back().deviation) return;
  std::size_t begin = 0;
  for (std::size_t g = 0; g < groups; ++g) {
    const std::size_t end = begin + cells.size() / groups + (g < cells.size() % groups ? 1 : 0);
    const DeviationGroup group = group_of(cells.data() + begin, cells.data() + end);
    series[g].deviation.push_back(group.deviation);
    series[g].rank_ic.push_back(group.rank_ic);
    series[g].outcome_deviation.push_back(group.outcome_deviation);
    begin = end;
  }
}

}  // namespace

DeviationSkill deviation_skill(const Panel& scores, const Panel& deviations, const Panel& outcome,
                               int groups) {
  const auto same = [&](const Panel& panel) {
    return panel.rows() == scores.rows() && panel.columns() == scores.columns();
  };
  if (!same(deviations) || !same(outcome) || groups < 2)
    throw internal_error("the skill by deviation needs panels of one shape and two groups or more");
  std::vector<GroupSeries> series(static_cast<std::size_t>(groups));
  for (std::size_t row = 0; row < scores.rows(); ++row)
    add_session(sorted_cells(scores, deviations, outcome, row), series);
  DeviationSkill skill;
  if (series.front().deviation.empty()) return skill;
  for (const auto& group : series) {
    skill.groups.push_back({mean(drop_missing(group.deviation)), mean(drop_missing(group.rank_ic)),
                            mean(drop_missing(group.outcome_deviation))});
  }
  std::vector<double> differences;
  for (std::size_t i = 0; i < series.front().rank_ic.size(); ++i)
    differences.push_back(series.front().rank_ic[i] - series.back().rank_ic[i]);
  differences = drop_missing(differences);
  skill.sessions = differences.size();
  if (differences.size() < 3) return skill;
  skill.difference = mean(differences);
  skill.difference_t =
      skill.difference / newey_west_standard_error(differences, newey_west_lag(differences.size()));
  return skill;
}

}  // namespace orrery
