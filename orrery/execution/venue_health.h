#pragma once

namespace orrery {

/// When a venue is left alone, and for how long.
struct HealthSettings {
  int failures = 3;                ///< calls in a row that it did not answer, or
  double patience_seconds = 10.0;  ///< since the first of them
  double pause_seconds = 20.0;     ///< until it is tried again

  bool operator==(const HealthSettings&) const = default;
};

/// Whether a venue answers, as its last calls say. After the pause a single call decides again. Seconds are
/// of one WaitClock.
class VenueHealth {
 public:
  explicit VenueHealth(const HealthSettings& settings) : settings_(settings) {}

  bool is_up(double now) const { return !is_out_ || now >= out_until_; }
  /// A call was answered. Returns whether the venue was out before.
  bool succeeded();
  /// A call that began at `start` was not answered until `now`. Returns whether that puts the venue out.
  bool failed(double start, double now);
  int failures() const { return failures_; }  ///< in a row

 private:
  HealthSettings settings_;
  int failures_ = 0;
  double first_failure_ = 0.0;
  bool is_out_ = false;
  double out_until_ = 0.0;
};

}  // namespace orrery
