#pragma once

#include <vector>

#include "orrery/execution/order.h"

namespace orrery {

/// Where orders go and answers come from: a simulated exchange, a paper account, a real broker.
class Broker {
 public:
  virtual ~Broker() = default;
  /// Hands over an order for the current session. The answer comes through poll().
  virtual void submit(const Order& order) = 0;
  /// Appends the events since the last call, in the order in which they happened.
  virtual void poll(std::vector<OrderEvent>& events) = 0;
};

}  // namespace orrery
