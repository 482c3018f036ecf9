#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orrery/execution/order_check_layer.h"

namespace orrery {

/// Other checks, with a state that outlives a change of the data's symbols: an instrument's place is another
/// one when a symbol comes before it. In a check's state every place stands as `{"instrument": PLACE}`.
class SymbolKeyedChecks final : public OrderCheckLayer {
 public:
  SymbolKeyedChecks(std::unique_ptr<OrderCheck> checks, std::vector<std::string> symbols)
      : OrderCheckLayer(checks.get()), checks_(std::move(checks)), symbols_(std::move(symbols)) {}

  std::string save() const override;
  /// Errors: kDataCorrupt; kNotFound for a symbol of the state that the data no longer have.
  void restore(std::string_view state) override;

 private:
  std::unique_ptr<OrderCheck> checks_;
  std::vector<std::string> symbols_;
};

}  // namespace orrery
