#include <functional>

#include "apps/server/route_tools.h"
#include "orrery/data/model_store.h"

namespace orrery::server::models_route {
namespace {

Json span_json(const DateSpan& span) {
  return {{"first", to_string(span.first)}, {"last", to_string(span.last)}};
}

Json version_json(const ModelVersion& version) {
  Json metrics = Json::object();
  for (const auto& [name, value] : version.lineage.metrics) metrics[name] = number_json(value);
  return {{"name", version.name},
          {"version", version.version},
          {"stage", to_string(version.stage)},
          {"registered", version.registered},
          {"model", version.lineage.model},
          {"study", version.lineage.study_name},
          {"run_folder", version.lineage.run_folder},
          {"train", span_json(version.lineage.train)},
          {"tested", span_json(version.lineage.tested)},
          {"metrics", std::move(metrics)}};
}

Json change_json(const StageChange& change) {
  return {{"at", change.at},
          {"name", change.name},
          {"version", change.version},
          {"action", change.action},
          {"from", change.from ? Json(to_string(*change.from)) : Json()},
          {"to", to_string(change.to)},
          {"reason", change.reason}};
}

Json stage_schema() { return schema::word("What it is used for", {"candidate", "live", "retired"}); }

Json span_schema(std::string_view description) {
  return schema::object(description,
                        {{"first", schema::date("First session")}, {"last", schema::date("Last session")}});
}

Json version_schema() {
  return schema::object("A registered model",
                        {{"name", schema::text("Its name")},
                         {"version", schema::count("From 1")},
                         {"stage", stage_schema()},
                         {"registered", schema::text("When, UTC")},
                         {"model", schema::text("The model and its library")},
                         {"study", schema::text("Its study")},
                         {"run_folder", schema::text("The run that it comes from")},
                         {"train", span_schema("What it learned from")},
                         {"tested", span_schema("What it was tested on")},
                         {"metrics", schema::by_name("Of the run", schema::optional_number("A metric"))}});
}

Json changes_schema() {
  return schema::object(
      "Changes",
      {{"items", schema::list("In order",
                              schema::object("A change of stage", {{"at", schema::text("When, UTC")},
                                                                   {"name", schema::text("The model")},
                                                                   {"version", schema::count("Of it")},
                                                                   {"action", schema::text("What was done")},
                                                                   {"from", schema::or_null(stage_schema())},
                                                                   {"to", stage_schema()},
                                                                   {"reason", schema::text("Why")}}))}});
}

Json changes_json(const std::vector<StageChange>& changes) {
  Json items = Json::array();
  for (const StageChange& change : changes) items.push_back(change_json(change));
  return {{"items", std::move(items)}};
}

Operation list_operation() {
  Operation operation = reading("/api/v1/models", "listModels", "Models", "Registered models, all versions");
  operation.slow = true;
  operation.answer =
      schema::object("Models", {{"items", schema::list("By name, then version", version_schema())}});
  operation.run = [](const ApiRequest&) -> ApiAnswer {
    Json items = Json::array();
    for (const ModelVersion& version : ModelStore(default_model_store()).versions())
      items.push_back(version_json(version));
    return {Json{{"items", std::move(items)}}};
  };
  return operation;
}

Operation history_operation() {
  Operation operation = reading("/api/v1/models/{model}/history", "listModelHistory", "Models",
                                "What became of a model's versions");
  operation.slow = true;
  operation.parameters = {path_name("model", "The model's name")};
  operation.answer = changes_schema();
  operation.run = [](const ApiRequest& request) -> ApiAnswer {
    const ModelStore store(default_model_store());
    store.versions(request.text("model"));  // an unknown name is told as one
    return {changes_json(store.history(request.text("model")))};
  };
  return operation;
}

/// An operation that moves a version of a model to another stage.
Operation stage_operation(
    const Services& services, const std::string& action, const std::string& summary,
    std::function<std::vector<StageChange>(ModelStore&, const ModelReference&, const std::string&)> move) {
  Operation operation = changing(Method::kPost, "/api/v1/models/{model}/" + action, action + "Model",
                                 "Models", summary, kResearch);
  operation.failures = {409};
  operation.parameters = {{"model", model_reference_schema("NAME, or NAME@VERSION"), true, true}};
  Json reason = schema::text("Why; it stays in the history");
  reason["minLength"] = 1;
  operation.body = schema::object("A reason", {{"reason", std::move(reason)}});
  operation.answer = changes_schema();
  operation.run = [&services, action, move = std::move(move)](const ApiRequest& request) -> ApiAnswer {
    const ModelReference reference = parse_model_reference(request.text("model"));
    const std::string why = request.body["reason"].get<std::string>();
    audit_change(services, request, action + " model", {{"model", request.text("model")}, {"reason", why}});
    ModelStore store(default_model_store());
    return {changes_json(move(store, reference, why))};
  };
  return operation;
}

}  // namespace

void add_to(ApiServer& api, const Services& services) {
  api.add(list_operation());
  api.add(history_operation());
  api.add(stage_operation(services, "promote", "Make a version live; the one that was is retired",
                          [](ModelStore& store, const ModelReference& model, const std::string& why) {
                            return store.promote(model, why);
                          }));
  api.add(stage_operation(services, "rollback", "Make the version live again that was before",
                          [](ModelStore& store, const ModelReference& model, const std::string& why) {
                            return store.rollback(model.name, why);
                          }));
  api.add(stage_operation(services, "retire", "Use a version no more",
                          [](ModelStore& store, const ModelReference& model, const std::string& why) {
                            return store.retire(model, why);
                          }));
}

}  // namespace orrery::server::models_route
