// The windows of GraphBuilder. A window's aggregate is merged from two shorter windows' aggregates, which
// other windows share: 60 is 30 and 30, 30 is 15 and 15, and so on down to single rows. Which parts a window
// has depends on its length alone, so that a factor's value does not depend on which other factors are asked
// for.

#include <fmt/format.h>

#include <algorithm>

#include "orrery/base/error.h"
#include "orrery/factor/graph_builder.h"
#include "orrery/factor/kernel_letter.h"
#include "orrery/factor/kernels/kernel_table.h"
#include "orrery/factor/kernels/window_cut.h"

namespace orrery {
namespace {

using kernels::cut_without_overlap;
using kernels::Element;
using Cut = kernels::WindowCut;

Operand delayed(Operand operand, int rows) {
  operand.delay += rows;
  return operand;
}

/// The same operand read late enough to stand beside ones of `latency`.
Operand delayed_to(Operand operand, int latency) {
  operand.delay += latency - operand.latency;
  operand.latency = latency;
  return operand;
}

/// The output of a node at the latency of `like`.
Operand output_of(int node, int output, const Operand& like) {
  Operand result;
  result.series = {node, output};
  result.latency = like.latency;
  return result;
}

Edge edge_of(const Operand& operand) { return {operand.series, operand.delay, 0}; }

std::vector<Edge> edges_of(const std::vector<Operand>& operands) {
  std::vector<Edge> result;
  result.reserve(operands.size());
  for (const Operand& operand : operands) result.push_back(edge_of(operand));
  return result;
}

/// Windows up to this length look functions of their count up in a table, which costs less than a division.
constexpr int kLongestTable = 1024;

double reciprocal_of_count(double count) { return 1.0 / count; }
double reciprocal_of_pairs(double count) { return 1.0 / (count * (count - 1.0)); }

/// The window, then a function of every count that it can have, the full one first; nothing where kernels had
/// better divide.
std::vector<double> table_of(double (*function)(double), int window) {
  if (window > kLongestTable) return {};
  std::vector<double> table = {static_cast<double>(window)};
  for (int count = window; count >= 0; --count) table.push_back(function(count));
  table.resize(std::max<std::size_t>(table.size(), 1 + kernels::kCountTableHead));
  return table;
}

/// What kernels count the window by that ends `delay` rows ago, and their other inputs.
std::vector<Operand> counted(const Operand& total, int window, int delay, std::vector<Operand> others) {
  std::vector<Operand> result = {delayed(total, delay), delayed(total, delay + window)};
  result.insert(result.end(), others.begin(), others.end());
  return result;
}

/// What a kernel reads that makes a window's sums from its rows.
std::vector<Edge> rows_of(const Operand& total, const Operand& anchors, int window) {
  return {{total.series, total.delay, window}, {anchors.series, anchors.delay, window - 1}};
}

}  // namespace

Operand GraphBuilder::series_for_window(const Operand& value) const {
  if (value.is_constant) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("a window needs a series, found the number {}", value.constant));
  }
  return value;
}

Operand GraphBuilder::clean(const Operand& value) {
  if (value.type == ValueType::kCondition) {
    return apply("clean_condition", {value}, ValueType::kCondition, Element::kFloat);
  }
  return apply(fmt::format("clean_{}", letter(value)), {value}, ValueType::kDouble, Element::kDouble);
}

Operand GraphBuilder::valid_total(const Operand& value) {
  // Conditions are there whenever the instrument is: one total serves them all.
  if (value.never_missing) return valid_total(alive_like(value));
  return apply(fmt::format("valid_total_{}", letter(value)), {value}, ValueType::kDouble, Element::kInt32);
}

Operand GraphBuilder::count_from(const Operand& total, int window) {
  return apply("window_count", {total, delayed(total, window)}, ValueType::kDouble, Element::kDouble);
}

