#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/cli/terminal.h"
#include "orrery/alert/alert_store.h"
#include "orrery/operate/operation_store.h"

namespace orrery::cli {

/// What `orrery operate status` shows.
struct OperationStatus {
  std::string name;
  bool is_running = false;
  Timestamp next;                 ///< when the next round is due
  std::vector<KeptRound> rounds;  ///< the newest first
  std::vector<KeptAlert> open;    ///< alerts that nobody has acknowledged
};

/// A line for a terminal or a log when a step's state changes.
std::string step_line(Date session, const KeptStep& step);

std::string operation_status_text(const OperationStatus& status, std::size_t width);
std::string operation_status_json(const OperationStatus& status);

/// Lays alerts out with how far their messages have come.
TextTable alert_table(const std::vector<KeptAlert>& alerts);
std::string alerts_json(const std::vector<KeptAlert>& alerts);

}  // namespace orrery::cli
