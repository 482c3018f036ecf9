#include "apps/server/api/problem.h"

#include <utility>

#include "apps/server/api/json.h"

namespace orrery::server {

ApiProblem::ApiProblem(int status, std::string detail, std::vector<FieldProblem> fields)
    : about_(std::make_shared<About>(About{status, std::move(detail), std::move(fields), {}})) {}

ApiProblem& ApiProblem::with(std::string name, std::string value) {
  about_->headers.emplace_back(std::move(name), std::move(value));
  return *this;
}

std::string_view status_title(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return status < 500 ? "Bad Request" : "Internal Server Error";
  }
}

ApiProblem problem_of(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kInvalidArgument:
      return ApiProblem(422, error.what());
    case ErrorCode::kNotFound:
      return ApiProblem(404, error.what());
    case ErrorCode::kAlreadyExists:
      return ApiProblem(409, error.what());
    case ErrorCode::kUnavailable:
    case ErrorCode::kCancelled:
      return ApiProblem(503, error.what()).with("Retry-After", "5");
    case ErrorCode::kDataCorrupt:
      return ApiProblem(500, error.what());
    case ErrorCode::kIo:
    case ErrorCode::kInternal:
      break;
  }
  return ApiProblem(500, "this is a fault of the server; its log has the reason under this request's number");
}

HttpResponse problem_response(const ApiProblem& problem, const std::string& request) {
  Json document = {{"type", "about:blank"},
                   {"title", status_title(problem.status())},
                   {"status", problem.status()},
                   {"detail", problem.detail()},
                   {"instance", "urn:orrery:request:" + request}};
  if (!problem.fields().empty()) {
    Json fields = Json::array();
    for (const FieldProblem& field : problem.fields()) {
      fields.push_back({{"field", field.where}, {"detail", field.detail}});
    }
    document["errors"] = std::move(fields);
  }
  HttpResponse response;
  response.status = problem.status();
  response.content_type = "application/problem+json";
  response.body = std::make_shared<const std::string>(json_text(document) + "\n");
  response.headers = problem.headers();
  return response;
}

}  // namespace orrery::server