Operand GraphBuilder::present_total(const Operand& value) {
  return apply(fmt::format("present_total_{}", letter(series_for_window(value))), {value}, ValueType::kDouble,
               Element::kInt32);
}

Operand GraphBuilder::rolling_count(const Operand& value, int window) {
  return masked(count_from(present_total(value), window));
}

Operand GraphBuilder::where_full(const Operand& value, int window, const Operand& result) {
  return apply(fmt::format("where_full_{}", letter(result)),
               counted(present_total(value), window, 0, {result}), ValueType::kDouble, Element::kDouble,
               {static_cast<double>(window)});
}

Operand GraphBuilder::sum_chain(const Operand& clean, int window) {
  if (window == 1) return clean;
  if (window <= kernels::kLongestFromRows) {
    const int node =
        kernel_node(fmt::format("sum_rows_{}", letter(clean)), {{clean.series, clean.delay, window - 1}},
                    {static_cast<double>(window)}, {clean.element});
    Operand result = output_of(node, 0, clean);
    result.type = clean.type;
    result.element = clean.element;
    return result;
  }
  const Cut cut = cut_without_overlap(window);
  const Operand newer = sum_chain(clean, cut.newer);
  const Operand older = cut.older == cut.newer ? newer : sum_chain(clean, cut.older);
  return apply(clean.element == Element::kFloat ? "add_ff" : "add_dd", {newer, delayed(older, cut.newer)},
               clean.type, clean.element);
}

Operand GraphBuilder::rolling_sum(const Operand& value, int window) {
  const Operand sum = sum_chain(clean(series_for_window(value)), window);
  return apply(fmt::format("sum_{}", letter(sum)), counted(valid_total(value), window, 0, {sum}),
               ValueType::kDouble, Element::kDouble);
}

Operand GraphBuilder::rolling_mean(const Operand& value, int window) {
  const Operand sum = sum_chain(clean(series_for_window(value)), window);
  return apply(fmt::format("mean_{}", letter(sum)), counted(valid_total(value), window, 0, {sum}),
               ValueType::kDouble, Element::kDouble, table_of(reciprocal_of_count, window));
}

Operand GraphBuilder::anchors(const Operand& value) {
  return apply(fmt::format("last_valid_{}", letter(value)), {value}, ValueType::kDouble, Element::kDouble);
}

MomentSums GraphBuilder::moments(const Operand& anchors, const Operand& total, int window) {
  MomentSums result;
  result.anchor = anchors;
  result.total = total;
  result.window = window;
  if (window == 1) {
    result.sum = materialized(number(0.0), ValueType::kDouble);
    result.sum.latency = anchors.latency;
    result.squares = result.sum;
    return result;
  }
  int node = -1;
  if (window <= kernels::kLongestFromRows) {
    node = kernel_node("moments_of_rows", rows_of(total, anchors, window), {static_cast<double>(window)},
                       {Element::kDouble, Element::kDouble});
  } else {
    const Cut cut = cut_without_overlap(window);
    const MomentSums newer = moments(anchors, total, cut.newer);
    const MomentSums older = cut.older == cut.newer ? newer : moments(anchors, total, cut.older);
    node = kernel_node("merge_moments",
                       edges_of(counted(total, cut.older, cut.newer,
                                        {delayed(older.sum, cut.newer), delayed(older.squares, cut.newer),
                                         newer.sum, newer.squares, delayed(anchors, cut.newer), anchors})),
                       {}, {Element::kDouble, Element::kDouble});
  }
  result.sum = output_of(node, 0, anchors);
  result.squares = output_of(node, 1, anchors);
  return result;
}

Operand GraphBuilder::rolling_variance(const Operand& value, int window) {
  const MomentSums sums = moments(anchors(series_for_window(value)), valid_total(value), window);
  return apply("variance", counted(sums.total, window, 0, {sums.sum, sums.squares}), ValueType::kDouble,
               Element::kDouble, table_of(reciprocal_of_pairs, window));
}

