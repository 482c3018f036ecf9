#pragma once

#include <map>
#include <memory>
#include <string>

#include "orrery/alert/alert_store.h"

namespace orrery {

/// Brings alerts to people: writes them down, and sends what is due through the channels. A channel that
/// fails holds no other up, and is tried again. Belongs to one thread.
class AlertRouter {
 public:
  /// Makes the channels. Errors: kInvalidArgument, naming the channel, where one lacks its key.
  AlertRouter(AlertSettings settings, const AlertChannelRegistry& kinds, AlertStore& store);

  /// Writes an alert down (see AlertStore::raise); `deliver` sends it.
  void raise(const Alert& alert, Timestamp now);
  void settle(const std::string& key, Timestamp now) { store_.settle(key, now); }
  /// Sends everything that is due. Returns how many messages the channels took.
  int deliver(Timestamp now);
  /// Sends a message at once, past the store. Errors: kNotFound for no such channel; those of the channel.
  void send_now(const std::string& channel, const AlertMessage& message);

  const AlertSettings& settings() const { return settings_; }

 private:
  bool send(const DueDelivery& due, Timestamp now);

  AlertSettings settings_;
  AlertStore& store_;
  std::map<std::string, std::unique_ptr<AlertChannel>> channels_;
};

}  // namespace orrery
