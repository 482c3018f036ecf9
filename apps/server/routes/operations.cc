#include <fmt/format.h>

#include <algorithm>

#include "apps/server/route_tools.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/operate/operation_store.h"

namespace orrery::server::operations_route {
namespace {

constexpr std::int64_t kMostRounds = 100;
constexpr std::size_t kMostLog = 64 * 1024;

Json step_answer(const KeptStep& step) {
  return {{"step", step.name},
          {"kind", step.kind},
          {"state", to_string(step.state)},
          {"attempts", step.attempts},
          {"started", moment_json(step.started)},
          {"ended", moment_json(step.ended)},
          {"late", step.late},
          {"message", step.message}};
}

Json round_answer(const KeptRound& round) {
  Json steps = Json::array();
  for (const KeptStep& step : round.steps) steps.push_back(step_answer(step));
  return {{"session", to_string(round.session)},
          {"state", to_string(round.state)},
          {"mode", to_string(round.mode)},
          {"due", to_string(round.due)},
          {"started", moment_json(round.started)},
          {"ended", moment_json(round.ended)},
          {"steps", std::move(steps)}};
}

Json step_schema() {
  return schema::object("A step of a round",
                        {{"step", schema::text("Its name")},
                         {"kind", schema::text("What it does: fetch, validate, study, publish, …")},
                         {"state", schema::word("How it stands", {"waiting", "running", "retrying", "done",
                                                                  "action", "failed", "blocked", "skipped"})},
                         {"attempts", schema::count("How often it was begun")},
                         {"started", schema::or_null(schema::moment("When it was begun last"))},
                         {"ended", schema::or_null(schema::moment("When that ended"))},
                         {"late", schema::flag("Whether its deadline passed before it was done")},
                         {"message", schema::text("Why it failed")}});
}

Json round_schema() {
  return schema::object(
      "The round of a session",
      {{"session", schema::date("The session")},
       {"state", schema::word("How it stands", {"running", "done", "failed", "missed"})},
       {"mode", schema::word("Why it is done", {"scheduled", "catch_up", "backfill", "replay"})},
       {"due", schema::moment("When it was due")},
       {"started", schema::or_null(schema::moment("When it was begun"))},
       {"ended", schema::or_null(schema::moment("When it ended"))},
       {"steps", schema::list("In the order in which they are done", step_schema())}});
}

Operation rounds_operation(const Services& services) {
  Operation operation = reading("/api/v1/operations", "listOperations", "Operation",
                                "Daily rounds of orrery operate, the newest session first");
  operation.slow = true;
  operation.parameters = {
      {"limit", schema::with_default(schema::whole("How many", 1, kMostRounds), 10), false, false}};
  operation.answer = schema::object("Rounds", {{"items", schema::list("The newest first", round_schema())}});
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    Json items = Json::array();
    const auto file = operation_database(operation_state(services.data));
    if (std::filesystem::exists(file)) {
      OperationStore store(file);
      const auto most = request.parameters["limit"].get<std::size_t>();
      for (const KeptRound& round : store.rounds(most)) items.push_back(round_answer(round));
    }
    return {Json{{"items", std::move(items)}}};
  };
  return operation;
}

/// The name of the log comes from the store alone: what is asked for is compared, never put into a path.
std::filesystem::path log_of(const Services& services, Date session, const std::string& name) {
  const auto file = operation_database(operation_state(services.data));
  const auto round = std::filesystem::exists(file) ? OperationStore(file).find(session) : std::nullopt;
  if (round) {
    const auto step = std::find_if(round->steps.begin(), round->steps.end(),
                                   [&name](const KeptStep& one) { return one.name == name; });
    if (step != round->steps.end() && !step->log.empty()) return operation_state(services.data) / step->log;
  }
  throw user_error(ErrorCode::kNotFound,
                   fmt::format("the round of {} has no log of a step '{}'", to_string(session), name));
}

Operation step_log_operation(const Services& services) {
  Operation operation = reading("/api/v1/operations/{date}/{step}/log", "getStepLog", "Operation",
                                "What the last attempt of a step printed, the last 64 KiB");
  operation.roles = kResearch;
  operation.slow = true;
  operation.parameters = {{"date", schema::date("The round's session"), true, true},
                          path_name("step", "The step's name")};
  operation.media = "text/plain; charset=utf-8";
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    const auto file = log_of(services, *date_of(request, "date"), request.text("step"));
    return {BytesAnswer{"text/plain; charset=utf-8",
                        std::make_shared<const std::string>(read_file_end(file, kMostLog))}};
  };
  return operation;
}

}  // namespace

void add_to(ApiServer& api, const Services& services) {
  api.add(rounds_operation(services));
  api.add(step_log_operation(services));
}

}  // namespace orrery::server::operations_route
