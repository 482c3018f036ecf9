#include "orrery/data/model_store.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/data/home_folder.h"
#include "orrery/data/kept_files.h"
#include "orrery/data/sqlite_open.h"
#include "orrery/data/sqlite_statement.h"
#include "orrery/data/sqlite_transaction.h"

namespace orrery {
namespace {

constexpr int kRegistryBusyTimeoutMs = 30000;
constexpr int kRegistryVersion = 1;

/// Stages are stored by name, so that the file can be read without this program.
constexpr const char* kRegistrySchema = R"sql(
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS versions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL, version INTEGER NOT NULL CHECK (version >= 1),
  stage TEXT NOT NULL CHECK (stage IN ('candidate', 'live', 'retired')),
  registered TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
  content TEXT NOT NULL, run TEXT NOT NULL, run_folder TEXT NOT NULL, finished TEXT NOT NULL,
  study_name TEXT NOT NULL, study_fingerprint TEXT NOT NULL, study_yaml TEXT NOT NULL,
  data_fingerprint TEXT NOT NULL, code TEXT NOT NULL, model TEXT NOT NULL,
  train_first TEXT NOT NULL, train_last TEXT NOT NULL, valid_first TEXT NOT NULL, valid_last TEXT NOT NULL,
  test_first TEXT NOT NULL, test_last TEXT NOT NULL, tested_first TEXT NOT NULL, tested_last TEXT NOT NULL,
  UNIQUE (name, version), UNIQUE (name, run));
CREATE UNIQUE INDEX IF NOT EXISTS one_live_version_a_name ON versions (name) WHERE stage = 'live';
CREATE TABLE IF NOT EXISTS version_files (
  version INTEGER NOT NULL REFERENCES versions(id),
  path TEXT NOT NULL, bytes INTEGER NOT NULL, fingerprint TEXT NOT NULL, PRIMARY KEY (version, path));
CREATE TABLE IF NOT EXISTS version_metrics (
  version INTEGER NOT NULL REFERENCES versions(id),
  metric TEXT NOT NULL, value REAL, PRIMARY KEY (version, metric));
CREATE TABLE IF NOT EXISTS stage_changes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  version INTEGER NOT NULL REFERENCES versions(id),
  at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
  action TEXT NOT NULL, from_stage TEXT NOT NULL, to_stage TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS history_is_not_changed BEFORE UPDATE ON stage_changes
  BEGIN SELECT RAISE(ABORT, 'the history of models only grows'); END;
CREATE TRIGGER IF NOT EXISTS history_is_not_deleted BEFORE DELETE ON stage_changes
  BEGIN SELECT RAISE(ABORT, 'the history of models only grows'); END;
PRAGMA user_version = 1;
COMMIT;
)sql";

constexpr const char* kSelectVersions =
    "SELECT id, name, version, stage, registered, content, run, run_folder, finished, study_name, "
    "study_fingerprint, study_yaml, data_fingerprint, code, model, train_first, train_last, valid_first, "
    "valid_last, test_first, test_last, tested_first, tested_last FROM versions ";

constexpr const char* kSelectChanges =
    "SELECT at, name, versions.version, action, from_stage, to_stage, reason FROM stage_changes "
    "JOIN versions ON versions.id = stage_changes.version ";

Error registry_error(sqlite3* database, const std::string& path) {
  return external_error(sqlite_error_code(database),
                        fmt::format("the registry of models can't be used ({}); the environment variable "
                                    "ORRERY_HOME names another folder: {}",
                                    sqlite3_errmsg(database), path));
}

Error strange_value(std::string_view what, const std::string& found) {
  return external_error(ErrorCode::kDataCorrupt,
                        fmt::format("the registry of models holds what is no {}: '{}'", what, found));
}

ModelStage stage_of(const std::string& text) {
  for (const auto stage : {ModelStage::kCandidate, ModelStage::kLive, ModelStage::kRetired}) {
    if (text == to_string(stage)) return stage;
  }
  throw strange_value("stage", text);
}

Date date_in(const std::string& text) {
  const auto date = parse_date(text);
  if (!date) throw strange_value("date", text);
  return *date;
}

DateSpan span_at(const SqliteStatement& row, int column) {
  return {date_in(row.text(column)), date_in(row.text(column + 1))};
}

std::optional<DateSpan> span_if_any(const SqliteStatement& row, int column) {
  if (row.text(column).empty()) return std::nullopt;
  return span_at(row, column);
}

void bind_span(SqliteStatement& insert, const std::optional<DateSpan>& span) {
  insert.bind(span ? to_string(span->first) : "").bind(span ? to_string(span->last) : "");
}

std::string list_of(const std::vector<ModelVersion>& versions) {
  std::vector<std::string> texts;
  for (const auto& version : versions)
    texts.push_back(fmt::format("{} ({})", version.version, to_string(version.stage)));
  return fmt::format("{}", fmt::join(texts, ", "));
}

