#include "orrery/data/split_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "orrery/base/statistics.h"
#include "orrery/data/price_levels.h"
#include "orrery/data/usual_moves.h"

namespace orrery {
namespace {

constexpr std::size_t kReach = 20;
constexpr double kLargestTolerance = 0.75;
constexpr double kUsualMoves = 4.0;
constexpr double kSmallSplit = 4.0;

/// The robust standard deviation of the logarithm's moves from row to row.
double usual_move(const std::vector<double>& levels) {
  std::vector<double> moves;
  double before = std::nan("");
  for (const double level : levels) {
    if (std::isnan(level)) continue;
    if (!std::isnan(before)) moves.push_back(std::abs(std::log(level / before)));
    before = level;
  }
  return moves.empty() ? 0.0 : kNormalConsistency * quantile(moves, 0.5);
}

bool is_whole(double value) { return value == std::floor(value); }

void scale_volume(PriceHistory& history, std::size_t first, std::size_t last, double factor) {
  if (history.volume.empty()) return;
  for (std::size_t row = first; row <= last; ++row) {
    const double volume = history.volume[row];
    history.volume[row] = is_whole(volume) ? std::round(volume * factor) : volume * factor;
  }
}

/// Repairs the rows around one split.
class SplitRepair {
 public:
  SplitRepair(PriceHistory& history, std::size_t row, bool are_as_traded)
      : history_(history),
        row_(row),
        ratio_(history.split_ratio[row]),
        levels_(row_levels(history)),
        are_as_traded_(are_as_traded) {}

  std::vector<PriceFinding> run() {
    const double size = std::abs(std::log(ratio_));
    if (size < kUsualMoves * usual_move(levels_)) return {};
    auto jumps =
        find_level_jumps(levels_, ratio_, std::min(kLargestTolerance, 0.5 * size),
                         row_ > kReach ? row_ - kReach : 0, std::min(history_.size(), row_ + kReach));
    std::erase_if(jumps, [&](const auto& jump) { return is_distribution(jump); });
    if (jumps.empty()) return {};
    if (is_doubtful(jumps)) {
      return {
          flag(jumps.front(), PriceFault::kJump, "a jump that {} would explain, but the volume does not")};
    }
    if (are_as_traded_ && reaches_the_first(jumps)) {
      return {flag(jumps.front(), PriceFault::kUnseenSplit, "{} is not in prices as traded")};
    }
    return scale_stretches(jumps);
  }

 private:
  /// Whether a dividend on that row explains the jump better: companies join shares when they pay out a part
  /// of themselves, so that the price stays where it was.
  bool is_distribution(const LevelJump& jump) const {
    if (history_.dividend.empty() || !(history_.dividend[jump.row] > 0.0)) return false;
    const double left = 1.0 - history_.dividend[jump.row] / levels_[jump.before];
    if (left <= 0.1) return false;
    const double move = std::log(levels_[jump.row] / levels_[jump.before]);
    return std::abs(move - std::log(left)) < std::abs(move - jump.sign * std::log(ratio_));
  }

  std::string split_text() const {
    return fmt::format("the split of {:.6g} new shares for an old one on {}", ratio_,
                       to_string(history_.date[row_]));
  }

  bool is_doubtful(const std::vector<LevelJump>& jumps) const {
    const bool is_on_its_day = jumps[0].row == row_;
    if (jumps.size() != 1 || is_on_its_day || std::abs(std::log(ratio_)) >= std::log(kSmallSplit))
      return false;
    return !volume_moves(jumps[0]);
  }

  double usual_volume(std::size_t first, std::size_t last) const {
    std::vector<double> volumes;
    for (std::size_t row = first; row < last && !history_.volume.empty(); ++row) {
      if (history_.volume[row] > 0.0) volumes.push_back(history_.volume[row]);
    }
    return volumes.empty() ? std::nan("") : quantile(volumes, 0.5);
  }

  /// Whether the volume moves against the price, by more than half of the split.
  bool volume_moves(const LevelJump& jump) const {
    const double before = usual_volume(jump.row > kReach ? jump.row - kReach : 0, jump.row);
    const double after = usual_volume(jump.row, std::min(history_.size(), jump.row + kReach));
    const double expected = -jump.sign * std::log(ratio_);
    const double moved = std::log(after / before);
    return moved * expected > 0.0 && std::abs(moved) > 0.5 * std::abs(expected);
  }

  /// Whether the rows from the first one on are wrong.
  static bool reaches_the_first(const std::vector<LevelJump>& jumps) {
    int power = 0;
    for (const auto& jump : jumps) power += jump.sign;
    return power != 0;
  }

  PriceFinding flag(const LevelJump& jump, PriceFault fault, const char* reason) const {
    return {.first_row = jump.row,
            .last_row = jump.row,
            .field = "prices",
            .was = levels_[jump.row],
            .is = levels_[jump.row],
            .fault = fault,
            .reason = fmt::format(fmt::runtime(reason), split_text())};
  }

  std::vector<PriceFinding> scale_stretches(const std::vector<LevelJump>& jumps) {
    std::vector<PriceFinding> findings;
    int power = 0;
    for (std::size_t k = jumps.size(); k-- > 0;) {
      power += jumps[k].sign;
      const std::size_t first = k == 0 ? 0 : jumps[k - 1].row;
      if (power != 0) findings.push_back(scale(first, jumps[k].row - 1, std::pow(ratio_, power)));
    }
    std::reverse(findings.begin(), findings.end());
    return findings;
  }

  PriceFinding scale(std::size_t first, std::size_t last, double factor) {
    auto finding = scale_prices(history_, first, last, factor);
    scale_volume(history_, first, last, 1.0 / factor);
    finding.fault = PriceFault::kSplit;
    const bool is_missing = (factor > 1.0) == (ratio_ < 1.0);
    finding.reason = fmt::format("{} is {}; volume goes the other way", split_text(),
                                 is_missing ? "not in these prices" : "in these prices twice");
    return finding;
  }

  PriceHistory& history_;
  std::size_t row_;
  double ratio_;
  std::vector<double> levels_;
  bool are_as_traded_;
};

}  // namespace

std::vector<PriceFinding> repair_splits(PriceHistory& history, bool are_as_traded) {
  std::vector<PriceFinding> findings;
  for (std::size_t row = history.split_ratio.size(); row-- > 0;) {
    const double ratio = history.split_ratio[row];
    if (!(ratio > 0.0) || ratio == 1.0) continue;
    auto found = SplitRepair(history, row, are_as_traded).run();
    std::move(found.begin(), found.end(), std::back_inserter(findings));
  }
  return findings;
}

}  // namespace orrery
