#include "apps/server/route_tools.h"

namespace orrery::server::session_route {
namespace {

Json who_json(const Identity& who) {
  return {{"name", who.name},
          {"role", to_string(who.role)},
          {"expires", to_string(who.expires)},
          {"csrf", who.csrf.empty() ? Json() : Json(who.csrf)}};
}

Json who_schema() {
  return schema::object(
      "Who asks",
      {{"name", schema::text("As the audit trail calls them")},
       {"role", role_schema()},
       {"expires", schema::moment("When their credential ends")},
       {"csrf",
        schema::or_null(schema::text("What a browser's session sends as X-CSRF-Token with every change"))}});
}

Operation me_operation() {
  Operation operation = reading("/api/v1/me", "getMe", "Access", "Who the server takes you for");
  operation.answer = who_schema();
  operation.run = [](const ApiRequest& request) -> ApiAnswer { return {who_json(request.who)}; };
  return operation;
}

Operation open_operation(const Services& services) {
  Operation operation = changing(
      Method::kPost, "/api/v1/session", "createSession", "Access",
      "Log a browser in with an API token; the session is a cookie that scripts can't read", RoleSet());
  operation.open = true;
  operation.success = 201;
  operation.failures = {401};
  operation.body = schema::object("A token", {{"token", schema::text("An API token")}});
  operation.answer = who_schema();
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    const BrowserSession session =
        services.access.open_session(request.body["token"].get<std::string>(), request.http);
    const ApiRequest known{request.http, session.who, request.parameters, request.body};
    audit_change(services, known, "log in", nullptr);
    return {who_json(session.who), 201, {{"Set-Cookie", session.cookie}}};
  };
  return operation;
}

Operation close_operation(const Services& services) {
  Operation operation =
      changing(Method::kDelete, "/api/v1/session", "deleteSession", "Access",
               "Log the browser out; its session is good no more, wherever it was copied to", kEverybody);
  operation.success = 204;
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    audit_change(services, request, "log out", nullptr);
    return {Json(), 204, {{"Set-Cookie", services.access.close_session(request.http)}}};
  };
  return operation;
}

}  // namespace

void add_to(ApiServer& api, const Services& services) {
  api.add(me_operation());
  api.add(open_operation(services));
  api.add(close_operation(services));
}

}  // namespace orrery::server::session_route
