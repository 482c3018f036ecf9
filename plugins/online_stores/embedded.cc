#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <shared_mutex>
#include <unordered_map>

#include "orrery/data/sqlite_database.h"
#include "plugins/online_stores/registry.h"

namespace orrery::plugins::online_stores::embedded_plugin {
namespace {

constexpr const char* kTables =
    "CREATE TABLE IF NOT EXISTS views (view TEXT PRIMARY KEY, generation INTEGER NOT NULL, definition TEXT "
    "NOT "
    "NULL, features TEXT NOT NULL, session INTEGER NOT NULL, known INTEGER NOT NULL, made INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS newest (view TEXT NOT NULL, symbol TEXT NOT NULL, session INTEGER NOT NULL, "
    "cells BLOB NOT NULL, PRIMARY KEY (view, symbol)) WITHOUT ROWID;";

/// The values of a view in memory; never changed once made.
struct Snapshot {
  std::shared_ptr<const Materialization> about;
  std::unordered_map<std::string, std::uint32_t> places;
  std::vector<Date> sessions;
  std::vector<float> values;
};
using Snapshots = std::map<std::string, std::shared_ptr<const Snapshot>, std::less<>>;

struct StoredRow {
  Date session;
  std::vector<float> values;

  /// Whether it is these bits, NaN's too.
  bool is(Date other, std::span<const float> cells) const {
    return session == other && values.size() == cells.size() &&
           std::memcmp(values.data(), cells.data(), cells.size_bytes()) == 0;
  }
};

/// Memory over a SQLite file: answers come from memory, writes go through the file in one transaction each.
class EmbeddedStore final : public OnlineStore {
 public:
  explicit EmbeddedStore(const std::filesystem::path& folder)
      : database_(folder / "online.sqlite", "the online features") {
    database_.execute(kTables);
    EmbeddedStore::refresh();
  }

  OnlineRows read(const std::string& view, std::span<const std::string> symbols) override {
    OnlineRows rows;
    const auto snapshot = snapshot_of(view);
    if (!snapshot) return rows;
    rows.about = snapshot->about;
    const std::size_t width = snapshot->about->features.size();
    rows.found.assign(symbols.size(), 0);
    rows.sessions.resize(symbols.size());
    rows.values.resize(symbols.size() * width);
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      const auto place = snapshot->places.find(symbols[i]);
      if (place == snapshot->places.end()) continue;
      rows.found[i] = 1;
      rows.sessions[i] = snapshot->sessions[place->second];
      std::copy_n(snapshot->values.data() + place->second * width, width, rows.values.data() + i * width);
    }
    return rows;
  }

  std::optional<Materialization> latest(const std::string& view) override {
    const auto snapshot = snapshot_of(view);
    if (!snapshot) return std::nullopt;
    return *snapshot->about;
  }

  OnlineWrite write(const ViewValues& values, bool back) override {
    OnlineWrite done;
    {
      const std::lock_guard lock(database_mutex_);
      database_.transaction([&] {
        const auto before = stored_view(values.about.view);
        refuse_older(before, values.about, back);
        done.generation = before ? before->generation + 1 : 1;
        write_rows(values, done);
        write_view(values.about, done.generation);
      });
    }
    refresh();
    return done;
  }

  void refresh() override {
    const std::lock_guard lock(database_mutex_);
    std::map<std::string, std::int64_t> generations;
    {
      auto row = database_.statement("SELECT view, generation FROM views");
      while (row.step()) generations[row.text(0)] = row.integer(1);
    }
    for (const auto& [view, generation] : generations) {
      const auto known = snapshot_of(view);
      if (known && known->about->generation == generation) continue;
      auto fresh = load(view);
      const std::unique_lock change(snapshots_mutex_);
      snapshots_[view] = std::move(fresh);
    }
  }

