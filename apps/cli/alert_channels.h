#pragma once

#include "orrery/alert/alert_channel.h"

namespace orrery::cli {

/// Returns the kinds of channels this program was built with.
const AlertChannelRegistry& alert_channels();

}  // namespace orrery::cli
