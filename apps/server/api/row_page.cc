#include "apps/server/api/row_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>

#include "apps/server/api/problem.h"
#include "apps/server/api/schema.h"
#include "orrery/base/fingerprint.h"

namespace orrery::server {
namespace {

using Rows = std::vector<std::size_t>;

constexpr std::size_t kMarkLength = 12;

const ColumnInfo& column_named(const Operation& operation, const std::string& name, const char* where) {
  for (const ColumnInfo& column : operation.columns) {
    if (column.name == name) return column;
  }
  std::string names;
  for (const ColumnInfo& column : operation.columns) names += (names.empty() ? "" : ", ") + column.name;
  throw ApiProblem(400, "the query can't be taken",
                   {{where, fmt::format("'{}' is no column; there are {}", name, names)}});
}

/// Orders two rows by one column: missing values last, whichever way it goes.
template <class Value>
int compare_values(const Value& left, const Value& right, bool falling) {
  if constexpr (std::is_floating_point_v<Value>) {
    if (std::isnan(left) || std::isnan(right))
      return static_cast<int>(std::isnan(left)) - static_cast<int>(std::isnan(right));
  }
  const int order = left < right ? -1 : (right < left ? 1 : 0);
  return falling ? -order : order;
}

int compare_rows(const Column& column, std::size_t left, std::size_t right, bool falling) {
  return std::visit(
      [&](const auto& values) {
        if constexpr (std::is_same_v<std::decay_t<decltype(values)>, DictionaryStrings>) {
          const auto text = [&](std::size_t row) { return text_at(column, row); };
          const bool no_left = values.codes[left] < 0, no_right = values.codes[right] < 0;
          if (no_left || no_right) return static_cast<int>(no_left) - static_cast<int>(no_right);
          return compare_values(text(left), text(right), falling);
        } else {
          return compare_values(values[left], values[right], falling);
        }
      },
      column.values);
}

void sort_rows(const Operation& operation, const Table& rows, const std::string& wish, Rows& order) {
  struct Key {
    const Column* column;
    bool falling;
  };
  std::vector<Key> keys;
  for (std::string name : parts_of(wish, ',')) {
    const bool falling = name.front() == '-';
    if (falling) name.erase(0, 1);
    keys.push_back({&rows.column(column_named(operation, name, "query.sort").name), falling});
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    for (const Key& key : keys) {
      const int found = compare_rows(*key.column, left, right, key.falling);
      if (found != 0) return found < 0;
    }
    return false;
  });
}

Column taken(const Column& column, const std::vector<std::size_t>& rows) {
  Column part{column.name, {}};
  std::visit(
      [&](const auto& values) {
        using Values = std::decay_t<decltype(values)>;
        if constexpr (std::is_same_v<Values, DictionaryStrings>) {
          DictionaryStrings strings;
          strings.dictionary = values.dictionary;
          for (const std::size_t row : rows) strings.codes.push_back(values.codes[row]);
          part.values = std::move(strings);
        } else {
          Values chosen;
          chosen.reserve(rows.size());
          for (const std::size_t row : rows) chosen.push_back(values[row]);
          part.values = std::move(chosen);
        }
      },
      column.values);
  return part;
}

/// What a cursor belongs to: the question without its page, and how many rows answered it. Runs appear whole,
/// so rows of the same run never change under a reader; another run has another name or finish, which `about`
/// shows.
std::string mark_of(const ApiRequest& request, std::size_t total) {
  Json question = request.parameters;
  question.erase("cursor");
  question.erase("limit");
  return fingerprint_text(fmt::format("{}?{}#{}", request.http.path(), question.dump(), total))
      .substr(0, kMarkLength);
}

/// Whether a text has the shape of a cursor: a mark, and the next row behind a dash (row_parameters says it
/// in the document).
bool is_cursor(std::string_view text) {
  constexpr std::string_view kHexadecimal = "0123456789abcdef", kDigits = "0123456789";
  if (text.size() < kMarkLength + 2 || text.size() > kMarkLength + 1 + 18) return false;
  const std::string_view mark = text.substr(0, kMarkLength), row = text.substr(kMarkLength + 1);
  return text[kMarkLength] == '-' && mark.find_first_not_of(kHexadecimal) == std::string_view::npos &&
         row.find_first_not_of(kDigits) == std::string_view::npos;
}

std::size_t start_of(const std::string& cursor, const std::string& mark) {
  if (!is_cursor(cursor)) {
    throw ApiProblem(400, "the query can't be taken",
                     {{"query.cursor", "is none; take it from `next` of the page before"}});
  }
  if (!cursor.starts_with(mark)) {
    throw ApiProblem(409, "the rows have changed since the page before, or the question has; start again",
                     {{"query.cursor", "belongs to other rows"}});
  }
  std::size_t start = 0;
  std::from_chars(cursor.data() + kMarkLength + 1, cursor.data() + cursor.size(), start);
  return start;
}

Json texts_json(const std::string& lines) {
  Json texts = Json::array();
  for (const std::string& line : parts_of(lines, '\n')) texts.push_back(line);
  return texts;
}

Json cell_json(const ColumnInfo& info, const Column& column, std::size_t row) {
  return std::visit(
      [&](const auto& values) -> Json {
        using Values = std::decay_t<decltype(values)>;
        if constexpr (std::is_same_v<Values, DictionaryStrings>) {
          if (info.kind == ColumnInfo::Kind::kTexts) return texts_json(text_at(column, row));
          return values.codes[row] < 0 ? Json() : Json(text_at(column, row));
        } else if constexpr (std::is_same_v<Values, std::vector<std::string>>) {
          return info.kind == ColumnInfo::Kind::kTexts ? texts_json(values[row]) : Json(values[row]);
        } else if constexpr (std::is_same_v<Values, std::vector<Date>>) {
          return to_string(values[row]);
        } else if constexpr (std::is_floating_point_v<typename Values::value_type>) {
          return std::isfinite(values[row]) ? Json(values[row]) : Json();
        } else {
          return values[row];
        }
      },
      column.values);
}

Json row_json(const std::vector<ColumnInfo>& columns, const std::vector<const Column*>& values,
              std::size_t row) {
  Json item = Json::object();
  for (std::size_t i = 0; i < columns.size(); ++i)
    item[columns[i].name] = cell_json(columns[i], *values[i], row);
  return item;
}

std::vector<const Column*> values_of(const std::vector<ColumnInfo>& columns, const Table& rows) {
  std::vector<const Column*> values;
  for (const ColumnInfo& column : columns) values.push_back(&rows.column(column.name));
  return values;
}

Json column_schema(const ColumnInfo& column) {
  switch (column.kind) {
    case ColumnInfo::Kind::kText:
      return schema::or_null(schema::text(column.description));
    case ColumnInfo::Kind::kDate:
      return schema::date(column.description);
    case ColumnInfo::Kind::kNumber:
      return schema::optional_number(column.description);
    case ColumnInfo::Kind::kWhole:
      return {{"type", "integer"}, {"description", column.description}};
    case ColumnInfo::Kind::kTexts:
      break;
  }
  return schema::list(column.description, schema::text("One of them"));
}

}  // namespace

