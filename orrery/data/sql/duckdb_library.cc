#include "orrery/data/sql/duckdb_library.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "orrery/base/error.h"
#include "orrery/base/shared_library.h"

namespace orrery::duckdb {
namespace {

constexpr const char* kFileName = ORRERY_DUCKDB_FILE;
constexpr std::string_view kMajorVersion = "v1.";

template <class Function>
void find(const SharedLibrary& shared, Function*& function, const char* name) {
  function = shared.function<Function>(fmt::format("duckdb_{}", name));
}

Library find_functions(const SharedLibrary& shared) {
  Library found{};
#define ORRERY_FIND(name) find(shared, found.name, #name)
  ORRERY_FIND(library_version);
  ORRERY_FIND(free);
  ORRERY_FIND(create_config);
  ORRERY_FIND(set_config);
  ORRERY_FIND(destroy_config);
  ORRERY_FIND(open_ext);
  ORRERY_FIND(close);
  ORRERY_FIND(connect);
  ORRERY_FIND(disconnect);
  ORRERY_FIND(query);
  ORRERY_FIND(destroy_result);
  ORRERY_FIND(result_error);
  ORRERY_FIND(extract_statements);
  ORRERY_FIND(extract_statements_error);
  ORRERY_FIND(prepare_extracted_statement);
  ORRERY_FIND(destroy_extracted);
  ORRERY_FIND(prepare_error);
  ORRERY_FIND(prepared_statement_type);
  ORRERY_FIND(execute_prepared_streaming);
  ORRERY_FIND(destroy_prepare);
  ORRERY_FIND(column_count);
  ORRERY_FIND(column_name);
  ORRERY_FIND(column_logical_type);
  ORRERY_FIND(destroy_logical_type);
  ORRERY_FIND(fetch_chunk);
  ORRERY_FIND(data_chunk_get_size);
  ORRERY_FIND(destroy_data_chunk);
  ORRERY_FIND(result_get_arrow_options);
  ORRERY_FIND(destroy_arrow_options);
  ORRERY_FIND(to_arrow_schema);
  ORRERY_FIND(data_chunk_to_arrow);
  ORRERY_FIND(error_data_has_error);
  ORRERY_FIND(error_data_message);
  ORRERY_FIND(destroy_error_data);
#undef ORRERY_FIND
  return found;
}

Library load() try {
  const auto found = find_functions(SharedLibrary(kFileName));
  const std::string version = found.library_version();
  if (version.starts_with(kMajorVersion)) return found;
  throw external_error(ErrorCode::kUnavailable,
                       fmt::format("{} is DuckDB {}, wanted is {}x", kFileName, version, kMajorVersion));
} catch (const Error& error) {
  throw external_error(
      ErrorCode::kUnavailable,
      fmt::format("SQL needs the library of DuckDB, which tools/setup.sh installs: {}", error.what()));
}

}  // namespace

const Library& library() {
  static const Library loaded = load();
  return loaded;
}

}  // namespace orrery::duckdb
