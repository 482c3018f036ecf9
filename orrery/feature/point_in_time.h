#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "orrery/base/progress.h"
#include "orrery/data/prices.h"
#include "orrery/feature/feature_definitions.h"

namespace orrery {

/// A bar: of an instrument on a session of its market.
struct FeatureCell {
  std::size_t instrument = 0;
  std::size_t row = 0;

  auto operator<=>(const FeatureCell&) const = default;
};

/// Computes a view's features at some bars, each as it was after its own session: as compute_factors on a
/// market that ends there.
/// Shape: [cell × feature], in the order of the cells. Missing: NaN. Look-ahead: none, to the bit: factors at
/// a bar depend on no later row. Errors: as check_factors.
std::vector<float> point_in_time_values(const ViewDefinition& view, const MarketData& market,
                                        std::span<const FeatureCell> cells, int threads,
                                        Progress& progress = silent_progress());

/// Returns the row of an instrument's last bar at or before `row`; nothing where there is none.
std::optional<std::size_t> last_bar_by(const MarketData& market, std::size_t instrument, std::size_t row);

/// Reads the data of views, each place once.
class FeatureMarkets {
 public:
  FeatureMarkets(int threads, Progress& progress) : threads_(threads), progress_(progress) {}

  /// Errors: as load_prices, load_lake_prices.
  MarketData& of(const ViewDefinition& view);

 private:
  int threads_;
  Progress& progress_;
  std::map<std::string, std::unique_ptr<PriceLoad>> loads_;
};

}  // namespace orrery