Operand GraphBuilder::rolling_deviation(const Operand& value, int window) {
  const MomentSums sums = moments(anchors(series_for_window(value)), valid_total(value), window);
  return apply("standard_deviation", counted(sums.total, window, 0, {sums.sum, sums.squares}),
               ValueType::kDouble, Element::kDouble, table_of(reciprocal_of_pairs, window));
}

TrendSums GraphBuilder::trend(const Operand& anchors, const Operand& total, int window) {
  TrendSums result;
  result.moments = moments(anchors, total, window);
  if (window == 1) {
    result.rows = result.row_squares = result.row_products = result.moments.sum;
    return result;
  }
  if (window <= kernels::kLongestFromRows) {
    const int node =
        kernel_node("trend_of_rows", rows_of(total, anchors, window), {static_cast<double>(window)},
                    {Element::kDouble, Element::kDouble, Element::kDouble});
    result.rows = output_of(node, 0, anchors);
    result.row_squares = output_of(node, 1, anchors);
    result.row_products = output_of(node, 2, anchors);
    return result;
  }
  const Cut cut = cut_without_overlap(window);
  const TrendSums newer = trend(anchors, total, cut.newer);
  const TrendSums older = cut.older == cut.newer ? newer : trend(anchors, total, cut.older);
  const Operand rows = delayed(older.rows, cut.newer);
  const double shift = cut.newer;
  const int row_node = kernel_node(
      "merge_rows",
      edges_of(counted(total, cut.older, cut.newer,
                       {rows, delayed(older.row_squares, cut.newer), newer.rows, newer.row_squares})),
      {shift}, {Element::kDouble, Element::kDouble});
  const int product_node = kernel_node(
      "merge_trend",
      edges_of(counted(total, cut.older, cut.newer,
                       {rows, delayed(older.moments.sum, cut.newer), delayed(older.row_products, cut.newer),
                        newer.row_products, delayed(anchors, cut.newer), anchors})),
      {shift}, {Element::kDouble});
  result.rows = output_of(row_node, 0, anchors);
  result.row_squares = output_of(row_node, 1, anchors);
  result.row_products = output_of(product_node, 0, anchors);
  return result;
}

namespace {

/// What slope, residual and R square begin with: the count, then K, S, P and `more`.
std::vector<Operand> line_inputs(const TrendSums& sums, std::initializer_list<Operand> more) {
  std::vector<Operand> others = {sums.rows, sums.moments.sum, sums.row_products};
  others.insert(others.end(), more);
  return counted(sums.moments.total, sums.moments.window, 0, std::move(others));
}

}  // namespace

Operand GraphBuilder::reciprocal_spread(const TrendSums& sums) {
  return apply("reciprocal_spread",
               counted(sums.moments.total, sums.moments.window, 0, {sums.rows, sums.row_squares}),
               ValueType::kDouble, Element::kDouble);
}

Operand GraphBuilder::rolling_slope(const Operand& value, int window) {
  const TrendSums sums = trend(anchors(series_for_window(value)), valid_total(value), window);
  return apply("slope", line_inputs(sums, {reciprocal_spread(sums)}), ValueType::kDouble, Element::kDouble);
}

Operand GraphBuilder::rolling_r_square(const Operand& value, int window, double least_deviation) {
  const TrendSums sums = trend(anchors(series_for_window(value)), valid_total(value), window);
  return apply("r_square", line_inputs(sums, {reciprocal_spread(sums), sums.moments.squares}),
               ValueType::kDouble, Element::kDouble, {least_deviation * least_deviation});
}

Operand GraphBuilder::rolling_residual(const Operand& value, int window) {
  const TrendSums sums = trend(anchors(series_for_window(value)), valid_total(value), window);
  return apply("residual", line_inputs(sums, {reciprocal_spread(sums), stored_as(value, Element::kDouble)}),
               ValueType::kDouble, Element::kDouble, table_of(reciprocal_of_count, window));
}