const ModelVersion* live_one(const std::vector<ModelVersion>& versions) {
  const auto found = std::find_if(versions.begin(), versions.end(),
                                  [](const auto& version) { return version.stage == ModelStage::kLive; });
  return found == versions.end() ? nullptr : &*found;
}

/// The versions that were live, the last one on top, as far as no rollback took them back.
std::vector<std::int64_t> once_live(const std::vector<StageChange>& history) {
  std::vector<std::int64_t> stack;
  for (const auto& change : history) {
    if (change.to != ModelStage::kLive) continue;
    if (change.action == "rollback") {
      while (!stack.empty() && stack.back() != change.version) stack.pop_back();
    }
    if (stack.empty() || stack.back() != change.version) stack.push_back(change.version);
  }
  return stack;
}

}  // namespace

struct ModelStore::Database {
  std::string path;
  sqlite3* handle = nullptr;
  ~Database() { sqlite3_close(handle); }

  SqliteErrorMaker error_maker() const {
    return [this](sqlite3* failed) { return registry_error(failed, path); };
  }
  SqliteStatement statement(const std::string& sql) const { return {handle, error_maker(), sql}; }
  void in_one_transaction(const std::function<void()>& work) const {
    orrery::in_one_transaction(handle, error_maker(), work);
  }

  /// A statement that is still open would hold the others off, and be held off by them.
  std::int64_t version() const {
    SqliteStatement row = statement("PRAGMA user_version");
    row.step();
    return row.integer(0);
  }

