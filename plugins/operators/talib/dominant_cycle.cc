#include "plugins/operators/talib/dominant_cycle.h"

#include <cmath>
#include <cstddef>

namespace orrery::plugins::operators {
namespace {

constexpr double kTurn = 0x1.921fb54442d18p+2;  // two pi

template <std::size_t kCount>
void push(double (&latest_first)[kCount], double value) {
  for (std::size_t i = kCount - 1; i > 0; --i) latest_first[i] = latest_first[i - 1];
  latest_first[0] = value;
}

/// The Hilbert transform over seven observations, of which every second one counts.
double hilbert(const double* x, double gain) {
  constexpr double kOuter = 0.0962;
  constexpr double kInner = 0.5769;
  return (kOuter * x[0] - kOuter * x[6] - kInner * x[4] + kInner * x[2]) * gain;
}

}  // namespace

bool DominantCycle::advance(double next, double begin) {
  push(price, next);
  if (observations++ < begin) return false;
  const double gain = 0.075 * period + 0.54;
  push(smooth, (4.0 * price[0] + 3.0 * price[1] + 2.0 * price[2] + price[3]) * 0.1);
  push(detrended, hilbert(smooth, gain));
  push(quadrature, hilbert(detrended, gain));
  const double turned_in_phase = hilbert(detrended + 3, gain);
  const double turned_quadrature = hilbert(quadrature, gain);
  const double q = 0.2 * (quadrature[0] + turned_in_phase) + 0.8 * quadrature_mean;
  const double i = 0.2 * (in_phase() - turned_quadrature) + 0.8 * in_phase_mean;
  real = 0.2 * (i * in_phase_mean + q * quadrature_mean) + 0.8 * real;
  imaginary = 0.2 * (i * quadrature_mean - q * in_phase_mean) + 0.8 * imaginary;
  quadrature_mean = q;
  in_phase_mean = i;
  advance_period(period);
  return true;
}

void DominantCycle::advance_period(double before) {
  double next = before;
  if (imaginary != 0.0 && real != 0.0) next = 360.0 / (arc_tangent(imaginary / real) * kDegrees);
  if (next > 1.5 * before) next = 1.5 * before;
  if (next < 0.67 * before) next = 0.67 * before;
  if (next < 6.0) next = 6.0;
  if (next > 50.0) next = 50.0;
  period = 0.2 * next + 0.8 * before;
  smooth_period = 0.33 * period + 0.67 * smooth_period;
}

bool CyclePhase::advance(double next) {
  constexpr double kBegin = 37.0;
  const bool begun = cycle.advance(next, kBegin);
  place = (place + 1) % kLongest;
  prices[place] = next;
  smoothed[place] = begun ? cycle.smooth[0] : 0.0;
  if (!begun) return false;
  const int whole_period = static_cast<int>(std::floor(cycle.smooth_period + 0.5));
  advance_phase(whole_period);
  advance_trend_line(whole_period);
  return true;
}

void CyclePhase::advance_phase(int period) {
  phase_before = phase;
  double real = 0.0;
  double imaginary = 0.0;
  for (int ago = 0; ago < period; ++ago) {
    const double angle = ago * kTurn / period;
    const double value = smoothed[(place - ago + kLongest) % kLongest];
    real += sine(angle) * value;
    imaginary += cosine(angle) * value;
  }
  if (imaginary != 0.0) {
    phase = arc_tangent(real / imaginary) * kDegrees;
  } else if (real != 0.0) {
    phase += real < 0.0 ? -90.0 : 90.0;
  }
  phase += 90.0;
  phase += 360.0 / cycle.smooth_period;  // the weighted mean of the price lags by one
  if (imaginary < 0.0) phase += 180.0;
  if (phase > 315.0) phase -= 360.0;
}

void CyclePhase::advance_trend_line(int period) {
  double sum = 0.0;
  for (int ago = 0; ago < period; ++ago) sum += prices[(place - ago + kLongest) % kLongest];
  const double average = period > 0 ? sum / period : 0.0;
  trend_line = (4.0 * average + 3.0 * averages[0] + 2.0 * averages[1] + averages[2]) / 10.0;
  push(averages, average);
}

}  // namespace orrery::plugins::operators
