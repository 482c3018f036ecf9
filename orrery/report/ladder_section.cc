#include <fmt/format.h>

#include <numeric>

#include "orrery/report/html.h"
#include "orrery/report/sections.h"

namespace orrery {
namespace {

std::string say_ladder(const LadderReport& ladder) {
  const int sessions = std::accumulate(ladder.sessions_on_level.begin(), ladder.sessions_on_level.end(), 0);
  if (ladder.changes.empty()) {
    return fmt::format("In {} sessions the account never fell far enough to leave level 0.", sessions);
  }
  const int off = sessions - ladder.sessions_on_level.front();
  return fmt::format(
      "{} changes of level; {} of {} sessions were spent above level 0. Nobody stood by to confirm a "
      "re-entry: {}",
      ladder.changes.size(), off, sessions,
      ladder.confirm_after
          ? fmt::format("the backtest did so after {} sessions without a position.", *ladder.confirm_after)
          : std::string("none was made (risk.ladder.confirm.after says when a backtest may)."));
}

std::string comparison_table(const LadderReport& ladder) {
  using Row = std::vector<html::TableCell>;
  std::vector<Row> rows;
  for (const auto& [name, performance] :
       {std::pair{"with the ladder", &ladder.with}, std::pair{"without it", &ladder.without}}) {
    rows.push_back({{name},
                    {html::signed_percent(performance->annual_return)},
                    {html::percent(performance->annual_volatility)},
                    {html::number(performance->sharpe, 2)},
                    {html::percent(performance->max_drawdown)}});
  }
  return html::table("The same scores, strategy and costs, net",
                     {{"", true}, {"Return a year"}, {"Volatility"}, {"Sharpe"}, {"Largest drawdown"}}, rows);
}

std::string level_table(const LadderReport& ladder) {
  std::vector<html::TableColumn> columns = {{"", true}};
  std::vector<html::TableCell> row = {{"sessions"}};
  for (std::size_t level = 0; level < ladder.sessions_on_level.size(); ++level) {
    columns.push_back({fmt::format("Level {}", level)});
    row.push_back({std::to_string(ladder.sessions_on_level[level])});
  }
  return html::table("Sessions on each level", columns, {row});
}

std::string change_table(const LadderReport& ladder) {
  if (ladder.changes.empty()) return {};
  std::vector<std::vector<html::TableCell>> rows;
  for (const LadderChange& change : ladder.changes) {
    rows.push_back({{to_string(change.date)},
                    {fmt::format("{} → {}", change.from, change.to)},
                    {html::percent(change.drawdown)},
                    {html::escape(change.cause)}});
  }
  return html::table("Every change of level",
                     {{"Date", true}, {"Level", true}, {"Drawdown"}, {"Because of", true}}, rows);
}

}  // namespace

std::string render_ladder(const LadderReport& ladder) {
  return html::section("ladder", "The drawdown ladder", say_ladder(ladder),
                       comparison_table(ladder) + level_table(ladder) + change_table(ladder));
}

}  // namespace orrery
