#include "plugins/providers/web/bars.h"

#include <fmt/format.h>

#include <cmath>

#include "orrery/data/bar_fault.h"

namespace orrery::plugins::providers::web {
namespace {

std::optional<RowProblem> price_problem(const Bar& bar) {
  const auto fault = find_bar_fault({bar.open, bar.high, bar.low, bar.close, bar.volume});
  if (!fault) return std::nullopt;
  return RowProblem{std::string(fault->reason), std::string(fault->column),
                    std::isfinite(fault->found) ? fmt::format("{}", fault->found) : "null"};
}

std::optional<RowProblem> bar_problem(const Bar& bar, Timestamp retrieved) {
  if (auto problem = price_problem(bar)) return problem;
  if (bar.close_time > retrieved.nanoseconds) {
    return RowProblem{"unfinished bar", "close_time", to_string(Timestamp{bar.close_time})};
  }
  return std::nullopt;
}

}  // namespace

TableLayout bar_layout(std::string table) {
  const std::string text;
  const std::int64_t moment = 0;
  return {std::move(table),
          {{"symbol", text},
           {"open_time", moment},
           {"date", Date{}},
           {"open", 0.0},
           {"high", 0.0},
           {"low", 0.0},
           {"close", 0.0},
           {"adj_close", 0.0},
           {"volume", 0.0},
           {"vwap", 0.0},
           {"close_time", moment},
           {"price_basis", text}},
          2};
}

TableLayout action_layout() {
  return {
      "actions", {{"symbol", std::string()}, {"date", Date{}}, {"dividend", 0.0}, {"split_ratio", 1.0}}, 2};
}

void add_bar(Delivery& delivery, std::string_view table, const Bar& bar, std::optional<RowProblem> problem,
             Timestamp retrieved) {
  if (!problem) problem = bar_problem(bar, retrieved);
  delivery.add(table,
               {bar.symbol, bar.open_time, bar.date, bar.open, bar.high, bar.low, bar.close, bar.adj_close,
                bar.volume, bar.vwap, bar.close_time, bar.price_basis},
               problem);
}

bool is_requested(const ProviderRequest& request, Date day) {
  return (!request.begin || day >= *request.begin) && (!request.end || day <= *request.end);
}

}  // namespace orrery::plugins::providers::web
