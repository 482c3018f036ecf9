#include <fmt/format.h>

#include <algorithm>

#include "orrery/base/statistics.h"
#include "orrery/report/html.h"
#include "orrery/report/robustness.h"

namespace orrery {
namespace {

using html::number;
using html::signed_percent;
using html::TableCell;
using CellRow = std::vector<TableCell>;

CellRow path_row(std::string name, const RobustnessPath& path) {
  return {{std::move(name)},
          {number(path.ic_mean, 4)},
          {number(path.rank_ic_mean, 4)},
          {number(path.long_short_sharpe, 2)},
          {signed_percent(path.annual_return)},
          {number(path.sharpe, 2)}};
}

/// One number of every column, such as the median over the paths.
RobustnessPath over_paths(const Robustness& robustness, double RobustnessRange::*which) {
  RobustnessPath result;
  for (double RobustnessPath::*column :
       {&RobustnessPath::ic_mean, &RobustnessPath::rank_ic_mean, &RobustnessPath::long_short_sharpe,
        &RobustnessPath::annual_return, &RobustnessPath::sharpe})
    result.*column = robustness_range(robustness, column).*which;
  return result;
}

std::string path_table(const Robustness& robustness) {
  std::vector<CellRow> rows = {path_row("<b>Walk forward, this run</b>", robustness.walk_forward)};
  for (std::size_t i = 0; i < robustness.paths.size(); ++i)
    rows.push_back(path_row(fmt::format("Path {}", i + 1), robustness.paths[i]));
  if (robustness.paths.size() > 1)
    rows.push_back(path_row("<b>Median</b>", over_paths(robustness, &RobustnessRange::median)));
  return "<figure><h3>By path</h3>" +
         html::table(
             "Results by path",
             {{"Path"}, {"IC"}, {"Rank IC"}, {"Long–short Sharpe"}, {"Annual return"}, {"Sharpe ratio"}},
             rows) +
         "<figcaption>A path scores every session once, the walk forward only those that it tests. "
         "Long–short: highest less lowest fifth of the names, "
         "before costs. Annual return and Sharpe ratio: the study's strategy after costs, its holdings begun "
         "anew wherever the model changes.</figcaption></figure>\n";
}

std::string spread_of(const std::vector<double>& all, int decimals) {
  const auto values = drop_missing(all);
  if (values.empty()) return "–";
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (values.size() == 1) return number(*low, decimals);
  return fmt::format("{} <small>{} to {}</small>", number(mean(values), decimals), number(*low, decimals),
                     number(*high, decimals));
}

std::string block_table(const Robustness& robustness) {
  std::vector<CellRow> rows;
  for (const RobustnessBlock& block : robustness.blocks) {
    rows.push_back({{html::date_range(block.first, block.last)},
                    {spread_of(block.rank_ic, 4)},
                    {spread_of(block.sharpe, 2)}});
  }
  const bool many = robustness.paths.size() > 1;
  return "<figure><h3>By fold</h3>" +
         html::table("Results by fold", {{"Sessions"}, {"Rank IC"}, {"Sharpe ratio"}}, rows) +
         fmt::format(
             "<figcaption>{} Where one fold carries the rest, so does one stretch of "
             "history.</figcaption></figure>\n",
             many ? fmt::format("Mean, lowest and highest of the {} models that tested the fold.",
                                robustness.paths.size())
                  : "Each fold is tested by the one model that learned from the others.");
}

std::string purge_text(const Robustness& robustness) {
  if (!robustness.purges_by_touch) return fmt::format("{} sessions", robustness.purge_rows);
  return fmt::format("labels that reach over, {} sessions at most,", robustness.purge_rows);
}

std::string lead(const Robustness& robustness) {
  const auto range = robustness_range(robustness, &RobustnessPath::rank_ic_mean);
  const std::string method =
      robustness.test_folds > 1
          ? fmt::format("{} folds, {} tested at a time: {} models, {} paths", robustness.folds,
                        robustness.test_folds, robustness.splits, robustness.paths.size())
          : fmt::format("{} folds, one tested at a time", robustness.folds);
  std::string found;
  if (robustness.paths.size() > 1)
    found = fmt::format(" The mean rank IC lies between {} and {} over the paths.", number(range.lowest, 4),
                        number(range.highest, 4));
  return fmt::format(
      "{} ({}; {} purged on both sides of a tested fold, {} more sessions left out after it). Models learn "
      "here also from what came after the days that they score: it tells how much hangs on the one way in "
      "which "
      "history was cut, not what could have been earned.{}",
      method, html::date_range(robustness.first, robustness.last), purge_text(robustness),
      robustness.embargo_rows, found);
}

}  // namespace

std::string render_robustness(const Robustness& robustness) {
  return html::section(
      "robustness", "Robustness, not tradable history", lead(robustness),
      "<div class=\"pair\">\n" + path_table(robustness) + block_table(robustness) + "</div>\n");
}

}  // namespace orrery
