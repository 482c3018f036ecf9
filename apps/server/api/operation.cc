#include "apps/server/api/operation.h"

#include <fmt/format.h>

#include <utility>

#include "apps/server/api/schema.h"

namespace orrery::server {

std::string ApiRequest::text(std::string_view name) const {
  const auto found = parameters.find(std::string(name));
  return found == parameters.end() ? std::string() : found->get<std::string>();
}

Operation reading(std::string path, std::string id, std::string tag, std::string summary) {
  Operation operation;
  operation.path = std::move(path);
  operation.id = std::move(id);
  operation.tag = std::move(tag);
  operation.summary = std::move(summary);
  operation.roles = kEverybody;
  return operation;
}

Operation changing(Method method, std::string path, std::string id, std::string tag, std::string summary,
                   RoleSet roles) {
  Operation operation = reading(std::move(path), std::move(id), std::move(tag), std::move(summary));
  operation.method = method;
  operation.roles = roles;
  operation.slow = true;
  return operation;
}

namespace {

/// What is a list of columns: each with this before it, commas between, some too many.
std::string columns_pattern(const Operation& operation, std::string_view before) {
  std::string names;
  for (const ColumnInfo& column : operation.columns) names += (names.empty() ? "" : "|") + column.name;
  const std::string one = fmt::format("{}(?:{})", before, names);
  return fmt::format("^,*(?:{}(?:,+{})*,*)?$", one, one);
}

}  // namespace

std::vector<Parameter> row_parameters(const Operation& operation) {
  std::string names;
  for (const ColumnInfo& column : operation.columns) names += (names.empty() ? "" : ", ") + column.name;
  Json limit = schema::with_default(schema::whole("How many rows at most", 1, 10'000), 100);
  Json fields = schema::text("Columns wanted, with commas between: " + names + ". All without it", 1000);
  Json sort = schema::text(
      "Columns to order by, with commas between, a minus before those with the largest "
      "first: -weight,symbol. Missing values come last",
      1000);
  return {{"fields", schema::shaped(std::move(fields), columns_pattern(operation, "")), false, false},
          {"sort", schema::shaped(std::move(sort), columns_pattern(operation, "-?")), false, false},
          {"limit", std::move(limit), false, false},
          {"cursor",
           schema::shaped(schema::name("Where to go on: `next` of the page before"),
                          "^[0-9a-f]{12}-[0-9]{1,18}$"),
           false, false}};
}

}  // namespace orrery::server
