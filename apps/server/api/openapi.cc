#include "apps/server/api/openapi.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "apps/server/api/media.h"
#include "apps/server/api/problem.h"
#include "apps/server/api/row_page.h"
#include "apps/server/api/schema.h"
#include "orrery/app/version.h"

namespace orrery::server {
namespace {

Json parameter_json(const Parameter& parameter) {
  Json schema = parameter.schema;
  Json json = {{"name", parameter.name},
               {"in", parameter.in_path ? "path" : "query"},
               {"required", parameter.in_path || parameter.required}};
  json["description"] = schema["description"];
  schema.erase("description");
  if (parameter.in_path) schema["minLength"] = 1;
  json["schema"] = std::move(schema);
  return json;
}

std::set<int> failures_of(const Operation& operation) {
  std::set<int> failures(operation.failures.begin(), operation.failures.end());
  failures.insert({400, 429, 431, 500});
  if (!operation.open) failures.insert({401, 403});
  if (operation.body) failures.insert({413, 415, 422});
  if (operation.slow) failures.insert(503);
  for (const Parameter& parameter : operation.parameters) {
    if (parameter.in_path) failures.insert(404);
  }
  if (!operation.columns.empty()) failures.insert({404, 406, 409, 422});
  return failures;
}

Json success_json(const Operation& operation) {
  if (operation.success == 204) return {{"description", "Done"}};
  Json content = Json::object();
  if (!operation.columns.empty()) {
    content[std::string(kJsonMedia)]["schema"] = page_schema(operation);
    content[std::string(kArrowMedia)]["schema"] = {
        {"type", "string"}, {"format", "binary"}, {"description", "The rows as an Arrow IPC stream"}};
  } else if (operation.answer.is_null()) {
    content[std::string(operation.media)]["schema"] = {{"type", "string"}};
  } else {
    content[std::string(operation.media)]["schema"] = operation.answer;
  }
  return {{"description", operation.summary}, {"content", std::move(content)}};
}

std::string roles_text(const Operation& operation) {
  if (operation.open) return "Open to anybody.";
  std::string names;
  for (const Role role : kRoles) {
    if (operation.roles.has(role)) names += (names.empty() ? "" : ", ") + std::string(to_string(role));
  }
  return "Roles: " + names + ".";
}

Json operation_json(const Operation& operation) {
  const std::string separator = operation.description.empty() ? "" : "\n\n";
  Json json = {{"operationId", operation.id},
               {"tags", Json::array({operation.tag})},
               {"summary", operation.summary},
               {"description", operation.description + separator + roles_text(operation)}};
  if (operation.open) json["security"] = Json::array();
  Json parameters = Json::array();
  for (const Parameter& parameter : operation.parameters) parameters.push_back(parameter_json(parameter));
  if (!operation.columns.empty()) {
    for (const Parameter& parameter : row_parameters(operation))
      parameters.push_back(parameter_json(parameter));
  }
  if (!parameters.empty()) json["parameters"] = std::move(parameters);
  if (operation.body) {
    json["requestBody"] = {{"required", true}, {"content", {{kJsonMedia, {{"schema", *operation.body}}}}}};
  }
  Json responses = Json::object();
  responses[std::to_string(operation.success)] = success_json(operation);
  for (const int status : failures_of(operation)) {
    responses[std::to_string(status)] = {
        {"description", status_title(status)},
        {"content",
         {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
  }
  json["responses"] = std::move(responses);
  return json;
}

}  // namespace

Json problem_schema() {
  Json field = schema::object("A part of the request that can't be taken",
                              {{"field", schema::text("Which: query.limit, path.symbol, body/study")},
                               {"detail", schema::text("What was found and what is allowed")}});
  return schema::object("Why a request was not answered (RFC 9457)",
                        {{"type", schema::text("about:blank: the title says it")},
                         {"title", schema::text("The status in words")},
                         {"status", {{"type", "integer"}, {"description", "The HTTP status"}}},
                         {"detail", schema::text("What is wrong with this request")},
                         {"instance", schema::text("The request, as the server's log knows it")},
                         {"errors", schema::list("The fields at fault", std::move(field))}},
                        {"errors"});
}

Json openapi_document(const RouteTable& routes) {
  Json paths = Json::object();
  for (const auto& operation : routes.operations()) {
    std::string method(to_string(operation->method));
    std::transform(method.begin(), method.end(), method.begin(),
                   [](unsigned char letter) { return std::tolower(letter); });
    paths[operation->path][method] = operation_json(*operation);
  }
  return {{"openapi", "3.1.0"},
          {"info",
           {{"title", "Orrery"},
            {"version", kVersion},
            {"summary", "Recommendations, runs, models, accounts and data by REST"},
            {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
          {"servers", Json::array({{{"url", "/"}}})},
          {"security", Json::array({{{"bearer", Json::array()}}, {{"session", Json::array()}}})},
          {"paths", std::move(paths)},
          {"components",
           {{"schemas", {{"Problem", problem_schema()}}},
            {"securitySchemes",
             {{"bearer",
               {{"type", "http"},
                {"scheme", "bearer"},
                {"description", "An API token of this server, or a JWT of an issuer that it trusts"}}},
              {"session",
               {{"type", "apiKey"},
                {"in", "cookie"},
                {"name", "orrery_session"},
                {"description", "A browser's session, made by createSession"}}}}}}}};
}

}  // namespace orrery::server
