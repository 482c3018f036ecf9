#pragma once

#include <map>
#include <string>

#include "orrery/execution/broker_service.h"

namespace orrery {

/// What an account has at a broker, as the broker's books have it.
struct BrokerHoldings {
  Money cash;
  std::map<std::string, Quantity> positions;  ///< by symbol; none is zero

  /// Returns the shares of a symbol, negative when short.
  Quantity held(const std::string& symbol) const;
  void add_shares(const std::string& symbol, Quantity quantity);
  /// Books an answer that fills an order, with what it costs.
  void add_fill(const BrokerOrder& order, const OrderEvent& fill);
  /// Books a change of the account, or the part of one that is this broker's.
  void add_change(const AccountChange& change);
};

}  // namespace orrery