Operand GraphBuilder::products(const PairSums& sums, const Operand& total, int window) {
  if (window == 1) return moments(sums.left.anchor, total, 1).sum;
  const Cut cut = cut_without_overlap(window);
  const Operand& x = sums.left.anchor;
  const Operand& y = sums.right.anchor;
  std::vector<Operand> others = {delayed(x, cut.newer), x, delayed(y, cut.newer), y};
  if (window > 2) {
    const Operand newer = products(sums, total, cut.newer);
    const Operand older = cut.older == cut.newer ? newer : products(sums, total, cut.older);
    const MomentSums left = moments(x, total, cut.older);
    const MomentSums right = moments(y, total, cut.older);
    others.insert(others.begin(), {delayed(left.sum, cut.newer), delayed(right.sum, cut.newer),
                                   delayed(older, cut.newer), newer});
  }
  return apply(window == 2 ? "comoment_of_two" : "merge_comoment",
               counted(total, cut.older, cut.newer, std::move(others)), ValueType::kDouble, Element::kDouble);
}

std::pair<Operand, Operand> GraphBuilder::paired(const Operand& left, const Operand& right) {
  const int latency = std::max(series_for_window(left).latency, series_for_window(right).latency);
  const Operand x = delayed_to(left, latency);
  const Operand y = delayed_to(right, latency);
  const int node = kernel_node(fmt::format("pair_valid_{}{}", letter(x), letter(y)), edges_of({x, y}), {},
                               {Element::kDouble, Element::kDouble});
  return {output_of(node, 0, x), output_of(node, 1, x)};
}

PairSums GraphBuilder::pairs(const Operand& left, const Operand& right, int window) {
  const auto [x, y] = paired(left, right);
  const Operand total = valid_total(x);
  PairSums result;
  result.left = moments(anchors(x), total, window);
  result.right = moments(anchors(y), total, window);
  result.products = products(result, total, window);
  return result;
}

Operand GraphBuilder::rolling_covariance(const Operand& left, const Operand& right, int window) {
  const PairSums sums = pairs(left, right, window);
  return apply("covariance",
               counted(sums.left.total, window, 0, {sums.left.sum, sums.right.sum, sums.products}),
               ValueType::kDouble, Element::kDouble, table_of(reciprocal_of_pairs, window));
}

Operand GraphBuilder::rolling_beta(const Operand& y, const Operand& x, int window) {
  const PairSums sums = pairs(y, x, window);
  return apply(
      "regression_slope",
      counted(sums.left.total, window, 0, {sums.left.sum, sums.right.sum, sums.right.squares, sums.products}),
      ValueType::kDouble, Element::kDouble);
}

Operand GraphBuilder::rolling_beta_residual(const Operand& y, const Operand& x, int window) {
  const PairSums sums = pairs(y, x, window);
  return apply(
      "regression_residual",
      counted(sums.left.total, window, 0,
              {sums.left.sum, sums.right.sum, sums.right.squares, sums.products, paired(y, x).first}),
      ValueType::kDouble, Element::kDouble, table_of(reciprocal_of_count, window));
}

Operand GraphBuilder::rolling_correlation(const Operand& left, const Operand& right, int window,
                                          double least_deviation) {
  const int latency = std::max(series_for_window(left).latency, series_for_window(right).latency);
  const Operand x = delayed_to(left, latency);
  const Operand y = delayed_to(right, latency);
  const int node =
      kernel_node(fmt::format("correlation_{}{}", letter(x), letter(y)),
                  {{x.series, x.delay, window - 1}, {y.series, y.delay, window - 1}},
                  {static_cast<double>(window), least_deviation * least_deviation}, {Element::kDouble});
  return output_of(node, 0, x);
}

Operand GraphBuilder::rolling_decay(const Operand& value, int window) {
  const Operand& series = series_for_window(value);
  const int node =
      kernel_node(fmt::format("decay_linear_{}", letter(series)), {{series.series, series.delay, window - 1}},
                  {static_cast<double>(window)}, {Element::kDouble});
  return output_of(node, 0, series);
}

