#include "orrery/data/sql/sql_query.h"

#include <arrow/record_batch.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "orrery/base/address.h"
#include "orrery/base/error.h"
#include "orrery/base/letter_case.h"
#include "orrery/base/spelling.h"
#include "orrery/base/threads.h"
#include "orrery/base/unique_id.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/lake.h"
#include "orrery/data/sql/duckdb_session.h"
#include "orrery/data/sql/local_copies.h"
#include "orrery/data/sql/table_views.h"

namespace orrery {
namespace {

constexpr const char* kHistorySuffix = "_history";

std::vector<std::pair<std::string, std::string>> settings_of(const SqlQuery& query) {
  const auto scratch = std::filesystem::temp_directory_path() / ("orrery-sql-" + unique_id());
  return {{"threads", fmt::format("{}", resolve_threads(query.threads))},
          {"temp_directory", scratch.string()},
          {"autoinstall_known_extensions", "false"},
          {"autoload_known_extensions", "false"},
          {"allow_community_extensions", "false"},
          {"allow_persistent_secrets", "false"}};
}

/// How often a text stands in another.
std::size_t count_of(std::string_view part, std::string_view text) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// The views that a query may mean. What it does not mean is not opened: a view reads the ends of all its
/// files.
class WantedViews {
 public:
  WantedViews(std::string_view sql, const std::vector<std::string>& tables) : sql_(lower_case(sql)) {
    names_none_ = std::none_of(tables.begin(), tables.end(), [this](const std::string& name) {
      return count_of(lower_case(name), sql_) > 0;
    });
  }

  bool newest(const std::string& table) const {
    return names_none_ ||
           count_of(lower_case(table), sql_) > count_of(lower_case(table) + kHistorySuffix, sql_);
  }
  bool history(const std::string& table) const {
    return names_none_ || count_of(lower_case(table) + kHistorySuffix, sql_) > 0;
  }

 private:
  std::string sql_;
  bool names_none_;  ///< SHOW TABLES, a name that is spelled wrong: it may mean any
};

/// A lake's tables as views of a session that can read their files and nothing else.
class LakeSession : public SqlResult {
 public:
  explicit LakeSession(const SqlQuery& query)
      : query_(query),
        copies_(is_address(query.lake.string()) ? std::make_unique<LocalCopies>(query.lake) : nullptr),
        folder_(copies_ ? copies_->folder() : std::filesystem::absolute(query.lake).lexically_normal()),
        lake_(copies_ ? query.lake : folder_),
        there_(lake_.tables()),
        session_(settings_of(query)) {
    if (!std::filesystem::is_directory(folder_)) {
      throw user_error(ErrorCode::kNotFound, fmt::format("there is no lake: {}", query.lake.string()));
    }
    session_.run("SET TimeZone = 'UTC'; SET parquet_metadata_cache = true");
    std::vector<std::string> files;
    const WantedViews wanted(query.sql, there_);
    for (const auto& name : there_) show(name, wanted, files);
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
  void show(const std::string& name, const WantedViews& wanted, std::vector<std::string>& files) {
    const auto history = name + kHistorySuffix;
    const bool is_taken = std::find(there_.begin(), there_.end(), history) != there_.end();
    const bool newest_wanted = wanted.newest(name), history_wanted = wanted.history(name) && !is_taken;
    if (!newest_wanted && !history_wanted) return;
    const PinnedTable table{name, folder_ / name, lake_.open(name).log().latest()};
    const bool versioned = has_versions(definition_of(table.state->metadata));
    if (query_.as_of && !versioned) {
      timeless_.insert(name);
      return;
    }
    if (copies_) copies_->bring(name, *table.state);
    if (newest_wanted) {
      make_view(name, name, versioned ? newest_rows(table, query_.as_of) : all_rows(table, {}));
    }
    if (versioned && history_wanted) make_view(history, name, all_rows(table, query_.as_of));
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
    if (timeless_.contains(lower_case(name))) {
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
                    there_.empty() ? "none" : fmt::format("{}", fmt::join(there_, ", ")), kHistorySuffix));
  }

  SqlQuery query_;
  std::unique_ptr<LocalCopies> copies_;  ///< of a lake that lies elsewhere
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
