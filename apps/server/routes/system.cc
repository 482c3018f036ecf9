#include "apps/server/api/guide_page.h"
#include "apps/server/api/openapi.h"
#include "apps/server/route_tools.h"
#include "orrery/app/version.h"
#include "orrery/base/process.h"

namespace orrery::server::system_route {
namespace {

Operation open_page(const std::string& path, const std::string& id, const std::string& summary) {
  Operation operation = reading(path, id, "System", summary);
  operation.open = true;
  return operation;
}

Operation health_operation() {
  Operation operation = open_page("/healthz", "getHealth", "Whether the process answers");
  operation.answer = schema::object(
      "Health", {{"status", schema::word("It answers", {"ok"})}, {"version", schema::text("Of Orrery")}});
  operation.run = [](const ApiRequest&) -> ApiAnswer {
    return {Json{{"status", "ok"}, {"version", kVersion}}};
  };
  return operation;
}

Operation ready_operation(const Services& services) {
  Operation operation = open_page("/readyz", "getReadiness", "Whether there is something to answer with");
  operation.failures = {503};
  operation.answer = schema::object("Readiness", {{"status", schema::word("There is", {"ready"})},
                                                  {"runs", schema::count("Runs that can be read")}});
  operation.run = [&services](const ApiRequest&) -> ApiAnswer {
    const std::size_t runs = services.runs.runs().size();
    if (runs == 0) throw ApiProblem(503, "there is no run yet; 'orrery run STUDY.yaml' makes one");
    return {Json{{"status", "ready"}, {"runs", runs}}};
  };
  return operation;
}

Operation metrics_operation(const Services& services) {
  Operation operation = open_page("/metrics", "getMetrics", "Figures of the server for Prometheus");
  operation.open = false;
  operation.roles = kEverybody;
  operation.slow = true;
  operation.media = "text/plain; version=0.0.4";
  operation.run = [&services](const ApiRequest&) -> ApiAnswer {
    return {BytesAnswer{"text/plain; version=0.0.4",
                        std::make_shared<const std::string>(services.metrics.text())}};
  };
  return operation;
}

/// The API as a document; WebSockets have no place in OpenAPI but an extension.
Json whole_document(const ApiServer& api, const Services& services) {
  Json document = openapi_document(api.routes());
  Json streams = Json::array();
  for (const Feed& feed : services.streams.feeds()) {
    streams.push_back({{"path", "/stream/" + feed.name},
                       {"summary", feed.summary},
                       {"key", feed.key},
                       {"rows", feed.members},
                       {"query", feed.of_run ? "run, symbols, after" : "symbols, after"}});
  }
  document["x-streams"] = std::move(streams);
  return document;
}

Operation document_operation(const ApiServer& api, const Services& services) {
  Operation operation =
      open_page("/api/v1/openapi.json", "getOpenApi", "This document: OpenAPI 3.1 of all operations");
  operation.kept = true;
  operation.answer = {{"type", "object"}, {"description", "An OpenAPI document"}};
  operation.run = [&](const ApiRequest&) -> ApiAnswer { return {whole_document(api, services)}; };
  return operation;
}

Operation guide_operation(const ApiServer& api, const Services& services) {
  Operation operation = open_page("/docs", "getGuide", "This API's guide, a page for people");
  operation.kept = true;
  operation.media = "text/html; charset=utf-8";
  operation.run = [&](const ApiRequest&) -> ApiAnswer {
    ApiAnswer answer{BytesAnswer{"text/html; charset=utf-8", std::make_shared<const std::string>(
                                                                 guide_page(whole_document(api, services)))}};
    answer.headers.emplace_back("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    return answer;
  };
  return operation;
}

}  // namespace

void add_to(ApiServer& api, const Services& services) {
  api.add(health_operation());
  api.add(ready_operation(services));
  api.add(metrics_operation(services));
  api.add(document_operation(api, services));
  api.add(guide_operation(api, services));
}

}  // namespace orrery::server::system_route
