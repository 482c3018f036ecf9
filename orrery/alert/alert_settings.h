#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orrery/alert/alert_channel.h"
#include "orrery/alert/quiet_hours.h"
#include "orrery/base/config.h"

namespace orrery {

/// Who is told by one channel, and when.
struct ChannelSettings {
  std::string name;                         ///< as the file calls it
  std::string kind;                         ///< a plug-in's name
  AlertLevel level = AlertLevel::kWarning;  ///< the least that goes through it
  double after_minutes = 0.0;               ///< over 0: only what nobody has acknowledged for so long
  bool keeps_quiet = true;  ///< waits for the end of the quiet hours; what is critical never does
  ParameterMap parameters;  ///< complete
};

/// Who is told what.
struct AlertSettings {
  double repeat_minutes = 60.0;  ///< the same key within this time is counted, not told again
  double give_up_hours = 24.0;   ///< until a message that a channel doesn't take is left
  std::optional<QuietHours> quiet;
  std::vector<ChannelSettings> channels;  ///< in the file's order
};

/// Reads the section `alerts` of a file. What is wrong is added to `problems`.
AlertSettings read_alert_settings(ConfigReader reader, const AlertChannelRegistry& kinds,
                                  ConfigProblems& problems);

}  // namespace orrery