Operand GraphBuilder::extreme_chain(Extreme extreme, const Operand& keys, int window) {
  if (window == 1) return keys;
  const int newer = (window + 1) / 2;  // two windows of this length cover all, overlapping where it is odd
  const Operand part = extreme_chain(extreme, keys, newer);
  return apply(fmt::format("keep_{}_{}{}", extreme == Extreme::kMaximum ? "maximum" : "minimum", letter(keys),
                           letter(keys)),
               {part, delayed(part, window - newer)}, keys.type, keys.element);
}

Operand GraphBuilder::rolling_extreme(Extreme extreme, const Operand& value, int window) {
  const Operand keys = unary(extreme == Extreme::kMaximum ? "max_key" : "min_key", series_for_window(value),
                             ValueType::kDouble);
  return unary("extreme_finish", extreme_chain(extreme, keys, window), ValueType::kDouble);
}

GraphBuilder::Position GraphBuilder::position_chain(Extreme extreme, const Operand& keys, int window) {
  if (window == 1) {
    Position result{keys, materialized(number(0.0), keys.element == Element::kFloat ? ValueType::kFloat
                                                                                    : ValueType::kDouble)};
    result.rows_ago.latency = keys.latency;
    return result;
  }
  const int newer = (window + 1) / 2;
  const Position part = position_chain(extreme, keys, newer);
  const int shift = window - newer;
  const int node = kernel_node(
      fmt::format("{}_position_merge_{}", extreme == Extreme::kMaximum ? "max" : "min", letter(keys)),
      edges_of({part.key, part.rows_ago, delayed(part.key, shift), delayed(part.rows_ago, shift)}),
      {static_cast<double>(shift)}, {keys.element, keys.element});
  Position result{output_of(node, 0, keys), output_of(node, 1, keys)};
  result.key.element = result.rows_ago.element = keys.element;
  return result;
}

Operand GraphBuilder::rolling_position(Extreme extreme, const Operand& value, int window) {
  const Operand keys = apply(fmt::format("{}_position_key_{}", extreme == Extreme::kMaximum ? "max" : "min",
                                         letter(series_for_window(value))),
                             {value, alive_like(value)}, ValueType::kDouble, value.element);
  const Position position = position_chain(extreme, keys, window);
  const Operand life = valid_total(alive_like(value));
  const Operand total = valid_total(value);
  return apply(fmt::format("position_finish_{}", letter(keys)),
               {position.rows_ago, life, delayed(life, window), total, delayed(total, window)},
               ValueType::kDouble, Element::kDouble);
}

Operand GraphBuilder::sorted(const Operand& value, int window, double question) {
  const Operand count = count_from(valid_total(series_for_window(value)), window);
  Node node;
  node.kernel = &kernels::find_kernel(fmt::format("sorted_window_{}", letter(value)));
  node.inputs = edges_of({value, delayed(value, window), count});
  node.constants = {static_cast<double>(window)};
  const int id = graph_.intern(node);
  return output_of(id, graph_.intern_answer(id, 1, question, Element::kDouble), value);
}

Operand GraphBuilder::rolling_quantile(const Operand& value, int window, double level) {
  return sorted(value, window, level);
}

Operand GraphBuilder::rolling_median(const Operand& value, int window) {
  return sorted(value, window, kernels::kSortedMedian);
}

Operand GraphBuilder::rolling_rank(const Operand& value, int window) {
  if (window > kernels::kLongestCounted) return sorted(value, window, kernels::kSortedRank);
  const Operand& series = series_for_window(value);
  const Operand total = valid_total(series);
  const int node = kernel_node(
      fmt::format("count_rank_{}", letter(series)),
      {{series.series, series.delay, window - 1}, edge_of(total), edge_of(delayed(total, window))},
      {static_cast<double>(window)}, {Element::kDouble});
  return output_of(node, 0, series);
}

}  // namespace orrery
