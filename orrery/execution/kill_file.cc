#include "orrery/execution/kill_file.h"

#include "orrery/execution/account_journal.h"

namespace orrery {

void KillFile::judge(const CheckedOrder& order, std::vector<OrderFinding>& findings) const {
  if (!sent_.contains(order.order.id)) {
    if (auto reason = read_from(disk_, file_)) {
      while (reason->ends_with('\n')) reason->pop_back();
      findings.push_back(finding(order, true, "kill_switch", *reason));
      return;
    }
  }
  OrderCheckLayer::judge(order, findings);
}

}  // namespace orrery
