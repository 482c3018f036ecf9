#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "apps/server/access/identity.h"
#include "apps/server/api/json.h"
#include "apps/server/api/media.h"
#include "apps/server/transport/http_message.h"
#include "orrery/data/table.h"

namespace orrery::server {

/// A parameter in the path or the query.
struct Parameter {
  std::string name;
  Json schema;           ///< with its description; "default" where it has one
  bool in_path = false;  ///< then it is required
  bool required = false;
};

/// A column of rows that an operation answers with.
struct ColumnInfo {
  enum class Kind {
    kText,  ///< null where it is missing
    kDate,
    kNumber,  ///< null where it is missing
    kWhole,
    kTexts,  ///< several texts, in the table one a line
  };
  std::string name;
  Kind kind = Kind::kNumber;
  std::string description;  ///< with its unit
};

/// A request whose parameters and body were found to be what the operation takes.
struct ApiRequest {
  const HttpRequest& http;
  const Identity& who;
  const Json& parameters;  ///< by name; those without a value or default are not there
  const Json& body;        ///< null without one

  bool has(std::string_view name) const { return parameters.contains(std::string(name)); }
  /// A text parameter; "" where it is not there.
  std::string text(std::string_view name) const;
};

/// Rows, of which the framework takes the fields, the order and the page that were asked for.
struct RowsAnswer {
  Json about = Json::object();  ///< what all rows share
  Table rows;                   ///< columns as the operation says
};

/// Bytes as they are, such as a page.
struct BytesAnswer {
  std::string_view content_type;
  SharedText bytes;
};

struct ApiAnswer {
  std::variant<Json, RowsAnswer, BytesAnswer> content;
  int status = 200;
  NamedTexts headers{};
};

/// One thing that the API does: what routes it, checks it, documents it and answers.
struct Operation {
  Method method = Method::kGet;
  std::string path;         ///< "/api/v1/runs/{run}"
  std::string id;           ///< "getRun"; unique
  std::string tag;          ///< the chapter in the document
  std::string summary;      ///< one line
  std::string description;  ///< "" or more
  RoleSet roles;            ///< who may; none: nobody
  bool open = false;        ///< anybody may, also without a token
  bool slow = false;        ///< made on a thread of its own
  bool kept = false;  ///< the same for everybody until the data changes: its bytes are kept, and sent at once
  bool packed = true;  ///< large answers go out as gzip to who takes it; packing costs milliseconds
  std::vector<Parameter> parameters;
  std::optional<Json> body;         ///< schema of the request's body
  Json about;                       ///< of rows: schema of what they share, null: none
  std::vector<ColumnInfo> columns;  ///< not empty: it answers with rows
  Json answer;                      ///< else: schema of the answer; null: other bytes
  std::string_view media = kJsonMedia;
  int success = 200;
  std::vector<int> failures;  ///< beyond those that every operation has
  std::function<ApiAnswer(const ApiRequest&)> run;

  bool changes() const { return method != Method::kGet; }
};

/// Begins an operation that reads, which everybody who is known may.
Operation reading(std::string path, std::string id, std::string tag, std::string summary);
/// Begins one that changes something, which these roles may: it is written down first, so it is made on a
/// thread of its own.
Operation changing(Method method, std::string path, std::string id, std::string tag, std::string summary,
                   RoleSet roles);

/// The parameters that every operation with rows has besides its own: fields, sort, limit, cursor.
std::vector<Parameter> row_parameters(const Operation& operation);

}  // namespace orrery::server
