#include "orrery/data/tuning_store.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <map>

#include "orrery/base/error.h"
#include "orrery/base/process.h"
#include "orrery/data/sqlite_open.h"
#include "orrery/data/sqlite_statement.h"
#include "orrery/data/sqlite_transaction.h"

namespace orrery {
namespace {

constexpr int kTuningBusyTimeoutMs = 60000;

constexpr const char* kTuningSchema = R"sql(
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS tuning (one INTEGER PRIMARY KEY CHECK (one = 1), definition TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tuning_trials (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  started TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
  process TEXT NOT NULL, point BLOB NOT NULL, state INTEGER NOT NULL, loss REAL, note TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS tuning_steps (
  trial INTEGER NOT NULL REFERENCES tuning_trials(number), step INTEGER NOT NULL, loss REAL,
  PRIMARY KEY (trial, step));
COMMIT;
)sql";

Error tuning_error(sqlite3* database, const std::string& path) {
  return external_error(
      sqlite_error_code(database),
      fmt::format("the trials of the tuning can't be used ({}): {}", sqlite3_errmsg(database), path));
}

std::int64_t number_of(TuningRecord::State state) { return static_cast<std::int64_t>(state); }

}  // namespace

struct TuningStore::Database {
  std::string path;
  sqlite3* handle = nullptr;
  ~Database() { sqlite3_close(handle); }

  SqliteErrorMaker error_maker() const {
    return [this](sqlite3* failed) { return tuning_error(failed, path); };
  }
  SqliteStatement statement(const std::string& sql) const { return {handle, error_maker(), sql}; }
  void execute(const char* sql) const {
    if (sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw tuning_error(handle, path);
  }

  /// The file belongs to one search.
  void claim(const std::string& definition) const {
    statement("INSERT OR IGNORE INTO tuning VALUES (1, ?)").bind(definition).step();
    SqliteStatement row = statement("SELECT definition FROM tuning");
    if (row.step() && row.text(0) == definition) return;
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format(
            "another tuning was begun here, of another study, data, space or objective; choose another "
            "folder with --out, or take this file away to begin anew: {}",
            path));
  }

  /// Trials of processes that were killed tell nothing and never end.
  void give_up_lost() const {
    std::vector<std::int64_t> lost;
    SqliteStatement rows = statement("SELECT number, process FROM tuning_trials WHERE state = 0");
    while (rows.step()) {
      if (!process_lives(rows.text(1))) lost.push_back(rows.integer(0));
    }
    for (const auto number : lost) {
      statement("UPDATE tuning_trials SET state = ?, note = 'its process was killed' WHERE number = ?")
          .bind(number_of(TuningRecord::State::kFailed))
          .bind(number)
          .step();
    }
  }

  std::vector<TuningRecord> read() const {
    std::vector<TuningRecord> trials;
    std::map<std::int64_t, std::size_t> places;
    SqliteStatement rows =
        statement("SELECT number, state, point, loss, note FROM tuning_trials ORDER BY number");
    while (rows.step()) {
      places[rows.integer(0)] = trials.size();
      trials.push_back({rows.integer(0),
                        static_cast<TuningRecord::State>(rows.integer(1)),
                        rows.numbers<double>(2),
                        rows.number(3),
                        {},
                        rows.text(4)});
    }
    SqliteStatement steps = statement("SELECT trial, loss FROM tuning_steps ORDER BY trial, step");
    while (steps.step()) trials[places.at(steps.integer(0))].steps.push_back(steps.number(1));
    return trials;
  }
};

TuningStore::TuningStore(const std::filesystem::path& file, const std::string& definition)
    : database_(std::make_unique<Database>()) {
  database_->path = file.string();
  open_shared_database(file, kTuningBusyTimeoutMs, database_->handle, database_->error_maker());
  database_->execute(kTuningSchema);
  database_->claim(definition);
  database_->give_up_lost();
}

TuningStore::~TuningStore() = default;

std::optional<TuningRecord> TuningStore::begin(const ChoosePoint& choose) {
  std::optional<TuningRecord> begun;
  in_one_transaction(database_->handle, database_->error_maker(), [&] {
    const auto point = choose(database_->read());
    if (!point) return;
    database_->statement("INSERT INTO tuning_trials (process, point, state) VALUES (?, ?, 0)")
        .bind(process_mark())
        .bind(*point)
        .step();
    begun.emplace();
    begun->point = *point;
    begun->number = sqlite3_last_insert_rowid(database_->handle);
  });
  return begun;
}

void TuningStore::add_step(std::int64_t number, double loss) {
  database_->statement("INSERT INTO tuning_steps SELECT ?, count(*) + 1, ? FROM tuning_steps WHERE trial = ?")
      .bind(number)
      .bind(loss)
      .bind(number)
      .step();
}

void TuningStore::finish(std::int64_t number, TuningRecord::State state, double loss,
                         const std::string& note) {
  database_->statement("UPDATE tuning_trials SET state = ?, loss = ?, note = ? WHERE number = ?")
      .bind(number_of(state))
      .bind(loss)
      .bind(note)
      .bind(number)
      .step();
}

std::vector<TuningRecord> TuningStore::trials() const { return database_->read(); }

}  // namespace orrery
