#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orrery/factor/compute.h"
#include "orrery/factor/graph.h"

namespace orrery {

/// What kind of number a value is. Two values meet as numpy has it: float with float stays float, a literal
/// takes the type of the series it meets, everything else is double. Rolling operators give double.
/// A group is a code that only operators on groups read.
enum class ValueType { kFloat, kDouble, kCondition, kGroup };

/// A value of an expression while it is lowered: a number, or a series together with when to read it.
///
/// Read on row t with its delay, a series gives the value of row t - latency. Latency comes from negative
/// lags: the series simply runs late, and the result is written that many rows back.
struct Operand {
  bool is_constant = false;
  double constant = 0.0;
  SeriesId series;
  int delay = 0;
  int latency = 0;
  bool never_missing = false;  ///< it has a value on every row of the instrument's life, as comparisons have
  ValueType type = ValueType::kDouble;
  kernels::Element element = kernels::Element::kDouble;  ///< how it is stored; exact, so it may be narrower
};

enum class Arithmetic { kAdd, kSubtract, kMultiply, kDivide, kPower, kMaximum, kMinimum };
enum class Comparison { kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kNotEqual };
enum class Extreme { kMaximum, kMinimum };

/// Sums of a window's deviations from its latest value (see kernels/windows.inc).
struct MomentSums {
  Operand sum;
  Operand squares;
  Operand anchor;
  Operand total;   ///< the window's count is its difference over the window
  int window = 0;  ///< rows
};

/// Sums over a window's rows k, counted backwards from 0, and over their products with the values.
struct TrendSums {
  MomentSums moments;
  Operand rows;          ///< sum of k
  Operand row_squares;   ///< sum of k^2
  Operand row_products;  ///< sum of k (value - anchor)
};

/// Sums of the rows of two series on which both have a value.
struct PairSums {
  MomentSums left;
  MomentSums right;
  Operand products;
};

/// Builds the graph of primitive series that operators are made of. Constants are folded; equal parts become
/// one. Windows count rows between an instrument's first and last bar; values that are not finite count as
/// missing in every window. Each result is NaN before the instrument's first row. Errors: kInvalidArgument
/// with the reason alone; the caller adds the factor and the place.
class GraphBuilder {
 public:
  explicit GraphBuilder(Precision precision);

  Operand number(double value) const;
  /// A number as a series of its own; a series as it is.
  Operand series(const Operand& value) { return materialized(value, ValueType::kDouble); }
  Operand field(std::string_view name);
  /// A group that instruments belong to, one of group_names().
  Operand group(std::string_view name);
  /// How many rows a length of time spans, see row_clock.h.
  Operand rows_of_time(int days);

  Operand arithmetic(Arithmetic operation, const Operand& left, const Operand& right);
  Operand compare(Comparison comparison, const Operand& left, const Operand& right);
  Operand both(const Operand& left, const Operand& right);    ///< logical and
  Operand either(const Operand& left, const Operand& right);  ///< logical or
  Operand negate(const Operand& condition);
  Operand select(const Operand& condition, const Operand& yes, const Operand& no);
  Operand absolute(const Operand& value);
  Operand sign(const Operand& value);
  Operand logarithm(const Operand& value);
  /// The value of `rows` rows ago; of the future for negative `rows`. NaN where that is outside the life.
  Operand shift(const Operand& value, int rows);

  /// How many values a window has.
  Operand rolling_count(const Operand& value, int window);
  /// The result where all rows of the window of `value` are there, NaN elsewhere; in double.
  Operand where_full(const Operand& value, int window, const Operand& result);
  /// Their sum; NaN where there are none.
  Operand rolling_sum(const Operand& value, int window);
  Operand rolling_mean(const Operand& value, int window);
  /// The mean with weights that fall by one a row, from `window` for the latest.
  Operand rolling_decay(const Operand& value, int window);
  Operand rolling_variance(const Operand& value, int window);
  Operand rolling_deviation(const Operand& value, int window);
  Operand rolling_extreme(Extreme extreme, const Operand& value, int window);
  /// Where in the window the first extreme is, from 1 at its oldest row; a missing value counts as extreme.
  Operand rolling_position(Extreme extreme, const Operand& value, int window);
  /// Quantile with linear interpolation; `level` in [0, 1].
  Operand rolling_quantile(const Operand& value, int window, double level);
  Operand rolling_median(const Operand& value, int window);
  /// Average rank of the row's own value, over the count.
  Operand rolling_rank(const Operand& value, int window);
  /// Trend of the values over their rows: slope, explained share (NaN where the deviation is at most
  /// `least_deviation`), and the row's distance from the fitted line.
  Operand rolling_slope(const Operand& value, int window);
  Operand rolling_r_square(const Operand& value, int window, double least_deviation);
  Operand rolling_residual(const Operand& value, int window);
  Operand rolling_covariance(const Operand& left, const Operand& right, int window);
  /// Regression of y on x with an intercept over the rows on which both have a value: the slope, and what the
  /// line leaves of the row's own y. NaN where x does not vary.
  Operand rolling_beta(const Operand& y, const Operand& x, int window);
  Operand rolling_beta_residual(const Operand& y, const Operand& x, int window);
  /// NaN where either side's deviation over its own values is at most `least_deviation`.
  Operand rolling_correlation(const Operand& left, const Operand& right, int window, double least_deviation);

