#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "apps/server/api/operation.h"

namespace orrery::server {

/// A page of rows: the fields, order and part of a table that were asked for.
struct RowPage {
  std::vector<ColumnInfo> columns;
  Table rows;
  std::size_t total = 0;  ///< rows of all pages
  std::string next;       ///< cursor of the next page; "": this is the last
};

/// The parts of a text between marks, without empty ones: of a parameter that takes several names.
std::vector<std::string> parts_of(const std::string& text, char mark);

/// The named rows of a table, in that order.
Table taken_rows(const Table& table, const std::vector<std::size_t>& rows);

/// Takes a page out of an operation's rows. A cursor is good as long as the rows are the same ones.
/// Errors: ApiProblem 400 for unknown columns, or a cursor that is none; 409 for one of other rows.
RowPage page_of(const Operation& operation, Table rows, const ApiRequest& request);

/// Each row of a table as a JSON object of the columns.
std::vector<std::string> row_texts(const std::vector<ColumnInfo>& columns, const Table& rows);

/// The page as {"about": …, "items": [{…}], "total": n, "next": cursor or null}.
std::string page_json(const RowPage& page, const Json& about);

/// The schema of that.
Json page_schema(const Operation& operation);

}  // namespace orrery::server
