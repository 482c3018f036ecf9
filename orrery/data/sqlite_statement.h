#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "orrery/base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace orrery {

/// Makes the error of a failed call: the database knows the reason, the caller which file it is.
using SqliteErrorMaker = std::function<Error(sqlite3*)>;

/// Returns the code of a failed call's error: kDataCorrupt where the file is damaged or no database, else
/// kIo.
ErrorCode sqlite_error_code(sqlite3* database);

/// One prepared statement of a SQLite database; values are bound in order.
class SqliteStatement {
 public:
  SqliteStatement(sqlite3* database, SqliteErrorMaker make_error, const std::string& sql);
  ~SqliteStatement();
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  SqliteStatement& bind(const std::string& text);
  SqliteStatement& bind(double number);  ///< NaN is stored as NULL
  SqliteStatement& bind(std::int64_t number);
  SqliteStatement& bind(const std::optional<std::int64_t>& number);  ///< none is stored as NULL
  /// Binds numbers as their bytes, little endian as all machines of the x86-64-v3 floor have them.
  template <class Number>
  SqliteStatement& bind(const std::vector<Number>& numbers) {
    static_assert(std::is_trivially_copyable_v<Number>);
    return bind_bytes(numbers.data(), numbers.size() * sizeof(Number));
  }

  /// Returns whether there is a row. Errors: kAlreadyExists for what a constraint allows but once.
  bool step();

  /// Makes it ready to be bound and run again.
  void reset();

  bool missing(int column) const;
  std::string text(int column) const;
  double number(int column) const;  ///< NaN for NULL
  std::int64_t integer(int column) const;
  template <class Number>
  std::vector<Number> numbers(int column) const {
    static_assert(std::is_trivially_copyable_v<Number>);
    std::vector<Number> found(byte_count(column) / sizeof(Number));
    copy_bytes(column, found.data(), found.size() * sizeof(Number));
    return found;
  }

 private:
  SqliteStatement& bind_bytes(const void* bytes, std::size_t count);
  std::size_t byte_count(int column) const;
  void copy_bytes(int column, void* target, std::size_t count) const;

  sqlite3* database_;
  SqliteErrorMaker make_error_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

}  // namespace orrery
