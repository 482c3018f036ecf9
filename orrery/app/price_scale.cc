#include "orrery/app/price_scale.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "orrery/base/same_number.h"

namespace orrery {
namespace {

constexpr double kScale = 4.0;
constexpr double kNoticeable = 1e-3;  ///< of the factor's mean size
constexpr std::array<const char*, 5> kPriceFields = {"open", "high", "low", "close", "vwap"};

void multiply_field(MarketData& market, const char* name, std::size_t instrument, double by) {
  const auto field = market.fields.find(name);
  if (field == market.fields.end()) return;
  for (std::size_t row = 0; row < market.rows(); ++row) field->second(row, instrument) *= by;
}

MarketData scaled_market(const MarketData& market, std::size_t instrument) {
  MarketData scaled = market;
  for (const char* name : kPriceFields) multiply_field(scaled, name, instrument, kScale);
  multiply_field(scaled, "volume", instrument, 1.0 / kScale);
  return scaled;
}

double mean_size(const FloatPanel& factor, std::size_t instrument) {
  double sum = 0.0;
  std::size_t count = 0;
  for (std::size_t row = 0; row < factor.rows(); ++row) {
    const double value = factor(row, instrument);
    if (!std::isfinite(value)) continue;
    sum += std::abs(value);
    ++count;
  }
  return count == 0 ? 0.0 : sum / static_cast<double>(count);
}

/// How far two values are apart; a value that comes or goes is as far as can be.
double distance(double before, double after) {
  if (is_same_number(before, after)) return 0.0;
  const double apart = std::abs(before - after);
  return std::isnan(apart) ? HUGE_VAL : apart;
}

}  // namespace

std::size_t longest_lived(const MarketData& market) {
  std::size_t best = 0;
  std::size_t most = 0;
  for (std::size_t i = 0; i < market.instruments(); ++i) {
    std::size_t bars = 0;
    for (std::size_t row = 0; row < market.rows(); ++row) bars += market.present(row, i);
    if (bars <= most) continue;
    most = bars;
    best = i;
  }
  return best;
}

std::vector<AdjustmentDependence> adjustment_dependence(
    const MarketData& market, std::size_t instrument, const FactorFrame& factors,
    const std::function<FactorFrame(const MarketData&)>& compute) {
  const FactorFrame scaled = compute(scaled_market(market, instrument));
  std::vector<AdjustmentDependence> dependent;
  for (std::size_t factor = 0; factor < std::min(factors.panels.size(), scaled.panels.size()); ++factor) {
    const FloatPanel& before = factors.panels[factor];
    const FloatPanel& after = scaled.panels[factor];
    AdjustmentDependence found{factors.names[factor], {}, 0.0, 0.0};
    double largest = kNoticeable * mean_size(before, instrument);
    bool changed = false;
    for (std::size_t row = 0; row < market.rows(); ++row) {
      const double apart = distance(before(row, instrument), after(row, instrument));
      if (apart <= largest) continue;
      changed = true;
      largest = apart;
      found.date = market.dates[row];
      found.before = before(row, instrument);
      found.after = after(row, instrument);
    }
    if (changed) dependent.push_back(found);
  }
  return dependent;
}

}  // namespace orrery