  void prepare() const {
    const auto version = this->version();
    if (version > kRegistryVersion) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("the registry of models was made by a later version of Orrery (its "
                                   "version {}, this one reads up to {}): {}",
                                   version, kRegistryVersion, path));
    }
    if (version == kRegistryVersion) return;
    if (sqlite3_exec(handle, kRegistrySchema, nullptr, nullptr, nullptr) != SQLITE_OK)
      throw registry_error(handle, path);
  }

  ModelVersion read_version(const SqliteStatement& row) const {
    ModelVersion found;
    found.name = row.text(1);
    found.version = row.integer(2);
    found.stage = stage_of(row.text(3));
    found.registered = row.text(4);
    found.content = row.text(5);
    auto& lineage = found.lineage;
    lineage.run = row.text(6);
    lineage.run_folder = row.text(7);
    lineage.finished = row.text(8);
    lineage.study_name = row.text(9);
    lineage.study_fingerprint = row.text(10);
    lineage.study_yaml = row.text(11);
    lineage.data_fingerprint = row.text(12);
    lineage.code = row.text(13);
    lineage.model = row.text(14);
    lineage.train = span_at(row, 15);
    lineage.valid = span_if_any(row, 17);
    lineage.test = span_if_any(row, 19);
    lineage.tested = span_at(row, 21);
    add_parts(row.integer(0), found);
    return found;
  }

  void add_parts(std::int64_t id, ModelVersion& found) const {
    SqliteStatement files =
        statement("SELECT path, bytes, fingerprint FROM version_files WHERE version = ? ORDER BY path");
    files.bind(id);
    while (files.step()) found.files.push_back({files.text(0), files.integer(1), files.text(2)});
    SqliteStatement metrics = statement("SELECT metric, value FROM version_metrics WHERE version = ?");
    metrics.bind(id);
    while (metrics.step()) found.lineage.metrics[metrics.text(0)] = metrics.number(1);
  }

  std::vector<ModelVersion> read_versions(SqliteStatement& rows) const {
    std::vector<ModelVersion> found;
    while (rows.step()) found.push_back(read_version(rows));
    return found;
  }
  /// Errors: kAlreadyExists when the run is registered under the name.
  std::int64_t next_version(const NewModelVersion& model) const {
    std::int64_t next = 1;
    for (const auto& other : versions_of(model.name)) {
      if (other.lineage.run == model.lineage.run) {
        throw user_error(ErrorCode::kAlreadyExists,
                         fmt::format("this run is registered already, as {} ({}): {}", other.reference(),
                                     to_string(other.stage), model.lineage.run_folder));
      }
      next = other.version + 1;
    }
    return next;
  }
  std::vector<ModelVersion> all_versions() const {
    SqliteStatement rows = statement(std::string(kSelectVersions) + "ORDER BY name, version");
    return read_versions(rows);
  }
  std::vector<ModelVersion> versions_of(const std::string& name) const {
    SqliteStatement rows = statement(std::string(kSelectVersions) + "WHERE name = ? ORDER BY version");
    rows.bind(name);
    return read_versions(rows);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    SqliteStatement rows = statement("SELECT DISTINCT name FROM versions ORDER BY name");
    while (rows.step()) names.push_back(rows.text(0));
    return names;
  }

  std::int64_t insert(const NewModelVersion& model, const std::string& content, std::int64_t version) const {
    const auto& lineage = model.lineage;
    SqliteStatement insert = statement(
        "INSERT INTO versions (name, version, stage, content, run, run_folder, finished, study_name, "
        "study_fingerprint, study_yaml, data_fingerprint, code, model, train_first, train_last, "
        "valid_first, valid_last, test_first, test_last, tested_first, tested_last) VALUES "
        "(?, ?, 'candidate', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(model.name).bind(version).bind(content).bind(lineage.run).bind(lineage.run_folder);
    insert.bind(lineage.finished).bind(lineage.study_name).bind(lineage.study_fingerprint);
    insert.bind(lineage.study_yaml).bind(lineage.data_fingerprint).bind(lineage.code).bind(lineage.model);
    bind_span(insert, lineage.train);
    bind_span(insert, lineage.valid);
    bind_span(insert, lineage.test);
    bind_span(insert, lineage.tested);
    insert.step();
    return sqlite3_last_insert_rowid(handle);
  }

  void insert_parts(std::int64_t id, const std::vector<KeptFile>& files,
                    const std::map<std::string, double>& metrics) const {
    for (const auto& file : files) {
      statement("INSERT INTO version_files VALUES (?, ?, ?, ?)")
          .bind(id)
          .bind(file.path)
          .bind(file.bytes)
          .bind(file.fingerprint)
          .step();
    }
    for (const auto& [metric, value] : metrics) {
      statement("INSERT INTO version_metrics VALUES (?, ?, ?)").bind(id).bind(metric).bind(value).step();
    }
  }

  void record(std::int64_t id, const StageChange& change) const {
    statement(
        "INSERT INTO stage_changes (version, action, from_stage, to_stage, reason) VALUES (?, ?, ?, ?, ?)")
        .bind(id)
        .bind(change.action)
        .bind(std::string(change.from ? to_string(*change.from) : ""))
        .bind(std::string(to_string(change.to)))
        .bind(change.reason)
        .step();
  }

  std::vector<StageChange> read_changes(SqliteStatement& rows) const {
    std::vector<StageChange> found;
    while (rows.step()) {
      StageChange change{rows.text(0), rows.text(1),           rows.integer(2), rows.text(3),
                         std::nullopt, stage_of(rows.text(5)), rows.text(6)};
      if (!rows.text(4).empty()) change.from = stage_of(rows.text(4));
      found.push_back(std::move(change));
    }
    return found;
  }
  std::vector<StageChange> changes_of(const std::string& name) const {
    SqliteStatement rows =
        statement(std::string(kSelectChanges) + "WHERE name = ? ORDER BY stage_changes.id");
    rows.bind(name);
    return read_changes(rows);
  }
  std::vector<StageChange> all_changes() const {
    SqliteStatement rows = statement(std::string(kSelectChanges) + "ORDER BY stage_changes.id");
    return read_changes(rows);
  }

  /// Changes a version's stage and writes it down.
  void change(const ModelVersion& version, ModelStage to, const std::string& action,
              const std::string& reason) const {
    SqliteStatement row = statement("SELECT id FROM versions WHERE name = ? AND version = ?");
    row.bind(version.name).bind(version.version).step();
    const auto id = row.integer(0);
    statement("UPDATE versions SET stage = ? WHERE id = ?").bind(std::string(to_string(to))).bind(id).step();
    record(id, {"", version.name, version.version, action, version.stage, to, reason});
  }

  /// Runs changes of a name's stages in one transaction and returns what they wrote down.
  std::vector<StageChange> changing(const std::string& name, const std::function<void()>& work) const {
    std::vector<StageChange> made;
    in_one_transaction([&] {
      const auto before = changes_of(name).size();
      work();
      made = changes_of(name);
      made.erase(made.begin(), made.begin() + static_cast<std::ptrdiff_t>(before));
    });
    return made;
  }
};

ModelStore::ModelStore(std::filesystem::path folder)
    : database_(std::make_unique<Database>()), folder_(std::move(folder)) {
  const auto file = folder_ / "registry.sqlite";
  database_->path = file.string();
  open_shared_database(file, kRegistryBusyTimeoutMs, database_->handle, database_->error_maker());
  database_->prepare();
}

ModelStore::~ModelStore() = default;

/// The files stand there before the version does: a kill between the two leaves files that the next try
/// takes up.
ModelVersion ModelStore::add(const NewModelVersion& model, const std::string& reason) {
  check_model_name(model.name);
  database_->next_version(model);  // before files are copied for nothing
  const KeptFolder kept = keep_files(folder_ / "files", model.source, model.files);
  std::int64_t version = 1;
  database_->in_one_transaction([&] {
    version = database_->next_version(model);
    const auto id = database_->insert(model, kept.content, version);
    database_->insert_parts(id, kept.files, model.lineage.metrics);
    database_->record(id, {"", model.name, version, "add", std::nullopt, ModelStage::kCandidate, reason});
  });
  return find({model.name, version});
}

