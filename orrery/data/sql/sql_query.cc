#include "orrery/data/sql/sql_query.h"

#include <arrow/record_batch.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/base/threads.h"
#include "orrery/base/unique_id.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/lake.h"
#include "orrery/data/sql/duckdb_session.h"
#include "orrery/data/sql/table_views.h"

namespace orrery {
namespace {

constexpr std::string_view kHistory = "_history";

std::vector<std::pair<std::string, std::string>> settings_of(const SqlQuery& query) {
  const auto scratch = std::filesystem::temp_directory_path() / ("orrery-sql-" + unique_id());
  return {{"threads", fmt::format("{}", resolve_threads(query.threads))},
          {"temp_directory", scratch.string()},
          {"autoinstall_known_extensions", "false"},
          {"autoload_known_extensions", "false"},
          {"allow_community_extensions", "false"},
          {"allow_persistent_secrets", "false"}};
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// The tables that a query may mean: those whose names stand in it, else (SHOW TABLES, a name that is spelled
/// wrong) all. What is not asked for is not opened.
std::vector<std::string> tables_in(const std::string& sql, const std::vector<std::string>& there) {
  std::vector<std::string> named;
  const auto text = lower(sql);
  std::copy_if(there.begin(), there.end(), std::back_inserter(named),
               [&text](const std::string& name) { return text.find(lower(name)) != std::string::npos; });
  return named.empty() ? there : named;
}

/// A lake's tables as views of a session that can read their files and nothing else.
class LakeSession : public SqlResult {
 public:
  explicit LakeSession(const SqlQuery& query)
      : query_(query),
        folder_(std::filesystem::absolute(query.lake).lexically_normal()),
        lake_(folder_),
        there_(lake_.tables()),
        session_(settings_of(query)) {
    if (!std::filesystem::is_directory(folder_)) {
      throw user_error(ErrorCode::kNotFound, fmt::format("there is no lake: {}", query.lake.string()));
    }
    session_.run("SET TimeZone = 'UTC'");
    std::vector<std::string> files;
    for (const auto& name : tables_in(query.sql, there_)) show(name, files);
    session_.run(
        fmt::format("SET allowed_paths = {}; SET enable_external_access = false; "
                    "SET lock_configuration = true",
                    sql_list(files)));
    with_advice([this] { rows_ = session_.query(query_.sql); });
  }

  std::shared_ptr<arrow::Schema> schema() const override { return rows_->schema(); }

  std::shared_ptr<arrow::RecordBatch> next() override {
    std::shared_ptr<arrow::RecordBatch> block;
    with_advice([this, &block] { block = rows_->next(); });
    return block;
  }

 private:
  void show(const std::string& name, std::vector<std::string>& files) {
    const PinnedTable table{name, folder_ / name, lake_.open(name).log().latest()};
    const bool versioned = has_versions(definition_of(table.state->metadata));
    if (query_.as_of && !versioned) {
      timeless_.insert(name);
      return;
    }
    make_view(name, name, versioned ? newest_rows(table, query_.as_of) : all_rows(table, {}));
    const auto history = name + std::string(kHistory);
    const bool is_taken = std::find(there_.begin(), there_.end(), history) != there_.end();
    if (versioned && !is_taken) make_view(history, name, all_rows(table, query_.as_of));
    for (auto& path : data_files(table)) files.push_back(std::move(path));
  }

  void make_view(const std::string& view, const std::string& table, const std::string& rows) {
    try {
      session_.run(fmt::format("CREATE VIEW {} AS {}", sql_name(view), rows));
    } catch (const Error& error) {
      throw external_error(ErrorCode::kDataCorrupt,
                           fmt::format("table '{}' can't be read: {}", table, error.what()));
    }
  }

  /// Adds to DuckDB's message what only we know.
  template <class Work>
  void with_advice(const Work& work) {
    try {
      work();
    } catch (const Error& error) {
      const std::string message = error.what();
      if (message.starts_with("Catalog Error: Table with name ")) throw missing_table(message);
      if (message.starts_with("Permission Error")) throw other_file(message);
      throw;
    }
  }

  static Error other_file(const std::string& message) {
    return user_error(ErrorCode::kInvalidArgument,
                      message + "\n\nA query reads the tables of the lake and no other file.");
  }

  Error missing_table(const std::string& message) const {
    const std::string_view start = "Catalog Error: Table with name ";
    const auto name = message.substr(start.size(), message.find(' ', start.size()) - start.size());
    if (timeless_.contains(lower(name))) {
      return user_error(
          ErrorCode::kInvalidArgument,
          fmt::format("table '{}' can't be read as of a time: its rows have no known times", name));
    }
    if (name.find_first_of("/.") != std::string::npos) return other_file(message);
    const bool has_advice = message.find("Did you mean") != std::string::npos;
    return user_error(
        ErrorCode::kNotFound,
        fmt::format("{}{}\n\nTables of {}: {}; all versions of their facts: NAME{}", message,
                    has_advice ? "" : did_you_mean(name, there_), query_.lake.string(),
                    there_.empty() ? "none" : fmt::format("{}", fmt::join(there_, ", ")), kHistory));
  }

  SqlQuery query_;
  std::filesystem::path folder_;
  Lake lake_;
  std::vector<std::string> there_;
  std::set<std::string> timeless_;  ///< asked for as of a time, which they can't be
  duckdb::Session session_;
  std::unique_ptr<SqlResult> rows_;
};

}  // namespace

std::unique_ptr<SqlResult> run_sql(const SqlQuery& query) { return std::make_unique<LakeSession>(query); }

}  // namespace orrery
