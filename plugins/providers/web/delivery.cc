#include "plugins/providers/web/delivery.h"

#include <fmt/format.h>

#include <algorithm>

#include "orrery/base/same_number.h"
#include "orrery/data/text_codes.h"

namespace orrery::plugins::providers::web {
namespace {

bool same(const Cell& a, const Cell& b) {
  const auto* x = std::get_if<double>(&a);
  const auto* y = std::get_if<double>(&b);
  return x != nullptr && y != nullptr ? is_same_number(*x, *y) : a == b;
}

/// Makes a column of the cells that `cell(i)` returns.
template <class GetCell>
ColumnValues column_of(const Cell& kind, std::size_t rows, const GetCell& cell) {
  if (std::holds_alternative<std::string>(kind)) {
    TextCodes texts;
    for (std::size_t i = 0; i < rows; ++i) texts.append(texts.code(std::get<std::string>(cell(i))));
    return texts.take();
  }
  const auto values_of = [&](auto sample) -> ColumnValues {
    std::vector<decltype(sample)> values(rows);
    for (std::size_t i = 0; i < rows; ++i) values[i] = std::get<decltype(sample)>(cell(i));
    return values;
  };
  if (std::holds_alternative<double>(kind)) return values_of(0.0);
  if (std::holds_alternative<Date>(kind)) return values_of(Date{});
  return values_of(std::int64_t{0});
}

std::string first_difference(const TableLayout& layout, const std::vector<Cell>& a,
                             const std::vector<Cell>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!same(a[i], b[i])) return layout.fields[i].name;
  }
  return "";
}

std::string text_of(const Cell& cell) {
  if (const auto* number = std::get_if<double>(&cell)) return fmt::format("{}", *number);
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return fmt::format("{}", *integer);
  if (const auto* day = std::get_if<Date>(&cell)) return to_string(*day);
  return std::get<std::string>(cell);
}

}  // namespace

Delivery::Delivery(Service& service, std::vector<TableLayout> layouts) : service_(service) {
  for (auto& layout : layouts) {
    order_.push_back(layout.name);
    const std::string name = layout.name;
    tables_[name].layout = std::move(layout);
  }
}

void Delivery::begin(const HttpResponse& response) {
  url_ = response.url;
  retrieved_ = response.retrieved.nanoseconds;
  seen_ = 0;
  refused_before_ = refused_.size();
}

void Delivery::refuse(std::string_view table, RowProblem problem) {
  refused_.push_back({std::string(table), url_, seen_, std::move(problem), retrieved_});
}

void Delivery::count(std::string_view table, const std::optional<RowProblem>& problem) {
  ++seen_;
  if (problem) refuse(table, *problem);
}

void Delivery::add(std::string_view table, std::vector<Cell> row, const std::optional<RowProblem>& problem) {
  Rows& rows = tables_.find(table)->second;
  count(table, problem);
  if (problem) return;
  std::vector<Cell> key(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(rows.layout.key_fields));
  const auto [known, is_new] = rows.rows.try_emplace(std::move(key), Row{row, retrieved_});
  if (is_new) return;
  const std::string column = first_difference(rows.layout, known->second.cells, row);
  if (column.empty()) return;
  const auto at = std::find_if(rows.layout.fields.begin(), rows.layout.fields.end(),
                               [&](const auto& field) { return field.name == column; });
  refuse(table, {"second row with this key", column,
                 text_of(row[static_cast<std::size_t>(at - rows.layout.fields.begin())])});
}

void Delivery::end() {
  std::size_t broken = 0;
  const Refused* first = nullptr;
  for (std::size_t i = refused_before_; i < refused_.size(); ++i) {
    if (!is_form_problem(refused_[i].problem)) continue;
    if (first == nullptr) first = &refused_[i];
    ++broken;
  }
  if (2 * broken <= static_cast<std::size_t>(seen_)) return;
  throw service_.schema_error(
      url_,
      fmt::format("{} of {} rows unreadable, the first: row {}: {}: '{}' = {}", broken, seen_, first->row,
                  first->problem.reason, first->problem.column, first->problem.found),
      "rows as documented");
}

Table Delivery::table_of(const Rows& rows) const {
  std::vector<const Row*> sorted;
  sorted.reserve(rows.rows.size());
  for (const auto& [key, row] : rows.rows) sorted.push_back(&row);
  Table table;
  for (std::size_t c = 0; c < rows.layout.fields.size(); ++c) {
    const auto& field = rows.layout.fields[c];
    table.columns.push_back(
        {field.name, column_of(field.kind, sorted.size(),
                               [&](std::size_t i) -> const Cell& { return sorted[i]->cells[c]; })});
  }
  table.columns.push_back({"source", column_of(std::string(), sorted.size(),
                                               [&](std::size_t) -> Cell { return service_.name(); })});
  table.columns.push_back({"retrieved", column_of(std::int64_t{0}, sorted.size(), [&](std::size_t i) -> Cell {
                             return sorted[i]->retrieved;
                           })});
  return table;
}

Table Delivery::quarantine_table() const {
  const auto column = [&](const std::string& name, const Cell& kind, auto get) {
    return Column{name,
                  column_of(kind, refused_.size(), [&](std::size_t i) -> Cell { return get(refused_[i]); })};
  };
  const std::string text;
  const std::int64_t whole = 0;
  Table table;
  table.columns = {column("table", text, [](const Refused& r) { return r.table; }),
                   column("url", text, [&](const Refused& r) { return service_.client().redacted(r.url); }),
                   column("row", whole, [](const Refused& r) { return r.row; }),
                   column("reason", text, [](const Refused& r) { return r.problem.reason; }),
                   column("column", text, [](const Refused& r) { return r.problem.column; }),
                   column("found", text, [](const Refused& r) { return r.problem.found; }),
                   column("source", text, [&](const Refused&) { return service_.name(); }),
                   column("retrieved", whole, [](const Refused& r) { return r.retrieved; })};
  return table;
}

void Delivery::deliver(ProviderSink& sink) {
  for (const auto& name : order_) sink.accept(name, table_of(tables_.find(name)->second));
  if (!refused_.empty()) sink.accept("quarantine", quarantine_table());
}

bool is_form_problem(const RowProblem& problem) {
  return problem.reason == "field missing" || problem.reason.rfind("not a", 0) == 0 ||
         problem.reason == "empty field";
}

}  // namespace orrery::plugins::providers::web
