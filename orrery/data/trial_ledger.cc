#include "orrery/data/trial_ledger.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "orrery/base/error.h"
#include "orrery/data/home_folder.h"
#include "orrery/data/sqlite_open.h"
#include "orrery/data/sqlite_statement.h"
#include "orrery/data/sqlite_transaction.h"

namespace orrery {
namespace {

constexpr int kBusyTimeoutMs = 30000;

constexpr int kVersion = 2;

/// Version 0, which ledgers without a version hold, and what each later version added to it. Every step may
/// run on a ledger that has it.
constexpr const char* kSchema = R"sql(
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS trials (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  started TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
  study TEXT NOT NULL, study_fingerprint TEXT NOT NULL, data_fingerprint TEXT NOT NULL,
  test_first TEXT NOT NULL, test_last TEXT NOT NULL, overrides TEXT NOT NULL, seed TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outcomes (
  trial INTEGER PRIMARY KEY REFERENCES trials(id),
  failed INTEGER NOT NULL, sharpe REAL, periods REAL, skewness REAL, kurtosis REAL);
CREATE TABLE IF NOT EXISTS net_returns (
  trial INTEGER PRIMARY KEY REFERENCES trials(id),
  dates BLOB NOT NULL, returns BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS benchmark_returns (
  trial INTEGER PRIMARY KEY REFERENCES trials(id), returns BLOB NOT NULL);
PRAGMA user_version = 2;
COMMIT;
)sql";

constexpr const char* kSelect =
    "SELECT id, started, study, study_fingerprint, data_fingerprint, test_first, test_last, overrides, seed, "
    "failed, sharpe, periods, skewness, kurtosis, dates, net_returns.returns, benchmark_returns.returns "
    "FROM trials "
    "LEFT JOIN outcomes ON outcomes.trial = id LEFT JOIN net_returns ON net_returns.trial = id "
    "LEFT JOIN benchmark_returns ON benchmark_returns.trial = id ";

Error ledger_error(sqlite3* database, const std::string& path) {
  return external_error(sqlite_error_code(database),
                        fmt::format("the trial ledger can't be used ({}); the environment variable "
                                    "ORRERY_HOME names another folder: {}",
                                    sqlite3_errmsg(database), path));
}

SqliteErrorMaker ledger_errors(const std::string& path) {
  return [path](sqlite3* failed) { return ledger_error(failed, path); };
}

/// A statement on the ledger at `path`.
class Statement : public SqliteStatement {
 public:
  Statement(sqlite3* database, const std::string& path, const std::string& sql)
      : SqliteStatement(database, ledger_errors(path), sql) {}
};

/// An empty text is the date of a trial whose data was never read.
Date read_date(const Statement& row, int column) {
  if (row.text(column).empty()) return {};
  const auto date = parse_date(row.text(column));
  if (!date)
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("the trial ledger holds what is no date: {}", row.text(column)));
  return *date;
}

DatedReturns read_returns(const Statement& row) {
  DatedReturns found;
  for (const std::int32_t days : row.numbers<std::int32_t>(14)) found.dates.push_back({days});
  found.values = row.numbers<double>(15);
  if (found.dates.size() != found.values.size()) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("the trial ledger holds {} returns for {} dates", found.values.size(),
                                     found.dates.size()));
  }
  return found;
}

void check_count(std::size_t benchmark, const DatedReturns& returns) {
  if (benchmark == 0 || benchmark == returns.values.size()) return;
  throw external_error(ErrorCode::kDataCorrupt,
                       fmt::format("the trial ledger holds {} benchmark returns for {} net ones", benchmark,
                                   returns.values.size()));
}

std::string date_text(const TrialKey& key, Date date) { return key.known() ? to_string(date) : ""; }

RecordedTrial read_row(const Statement& row) {
  RecordedTrial found;
  found.id = row.integer(0);
  found.started = row.text(1);
  found.trial = {row.text(2),
                 row.text(3),
                 {row.text(4), read_date(row, 5), read_date(row, 6)},
                 row.text(7),
                 std::stoull(row.text(8))};
  if (row.missing(9)) return found;
  found.outcome = TrialOutcome{row.integer(9) != 0, row.number(10), row.number(11),
                               row.number(12),      row.number(13), read_returns(row)};
  found.outcome->benchmark_returns = row.numbers<double>(16);
  check_count(found.outcome->benchmark_returns.size(), found.outcome->net_returns);
  return found;
}

}  // namespace

struct TrialLedger::Database {
  std::string path;
  sqlite3* handle = nullptr;
  ~Database() { sqlite3_close(handle); }

