#include "apps/server/route_tools.h"

#include <cmath>

#include "apps/server/api/row_page.h"

namespace orrery::server {

Parameter run_query() {
  return {"run", schema::name("A run's name; without it the one tagged 'live', else the last finished"),
          false, false};
}

Parameter path_name(const std::string& name, std::string_view description) {
  return {name, schema::name(description), true, true};
}

Json model_reference_schema(std::string_view description) {
  return schema::shaped(schema::name(description),
                        "^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,99}(?:@0*[1-9][0-9]{0,17})?)?$");
}

Json role_schema() {
  std::vector<std::string> names;
  for (const Role role : kRoles) names.emplace_back(to_string(role));
  return schema::word("What its bearer may do", names);
}

Parameter date_query(const std::string& name, std::string_view description) {
  return {name, schema::date(description), false, false};
}

std::shared_ptr<const CatalogueRun> run_of(const Services& services, const ApiRequest& request) {
  return services.runs.find(request.text("run"));
}

std::optional<Date> date_of(const ApiRequest& request, const std::string& name) {
  return request.has(name) ? parse_date(request.text(name)) : std::nullopt;
}

std::string run_stamp(const Services& services, const std::string& name) {
  const auto run = services.runs.find(name);
  const StoredRun& stored = run->stored();
  return run->name() + '@' + stored.finished + '@' + stored.key.data_fingerprint + '@' +
         to_string(stored.key.test_last);
}

Json run_about(const CatalogueRun& run) {
  return {{"run", run.name()},
          {"study", run.stored().name},
          {"banner", run.stored().banner},
          {"finished", run.stored().finished}};
}

Json run_about_members() {
  return {{"run", schema::name("The run's name")},
          {"study", schema::text("The name in its study")},
          {"banner", schema::text("What marks simulated data; empty for real data")},
          {"finished", schema::text("When it ended, UTC; empty where that was not kept")}};
}

Table rows_between(Table table, std::optional<Date> first, std::optional<Date> last) {
  if (!first && !last) return table;
  const auto& dates = dates_of(table.column("date"));
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < dates.size(); ++row) {
    if ((!first || dates[row] >= *first) && (!last || dates[row] <= *last)) rows.push_back(row);
  }
  return taken_rows(table, rows);
}

Json number_json(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json moment_json(const std::optional<Timestamp>& moment) {
  return moment ? Json(to_string(*moment)) : Json();
}

}  // namespace orrery::server
