#pragma once

#include "plugins/operators/trigonometry/elementary.h"

namespace orrery::plugins::operators {

inline constexpr double kDegrees = 0x1.ca5dc1a63c1f8p+5;  ///< of one radian: 180 over pi

/// The dominant cycle of a price by Ehlers' Hilbert transform, an observation at a time (Ehlers, "Rocket
/// Science for Traders", 2001; TA-Lib's HT functions and MAMA). All zero before the first observation.
struct DominantCycle {
  double observations;
  double price[4];       ///< the latest first
  double smooth[7];      ///< weighted mean of four prices
  double detrended[10];  ///< its Hilbert transform, which delayed by three is the in-phase part
  double quadrature[7];
  double in_phase_mean;  ///< of the homodyne discriminator
  double quadrature_mean;
  double real;
  double imaginary;
  double period;
  double smooth_period;

  double in_phase() const { return detrended[3]; }

  /// Takes a price in; returns whether the transform has begun, which it does behind `begin` observations.
  bool advance(double next, double begin);

 private:
  void advance_period(double before);
};

/// The phase of the cycle, and the trend line that averages the price over it. All zero before the first.
struct CyclePhase {
  static constexpr int kLongest = 50;  ///< observations of the longest cycle

  DominantCycle cycle;
  double prices[kLongest];    ///< a ring
  double smoothed[kLongest];  ///< a ring
  int place;                  ///< of the latest in both
  double phase;               ///< degrees
  double phase_before;
  double averages[3];  ///< of the price over the cycle, on the three observations before
  double trend_line;

  bool advance(double next);

 private:
  void advance_phase(int period);
  void advance_trend_line(int period);
};

/// Observations before the first value of the functions with a phase.
inline constexpr double kPhaseWarmUp = 63.0;

}  // namespace orrery::plugins::operators
