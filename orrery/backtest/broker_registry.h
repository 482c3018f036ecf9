#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "orrery/backtest/simulated_exchange.h"
#include "orrery/base/disk.h"
#include "orrery/base/registry.h"
#include "orrery/base/wait_clock.h"
#include "orrery/execution/broker_service.h"
#include "orrery/execution/venue_terms.h"
#include "orrery/market/market_data.h"

namespace orrery {

struct BrokerEntry;
using BrokerRegistry = NamedRegistry<BrokerEntry>;

/// What a broker is reached with. All references and pointers have to outlive it.
struct BrokerContext {
  Disk& disk;
  std::filesystem::path folder;             ///< for what it keeps on this machine
  const MarketData& market;                 ///< for brokers that fill from bars
  ExchangeConfig exchange;                  ///< their costs and limits
  std::string bookmark;                     ///< as it said last; "": a new account
  bool sync_orders = true;                  ///< each order outlives a power failure before it is answered
  const BrokerRegistry* brokers = nullptr;  ///< for brokers that are made of others
  const RouteTerms* routes = nullptr;       ///< of those
  WaitClock* clock = &system_wait_clock();
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

}  // namespace orrery
