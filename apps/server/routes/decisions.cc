#include "apps/server/route_tools.h"
#include "orrery/app/explain_decision.h"

namespace orrery::server::decisions_route {
namespace {

Operation decision_operation(const Services& services) {
  Operation operation = reading("/api/v1/decisions/{symbol}/{date}", "explainDecision", "Recommendations",
                                "One decision from the raw bar to the fill, with when each fact was known");
  operation.description =
      "Prices and factors are computed again from the run's data, which has to be there unchanged.";
  operation.slow = true;
  Json factors = schema::with_default(schema::whole("How many factors; 0: all", 0, 10'000), 10);
  operation.parameters = {path_name("symbol", "The name"),
                          {"date", schema::date("The session"), true, true},
                          run_query(),
                          {"factors", std::move(factors), false, false}};
  const Json stage = schema::object(
      "A step from the bar to the fill",
      {{"name", schema::text("The step")},
       {"known", schema::text("When this was known")},
       {"facts", {{"type", "object"}, {"description", "Numbers and texts by name"}}},
       {"sentences", schema::list("What happened, or why nothing did", schema::text("A sentence"))}});
  operation.answer = schema::object("A decision", {{"symbol", schema::text("The name")},
                                                   {"date", schema::date("The session")},
                                                   {"run", schema::text("The run's folder")},
                                                   {"banner", schema::text("What marks simulated data")},
                                                   {"stages", schema::list("In order", stage)}});
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    const auto run = run_of(services, request);
    ExplainOptions options;
    options.factors = request.parameters["factors"].get<std::size_t>();
    options.threads = 1;
    const DecisionExplanation told =
        explain_decision(*services.markets.of(run), request.text("symbol"), date_of(request, "date").value(),
                         services.plugins, options);
    return {BytesAnswer{kJsonMedia, std::make_shared<const std::string>(explanation_json(told))}};
  };
  return operation;
}

}  // namespace

void add_to(ApiServer& api, const Services& services) { api.add(decision_operation(services)); }

}  // namespace orrery::server::decisions_route
