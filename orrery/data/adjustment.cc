#include "orrery/data/adjustment.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"

namespace orrery {
namespace {

constexpr std::array<std::pair<std::string_view, Adjustment>, 6> kAdjustmentNames = {{
    {"forward", Adjustment::kForward},
    {"backward", Adjustment::kBackward},
    {"none", Adjustment::kNone},
    {"raw", Adjustment::kNone},
    {"split", Adjustment::kSplit},
    {"total_return", Adjustment::kTotalReturn},
}};

std::vector<double> backward(const ActionSeries& actions, std::span<const double> close,
                             std::span<const double> adj_close) {
  std::vector<double> result;
  result.reserve(close.size());
  for (std::size_t bar = 0; bar < close.size(); ++bar) {
    result.push_back(adj_close.empty() ? actions.factor[bar] / actions.factor.back()
                                       : adj_close[bar] / close[bar]);
  }
  return result;
}

/// Chains steps forward from 1.
std::vector<double> chained(std::size_t bars, const auto& step) {
  std::vector<double> result(bars, 1.0);
  for (std::size_t bar = 1; bar < bars; ++bar) result[bar] = result[bar - 1] * step(bar);
  return result;
}

std::vector<double> with_splits(const ActionSeries& actions) {
  return chained(actions.split_ratio.size(), [&](std::size_t bar) { return actions.split_ratio[bar]; });
}

/// Steps that are neither dividend nor split are followed as they are.
std::vector<double> with_total_return(const ActionSeries& actions, std::span<const double> close) {
  return chained(close.size(), [&](std::size_t bar) {
    const bool is_action = actions.dividend[bar] != 0.0 || actions.split_ratio[bar] != 1.0;
    return is_action ? actions.split_ratio[bar] + actions.dividend[bar] / close[bar]
                     : actions.factor[bar] / actions.factor[bar - 1];
  });
}

}  // namespace

std::vector<std::string> adjustment_names() {
  std::vector<std::string> names;
  for (const auto& [name, adjustment] : kAdjustmentNames) names.emplace_back(name);
  return names;
}

Adjustment parse_adjustment(std::string_view name) {
  for (const auto& [known, adjustment] : kAdjustmentNames) {
    if (known == name) return adjustment;
  }
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("no adjustment '{}'{}; there are: {}", name,
                               did_you_mean(name, adjustment_names()), fmt::join(adjustment_names(), ", ")));
}

std::vector<double> price_multiplier(Adjustment adjustment, const ActionSeries& actions,
                                     std::span<const double> close, std::span<const double> adj_close) {
  switch (adjustment) {
    case Adjustment::kForward:
      return actions.factor;
    case Adjustment::kBackward:
      return backward(actions, close, adj_close);
    case Adjustment::kSplit:
      return with_splits(actions);
    case Adjustment::kTotalReturn:
      return with_total_return(actions, close);
    case Adjustment::kNone:
      break;
  }
  return std::vector<double>(close.size(), 1.0);
}

}  // namespace orrery