  void execute(const char* sql) const {
    if (sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw ledger_error(handle, path);
  }
  std::int64_t version() const {
    Statement row(handle, path, "PRAGMA user_version");
    row.step();
    return row.integer(0);
  }
  void in_one_transaction(const std::function<void()>& work) const {
    orrery::in_one_transaction(handle, ledger_errors(path), work);
  }
  void check_version() const {
    if (version() <= kVersion) return;
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("the trial ledger was made by a later version of Orrery (its version {}, this "
                    "one reads up to {}): {}",
                    version(), kVersion, path));
  }
  std::vector<RecordedTrial> read(Statement& rows) const {
    std::vector<RecordedTrial> found;
    while (rows.step()) found.push_back(read_row(rows));
    return found;
  }
};

TrialLedger::TrialLedger(const std::filesystem::path& file) : database_(std::make_unique<Database>()) {
  database_->path = file.string();
  open_shared_database(file, kBusyTimeoutMs, database_->handle, ledger_errors(database_->path));
  database_->check_version();
  if (database_->version() < kVersion) database_->execute(kSchema);
}

TrialLedger::~TrialLedger() = default;

std::int64_t TrialLedger::begin(const Trial& trial) {
  Statement insert(database_->handle, database_->path,
                   "INSERT INTO trials (study, study_fingerprint, data_fingerprint, test_first, test_last, "
                   "overrides, seed) VALUES (?, ?, ?, ?, ?, ?, ?)");
  insert.bind(trial.study).bind(trial.study_fingerprint).bind(trial.key.data_fingerprint);
  insert.bind(date_text(trial.key, trial.key.test_first)).bind(date_text(trial.key, trial.key.test_last));
  insert.bind(trial.overrides).bind(std::to_string(trial.seed)).step();
  return sqlite3_last_insert_rowid(database_->handle);
}

void TrialLedger::locate(std::int64_t id, const TrialKey& key) {
  Statement update(database_->handle, database_->path,
                   "UPDATE trials SET data_fingerprint = ?, test_first = ?, test_last = ? "
                   "WHERE id = ? AND data_fingerprint = ''");
  update.bind(key.data_fingerprint).bind(to_string(key.test_first)).bind(to_string(key.test_last)).bind(id);
  update.step();
  if (sqlite3_changes(database_->handle) == 1) return;
  throw user_error(ErrorCode::kAlreadyExists,
                   fmt::format("no trial {} whose data is unknown is in the ledger", id));
}

/// The returns stand there before the outcome says that the trial ended; a kill between the two leaves an
/// unfinished trial.
void TrialLedger::finish(std::int64_t id, const TrialOutcome& outcome) {
  if (!outcome.net_returns.values.empty()) {
    std::vector<std::int32_t> days;
    for (const Date date : outcome.net_returns.dates) days.push_back(date.days);
    Statement returns(database_->handle, database_->path, "INSERT INTO net_returns VALUES (?, ?, ?)");
    returns.bind(id).bind(days).bind(outcome.net_returns.values).step();
  }
  if (!outcome.benchmark_returns.empty()) {
    Statement benchmark(database_->handle, database_->path, "INSERT INTO benchmark_returns VALUES (?, ?)");
    benchmark.bind(id).bind(outcome.benchmark_returns).step();
  }
  Statement insert(database_->handle, database_->path, "INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?)");
  insert.bind(id).bind(std::int64_t{outcome.failed ? 1 : 0}).bind(outcome.sharpe).bind(outcome.periods);
  insert.bind(outcome.skewness).bind(outcome.kurtosis).step();
}

std::vector<std::int64_t> TrialLedger::begin_all(std::span<const Trial> trials) {
  std::vector<std::int64_t> ids;
  database_->in_one_transaction([&] {
    for (const auto& trial : trials) ids.push_back(begin(trial));
  });
  return ids;
}

void TrialLedger::locate_all(std::span<const std::int64_t> ids, const TrialKey& key) {
  database_->in_one_transaction([&] {
    for (const auto id : ids) locate(id, key);
  });
}

void TrialLedger::finish_all(std::span<const std::int64_t> ids, std::span<const TrialOutcome> outcomes) {
  database_->in_one_transaction([&] {
    for (std::size_t i = 0; i < ids.size(); ++i) finish(ids[i], outcomes[i]);
  });
}

std::vector<RecordedTrial> TrialLedger::trials() const {
  Statement rows(database_->handle, database_->path, std::string(kSelect) + "ORDER BY id");
  return database_->read(rows);
}

std::vector<RecordedTrial> TrialLedger::trials(const TrialKey& key) const {
  Statement rows(
      database_->handle, database_->path,
      std::string(kSelect) + "WHERE data_fingerprint = ? AND test_first = ? AND test_last = ? ORDER BY id");
  rows.bind(key.data_fingerprint).bind(to_string(key.test_first)).bind(to_string(key.test_last));
  return database_->read(rows);
}

std::filesystem::path default_trial_ledger() { return home_folder() / "trials.sqlite"; }

}  // namespace orrery
