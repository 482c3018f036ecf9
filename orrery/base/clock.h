#pragma once

#include "orrery/base/timestamp.h"

namespace orrery {

/// Asks the system for the time. Nothing whose result must repeat may depend on it.
Timestamp current_time();

}  // namespace orrery