 private:
  std::shared_ptr<const Snapshot> snapshot_of(const std::string& view) const {
    const std::shared_lock lock(snapshots_mutex_);
    const auto found = snapshots_.find(view);
    return found == snapshots_.end() ? nullptr : found->second;
  }

  std::optional<Materialization> stored_view(const std::string& view) {
    auto row = database_.statement(
        "SELECT definition, features, session, known, made, generation FROM views WHERE view = ?");
    if (!row.bind(view).step()) return std::nullopt;
    return Materialization{view,
                           row.text(0),
                           nlohmann::json::parse(row.text(1)).get<std::vector<std::string>>(),
                           {static_cast<std::int32_t>(row.integer(2))},
                           {row.integer(3)},
                           {row.integer(4)},
                           row.integer(5)};
  }

  std::map<std::string, StoredRow> stored_rows(const std::string& view) {
    std::map<std::string, StoredRow> rows;
    auto row = database_.statement("SELECT symbol, session, cells FROM newest WHERE view = ?");
    row.bind(view);
    while (row.step())
      rows[row.text(0)] = {{static_cast<std::int32_t>(row.integer(1))}, row.numbers<float>(2)};
    return rows;
  }

  std::shared_ptr<const Snapshot> load(const std::string& view) {
    auto fresh = std::make_shared<Snapshot>();
    database_.read_at_once([&] {
      fresh->about = std::make_shared<const Materialization>(stored_view(view).value());
      const std::size_t width = fresh->about->features.size();
      for (auto& [symbol, row] : stored_rows(view)) {
        fresh->places.emplace(symbol, static_cast<std::uint32_t>(fresh->sessions.size()));
        fresh->sessions.push_back(row.session);
        row.values.resize(width);
        fresh->values.insert(fresh->values.end(), row.values.begin(), row.values.end());
      }
    });
    return fresh;
  }

  void write_rows(const ViewValues& values, OnlineWrite& done) {
    const std::string& view = values.about.view;
    auto before = stored_rows(view);
    auto put = database_.statement(
        "INSERT OR REPLACE INTO newest (view, symbol, session, cells) VALUES (?, ?, ?, ?)");
    for (std::size_t i = 0; i < values.symbols.size(); ++i) {
      const auto cells = values.row(i);
      const auto found = before.find(values.symbols[i]);
      const bool same = found != before.end() && found->second.is(values.sessions[i], cells);
      if (found != before.end()) before.erase(found);
      ++(same ? done.unchanged : done.written);
      if (same) continue;
      put.bind(view).bind(values.symbols[i]).bind(std::int64_t{values.sessions[i].days});
      put.bind(std::vector<float>(cells.begin(), cells.end())).step();
      put.reset();
    }
    auto gone = database_.statement("DELETE FROM newest WHERE view = ? AND symbol = ?");
    for (const auto& [symbol, row] : before) {
      gone.bind(view).bind(symbol).step();
      gone.reset();
      ++done.removed;
    }
  }

  void write_view(const Materialization& about, std::int64_t generation) {
    database_
        .statement(
            "INSERT OR REPLACE INTO views (view, generation, definition, features, session, known, made) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)")
        .bind(about.view)
        .bind(generation)
        .bind(about.definition)
        .bind(nlohmann::json(about.features).dump())
        .bind(std::int64_t{about.session.days})
        .bind(about.known.nanoseconds)
        .bind(about.made.nanoseconds)
        .step();
  }

  std::mutex database_mutex_;
  SqliteDatabase database_;
  mutable std::shared_mutex snapshots_mutex_;
  Snapshots snapshots_;
};

}  // namespace

void add_to(Registry& registry) {
  registry.add("embedded", {{"memory over a SQLite file in the state's folder; nothing to start", {}},
                            [](const OnlineStoreContext& context) -> std::unique_ptr<OnlineStore> {
                              return std::make_unique<EmbeddedStore>(context.folder);
                            }});
}

}  // namespace orrery::plugins::online_stores::embedded_plugin
