#include "orrery/feature/serving_log.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atomic>
#include <mutex>
#include <string_view>

#include "orrery/base/error.h"
#include "orrery/data/sqlite_database.h"

namespace orrery {
namespace {

constexpr std::size_t kMostWaiting = std::size_t{32} << 20;  // bytes
/// Records, with their sizes apart: those are summed and searched without reading the records.
constexpr const char* kServedTable =
    "CREATE TABLE IF NOT EXISTS served (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, view TEXT NOT NULL, "
    "definition TEXT NOT NULL, features TEXT NOT NULL, symbols TEXT NOT NULL, sessions BLOB NOT NULL, "
    "statuses BLOB NOT NULL, cells BLOB NOT NULL); "
    "CREATE TABLE IF NOT EXISTS sizes (id INTEGER PRIMARY KEY, bytes INTEGER NOT NULL); "
    "CREATE TABLE IF NOT EXISTS whole (bytes INTEGER NOT NULL); "
    "INSERT INTO whole SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM whole)";

/// Texts in one, each behind its length: names of symbols may hold any character.
std::string packed_texts(const std::vector<std::string>& texts) {
  std::string packed;
  for (const auto& text : texts) packed += fmt::format("{}:{}", text.size(), text);
  return packed;
}

std::vector<std::string> unpacked_texts(std::string_view packed, const std::filesystem::path& file) {
  std::vector<std::string> texts;
  while (!packed.empty()) {
    std::size_t length = 0;
    std::size_t at = 0;
    while (at < packed.size() && packed[at] >= '0' && packed[at] <= '9')
      length = length * 10 + static_cast<std::size_t>(packed[at++] - '0');
    if (at == packed.size() || packed[at] != ':' || length > packed.size() - at - 1)
      throw external_error(ErrorCode::kDataCorrupt,
                           fmt::format("a record of what was served is damaged: {}", file.string()));
    texts.emplace_back(packed.substr(at + 1, length));
    packed.remove_prefix(at + 1 + length);
  }
  return texts;
}

std::size_t bytes_of(const ServedValues& served) {
  std::size_t bytes = 100 + served.sessions.size() * sizeof(std::int32_t) + served.statuses.size() +
                      served.values.size() * sizeof(float);
  for (const auto& name : served.features) bytes += name.size() + 3;
  for (const auto& name : served.symbols) bytes += name.size() + 3;
  return bytes;
}

}  // namespace

struct ServingLog::State {
  std::filesystem::path file;
  double sample = 1.0;
  std::int64_t most_bytes = 0;
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::size_t> dropped{0};
  std::mutex mutex;  // of what waits
  std::vector<ServedValues> waiting;
  std::size_t waiting_bytes = 0;
  std::mutex file_mutex;
  std::optional<SqliteDatabase> database;

  void open() {
    if (database) return;
    database.emplace(file, "the log of served features");
    database->execute(kServedTable);
    database->execute("PRAGMA synchronous = NORMAL");  // after a power failure the last seconds may be gone
  }

  void insert(const std::vector<ServedValues>& records) {
    auto row = database->statement(
        "INSERT INTO served (time, view, definition, features, symbols, sessions, statuses, cells) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    auto size = database->statement("INSERT INTO sizes VALUES (last_insert_rowid(), ?)");
    std::int64_t added = 0;
    for (const auto& served : records) {
      row.bind(served.time.nanoseconds).bind(served.view).bind(served.definition);
      row.bind(packed_texts(served.features)).bind(packed_texts(served.symbols)).bind(served.sessions);
      row.bind(served.statuses).bind(served.values).step();
      row.reset();
      const auto bytes = static_cast<std::int64_t>(bytes_of(served));
      size.bind(bytes).step();
      size.reset();
      added += bytes;
    }
    change_whole(added);
  }

  void change_whole(std::int64_t by) {
    auto whole = database->statement("UPDATE whole SET bytes = bytes + ?");
    whole.bind(by).step();
  }

  /// Takes the oldest away, a tenth more than must be, so that it is not done at each write.
  void bound() {
    auto whole = database->statement("SELECT bytes FROM whole");
    whole.step();
    const std::int64_t excess = whole.integer(0) - most_bytes;
    if (excess <= 0) return;
    std::int64_t last = 0;
    std::int64_t freed = 0;
    {
      auto rows = database->statement("SELECT id, bytes FROM sizes ORDER BY id");
      while (freed < excess + most_bytes / 10 && rows.step()) {
        last = rows.integer(0);
        freed += rows.integer(1);
      }
    }
    for (const char* table : {"served", "sizes"}) {
      auto gone = database->statement(fmt::format("DELETE FROM {} WHERE id <= ?", table));
      gone.bind(last).step();
    }
    change_whole(-freed);
  }
};

ServingLog::ServingLog(std::filesystem::path file, double sample, std::int64_t megabytes)
    : state_(std::make_unique<State>()) {
  state_->file = std::move(file);
  state_->sample = sample;
  state_->most_bytes = megabytes << 20;
}

ServingLog::~ServingLog() = default;

bool ServingLog::takes_next() {
  const auto number = static_cast<double>(state_->requests.fetch_add(1));
  const auto whole = [&](double requests) { return static_cast<std::uint64_t>(requests * state_->sample); };
  return whole(number + 1.0) > whole(number);
}

void ServingLog::add(ServedValues served) {
  const std::size_t bytes = bytes_of(served);
  const std::lock_guard lock(state_->mutex);
  if (state_->waiting_bytes + bytes > kMostWaiting) {
    state_->dropped.fetch_add(1);
    return;
  }
  state_->waiting_bytes += bytes;
  state_->waiting.push_back(std::move(served));
}

void ServingLog::flush() {
  std::vector<ServedValues> records;
  {
    const std::lock_guard lock(state_->mutex);
    records.swap(state_->waiting);
    state_->waiting_bytes = 0;
  }
  if (records.empty()) return;
  const std::lock_guard lock(state_->file_mutex);
  state_->open();
  state_->database->transaction([&] {
    state_->insert(records);
    state_->bound();
  });
}

std::size_t ServingLog::dropped() const { return state_->dropped.load(); }

void ServingLog::read(const std::filesystem::path& file,
                      const std::function<void(const ServedValues&)>& take) {
  if (!std::filesystem::exists(file)) return;
  SqliteDatabase database(file, "the log of served features");
  database.execute(kServedTable);
  auto row = database.statement(
      "SELECT time, view, definition, features, symbols, sessions, statuses, cells FROM served ORDER BY id");
  while (row.step()) {
    ServedValues served{{row.integer(0)},
                        row.text(1),
                        row.text(2),
                        unpacked_texts(row.text(3), file),
                        unpacked_texts(row.text(4), file),
                        row.numbers<std::int32_t>(5),
                        row.numbers<FeatureStatus>(6),
                        row.numbers<float>(7)};
    const std::size_t cells = served.symbols.size() * served.features.size();
    if (served.sessions.size() != served.symbols.size() || served.values.size() != cells ||
        served.statuses.size() != cells)
      throw external_error(ErrorCode::kDataCorrupt,
                           fmt::format("a record of what was served is damaged: {}", file.string()));
    take(served);
  }
}

}  // namespace orrery
