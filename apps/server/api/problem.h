#pragma once

#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "apps/server/transport/http_message.h"
#include "orrery/base/error.h"

namespace orrery::server {

/// One part of a request that can't be taken.
struct FieldProblem {
  std::string where;   ///< "query.limit", "path.symbol", or a JSON pointer into the body: "body/study"
  std::string detail;  ///< what was found and what is allowed
};

/// A request that can't be answered as asked; becomes a problem document (RFC 9457).
class ApiProblem : public std::exception {
 public:
  ApiProblem(int status, std::string detail, std::vector<FieldProblem> fields = {});

  /// Adds a header to the answer, such as Retry-After.
  ApiProblem& with(std::string name, std::string value);

  int status() const { return about_->status; }
  const std::string& detail() const { return about_->detail; }
  const std::vector<FieldProblem>& fields() const { return about_->fields; }
  const NamedTexts& headers() const { return about_->headers; }
  const char* what() const noexcept override { return about_->detail.c_str(); }

 private:
  struct About {
    int status = 500;
    std::string detail;
    std::vector<FieldProblem> fields;
    NamedTexts headers;
  };
  std::shared_ptr<About> about_;  ///< shared, so that an exception's copy can't throw
};

/// Returns "Not Found" for 404, and so on; the titles that problem documents have.
std::string_view status_title(int status);

/// An error of the rooms as a problem: of the user 400, 404, 409 or 422, of the world outside 503, of Orrery
/// 500 (whose details stand in the log, not in the answer).
ApiProblem problem_of(const Error& error);

/// Returns the problem document. `request` is the number that logs know the request by.
HttpResponse problem_response(const ApiProblem& problem, const std::string& request);

}  // namespace orrery::server
