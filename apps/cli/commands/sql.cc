#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>

#include "apps/cli/command_line.h"
#include "apps/cli/moment_option.h"
#include "apps/cli/result_table.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/sql/result_output.h"
#include "orrery/data/sql/sql_query.h"

namespace orrery::cli {
namespace {

struct SqlArguments {
  std::string sql, file, as_of, format, out;
  std::string lake = "lake";
  std::size_t rows = 40;
  bool json = false;
  int threads = 0;
};

SqlQuery query_of(const SqlArguments& arguments) {
  if (arguments.sql.empty() == arguments.file.empty()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     "what to ask: either a query, as in orrery sql \"SHOW TABLES\", or --file");
  }
  SqlQuery query{.sql = arguments.file.empty() ? arguments.sql : read_file(arguments.file),
                 .lake = arguments.lake,
                 .threads = arguments.threads};
  if (!arguments.as_of.empty()) query.as_of = moment_of("--as-of", arguments.as_of);
  return query;
}

/// The format that was asked for; else the one that the file's name says; else a table.
std::string format_of(const SqlArguments& arguments) {
  static const std::map<std::string, std::string> by_ending = {{".csv", "csv"},         {".json", "json"},
                                                               {".parquet", "parquet"}, {".arrow", "arrow"},
                                                               {".feather", "arrow"},   {".ipc", "arrow"}};
  if (arguments.json) return "json";
  if (!arguments.format.empty()) return arguments.format;
  if (arguments.out.empty()) return "table";
  const auto ending = std::filesystem::path(arguments.out).extension().string();
  if (const auto found = by_ending.find(ending); found != by_ending.end()) return found->second;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format(
          "--out: the name ends in .csv, .json, .parquet or .arrow, or --format says what it is; found '{}'",
          arguments.out));
}

/// Writes text in pieces into a file that appears whole.
std::size_t write_text(SqlResult& result, const std::string& path,
                       std::size_t (*write)(SqlResult&, const TextSink&)) {
  FileTransaction file(path);
  std::ofstream stream(file.staging(), std::ios::binary);
  const auto rows = write(result, [&stream](std::string_view text) { stream << text; });
  stream.close();
  if (!stream) throw external_error(ErrorCode::kIo, fmt::format("can't write {}", path));
  file.commit();
  return rows;
}

std::size_t write_file_of(SqlResult& result, const std::string& format, const std::string& path) {
  if (format == "csv") return write_text(result, path, write_csv);
  if (format == "json") return write_text(result, path, write_json);
  return format == "parquet" ? write_parquet(result, path) : write_arrow(result, path);
}

void check_place(const std::string& format, const std::string& out) {
  const bool needs_file = format == "parquet" || format == "arrow";
  if (needs_file && out.empty()) {
    throw user_error(ErrorCode::kInvalidArgument, fmt::format("--format {} needs --out FILE", format));
  }
  if (format == "table" && !out.empty()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     "a table is for the screen; --out takes --format csv, json, parquet or arrow");
  }
}

void sql_command(CommandLine& line, const SqlArguments& arguments) {
  const auto format = format_of(arguments);
  check_place(format, arguments.out);
  const auto result = run_sql(query_of(arguments));
  const auto print = [&line](std::string_view text) { line.terminal.print(text); };
  if (!arguments.out.empty()) {
    const auto rows = write_file_of(*result, format, arguments.out);
    print(fmt::format("{} rows  {}\n", rows, arguments.out));
  } else if (format == "csv") {
    write_csv(*result, print);
  } else if (format == "json") {
    write_json(*result, print);
  } else {
    print(format_result(excerpt(*result, arguments.rows), line.terminal.width()));
  }
}

}  // namespace

void add_sql(CLI::App& app, CommandLine& line) {
  auto arguments = std::make_shared<SqlArguments>();
  auto* command =
      add_command(app, "sql", "Ask a lake in SQL, also as it was known at a time",
                  "orrery sql \"SELECT symbol, avg(close) FROM bars_1d GROUP BY symbol\" --as-of 2018-06-30");
  command
      ->add_option("query", arguments->sql,
                   "DuckDB's SQL. NAME is the latest version of each fact of a table, NAME_history has all")
      ->type_name("SQL");
  command->add_option("--file", arguments->file, "Read the query from a file instead")->type_name("FILE");
  command->add_option("--lake", arguments->lake, "The lake's folder, or s3://BUCKET/PREFIX")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--as-of", arguments->as_of, "What was known at this moment, UTC, of every table")
      ->type_name("TIME");
  command
      ->add_option("--format", arguments->format, "How the answer looks; a table unless --out says otherwise")
      ->check(CLI::IsMember({"table", "csv", "json", "parquet", "arrow"}))
      ->type_name("");
  command->add_flag("--json", arguments->json, "The same as --format json");
  command->add_option("--rows", arguments->rows, "How many rows a table shows")
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--out", arguments->out, "Write all rows to a file: .csv, .json, .parquet, .arrow")
      ->type_name("FILE");
  add_threads_option(*command, arguments->threads);
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { sql_command(line, *arguments); }; });
}

}  // namespace orrery::cli
