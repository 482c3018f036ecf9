#pragma once

#include <cstdint>
#include <utility>

struct ArrowArray;
struct ArrowSchema;

/// The part of DuckDB's C interface that Orrery calls, declared as its documentation has it
/// (https://duckdb.org/docs/stable/clients/c/api), so that building needs no header of it.
namespace orrery::duckdb {

struct ConfigBody;
struct DatabaseBody;
struct ConnectionBody;
struct StatementsBody;
struct PreparedBody;
struct ChunkBody;
struct TypeBody;
struct ArrowOptionsBody;
struct ErrorBody;
using Config = ConfigBody*;
using Database = DatabaseBody*;
using Connection = ConnectionBody*;
using Statements = StatementsBody*;
using Prepared = PreparedBody*;
using Chunk = ChunkBody*;
using Type = TypeBody*;
using ArrowOptions = ArrowOptionsBody*;
using ErrorData = ErrorBody*;

/// duckdb_result, which is passed by value.
struct Result {
  std::uint64_t deprecated_counts[3] = {};
  void* deprecated_columns = nullptr;
  char* deprecated_message = nullptr;
  void* internal = nullptr;
};

/// duckdb_state.
inline constexpr int kSuccess = 0;

/// Values of duckdb_statement_type.
enum StatementType : int { kSelect = 1, kExplain = 4, kCreate = 7, kCreateFunction = 14 };

/// The functions: each is the C function duckdb_NAME.
struct Library {
  const char* (*library_version)();
  void (*free)(void*);
  int (*create_config)(Config*);
  int (*set_config)(Config, const char* name, const char* value);
  void (*destroy_config)(Config*);
  int (*open_ext)(const char* path, Database*, Config, char** error);
  void (*close)(Database*);
  int (*connect)(Database, Connection*);
  void (*disconnect)(Connection*);
  int (*query)(Connection, const char* sql, Result*);
  void (*destroy_result)(Result*);
  const char* (*result_error)(Result*);
  std::uint64_t (*extract_statements)(Connection, const char* sql, Statements*);
  const char* (*extract_statements_error)(Statements);
  int (*prepare_extracted_statement)(Connection, Statements, std::uint64_t index, Prepared*);
  void (*destroy_extracted)(Statements*);
  const char* (*prepare_error)(Prepared);
  int (*prepared_statement_type)(Prepared);
  int (*execute_prepared_streaming)(Prepared, Result*);
  void (*destroy_prepare)(Prepared*);
  std::uint64_t (*column_count)(Result*);
  const char* (*column_name)(Result*, std::uint64_t column);
  Type (*column_logical_type)(Result*, std::uint64_t column);
  void (*destroy_logical_type)(Type*);
  Chunk (*fetch_chunk)(Result);
  std::uint64_t (*data_chunk_get_size)(Chunk);
  void (*destroy_data_chunk)(Chunk*);
  ArrowOptions (*result_get_arrow_options)(Result*);
  void (*destroy_arrow_options)(ArrowOptions*);
  ErrorData (*to_arrow_schema)(ArrowOptions, Type* types, const char** names, std::uint64_t columns,
                               ArrowSchema*);
  ErrorData (*data_chunk_to_arrow)(ArrowOptions, Chunk, ArrowArray*);
  bool (*error_data_has_error)(ErrorData);
  const char* (*error_data_message)(ErrorData);
  void (*destroy_error_data)(ErrorData*);
};

/// Returns the library, loaded on the first call. Thread-safe. Errors: kUnavailable, naming the command that
/// installs it; of another major version.
const Library& library();

/// Owns what a function of the library has made.
template <class Raw>
class Owned {
 public:
  explicit Owned(void (*destroy)(Raw*), Raw raw = {}) : destroy_(destroy), raw_(raw) {}
  Owned(Owned&& other) noexcept
      : destroy_(other.destroy_), raw_(std::exchange(other.raw_, {})), is_made_(other.is_made_) {}
  Owned& operator=(Owned&&) = delete;
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() {
    if (is_made_) destroy_(&raw_);
  }

  Raw& get() { return raw_; }
  /// Where a function of the library puts what it makes.
  Raw* out() { return &raw_; }

 private:
  void (*destroy_)(Raw*);
  Raw raw_;
  bool is_made_ = true;
};

}  // namespace orrery::duckdb
