#include "orrery/base/wait_clock.h"

#include <chrono>
#include <thread>

namespace orrery {
namespace {

class SystemWaitClock final : public WaitClock {
 public:
  Timestamp now() override {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
  }
  double seconds() override {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }
  void wait(double seconds) override {
    if (seconds > 0.0) std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  }
};

}  // namespace

WaitClock& system_wait_clock() {
  static SystemWaitClock clock;
  return clock;
}

}  // namespace orrery
