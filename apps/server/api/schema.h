#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apps/server/api/json.h"
#include "apps/server/api/problem.h"

namespace orrery::server {

/// JSON Schemas (2020-12, as OpenAPI 3.1 has them) of what the API takes and gives. The same schema stands in
/// the document and checks what comes in.
namespace schema {

Json text(std::string_view description);
/// A text of at most so many characters.
Json text(std::string_view description, std::size_t longest);
/// A text of a shape (a regular expression of ECMA 262): the document says it, who takes the text checks it.
Json shaped(Json text, std::string_view pattern);
/// A name: of a run, an account, an instrument; short enough for a path.
Json name(std::string_view description);
/// One of a few words.
Json word(std::string_view description, const std::vector<std::string>& words);
/// A day, "2024-01-31".
Json date(std::string_view description);
/// A moment, UTC.
Json moment(std::string_view description);
Json number(std::string_view description);
/// A number, or null where it is missing.
Json optional_number(std::string_view description);
Json whole(std::string_view description, std::int64_t minimum, std::int64_t maximum);
Json count(std::string_view description);
Json flag(std::string_view description);
Json list(std::string_view description, Json items);
/// An object with exactly these members; all are required but those named as optional.
Json object(std::string_view description, Json members, const std::vector<std::string>& optional = {});
/// An object whose members are of one kind, by name.
Json by_name(std::string_view description, Json value);
/// The same, or null.
Json or_null(Json schema);
/// Of a parameter: what it is where a request leaves it out.
Json with_default(Json schema, Json value);

}  // namespace schema

/// Looks whether a value is what the schema describes, and adds each fault with its place. Knows the keywords
/// that the functions above write: type, enum, format date, minimum, maximum, minLength, maxLength, maxItems,
/// items, properties, required, additionalProperties.
void check_value(const Json& schema, const Json& value, const std::string& where,
                 std::vector<FieldProblem>& problems);

/// Reads a parameter's text as the value its schema describes. What can't be read is added to `problems`.
Json value_of_text(const Json& schema, const std::string& text, const std::string& where,
                   std::vector<FieldProblem>& problems);

}  // namespace orrery::server
