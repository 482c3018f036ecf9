#include "orrery/alert/alert_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "orrery/base/error.h"
#include "orrery/base/named_value.h"

namespace orrery {
namespace {

constexpr const char* kSettled = "settled";
constexpr std::int64_t kFirstWaitSeconds = 10;
constexpr std::int64_t kLongestWaitSeconds = 900;
constexpr std::int64_t kHeldSeconds = 60;  // no attempt takes longer

constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS alerts (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  level TEXT NOT NULL, key TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, source TEXT NOT NULL,
  raised INTEGER NOT NULL, last INTEGER NOT NULL, times INTEGER NOT NULL, untold INTEGER NOT NULL,
  acknowledged INTEGER, acknowledged_by TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS alerts_by_key ON alerts (key, number);
CREATE TABLE IF NOT EXISTS deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  alert INTEGER NOT NULL REFERENCES alerts(number),
  channel TEXT NOT NULL, escalation INTEGER NOT NULL, due INTEGER NOT NULL, next_try INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting', ended INTEGER,
  problem TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS deliveries_that_wait ON deliveries (next_try) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS deliveries_by_alert ON deliveries (alert);
)sql";

constexpr const char* kSelect =
    "SELECT number, level, key, title, text, source, raised, last, times, untold, acknowledged, "
    "acknowledged_by FROM alerts ";

constexpr const char* kSelectDeliveries =
    "SELECT id, channel, escalation, due, attempts, state, problem, alert FROM deliveries ";

Timestamp after_attempt(Timestamp now, int attempts) {
  const std::int64_t wait = kFirstWaitSeconds << std::min(attempts - 1, 10);
  return {now.nanoseconds + std::min(wait, kLongestWaitSeconds) * kNanosecondsPerSecond};
}

KeptAlert read_alert(const SqliteStatement& row) {
  KeptAlert found;
  found.number = row.integer(0);
  found.alert.level = find_named<AlertLevel>(row.text(1)).value_or(AlertLevel::kCritical);
  found.alert.key = row.text(2);
  found.alert.title = row.text(3);
  found.alert.text = row.text(4);
  found.alert.source = row.text(5);
  found.raised = {row.integer(6)};
  found.last = {row.integer(7)};
  found.times = static_cast<int>(row.integer(8));
  found.untold = static_cast<int>(row.integer(9));
  if (!row.missing(10)) found.acknowledged = Timestamp{row.integer(10)};
  found.acknowledged_by = row.text(11);
  return found;
}

Delivery read_delivery(const SqliteStatement& row) {
  Delivery found;
  found.id = row.integer(0);
  found.channel = row.text(1);
  found.escalation = row.integer(2) != 0;
  found.due = {row.integer(3)};
  found.attempts = static_cast<int>(row.integer(4));
  found.state = find_named<DeliveryState>(row.text(5)).value_or(DeliveryState::kGivenUp);
  found.problem = row.text(6);
  return found;
}

/// Whether an alert tells nothing that `before` has not told.
bool is_repeat(const KeptAlert& before, const Alert& alert, double repeat_minutes, Timestamp now) {
  return before.acknowledged_by != kSettled && alert.level <= before.alert.level &&
         now < later(before.raised, repeat_minutes * 60.0);
}

}  // namespace

std::string_view to_string(DeliveryState state) {
  switch (state) {
    case DeliveryState::kWaiting:
      return "waiting";
    case DeliveryState::kSent:
      return "sent";
    case DeliveryState::kDropped:
      return "dropped";
    case DeliveryState::kGivenUp:
      return "given_up";
  }
  return "";
}

AlertStore::AlertStore(const std::filesystem::path& file) : database_(file, "the store of alerts") {
  database_.execute(kSchema);
}

std::optional<std::int64_t> AlertStore::raise(const Alert& alert, const AlertSettings& settings,
                                              Timestamp now) {
  std::optional<std::int64_t> raised;
  database_.transaction([&] {
    auto last = database_.statement(std::string(kSelect) + "WHERE key = ? ORDER BY number DESC LIMIT 1");
    last.bind(alert.key);
    int untold = 0;
    if (last.step()) {
      const KeptAlert before = read_alert(last);
      if (is_repeat(before, alert, settings.repeat_minutes, now)) {
        auto count = database_.statement("UPDATE alerts SET times = times + 1, last = ? WHERE number = ?");
        count.bind(now.nanoseconds).bind(before.number).step();
        return;
      }
      untold = before.times - 1;
    }
    auto insert = database_.statement(
        "INSERT INTO alerts (level, key, title, text, source, raised, last, times, untold) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?) RETURNING number");
    insert.bind(std::string(to_string(alert.level))).bind(alert.key).bind(alert.title).bind(alert.text);
    insert.bind(alert.source).bind(now.nanoseconds).bind(now.nanoseconds).bind(std::int64_t{untold}).step();
    raised = insert.integer(0);
    insert.step();
    add_deliveries(*raised, alert, settings, now);
  });
  return raised;
}

void AlertStore::add_deliveries(std::int64_t number, const Alert& alert, const AlertSettings& settings,
                                Timestamp now) {
  for (const ChannelSettings& channel : settings.channels) {
    if (alert.level < channel.level) continue;
    Timestamp due = later(now, channel.after_minutes * 60.0);
    const bool waits = settings.quiet && channel.keeps_quiet && alert.level != AlertLevel::kCritical;
    if (waits) due = after_quiet(*settings.quiet, due);
    auto insert = database_.statement(
        "INSERT INTO deliveries (alert, channel, escalation, due, next_try) VALUES (?, ?, ?, ?, ?)");
    insert.bind(number).bind(channel.name).bind(std::int64_t{channel.after_minutes > 0.0});
    insert.bind(due.nanoseconds).bind(due.nanoseconds).step();
  }
}

void AlertStore::drop_settled_escalations(Timestamp now) {
  auto drop = database_.statement(
      "UPDATE deliveries SET state = 'dropped', ended = ? WHERE state = 'waiting' AND escalation = 1 AND "
      "alert IN (SELECT number FROM alerts WHERE acknowledged IS NOT NULL)");
  drop.bind(now.nanoseconds).step();
}

std::optional<DueDelivery> AlertStore::take_due(Timestamp now) {
  std::optional<DueDelivery> taken;
  auto waits = database_.statement("SELECT 1 FROM deliveries WHERE state = 'waiting' AND next_try <= ?");
  if (!waits.bind(now.nanoseconds).step()) return taken;  // asked every second, so without a transaction
  waits.reset();
  database_.transaction([&] {
    drop_settled_escalations(now);
    auto next =
        database_.statement(std::string(kSelectDeliveries) +
                            "WHERE state = 'waiting' AND next_try <= ? ORDER BY next_try, id LIMIT 1");
    next.bind(now.nanoseconds);
    if (!next.step()) return;
    Delivery delivery = read_delivery(next);
    const std::int64_t number = next.integer(7);
    ++delivery.attempts;
    auto hold = database_.statement("UPDATE deliveries SET attempts = ?, next_try = ? WHERE id = ?");
    hold.bind(std::int64_t{delivery.attempts});
    hold.bind(now.nanoseconds + kHeldSeconds * kNanosecondsPerSecond).bind(delivery.id).step();
    const KeptAlert alert = find(number);
    taken = DueDelivery{delivery, {number, alert.alert, alert.raised, alert.untold, delivery.escalation}};
  });
  return taken;
}

void AlertStore::mark_sent(const Delivery& delivery, Timestamp now) {
  auto update =
      database_.statement("UPDATE deliveries SET state = 'sent', ended = ?, problem = '' WHERE id = ?");
  update.bind(now.nanoseconds).bind(delivery.id).step();
}

void AlertStore::mark_failed(const Delivery& delivery, const std::string& problem, Timestamp now,
                             Timestamp give_up) {
  auto update =
      database_.statement("UPDATE deliveries SET state = ?, next_try = ?, problem = ? WHERE id = ?");
  const DeliveryState state = now < give_up ? DeliveryState::kWaiting : DeliveryState::kGivenUp;
  update.bind(std::string(to_string(state))).bind(after_attempt(now, delivery.attempts).nanoseconds);
  update.bind(problem).bind(delivery.id).step();
}

KeptAlert AlertStore::acknowledge(std::int64_t number, const std::string& who, Timestamp now) {
  auto update = database_.statement(
      "UPDATE alerts SET acknowledged = ?, acknowledged_by = ? WHERE number = ? AND acknowledged IS NULL");
  update.bind(now.nanoseconds).bind(who).bind(number).step();
  return find(number);
}

void AlertStore::settle(const std::string& key, Timestamp now) {
  auto update = database_.statement(
      "UPDATE alerts SET acknowledged = ?, acknowledged_by = ? WHERE key = ? AND acknowledged IS NULL");
  update.bind(now.nanoseconds).bind(std::string(kSettled)).bind(key).step();
}

std::vector<Delivery> AlertStore::deliveries_of(std::int64_t number) {
  std::vector<Delivery> found;
  auto rows = database_.statement(std::string(kSelectDeliveries) + "WHERE alert = ? ORDER BY id");
  rows.bind(number);
  while (rows.step()) found.push_back(read_delivery(rows));
  return found;
}

std::vector<KeptAlert> AlertStore::select(const std::string& condition, std::int64_t value,
                                          std::size_t most) {
  std::vector<KeptAlert> found;
  auto rows = database_.statement(fmt::format("{}WHERE {} ORDER BY number DESC LIMIT ?", kSelect, condition));
  rows.bind(value).bind(static_cast<std::int64_t>(most));
  while (rows.step()) found.push_back(read_alert(rows));
  for (KeptAlert& alert : found) alert.deliveries = deliveries_of(alert.number);
  return found;
}

std::vector<KeptAlert> AlertStore::alerts(std::size_t most, bool only_open) {
  return select(only_open ? "number > ? AND acknowledged IS NULL AND level != 'info'" : "number > ?", 0,
                most);
}

KeptAlert AlertStore::find(std::int64_t number) {
  auto found = select("number = ?", number, 1);
  if (found.empty()) throw user_error(ErrorCode::kNotFound, fmt::format("there is no alert {}", number));
  return found.front();
}

}  // namespace orrery
