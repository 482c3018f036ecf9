#include "plugins/providers/simulated/economy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace orrery::plugins::providers::simulated {

const std::array<std::string_view, kSectors> kSectorNames = {"Communication Services",
                                                             "Consumer Discretionary",
                                                             "Consumer Staples",
                                                             "Energy",
                                                             "Financials",
                                                             "Health Care",
                                                             "Industrials",
                                                             "Information Technology",
                                                             "Materials",
                                                             "Real Estate",
                                                             "Utilities"};

namespace {

constexpr double kSessionsPerYear = 252.0;
constexpr double kListedLater = 0.10;  // share of instruments that list within the span
constexpr double kDelistedPerYear = 0.02;
constexpr std::size_t kShortestLife = 120;  // sessions

double lognormal(Random& random, double median, double deviation) {
  return median * std::exp(deviation * random.normal());
}

ListingEnd draw_end(Random& random, std::size_t row) {
  const double which = random.uniform();
  if (which < 0.60) return {row, "merger", 0.0};
  if (which < 0.85) return {row, "performance", -0.30};
  return {row, "unknown", std::numeric_limits<double>::quiet_NaN()};
}

void draw_life(Random& random, std::size_t sessions, Instrument& instrument) {
  const bool late = random.uniform() < kListedLater;
  const double when = random.uniform();
  const double life_years = -std::log1p(-random.uniform()) / kDelistedPerYear;
  if (late && sessions > kShortestLife) {
    instrument.first_row = 1 + static_cast<std::size_t>(when * static_cast<double>(sessions - kShortestLife));
  }
  instrument.last_row = sessions - 1;
  const double life = std::max(static_cast<double>(kShortestLife), life_years * kSessionsPerYear);
  const double end = static_cast<double>(instrument.first_row) + life;
  if (end >= static_cast<double>(sessions)) return;
  instrument.end = draw_end(random, static_cast<std::size_t>(end));
  instrument.last_row = instrument.end->row - 1;
}

void draw_character(Random& random, Instrument& instrument) {
  instrument.sector = random.below(kSectors);
  const double size = random.normal();  // large companies: calmer, dearer, more traded
  instrument.market_beta = std::clamp(1.0 + 0.25 * random.normal(), 0.3, 1.9);
  instrument.sector_beta = 1.0 + 0.2 * random.normal();
  for (double& beta : instrument.style_betas) beta = random.normal();
  instrument.idiosyncratic_volatility = lognormal(random, 0.0125, 0.25) * std::exp(-0.12 * size);
  instrument.initial_price = std::clamp(lognormal(random, 55.0, 0.75) * std::exp(0.35 * size), 2.0, 400.0);
  const double dollar_volume = lognormal(random, 4.0e7, 0.6) * std::exp(0.9 * size);
  instrument.log_volume = std::log(dollar_volume / instrument.initial_price);
  const bool pays = random.uniform() < 0.65;
  instrument.dividend_yield = pays ? 0.005 + 0.035 * random.uniform() : 0.0;
  instrument.dividend_row = random.below(kDividendPeriod);
}

}  // namespace

Random part_random(const SimulatedMarketOptions& options, std::uint64_t part) {
  return Random(options.seed).fork(part);
}

std::vector<Instrument> draw_instruments(const SimulatedMarketOptions& options, std::size_t sessions) {
  const Random root = part_random(options, kInstrumentPart);
  std::vector<Instrument> instruments(static_cast<std::size_t>(options.instruments));
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    Random random = root.fork(i);
    instruments[i].symbol = fmt::format("SIM{:05}", i + 1);
    draw_character(random, instruments[i]);
    draw_life(random, sessions, instruments[i]);
  }
  return instruments;
}

}  // namespace orrery::plugins::providers::simulated
