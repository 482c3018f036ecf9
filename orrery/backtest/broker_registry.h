#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "orrery/backtest/simulated_exchange.h"
#include "orrery/base/disk.h"
#include "orrery/base/registry.h"
#include "orrery/execution/broker_service.h"
#include "orrery/market/market_data.h"

namespace orrery {

/// What a broker is reached with. All references have to outlive it.
struct BrokerContext {
  Disk& disk;
  std::filesystem::path folder;  ///< for what it keeps on this machine
  const MarketData& market;      ///< for brokers that fill from bars
  ExchangeConfig exchange;       ///< their costs and limits
  std::string bookmark;          ///< as it said last; "": a new account
  bool sync_orders = true;       ///< each order outlives a power failure before it is answered
};

/// What a broker says about itself.
struct BrokerInfo {
  std::string summary;     ///< one line
  bool is_remote = false;  ///< money elsewhere: orders leave this machine
};

struct BrokerEntry {
  BrokerInfo info;
  /// Errors: kDataCorrupt, kIo for what it keeps.
  std::function<std::unique_ptr<BrokerService>(const BrokerContext&)> factory;
};

using BrokerRegistry = NamedRegistry<BrokerEntry>;

}  // namespace orrery