std::vector<std::string> parts_of(const std::string& text, char mark) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(mark, begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

Table taken_rows(const Table& table, const std::vector<std::size_t>& rows) {
  Table part;
  for (const Column& column : table.columns) part.columns.push_back(taken(column, rows));
  return part;
}

RowPage page_of(const Operation& operation, Table rows, const ApiRequest& request) {
  RowPage page;
  page.total = rows.rows();
  Rows order(page.total);
  std::iota(order.begin(), order.end(), 0);
  if (request.has("sort")) sort_rows(operation, rows, request.text("sort"), order);
  const std::string mark = mark_of(request, page.total);
  const std::size_t start = request.has("cursor") ? start_of(request.text("cursor"), mark) : 0;
  const std::size_t limit = request.parameters.value("limit", std::size_t{100});
  const std::size_t begin = std::min(start, order.size()), end = std::min(begin + limit, order.size());
  if (end < order.size()) page.next = fmt::format("{}-{}", mark, end);
  const Rows chosen(order.begin() + static_cast<std::ptrdiff_t>(begin),
                    order.begin() + static_cast<std::ptrdiff_t>(end));
  if (request.has("fields")) {
    for (const std::string& name : parts_of(request.text("fields"), ',')) {
      page.columns.push_back(column_named(operation, name, "query.fields"));
    }
  }
  if (page.columns.empty()) page.columns = operation.columns;
  for (const ColumnInfo& column : page.columns)
    page.rows.columns.push_back(taken(rows.column(column.name), chosen));
  return page;
}

std::vector<std::string> row_texts(const std::vector<ColumnInfo>& columns, const Table& rows) {
  const auto values = values_of(columns, rows);
  std::vector<std::string> texts;
  texts.reserve(rows.rows());
  for (std::size_t row = 0; row < rows.rows(); ++row)
    texts.push_back(json_text(row_json(columns, values, row)));
  return texts;
}

std::string page_json(const RowPage& page, const Json& about) {
  const auto values = values_of(page.columns, page.rows);
  Json items = Json::array();
  for (std::size_t row = 0; row < page.rows.rows(); ++row)
    items.push_back(row_json(page.columns, values, row));
  Json document = Json::object();
  if (!about.empty()) document["about"] = about;
  document["items"] = std::move(items);
  document["total"] = page.total;
  document["next"] = page.next.empty() ? Json() : Json(page.next);
  return json_text(document) + "\n";
}

Json page_schema(const Operation& operation) {
  Json members = Json::object();
  std::vector<std::string> names;
  for (const ColumnInfo& column : operation.columns) {
    members[column.name] = column_schema(column);
    names.push_back(column.name);
  }
  Json page = Json::object();
  if (!operation.about.is_null()) page["about"] = operation.about;
  // `fields` may leave any of them out.
  page["items"] = schema::list(
      "The page's rows",
      schema::object("A row; with `fields` only the columns asked for", std::move(members), names));
  page["total"] = schema::count("Rows of all pages");
  page["next"] = schema::or_null(schema::text("Cursor of the next page; null on the last one"));
  return schema::object("A page of rows", std::move(page));
}

}  // namespace orrery::server