  /// Runs an operator's own kernel on values, in double; the kernel's last input is 0 while the instrument
  /// exists and NaN outside. `reach`: rows that it reads back through its inputs by itself. The result is
  /// masked by the instrument's life.
  Operand custom(const kernels::Kernel& kernel, const Operand& value, std::vector<double> constants,
                 int reach);
  Operand custom(const kernels::Kernel& kernel, const std::vector<Operand>& values,
                 std::vector<double> constants, int reach, int outputs = 1, int output = 0);

  /// Runs an operator's own function on all instruments of a row. Values and groups are missing outside the
  /// instruments' lives, and so is the result.
  Operand across(const CrossSection& function, const std::vector<Operand>& values,
                 std::vector<double> constants = {});

  const Graph& graph() const { return graph_; }

 private:
  SeriesId alive();
  SeriesId present();
  SeriesId constant(double value, kernels::Element element);
  /// Makes a kernel's node; all inputs must have been brought to one latency.
  int kernel_node(std::string_view kernel, std::vector<Edge> inputs, std::vector<double> constants,
                  std::vector<kernels::Element> outputs);
  /// Makes a node of one output from operands of one latency.
  Operand apply(std::string_view kernel, const std::vector<Operand>& operands, ValueType type,
                kernels::Element element, std::vector<double> constants = {});
  Operand unary(std::string_view kernel, const Operand& value, ValueType type);
  Operand alive_like(const Operand& value);
  Operand masked(const Operand& value);
  Operand stored_as(const Operand& value, kernels::Element element);
  Operand materialized(const Operand& value, ValueType type);
  Operand divide_doubles(const Operand& left, const Operand& right);
  /// An operation other than a power on a series and a number, without a series of that number.
  Operand with_constant(Arithmetic operation, const Operand& value, double constant, ValueType type);
  /// A window's statistic over a series in one step, for statistics whose kernel has such a form.
  std::optional<Operand> statistic_over(const Operand& statistic, const Operand& divisor,
                                        const Operand& reciprocal_of_divisor);
  Operand reciprocal(const Operand& value);
  Operand series_for_window(const Operand& value) const;
  ValueType meeting_type(const Operand& left, const Operand& right) const;

  Operand clean(const Operand& value);
  Operand valid_total(const Operand& value);
  Operand present_total(const Operand& value);
  Operand count_from(const Operand& total, int window);
  Operand sum_chain(const Operand& clean, int window);
  Operand extreme_chain(Extreme extreme, const Operand& keys, int window);
  struct Position {
    Operand key;
    Operand rows_ago;
  };
  Position position_chain(Extreme extreme, const Operand& keys, int window);
  MomentSums moments(const Operand& anchors, const Operand& total, int window);
  TrendSums trend(const Operand& anchors, const Operand& total, int window);
  /// What both have on rows on which both have a value, NaN elsewhere.
  std::pair<Operand, Operand> paired(const Operand& left, const Operand& right);
  PairSums pairs(const Operand& left, const Operand& right, int window);
  /// Sum of the products over the rows of `sums`' anchors.
  Operand products(const PairSums& sums, const Operand& total, int window);
  Operand reciprocal_spread(const TrendSums& sums);
  Operand anchors(const Operand& value);
  Operand sorted(const Operand& value, int window, double question);

  Precision precision_;
  Graph graph_;
};

}  // namespace orrery
