#include "apps/server/route_tools.h"
#include "orrery/base/error.h"

namespace orrery::server::tokens_route {
namespace {

constexpr std::int64_t kMostDays = 3650;

Json token_json(const ApiToken& token) {
  return {{"number", token.number},
          {"name", token.name},
          {"role", to_string(token.role)},
          {"created", to_string(token.created)},
          {"expires", to_string(token.expires)},
          {"revoked", moment_json(token.revoked)}};
}

Json token_members() {
  return {{"number", schema::count("By which it is revoked")},
          {"name", schema::text("Who bears it")},
          {"role", role_schema()},
          {"created", schema::moment("When it was made")},
          {"expires", schema::moment("When it ends")},
          {"revoked", schema::or_null(schema::moment("When it was revoked; null: it is good"))}};
}

Operation list_operation(const Services& services) {
  Operation operation =
      reading("/api/v1/tokens", "listTokens", "Access", "All API tokens; their secrets are not kept");
  operation.roles = kAdministration;
  operation.slow = true;
  operation.answer = schema::object(
      "Tokens", {{"items", schema::list("All there were", schema::object("A token", token_members()))}});
  operation.run = [&services](const ApiRequest&) -> ApiAnswer {
    Json items = Json::array();
    for (const ApiToken& token : services.access.tokens().tokens()) items.push_back(token_json(token));
    return {Json{{"items", std::move(items)}}};
  };
  return operation;
}

Operation create_operation(const Services& services) {
  Operation operation =
      changing(Method::kPost, "/api/v1/tokens", "createToken", "Access",
               "Make an API token; this answer is the only one that has its secret", kAdministration);
  operation.success = 201;
  Json name = schema::text("Who will bear it");
  name["minLength"] = 1;
  name["maxLength"] = 64;
  operation.body =
      schema::object("A token to be", {{"name", std::move(name)},
                                       {"role", role_schema()},
                                       {"days", schema::whole("How long it is good", 1, kMostDays)}});
  Json members = token_members();
  members["secret"] = schema::text("The token itself");
  operation.answer = schema::object("The token", std::move(members));
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    const Timestamp now = services.clock.now();
    const Timestamp expires{now.nanoseconds + request.body["days"].get<std::int64_t>() * kNanosecondsPerDay};
    audit_change(
        services, request, "create token",
        {{"name", request.body["name"]}, {"role", request.body["role"]}, {"days", request.body["days"]}});
    const NewToken made = services.access.tokens().create(
        request.body["name"].get<std::string>(), role_of(request.body["role"].get<std::string>()).value(),
        now, expires);
    Json json = token_json(made.token);
    json["secret"] = made.secret;
    return {std::move(json), 201};
  };
  return operation;
}

Operation revoke_operation(const Services& services) {
  Operation operation = changing(Method::kDelete, "/api/v1/tokens/{number}", "revokeToken", "Access",
                                 "Revoke a token, from this moment on", kAdministration);
  operation.success = 204;
  operation.failures = {409};
  operation.parameters = {{"number", schema::count("The token's number"), true, true}};
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    const auto number = request.parameters["number"].get<std::int64_t>();
    audit_change(services, request, "revoke token", {{"number", number}});
    services.access.tokens().revoke(number, services.clock.now());
    services.access.forget();
    return {Json(), 204};
  };
  return operation;
}

}  // namespace

void add_to(ApiServer& api, const Services& services) {
  api.add(list_operation(services));
  api.add(create_operation(services));
  api.add(revoke_operation(services));
}

}  // namespace orrery::server::tokens_route
