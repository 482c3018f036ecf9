#include <algorithm>
#include <set>

#include "apps/server/route_tools.h"
#include "orrery/app/decision_contributions.h"
#include "orrery/app/health_text.h"
#include "orrery/app/monitor_model.h"
#include "orrery/app/predict_scores.h"
#include "orrery/base/error.h"
#include "orrery/data/model_store.h"

namespace orrery::server::predictions_route {
namespace {

constexpr std::size_t kMostExplained = 20;

/// A model that is asked: of a run, or a registered version, whose folder is one of a run.
struct Subject {
  StoredRun run;
  std::string title;
};

Subject subject_of(const Services& services, const std::string& model, const std::string& run) {
  if (!model.empty() && !run.empty()) {
    throw ApiProblem(400, "the question can't be taken", {{"model", "name a model or a run, not both"}});
  }
  if (model.empty()) {
    const auto found = services.runs.find(run);
    return {found->stored(), found->name()};
  }
  const ModelStore store(default_model_store());
  const ModelVersion version = store.find(parse_model_reference(model));
  store.check_files(version);
  return {read_stored_run(store.folder_of(version)), version.reference()};
}

Json row_json(const Prediction& row) {
  return {{"date", to_string(row.date)},
          {"symbol", row.symbol},
          {"score", number_json(row.score)},
          {"rank", row.rank},
          {"expected_return", number_json(row.expected)},
          {"lower", number_json(row.lower)},
          {"upper", number_json(row.upper)}};
}

/// What each factor added to the rows' scores, the largest first.
void add_contributions(const Subject& subject, const Services& services, std::size_t factors, Json& rows) {
  if (rows.size() > kMostExplained) {
    throw ApiProblem(422, "the body can't be taken",
                     {{"body/explain", "is for at most 20 rows; name fewer symbols, or one session"}});
  }
  const RunMarket market(subject.run, services.plugins, 1);
  const FactorFrame* frame = market.factors();
  if (frame == nullptr || subject.run.tests.empty()) {
    throw user_error(ErrorCode::kNotFound, "the run kept no model that can tell what its factors add");
  }
  ExplainOptions options;
  options.factors = factors;
  options.threads = 1;
  for (Json& row : rows) {
    const ScoredCell cell{market.market(),
                          *frame,
                          market.universe(),
                          market.row(parse_date(row["date"].get<std::string>()).value()),
                          market.instrument(row["symbol"].get<std::string>()),
                          subject.run.tests.size() - 1};
    const DecisionStage stage =
        contributions_stage(subject.run, market.study(), cell, services.plugins, options);
    Json facts = Json::object();
    for (const DecisionFact& fact : stage.facts) {
      if (const auto* number = std::get_if<double>(&fact.value)) facts[fact.name] = number_json(*number);
    }
    row["contributions"] = std::move(facts);
    row["sentences"] = stage.sentences;
  }
}

Json answer_json(const Subject& subject, const Predictions& predictions) {
  return {{"model", subject.title},
          {"kind", predictions.model},
          {"banner", predictions.banner},
          {"trained_first", to_string(predictions.trained_first)},
          {"trained_last", to_string(predictions.trained_last)},
          {"coverage", predictions.coverage},
          {"items", Json::array()}};
}

ApiAnswer predict(const Services& services, const ApiRequest& request) {
  const Json& body = request.body;
  const Subject subject =
      subject_of(services, body.value("model", std::string()), body.value("run", std::string()));
  PredictOptions options;
  if (body.contains("from")) options.first = parse_date(body["from"].get<std::string>());
  if (body.contains("to")) options.last = parse_date(body["to"].get<std::string>());
  options.threads = 1;
  const Predictions predictions = predict_scores(subject.run, services.plugins, options);
  std::set<std::string> wanted;
  for (const Json& symbol : body.value("symbols", Json::array())) wanted.insert(symbol.get<std::string>());
  Json answer = answer_json(subject, predictions);
  std::set<std::string> found;
  for (const Prediction& row : predictions.rows) {
    if (!wanted.empty() && wanted.count(row.symbol) == 0) continue;
    found.insert(row.symbol);
    answer["items"].push_back(row_json(row));
  }
  Json missing = Json::array();
  for (const std::string& symbol : wanted) {
    if (found.count(symbol) == 0) missing.push_back(symbol);
  }
  answer["missing"] = std::move(missing);
  if (body.value("explain", std::size_t{0}) > 0) {
    add_contributions(subject, services, body["explain"].get<std::size_t>(), answer["items"]);
  }
  return {std::move(answer)};
}

Json prediction_schema() {
  return schema::object(
      "A score",
      {{"date", schema::date("Session after whose close it is said")},
       {"symbol", schema::text("The name")},
       {"score", schema::optional_number("What the model says")},
       {"rank", schema::count("Within the session, among all names; 1 is the highest")},
       {"expected_return",
        schema::optional_number("What such a score has been worth; null where too little is known")},
       {"lower", schema::optional_number("Lower end of the interval of that return; null: without end")},
       {"upper", schema::optional_number("Upper end")},
       {"contributions",
        schema::by_name("What each factor added, where asked for", schema::optional_number("Added"))},
       {"sentences", schema::list("What else is to be said of them", schema::text("A sentence"))}},
      {"contributions", "sentences"});
}

Operation predictions_operation(const Services& services) {
  Operation operation = reading("/api/v1/predictions", "createPredictions", "Models",
                                "Score names by a stored model, on sessions after its training");
  operation.description =
      "The model of a run's last fold, or a registered version, reads the study's prices as they are now. "
      "Names of the "
      "universe alone are scored.";
  operation.method = Method::kPost;
  operation.slow = true;
  operation.failures = {404};
  Json symbols = schema::list("Only these names", schema::name("A name"));
  symbols["maxItems"] = 10'000;
  operation.body = schema::object(
      "What to score",
      {{"model", model_reference_schema("A registered model: NAME, or NAME@VERSION")},
       {"run", schema::name("A run; without both the one that is recommended from")},
       {"symbols", std::move(symbols)},
       {"from", schema::date("First session; without it the last of the prices alone")},
       {"to", schema::date("Last session")},
       {"explain",
        schema::whole("How many factors' contributions to tell of each row, at most 20 rows", 0, 1000)}},
      {"model", "run", "symbols", "from", "to", "explain"});
  operation.answer = schema::object(
      "Scores", {{"model", schema::text("NAME@VERSION, or the run's name")},
                 {"kind", schema::text("Such as lightgbm")},
                 {"banner", schema::text("What marks simulated data; empty for real data")},
                 {"trained_first", schema::date("First session that it learned from")},
                 {"trained_last", schema::date("Last session that it learned from")},
                 {"coverage", schema::number("Share of outcomes that the intervals promise to hold")},
                 {"items", schema::list("By session, then rank", prediction_schema())},
                 {"missing", schema::list("Names asked for that have no score", schema::text("A name"))}});
  operation.run = [&services](const ApiRequest& request) { return predict(services, request); };
  return operation;
}

Operation drift_operation(const Services& services) {
  Operation operation = reading("/api/v1/drift", "getDrift", "Models",
                                "Whether a model's features, scores and intervals are still what they were");
  operation.description =
      "As 'orrery monitor' tells it: the last sessions after its training against those that it learned "
      "from.";
  operation.slow = true;
  operation.parameters = {
      {"model", model_reference_schema("A registered model: NAME, or NAME@VERSION"), false, false},
      run_query()};
  operation.answer = {{"type", "object"}, {"description", "What 'orrery monitor --json' prints"}};
  operation.failures = {404, 422};
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    const Subject subject = subject_of(services, request.text("model"), request.text("run"));
    MonitorOptions options;
    options.threads = 1;
    ModelHealth health = monitor_model(subject.run, services.plugins, options);
    health.title = subject.title;
    return {BytesAnswer{kJsonMedia, std::make_shared<const std::string>(model_health_json(health))}};
  };
  return operation;
}

}  // namespace

void add_to(ApiServer& api, const Services& services) {
  api.add(predictions_operation(services));
  api.add(drift_operation(services));
}

}  // namespace orrery::server::predictions_route