std::vector<ModelVersion> ModelStore::versions() const { return database_->all_versions(); }

std::vector<ModelVersion> ModelStore::versions(const std::string& name) const {
  auto found = database_->versions_of(name);
  if (!found.empty()) return found;
  const auto names = database_->names();
  throw user_error(ErrorCode::kNotFound,
                   names.empty() ? fmt::format("no model is registered yet; 'orrery models add RUN_FOLDER' "
                                               "registers the first, found '{}'",
                                               name)
                                 : fmt::format("no model has this name{}; there are {}: {}",
                                               did_you_mean(name, names), fmt::join(names, ", "), name));
}

ModelVersion ModelStore::find(const ModelReference& reference) const {
  const auto all = versions(reference.name);
  if (!reference.version) {
    if (const auto* live = live_one(all)) return *live;
    throw user_error(ErrorCode::kNotFound,
                     fmt::format("no version of {0} is live; name one, as in {0}@{1}; there are {2}",
                                 reference.name, all.back().version, list_of(all)));
  }
  for (const auto& version : all) {
    if (version.version == *reference.version) return version;
  }
  throw user_error(ErrorCode::kNotFound, fmt::format("{} has no version {}; there are {}", reference.name,
                                                     *reference.version, list_of(all)));
}

std::vector<StageChange> ModelStore::promote(const ModelReference& reference, const std::string& reason) {
  return database_->changing(reference.name, [&] {
    const auto all = versions(reference.name);
    if (!reference.version) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("name the version to promote, as in {}@{}; there are {}", reference.name,
                                   all.back().version, list_of(all)));
    }
    const auto chosen = find(reference);
    if (chosen.stage == ModelStage::kLive)
      throw user_error(ErrorCode::kAlreadyExists, fmt::format("{} is live already", chosen.reference()));
    check_files(chosen);
    if (const auto* live = live_one(all)) {
      database_->change(*live, ModelStage::kRetired, "replace", reason);
    }
    database_->change(chosen, ModelStage::kLive, "promote", reason);
  });
}

std::vector<StageChange> ModelStore::rollback(const std::string& name, const std::string& reason) {
  return database_->changing(name, [&] {
    const auto all = versions(name);
    const auto* live = live_one(all);
    auto earlier = once_live(database_->changes_of(name));
    if (!earlier.empty()) earlier.pop_back();
    if (earlier.empty()) {
      throw user_error(ErrorCode::kNotFound,
                       fmt::format("no version of {} was live before{}; there are {}", name,
                                   live == nullptr ? "" : " " + live->reference(), list_of(all)));
    }
    const auto chosen = find({name, earlier.back()});
    check_files(chosen);
    if (live != nullptr) database_->change(*live, ModelStage::kRetired, "rollback", reason);
    database_->change(chosen, ModelStage::kLive, "rollback", reason);
  });
}

std::vector<StageChange> ModelStore::retire(const ModelReference& reference, const std::string& reason) {
  return database_->changing(reference.name, [&] {
    const auto chosen = find(reference);
    if (chosen.stage == ModelStage::kRetired)
      throw user_error(ErrorCode::kAlreadyExists, fmt::format("{} is retired already", chosen.reference()));
    database_->change(chosen, ModelStage::kRetired, "retire", reason);
  });
}

std::vector<StageChange> ModelStore::demote(const ModelReference& reference, const std::string& reason) {
  return database_->changing(reference.name, [&] {
    const auto chosen = find(reference);
    if (chosen.stage != ModelStage::kLive) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("only what is live can be made a candidate again, {} is {}",
                                   chosen.reference(), to_string(chosen.stage)));
    }
    database_->change(chosen, ModelStage::kCandidate, "demote", reason);
  });
}

std::vector<StageChange> ModelStore::history(const std::string& name) const {
  if (name.empty()) return database_->all_changes();
  versions(name);  // for the error
  return database_->changes_of(name);
}

std::filesystem::path ModelStore::folder_of(const ModelVersion& version) const {
  return folder_ / "files" / version.content;
}

std::vector<std::string> ModelStore::damage(const ModelVersion& version) const {
  return damaged_files(folder_of(version), version.files);
}

void ModelStore::check_files(const ModelVersion& version) const {
  const auto found = damage(version);
  if (found.empty()) return;
  throw external_error(ErrorCode::kDataCorrupt,
                       fmt::format("{} is damaged: {}", version.reference(), found.front()));
}

std::filesystem::path default_model_store() { return home_folder() / "models"; }

}  // namespace orrery
