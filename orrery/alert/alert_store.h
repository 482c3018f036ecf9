#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "orrery/alert/alert_settings.h"
#include "orrery/data/sqlite_database.h"

namespace orrery {

/// How far a message through a channel has come.
enum class DeliveryState : std::uint8_t {
  kWaiting,  ///< its moment has not come, or it is to be tried again
  kSent,
  kDropped,  ///< acknowledged before it had to be escalated
  kGivenUp,  ///< the channel did not take it for too long
};

/// Returns "waiting", "sent", "dropped" or "given_up"; "" for no state.
std::string_view to_string(DeliveryState state);

/// A message through one channel.
struct Delivery {
  std::int64_t id = 0;
  std::string channel;
  bool escalation = false;
  Timestamp due;
  int attempts = 0;
  DeliveryState state = DeliveryState::kWaiting;
  std::string problem;  ///< of the last attempt
};

/// An alert that was raised, with what became of it.
struct KeptAlert {
  std::int64_t number = 0;
  Alert alert;
  Timestamp raised;
  Timestamp last;  ///< the last time that the same was raised
  int times = 1;   ///< that it was raised
  int untold = 0;  ///< times of the alert of this key before, beyond the one that was told
  std::optional<Timestamp> acknowledged;
  std::string acknowledged_by;
  std::vector<Delivery> deliveries;
};

/// A message that is to be sent now.
struct DueDelivery {
  Delivery delivery;
  AlertMessage message;
};

/// Alerts and their messages in a SQLite file: what was raised is told, whatever is killed in between.
/// Several processes may use one file; an object belongs to one thread.
class AlertStore {
 public:
  /// Makes file and folder where there are none. Errors: kIo, kDataCorrupt.
  explicit AlertStore(const std::filesystem::path& file);

  /// Writes an alert down, with a message for each channel that it concerns. The same key again within
  /// `repeat_minutes`, no graver and not settled since, is counted only. Returns the alert's number, or
  /// nothing where it was counted.
  std::optional<std::int64_t> raise(const Alert& alert, const AlertSettings& settings, Timestamp now);

  /// Takes the first message that is due, if any: counts an attempt, and puts the next one far enough off
  /// that nobody else takes it meanwhile, and that it is tried again should this process be killed.
  std::optional<DueDelivery> take_due(Timestamp now);
  void mark_sent(const Delivery& delivery, Timestamp now);
  /// Has it tried again after a wait that doubles, from 10 seconds to 15 minutes; given up at `give_up`.
  void mark_failed(const Delivery& delivery, const std::string& problem, Timestamp now, Timestamp give_up);

  /// A person has seen it: nothing of it is escalated any more. The first who says so is kept.
  /// Errors: kNotFound.
  KeptAlert acknowledge(std::int64_t number, const std::string& who, Timestamp now);
  /// What alerts of this key were about is over.
  void settle(const std::string& key, Timestamp now);

  /// The newest first. Open are those above the level info that nobody has acknowledged.
  std::vector<KeptAlert> alerts(std::size_t most, bool only_open = false);
  /// Errors: kNotFound.
  KeptAlert find(std::int64_t number);

 private:
  std::vector<KeptAlert> select(const std::string& condition, std::int64_t value, std::size_t most);
  std::vector<Delivery> deliveries_of(std::int64_t number);
  void add_deliveries(std::int64_t number, const Alert& alert, const AlertSettings& settings, Timestamp now);
  void drop_settled_escalations(Timestamp now);

  SqliteDatabase database_;
};

}  // namespace orrery
