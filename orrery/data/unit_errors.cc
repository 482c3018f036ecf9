#include "orrery/data/unit_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "orrery/base/statistics.h"
#include "orrery/data/price_levels.h"

namespace orrery {
namespace {

const double kUnitTolerance = std::log(2.0);  ///< shares seldom double in a day, and never rise fiftyfold
constexpr std::size_t kNeighbours = 2;        ///< rows on each side that a price is held against
constexpr std::size_t kFewestPrices = 8;
constexpr std::size_t kLastingRows = 3;
constexpr std::size_t kVolumeRows = 30;
constexpr double kVolumeFold = 10.0;

struct PriceColumnOf {
  std::string_view name;
  std::vector<double> PriceHistory::*values;
};
constexpr std::array<PriceColumnOf, 4> kColumns = {{{"open", &PriceHistory::open},
                                                    {"high", &PriceHistory::high},
                                                    {"low", &PriceHistory::low},
                                                    {"close", &PriceHistory::close}}};

/// The power of 100 by which a price is off; 0 where it is none.
int power_off(double price, double reference) {
  const double distance = std::log(price / reference);
  if (std::abs(distance - std::log(kMinorUnits)) < kUnitTolerance) return 1;
  if (std::abs(distance + std::log(kMinorUnits)) < kUnitTolerance) return -1;
  return 0;
}

/// Repairs one instrument's units.
class UnitRepair {
 public:
  explicit UnitRepair(PriceHistory& history) : history_(history), traded_(traded_rows(history)) {}

  std::vector<PriceFinding> run() {
    repair_single_prices();
    repair_stretches();
    return std::move(findings_);
  }

 private:
  std::optional<double> reference(const PriceHistory& as_given, std::size_t row) const {
    std::vector<double> cells;
    const std::size_t first = row > kNeighbours ? row - kNeighbours : 0;
    for (std::size_t other = first; other < std::min(as_given.size(), row + kNeighbours + 1); ++other) {
      for (const auto& column : kColumns) {
        const double value = (as_given.*column.values)[other];
        if (is_price(value)) cells.push_back(value);
      }
    }
    if (cells.size() < kFewestPrices) return std::nullopt;
    return quantile(cells, 0.5);
  }

  void repair_single_prices() {
    const PriceHistory as_given = history_;
    for (std::size_t row = 0; row < history_.size(); ++row) {
      if (!traded_[row]) continue;
      if (const auto around = reference(as_given, row)) repair_row(row, *around);
    }
  }

  void repair_row(std::size_t row, double around) {
    std::array<int, kColumns.size()> powers{};
    for (std::size_t k = 0; k < kColumns.size(); ++k) {
      const double value = (history_.*kColumns[k].values)[row];
      powers[k] = is_price(value) ? power_off(value, around) : 0;
    }
    const auto reason = fmt::format("the prices of five rows around are {:.6g}", around);
    if (powers[0] != 0 && std::all_of(powers.begin(), powers.end(), [&](int p) { return p == powers[0]; })) {
      return add(scale_prices(history_, row, row, std::pow(kMinorUnits, -powers[0])), reason);
    }
    for (std::size_t k = 0; k < kColumns.size(); ++k) {
      if (powers[k] != 0) repair_cell(row, kColumns[k], std::pow(kMinorUnits, -powers[k]), reason);
    }
  }

  void repair_cell(std::size_t row, const PriceColumnOf& column, double factor, const std::string& reason) {
    auto& values = history_.*column.values;
    PriceFinding finding;
    finding.first_row = row;
    finding.last_row = row;
    finding.field = column.name;
    finding.was = values[row];
    scale_cell(history_, values, row, factor);
    finding.is = values[row];
    finding.repaired = true;
    add(finding, reason);
  }

  void add(PriceFinding finding, const std::string& reason) {
    finding.fault = PriceFault::kUnit;
    finding.reason = reason;
    findings_.push_back(std::move(finding));
  }

  void flag(const LevelJump& jump, const std::vector<double>& levels, PriceFault fault, std::string reason) {
    findings_.push_back({.first_row = jump.row,
                         .last_row = jump.row,
                         .field = "prices",
                         .was = levels[jump.row],
                         .is = levels[jump.row],
                         .fault = fault,
                         .reason = std::move(reason)});
  }

  void repair_stretches() {
    const auto levels = row_levels(history_);
    std::vector<LevelJump> jumps;
    for (const auto& jump : find_level_jumps(levels, kMinorUnits, kUnitTolerance, 0, levels.size())) {
      if (traded_[jump.row] && traded_[jump.before]) {
        jumps.push_back(jump);
        continue;
      }
      flag(jump, levels, PriceFault::kUntradedLevel,
           fmt::format("a jump from {:.6g} that no trades on both sides confirm", levels[jump.before]));
    }
    if (jumps.empty()) return;
    if (jumps.size() == 1 && looks_like_split(jumps[0])) {
      return flag(
          jumps[0], levels, PriceFault::kUnlistedSplit,
          fmt::format("a lasting jump from {:.6g}, and the volume moves the other way: most likely a split "
                      "that is not listed",
                      levels[jumps[0].before]));
    }
    scale_stretches(jumps);
  }

  double usual_volume(std::size_t first, std::size_t last) const {
    std::vector<double> volumes;
    for (std::size_t row = first; row < last; ++row) {
      if (traded_[row] && !history_.volume.empty() && history_.volume[row] > 0.0) {
        volumes.push_back(history_.volume[row]);
      }
    }
    return volumes.empty() ? 0.0 : quantile(volumes, 0.5);
  }

  bool looks_like_split(const LevelJump& jump) const {
    const double before = usual_volume(jump.row > kVolumeRows ? jump.row - kVolumeRows : 0, jump.row);
    const double after = usual_volume(jump.row, std::min(history_.size(), jump.row + kVolumeRows));
    if (before <= 0.0 || after <= 0.0) return false;
    return jump.sign > 0 ? before > kVolumeFold * after : after > kVolumeFold * before;
  }

  /// The level, as a power of 100 above the first row's, that is right.
  int right_level(const std::vector<LevelJump>& jumps) const {
    if (jumps.size() == 1 && history_.size() - jumps[0].row >= kLastingRows) return jumps[0].sign;
    std::map<int, std::size_t> rows;
    int level = 0;
    std::size_t next = 0;
    for (std::size_t row = 0; row < history_.size(); ++row) {
      if (next < jumps.size() && row == jumps[next].row) level += jumps[next++].sign;
      ++rows[level];
    }
    return std::max_element(rows.begin(), rows.end(),
                            [](const auto& a, const auto& b) { return a.second <= b.second; })
        ->first;
  }

  void scale_stretches(const std::vector<LevelJump>& jumps) {
    const int right = right_level(jumps);
    int level = 0;
    for (std::size_t k = 0; k <= jumps.size(); ++k) {
      const std::size_t first = k == 0 ? 0 : jumps[k - 1].row;
      const std::size_t last = (k == jumps.size() ? history_.size() : jumps[k].row) - 1;
      if (k > 0) level += jumps[k - 1].sign;
      if (level == right) continue;
      add(scale_prices(history_, first, last, std::pow(kMinorUnits, right - level)),
          fmt::format("a stretch of {} rows between jumps by about 100", last - first + 1));
    }
  }

  PriceHistory& history_;
  std::vector<bool> traded_;
  std::vector<PriceFinding> findings_;
};

}  // namespace

std::vector<PriceFinding> repair_units(PriceHistory& history) { return UnitRepair(history).run(); }

}  // namespace orrery
