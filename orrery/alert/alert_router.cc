#include "orrery/alert/alert_router.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orrery/base/error.h"

namespace orrery {

AlertRouter::AlertRouter(AlertSettings settings, const AlertChannelRegistry& kinds, AlertStore& store)
    : settings_(std::move(settings)), store_(store) {
  for (const ChannelSettings& channel : settings_.channels) {
    try {
      channels_[channel.name] = kinds.get(channel.kind).make(channel.parameters);
    } catch (const Error& error) {
      throw user_error(error.code(), fmt::format("alerts.channels.{}: {}", channel.name, error.what()));
    }
  }
}

void AlertRouter::raise(const Alert& alert, Timestamp now) { store_.raise(alert, settings_, now); }

int AlertRouter::deliver(Timestamp now) {
  int sent = 0;
  while (const auto due = store_.take_due(now)) sent += send(*due, now) ? 1 : 0;
  return sent;
}

bool AlertRouter::send(const DueDelivery& due, Timestamp now) {
  const auto channel = channels_.find(due.delivery.channel);
  if (channel == channels_.end()) {
    store_.mark_failed(due.delivery, "the settings have no such channel any more", now, now);
    return false;
  }
  try {
    channel->second->send(due.message);
  } catch (const Error& error) {
    store_.mark_failed(due.delivery, error.what(), now,
                       later(due.delivery.due, settings_.give_up_hours * 3600.0));
    return false;
  }
  store_.mark_sent(due.delivery, now);
  return true;
}

void AlertRouter::send_now(const std::string& channel, const AlertMessage& message) {
  const auto found = channels_.find(channel);
  if (found == channels_.end()) {
    std::vector<std::string> names;
    for (const auto& [name, made] : channels_) names.push_back(name);
    throw user_error(ErrorCode::kNotFound,
                     fmt::format("there is no channel '{}'; there are: {}", channel, fmt::join(names, ", ")));
  }
  found->second->send(message);
}

}  // namespace orrery
