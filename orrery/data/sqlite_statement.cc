#include "orrery/data/sqlite_statement.h"

#include <sqlite3.h>

#include <cstring>
#include <limits>
#include <utility>

namespace orrery {

ErrorCode sqlite_error_code(sqlite3* database) {
  const int code = sqlite3_errcode(database) & 0xff;
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? ErrorCode::kDataCorrupt : ErrorCode::kIo;
}

SqliteStatement::SqliteStatement(sqlite3* database, SqliteErrorMaker make_error, const std::string& sql)
    : database_(database), make_error_(std::move(make_error)) {
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement_, nullptr) != SQLITE_OK)
    throw make_error_(database);
}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(statement_); }

SqliteStatement& SqliteStatement::bind(const std::string& text) {
  sqlite3_bind_text(statement_, ++bound_, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  return *this;
}

SqliteStatement& SqliteStatement::bind(double number) {
  sqlite3_bind_double(statement_, ++bound_, number);
  return *this;
}

SqliteStatement& SqliteStatement::bind(std::int64_t number) {
  sqlite3_bind_int64(statement_, ++bound_, number);
  return *this;
}

SqliteStatement& SqliteStatement::bind(const std::optional<std::int64_t>& number) {
  if (number) return bind(*number);
  ++bound_;  // what is not bound is NULL
  return *this;
}

SqliteStatement& SqliteStatement::bind_bytes(const void* bytes, std::size_t count) {
  sqlite3_bind_blob(statement_, ++bound_, bytes, static_cast<int>(count), SQLITE_TRANSIENT);
  return *this;
}

bool SqliteStatement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  if ((code & 0xff) == SQLITE_CONSTRAINT)
    throw user_error(ErrorCode::kAlreadyExists,
                     std::string("recorded before, and may be but once: ") + sqlite3_errmsg(database_));
  throw make_error_(database_);
}

void SqliteStatement::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  bound_ = 0;
}

bool SqliteStatement::missing(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::string SqliteStatement::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_, column);
  return bytes == nullptr ? "" : reinterpret_cast<const char*>(bytes);
}

double SqliteStatement::number(int column) const {
  return missing(column) ? std::numeric_limits<double>::quiet_NaN()
                         : sqlite3_column_double(statement_, column);
}

std::int64_t SqliteStatement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::size_t SqliteStatement::byte_count(int column) const {
  return static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
}

void SqliteStatement::copy_bytes(int column, void* target, std::size_t count) const {
  if (count > 0) std::memcpy(target, sqlite3_column_blob(statement_, column), count);
}

}  // namespace orrery
