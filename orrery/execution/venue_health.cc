#include "orrery/execution/venue_health.h"

namespace orrery {

bool VenueHealth::succeeded() {
  const bool was_out = is_out_;
  failures_ = 0;
  is_out_ = false;
  return was_out;
}

bool VenueHealth::failed(double start, double now) {
  if (failures_++ == 0) first_failure_ = start;
  const bool was_out = is_out_;
  if (failures_ >= settings_.failures || now - first_failure_ >= settings_.patience_seconds) {
    is_out_ = true;
    out_until_ = now + settings_.pause_seconds;
  }
  return is_out_ && !was_out;
}

}  // namespace orrery
