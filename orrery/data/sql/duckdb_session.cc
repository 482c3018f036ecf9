#include "orrery/data/sql/duckdb_session.h"

#include <arrow/c/bridge.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <cctype>
#include <string_view>

#include "orrery/base/error.h"
#include "orrery/data/arrow_status.h"

namespace orrery::duckdb {
namespace {

/// Turns DuckDB's message into an error of whoever can mend it.
Error refused(const char* reason) {
  const std::string message = reason == nullptr ? "DuckDB gives no reason" : reason;
  if (message.starts_with("IO Error")) return external_error(ErrorCode::kIo, message);
  if (message.starts_with("Out of Memory Error")) return external_error(ErrorCode::kUnavailable, message);
  return user_error(ErrorCode::kInvalidArgument, message);
}

Owned<Database> open_in_memory(const Library& library,
                               const std::vector<std::pair<std::string, std::string>>& settings) {
  Owned<Config> config(library.destroy_config);
  if (library.create_config(config.out()) != kSuccess) throw internal_error("DuckDB makes no configuration");
  for (const auto& [name, value] : settings) {
    if (library.set_config(config.get(), name.c_str(), value.c_str()) == kSuccess) continue;
    throw internal_error(fmt::format("DuckDB doesn't take the setting {} = {}", name, value));
  }
  Owned<Database> database(library.close);
  char* reason = nullptr;
  if (library.open_ext(nullptr, database.out(), config.get(), &reason) != kSuccess) {
    const std::string message = reason == nullptr ? "" : reason;
    library.free(reason);
    throw external_error(ErrorCode::kUnavailable, fmt::format("DuckDB doesn't start: {}", message));
  }
  return database;
}

Owned<Connection> connect_to(const Library& library, Owned<Database>& database) {
  Owned<Connection> connection(library.disconnect);
  if (library.connect(database.get(), connection.out()) != kSuccess) {
    throw internal_error("DuckDB gives no connection");
  }
  return connection;
}

bool makes_something(int statement_type) {
  return statement_type == kCreate || statement_type == kCreateFunction;
}

/// Skips spaces, then a word in any case; returns the text unchanged when another word stands there.
std::string_view behind_word(std::string_view text, std::string_view word) {
  std::string_view rest = text;
  while (!rest.empty() && std::isspace(static_cast<unsigned char>(rest.front())) != 0) rest.remove_prefix(1);
  for (const char letter : word) {
    if (rest.empty() || std::toupper(static_cast<unsigned char>(rest.front())) != letter) return text;
    rest.remove_prefix(1);
  }
  return rest;
}

/// Blocks of a running statement.
class Rows : public SqlResult {
 public:
  Rows(const Library& library, Owned<Prepared> statement)
      : library_(library),
        statement_(std::move(statement)),
        result_(library.destroy_result),
        options_(library.destroy_arrow_options) {
    if (library_.execute_prepared_streaming(statement_.get(), result_.out()) != kSuccess) {
      throw refused(library_.result_error(result_.out()));
    }
    options_.get() = library_.result_get_arrow_options(result_.out());
    schema_ = read_schema();
  }

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  std::shared_ptr<arrow::RecordBatch> next() override {
    if (is_read_) return nullptr;
    Owned<Chunk> chunk(library_.destroy_data_chunk, library_.fetch_chunk(result_.get()));
    if (chunk.get() == nullptr) {
      const char* message = library_.result_error(result_.out());
      if (message != nullptr && *message != '\0') throw refused(message);
      is_read_ = true;
      return nullptr;
    }
    if (library_.data_chunk_get_size(chunk.get()) == 0) return next();
    ArrowArray array{};
    check(library_.data_chunk_to_arrow(options_.get(), chunk.get(), &array));
    return arrow_value(arrow::ImportRecordBatch(&array, schema_), ErrorCode::kInternal, "take", "a result");
  }

 private:
  void check(ErrorData data) {
    const Owned<ErrorData> owned(library_.destroy_error_data, data);
    if (data != nullptr && library_.error_data_has_error(data))
      throw refused(library_.error_data_message(data));
  }

