#include "apps/server/route_tools.h"
#include "orrery/alert/alert_store.h"
#include "orrery/base/error.h"
#include "orrery/operate/operation.h"

namespace orrery::server::alerts_route {
namespace {

constexpr std::int64_t kMostAlerts = 200;

/// Everybody who may do anything at all may say that they have seen it.
constexpr RoleSet kDesk{Role::kResearcher, Role::kTrader, Role::kRiskOfficer, Role::kAdmin};

std::filesystem::path store_of(const Services& services) {
  return alert_database(operation_state(services.data));
}

Json delivery_answer(const Delivery& delivery) {
  return {{"channel", delivery.channel},       {"state", to_string(delivery.state)},
          {"escalation", delivery.escalation}, {"due", to_string(delivery.due)},
          {"attempts", delivery.attempts},     {"problem", delivery.problem}};
}

Json alert_answer(const KeptAlert& kept) {
  Json deliveries = Json::array();
  for (const Delivery& delivery : kept.deliveries) deliveries.push_back(delivery_answer(delivery));
  return {{"number", kept.number},
          {"level", to_string(kept.alert.level)},
          {"title", kept.alert.title},
          {"text", kept.alert.text},
          {"source", kept.alert.source},
          {"raised", to_string(kept.raised)},
          {"last", to_string(kept.last)},
          {"times", kept.times},
          {"acknowledged", moment_json(kept.acknowledged)},
          {"acknowledged_by", kept.acknowledged_by},
          {"deliveries", std::move(deliveries)}};
}

Json alert_schema() {
  Json delivery = schema::object(
      "A message through a channel",
      {{"channel", schema::text("Name of the channel")},
       {"state", schema::word("How far it has come", {"waiting", "sent", "dropped", "given_up"})},
       {"escalation", schema::flag("Whether it is only for what nobody has acknowledged")},
       {"due", schema::moment("When it is to be sent")},
       {"attempts", schema::count("How often that was tried")},
       {"problem", schema::text("Why the last attempt failed")}});
  return schema::object(
      "An alert",
      {{"number", schema::count("By which it is acknowledged")},
       {"level", schema::word("How much it matters", {"info", "warning", "critical"})},
       {"title", schema::text("One line")},
       {"text", schema::text("More about it")},
       {"source", schema::text("Who raised it")},
       {"raised", schema::moment("When")},
       {"last", schema::moment("When the same was raised last")},
       {"times", schema::count("How often")},
       {"acknowledged", schema::or_null(schema::moment("When somebody said that they have seen it"))},
       {"acknowledged_by", schema::text("Who; 'settled' where it was over by itself")},
       {"deliveries", schema::list("Its messages", std::move(delivery))}});
}

Operation list_operation(const Services& services) {
  Operation operation = reading("/api/v1/alerts", "listAlerts", "Operation", "Alerts, the newest first");
  operation.slow = true;
  const Json open = schema::flag("Only those above level info that nobody has acknowledged");
  operation.parameters = {
      {"limit", schema::with_default(schema::whole("How many", 1, kMostAlerts), 50), false, false},
      {"open", schema::with_default(open, false), false, false}};
  operation.answer = schema::object("Alerts", {{"items", schema::list("The newest first", alert_schema())}});
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    Json items = Json::array();
    if (std::filesystem::exists(store_of(services))) {
      AlertStore store(store_of(services));
      const auto most = request.parameters["limit"].get<std::size_t>();
      for (const KeptAlert& alert : store.alerts(most, request.parameters["open"].get<bool>()))
        items.push_back(alert_answer(alert));
    }
    return {Json{{"items", std::move(items)}}};
  };
  return operation;
}

Operation acknowledge_operation(const Services& services) {
  Operation operation =
      changing(Method::kPost, "/api/v1/alerts/{number}/acknowledge", "acknowledgeAlert", "Operation",
               "Say that an alert was seen: it is not escalated any more", kDesk);
  operation.description = "The first who says so is kept.";
  operation.parameters = {{"number", schema::count("The alert's number"), true, true}};
  operation.answer = alert_schema();
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    const auto number = request.parameters["number"].get<std::int64_t>();
    if (!std::filesystem::exists(store_of(services)))
      throw user_error(ErrorCode::kNotFound, "there has been no alert");
    AlertStore store(store_of(services));
    store.find(number);
    audit_change(services, request, "acknowledge alert", {{"number", number}});
    return {alert_answer(store.acknowledge(number, request.who.name, services.clock.now()))};
  };
  return operation;
}

}  // namespace

void add_to(ApiServer& api, const Services& services) {
  api.add(list_operation(services));
  api.add(acknowledge_operation(services));
}

}  // namespace orrery::server::alerts_route
