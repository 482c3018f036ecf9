#include "plugins/providers/simulated/damage.h"

#include <array>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

namespace orrery::plugins::providers::simulated {
namespace {

constexpr double kMissingRate = 0.0005;  // of bars
constexpr double kHaltRate = 0.00002;    // of bars, as starts of a halt
constexpr std::size_t kLongestHalt = 4;  // sessions
constexpr double kDamageRate = 0.00002;  // of rows, for each kind
constexpr std::array<std::string_view, 7> kKinds = {"duplicate",     "impossible_bar", "nonpositive_price",
                                                    "missing_value", "out_of_order",   "zero_volume",
                                                    "text"};

// Leaves out single bars and halts of one series.
void thin_out(Random& random, const BarSeries& series, std::size_t instrument, DeliveredRows& delivered) {
  const std::size_t count = series.bars.size();
  std::size_t halted_until = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const double chance = random.uniform();
    const bool inner = k > 0 && k + 1 < count;
    if (inner && k < halted_until) {
      ++delivered.halted_rows;
    } else if (inner && chance < kHaltRate) {
      halted_until = k + 2 + random.below(kLongestHalt - 1);
      ++delivered.halts;
      ++delivered.halted_rows;
    } else if (inner && chance < kHaltRate + kMissingRate) {
      ++delivered.missing_rows;
    } else {
      delivered.rows.push_back({instrument, series.bars[k]});
    }
  }
}

class Damager {
 public:
  Damager(const Random& random, std::vector<PriceRow> rows) : random_(random), rows_(std::move(rows)) {}

  void run(DeliveredRows& delivered) {
    choose();
    for (std::size_t row = 0; row < rows_.size(); ++row) deliver_row(row, delivered);
  }

 private:
  static constexpr std::size_t kUndamaged = kKinds.size();

  bool can_be_damaged(std::size_t row) const {
    if (row < 2 || row + 2 >= rows_.size()) return false;
    // Neighbours stay whole, so that every damaged row can be told from the others.
    for (std::size_t near = row - 2; near <= row + 2; ++near) {
      if (rows_[near].instrument != rows_[row].instrument || kind_[near] != kUndamaged) return false;
    }
    return true;
  }

  void choose() {
    kind_.assign(rows_.size(), kUndamaged);
    const auto each =
        static_cast<std::size_t>(std::max(1.0, std::round(kDamageRate * static_cast<double>(rows_.size()))));
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      std::size_t left = each;
      for (std::size_t attempt = 0; attempt < 1000 * each && left > 0; ++attempt) {
        const std::size_t row = random_.below(rows_.size());
        if (!can_be_damaged(row)) continue;
        kind_[row] = kind;
        --left;
      }
    }
  }

  void deliver_row(std::size_t row, DeliveredRows& delivered) {
    const std::size_t kind = kind_[row];
    if (kind == kUndamaged) {
      if (row == 0 || !stands_before_its_predecessor(row)) delivered.rows.push_back(rows_[row]);
      return;
    }
    const std::string_view name = kKinds[kind];
    PriceRow damaged = rows_[row];
    if (name == "out_of_order") delivered.rows.push_back(rows_[row + 1]);
    spoil(name, damaged.bar);
    delivered.damage.push_back({delivered.rows.size(), Date{}, {}, std::string(name)});
    delivered.rows.push_back(damaged);
    if (name == "duplicate") delivered.rows.push_back(rows_[row]);
  }

  bool stands_before_its_predecessor(std::size_t row) const {
    return kind_[row - 1] != kUndamaged && kKinds[kind_[row - 1]] == "out_of_order";
  }

  void spoil(std::string_view name, Bar& bar) {
    if (name == "duplicate") bar.close = bar.low;
    if (name == "impossible_bar") bar.high = std::round(90.0 * bar.low) / 100.0;
    if (name == "nonpositive_price") (random_.uniform() < 0.5 ? bar.open : bar.close) = 0.0;
    if (name == "nonpositive_price" && random_.uniform() < 0.5) bar.low = -bar.low;
    if (name == "missing_value") bar.close = std::numeric_limits<double>::quiet_NaN();
    if (name == "zero_volume") bar.volume = 0;
  }

  Random random_;
  std::vector<PriceRow> rows_;
  std::vector<std::size_t> kind_;  // by row: which of kKinds
};

}  // namespace

DeliveredRows deliver(const SimulatedMarketOptions& options, const std::vector<BarSeries>& series) {
  const Random root = part_random(options, kDamagePart);
  DeliveredRows delivered;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (options.damage) {
      Random random = root.fork(i);
      thin_out(random, series[i], i, delivered);
    } else {
      for (const Bar& bar : series[i].bars) delivered.rows.push_back({i, bar});
    }
  }
  if (options.damage) {
    Damager damager(root.fork(series.size()), std::exchange(delivered.rows, {}));
    damager.run(delivered);
  }
  return delivered;
}

}  // namespace orrery::plugins::providers::simulated
