#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <utility>

#include "orrery/base/disk.h"
#include "orrery/execution/order_check_layer.h"

namespace orrery {

/// Refuses every order while a file is there, with the reason that stands in it; other checks are not asked
/// then. The file is looked for before each order: whoever makes it, from another program too, stops a
/// running account between two orders, and it outlives both programs. Orders that an interrupted session had
/// sent before are let through: they have left already.
class KillFile final : public OrderCheckLayer {
 public:
  KillFile(OrderCheck* checks, Disk& disk, std::filesystem::path file, std::set<std::uint64_t> sent)
      : OrderCheckLayer(checks), disk_(disk), file_(std::move(file)), sent_(std::move(sent)) {}

  /// Errors: kIo.
  void judge(const CheckedOrder& order, std::vector<OrderFinding>& findings) const override;

 private:
  Disk& disk_;
  std::filesystem::path file_;
  std::set<std::uint64_t> sent_;
};

}  // namespace orrery
