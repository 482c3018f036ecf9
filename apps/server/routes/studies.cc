#include <charconv>

#include "apps/server/route_tools.h"
#include "orrery/app/study.h"
#include "orrery/base/error.h"

namespace orrery::server::studies_route {
namespace {

Json job_json(const Job& job) {
  return {{"number", job.number},
          {"run", job.run},
          {"asked_by", job.asked_by},
          {"asked", to_string(job.asked)},
          {"state", to_string(job.state)},
          {"stage", job.stage},
          {"done", job.done},
          {"total", job.total},
          {"message", job.message}};
}

Json job_schema() {
  return schema::object(
      "A study that is run",
      {{"number", schema::count("By which it is asked after")},
       {"run", schema::text("Name of the run that it makes")},
       {"asked_by", schema::text("Who asked for it")},
       {"asked", schema::moment("When")},
       {"state", schema::word("How it stands", {"queued", "running", "done", "failed", "cancelled", "lost"})},
       {"stage", schema::text("What it does now")},
       {"done", schema::count("Steps of the stage that are done")},
       {"total", schema::count("Steps of the stage; 0: not known")},
       {"message", schema::text("Why it failed")}});
}

Parameter job_number() { return {"number", schema::count("The job's number"), true, true}; }

std::int64_t number_of(const ApiRequest& request) { return request.parameters["number"].get<std::int64_t>(); }

Operation start_operation(const Services& services) {
  Operation operation =
      changing(Method::kPost, "/api/v1/studies", "startStudy", "Studies", "Run a study", kResearch);
  operation.description =
      "The study is checked whole before this is answered; what is wrong stands in the answer with line and "
      "column. Relative "
      "paths in it start at the server's folder of jobs, so give absolute ones, or ${VARIABLES} that the "
      "server knows.";
  operation.success = 202;
  operation.failures = {409};
  Json yaml = schema::text("The study in YAML, as docs/study.md has it");
  yaml["maxLength"] = 1'000'000;
  operation.body = schema::object(
      "A study", {{"run", schema::text("Name of the run to make; one of that name is replaced")},
                  {"study", std::move(yaml)}});
  operation.answer = job_schema();
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    const std::string yaml = request.body["study"].get<std::string>();
    const Study study = parse_study(yaml, "study", {}, services.plugins);
    audit_change(services, request, "start study", {{"run", request.body["run"]}, {"study", study.name}});
    const Job job = services.jobs.add(request.body["run"].get<std::string>(), yaml, request.who.name);
    return {job_json(job), 202, {{"Location", "/api/v1/jobs/" + std::to_string(job.number)}}};
  };
  return operation;
}

Operation list_operation(const Services& services) {
  Operation operation =
      reading("/api/v1/jobs", "listJobs", "Studies", "Studies that were asked for, the newest first");
  operation.answer = schema::object("Jobs", {{"items", schema::list("All of them", job_schema())}});
  operation.run = [&services](const ApiRequest&) -> ApiAnswer {
    Json items = Json::array();
    for (const Job& job : services.jobs.jobs()) items.push_back(job_json(job));
    return {Json{{"items", std::move(items)}}};
  };
  return operation;
}

Operation get_operation(const Services& services) {
  Operation operation = reading("/api/v1/jobs/{number}", "getJob", "Studies", "How a study stands");
  operation.parameters = {job_number()};
  operation.answer = job_schema();
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    return {job_json(services.jobs.job(number_of(request)))};
  };
  return operation;
}

Operation log_operation(const Services& services) {
  Operation operation =
      reading("/api/v1/jobs/{number}/log", "getJobLog", "Studies", "What it printed, the last 64 KiB");
  operation.roles = kResearch;
  operation.slow = true;
  operation.parameters = {job_number()};
  operation.media = "text/plain; charset=utf-8";
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    return {BytesAnswer{"text/plain; charset=utf-8",
                        std::make_shared<const std::string>(services.jobs.log(number_of(request)))}};
  };
  return operation;
}

Operation cancel_operation(const Services& services) {
  Operation operation = changing(Method::kDelete, "/api/v1/jobs/{number}", "cancelJob", "Studies",
                                 "Stop a study, or take it out of the queue", kResearch);
  operation.failures = {409};
  operation.parameters = {job_number()};
  operation.answer = job_schema();
  operation.run = [&services](const ApiRequest& request) -> ApiAnswer {
    audit_change(services, request, "cancel job", {{"number", number_of(request)}});
    return {job_json(services.jobs.cancel(number_of(request)))};
  };
  return operation;
}

}  // namespace

void add_to(ApiServer& api, const Services& services) {
  api.add(start_operation(services));
  api.add(list_operation(services));
  api.add(get_operation(services));
  api.add(log_operation(services));
  api.add(cancel_operation(services));
}

}  // namespace orrery::server::studies_route
