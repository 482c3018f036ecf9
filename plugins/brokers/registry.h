#pragma once

#include "orrery/backtest/broker_registry.h"

namespace orrery::plugins::brokers {

using Registry = BrokerRegistry;

/// Adds every broker in this folder.
void register_all(Registry& registry);

}  // namespace orrery::plugins::brokers
