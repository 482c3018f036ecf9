#include "orrery/base/clock.h"

#include <chrono>

namespace orrery {

Timestamp current_time() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(since_1970).count()};
}

}  // namespace orrery
