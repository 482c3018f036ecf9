#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace orrery {

/// One instrument's own good bars in time order. Spans that the source lacks are empty.
struct ActionInput {
  std::span<const double> close;            ///< as it came
  std::span<const double> adj_close;        ///< close adjusted by the source, any base
  std::span<const double> dividend;         ///< cash per share held the evening before; NaN or 0: none
  std::span<const double> split_ratio;      ///< new for old; NaN, 0 or 1: none
  double rounding = 0.0;                    ///< half a unit of the last decimal of close and adj_close
  std::span<const double> adjustment = {};  ///< further steps of adjusted prices, without adj_close; 1: none
  /// 1 on bars on which the series goes on from one of another symbol, whose adj_close may have another base;
  /// empty: none.
  std::span<const std::uint8_t> joins = {};
};

/// What happened between the bars, by bar.
struct ActionSeries {
  std::vector<double> factor;       ///< adjusted = close × factor; 1 on the first bar
  std::vector<double> dividend;     ///< cash per share held the evening before; 0: none
  std::vector<double> split_ratio;  ///< 1: none
  std::size_t dividends = 0;
  std::size_t splits = 0;
  std::size_t unexplained = 0;  ///< steps that are neither; they are in the factor
  std::size_t unconfirmed = 0;  ///< given actions that adj_close does not show; not in the factor
};

/// Finds dividends and splits, and the factor that chains prices forward from the first bar.
///
/// With adj_close: k = adj_close / close is constant between actions, up to the rounding of both. A step in k
/// larger than that rounding is an action: a split when the step is a ratio of small integers, else, when k
/// rises, a distribution of D = close_before × (1 − k_before / k_after) per share; D is the shortest decimal
/// that the rounding allows, so that the same D results after the source has rescaled the whole column for a
/// later dividend. The factor changes by these actions only. Given dividends and splits take the place of
/// derived ones where adj_close shows them.
/// On a join a step of k says nothing of itself: given actions are taken as they are, else a split is where
/// it brings the closes nearer to each other. Without adj_close: given actions as they are; factor step =
/// split_ratio × close_before / (close_before − D), times further steps. With neither: factor 1 throughout.
/// Look-ahead: none; element i depends on elements <= i. Source of the dividend step: CRSP's and Yahoo's
/// backward multiplier 1 − D / close_before.
ActionSeries find_actions(const ActionInput& input);

/// Returns half a unit of the last decimal that the values use, up to eight decimals; 0 when they use more.
double rounding_of(std::span<const double> values);

}  // namespace orrery