  std::shared_ptr<arrow::Schema> read_schema() {
    std::vector<Owned<Type>> types;
    std::vector<Type> raw;
    std::vector<const char*> names;
    for (std::uint64_t i = 0; i < library_.column_count(result_.out()); ++i) {
      types.emplace_back(library_.destroy_logical_type, library_.column_logical_type(result_.out(), i));
      raw.push_back(types.back().get());
      names.push_back(library_.column_name(result_.out(), i));
    }
    ArrowSchema schema{};
    check(library_.to_arrow_schema(options_.get(), raw.data(), names.data(), raw.size(), &schema));
    return arrow_value(arrow::ImportSchema(&schema), ErrorCode::kInternal, "take", "a result's columns");
  }

  const Library& library_;
  Owned<Prepared> statement_;
  Owned<Result> result_;
  Owned<ArrowOptions> options_;
  std::shared_ptr<arrow::Schema> schema_;
  bool is_read_ = false;
};

}  // namespace

Session::Session(const std::vector<std::pair<std::string, std::string>>& settings)
    : library_(library()),
      database_(open_in_memory(library_, settings)),
      connection_(connect_to(library_, database_)) {}

void Session::run(const std::string& sql) {
  Owned<Result> result(library_.destroy_result);
  if (library_.query(connection_.get(), sql.c_str(), result.out()) == kSuccess) return;
  const std::string message = library_.result_error(result.out());
  throw internal_error(message.substr(0, message.find('\n')));  // behind it our own statement is quoted
}

/// EXPLAIN ANALYZE runs what it explains, so that must be a statement that reads.
void Session::check_explained(const std::string& sql, std::uint64_t statements) {
  const auto explained = std::string(behind_word(behind_word(sql, "EXPLAIN"), "ANALYZE"));
  Owned<Statements> parts(library_.destroy_extracted);
  Owned<Prepared> statement(library_.destroy_prepare);
  const bool is_read =
      statements == 1 && explained.size() < sql.size() &&
      library_.extract_statements(connection_.get(), explained.c_str(), parts.out()) == 1 &&
      library_.prepare_extracted_statement(connection_.get(), parts.get(), 0, statement.out()) == kSuccess &&
      library_.prepared_statement_type(statement.get()) == kSelect;
  if (!is_read) {
    throw user_error(ErrorCode::kInvalidArgument,
                     "EXPLAIN and EXPLAIN ANALYZE stand first and alone, before a statement that reads");
  }
}

std::unique_ptr<SqlResult> Session::query(const std::string& sql) {
  Owned<Statements> statements(library_.destroy_extracted);
  const auto count = library_.extract_statements(connection_.get(), sql.c_str(), statements.out());
  if (count == 0) {
    const char* message = library_.extract_statements_error(statements.get());
    throw refused(message == nullptr ? "there is no statement" : message);
  }
  for (std::uint64_t i = 0;; ++i) {
    const bool is_last = i + 1 == count;
    Owned<Prepared> statement(library_.destroy_prepare);
    if (library_.prepare_extracted_statement(connection_.get(), statements.get(), i, statement.out()) !=
        kSuccess) {
      throw refused(library_.prepare_error(statement.get()));
    }
    const int type = library_.prepared_statement_type(statement.get());
    if (type == kExplain) check_explained(sql, count);
    const bool reads = type == kSelect || type == kExplain;
    if (is_last ? !reads : !makes_something(type)) {
      throw user_error(
          ErrorCode::kInvalidArgument,
          "only reading is possible: SELECT, WITH, FROM, VALUES, PIVOT, DESCRIBE, SUMMARIZE, SHOW or "
          "EXPLAIN, once, last; before it CREATE of views, macros and tables in memory");
    }
    auto rows = std::make_unique<Rows>(library_, std::move(statement));
    if (is_last) return rows;
    while (rows->next() != nullptr) {
    }
  }
}

}  // namespace orrery::duckdb
