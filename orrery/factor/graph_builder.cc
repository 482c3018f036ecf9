#include "orrery/factor/graph_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/error.h"
#include "orrery/factor/kernel_letter.h"
#include "orrery/factor/kernels/kernel_table.h"

namespace orrery {
namespace {

using kernels::Element;

Operand constant_operand(double value, ValueType type = ValueType::kDouble) {
  Operand result;
  result.is_constant = true;
  result.constant = value;
  result.type = type;
  return result;
}

Error reason(const std::string& text) { return user_error(ErrorCode::kInvalidArgument, text); }

double fold(Arithmetic operation, double left, double right) {
  switch (operation) {
    case Arithmetic::kAdd:
      return left + right;
    case Arithmetic::kSubtract:
      return left - right;
    case Arithmetic::kMultiply:
      return left * right;
    case Arithmetic::kDivide:
      return left / right;
    case Arithmetic::kPower:
      return std::pow(left, right);
    case Arithmetic::kMaximum:
      return std::isnan(left) || left > right ? left : right;
    case Arithmetic::kMinimum:
      return std::isnan(left) || left < right ? left : right;
  }
  throw internal_error("unknown arithmetic operation");
}

bool fold(Comparison comparison, double left, double right) {
  switch (comparison) {
    case Comparison::kLess:
      return left < right;
    case Comparison::kLessEqual:
      return left <= right;
    case Comparison::kGreater:
      return left > right;
    case Comparison::kGreaterEqual:
      return left >= right;
    case Comparison::kEqual:
      return left == right;
    case Comparison::kNotEqual:
      return left != right;
  }
  throw internal_error("unknown comparison");
}

std::string_view kernel_name(Arithmetic operation) {
  switch (operation) {
    case Arithmetic::kAdd:
      return "add";
    case Arithmetic::kSubtract:
      return "subtract";
    case Arithmetic::kMultiply:
      return "multiply";
    case Arithmetic::kDivide:
      return "divide";
    case Arithmetic::kPower:
      return "power";
    case Arithmetic::kMaximum:
      return "maximum";
    case Arithmetic::kMinimum:
      return "minimum";
  }
  throw internal_error("unknown arithmetic operation");
}

/// Whether the operation gives the same bits with its operands changed about; a maximum's zero has the sign
/// of the second one.
bool commutes(Arithmetic operation) {
  return operation == Arithmetic::kAdd || operation == Arithmetic::kMultiply;
}

/// Two conditions meet as booleans do in numpy: sums are `or`, products `and`.
bool is_logical(Arithmetic operation, const Operand& left, const Operand& right) {
  return left.type == ValueType::kCondition && right.type == ValueType::kCondition &&
         operation != Arithmetic::kDivide && operation != Arithmetic::kPower;
}

}  // namespace

// The life of the instruments stands first: every other source is masked by it.
GraphBuilder::GraphBuilder(Precision precision) : precision_(precision) { alive(); }

Operand GraphBuilder::number(double value) const { return constant_operand(value); }

Operand GraphBuilder::field(std::string_view name) {
  Node node;
  node.kind = Node::Kind::kField;
  node.field = std::string(name);
  const bool narrow = precision_ == Precision::kFloat32;
  node.outputs = {narrow ? Element::kFloat : Element::kDouble};
  Operand result;
  result.series = {graph_.intern(node), 0};
  result.type = narrow ? ValueType::kFloat : ValueType::kDouble;
  result.element = node.outputs.front();
  return result;
}

Operand GraphBuilder::group(std::string_view name) {
  Node node;
  node.kind = Node::Kind::kGroup;
  node.field = std::string(name);
  node.outputs = {Element::kFloat};
  Operand result;
  result.series = {graph_.intern(node), 0};
  result.type = ValueType::kGroup;
  result.element = Element::kFloat;
  return result;
}

Operand GraphBuilder::rows_of_time(int days) {
  Node node;
  node.kind = Node::Kind::kClock;
  node.constants = {static_cast<double>(days)};
  node.outputs = {Element::kDouble};
  Operand result;
  result.series = {graph_.intern(node), 0};
  return result;
}

SeriesId GraphBuilder::alive() {
  Node node;
  node.kind = Node::Kind::kAlive;
  node.outputs = {Element::kFloat};
  return {graph_.intern(node), 0};
}

SeriesId GraphBuilder::present() {
  Node node;
  node.kind = Node::Kind::kPresent;
  node.outputs = {Element::kFloat};
  return {graph_.intern(node), 0};
}

SeriesId GraphBuilder::constant(double value, Element element) {
  Node node;
  node.kind = Node::Kind::kConstant;
  node.constants = {element == Element::kFloat ? static_cast<double>(static_cast<float>(value)) : value};
  node.outputs = {element};
  return {graph_.intern(node), 0};
}

int GraphBuilder::kernel_node(std::string_view kernel, std::vector<Edge> inputs,
                              std::vector<double> constants, std::vector<Element> outputs) {
  Node node;
  node.kernel = &kernels::find_kernel(kernel);
  node.inputs = std::move(inputs);
  node.constants = std::move(constants);
  node.outputs = std::move(outputs);
  return graph_.intern(node);
}

namespace {

int common_latency(const std::vector<Operand>& operands) {
  int result = 0;
  for (const Operand& operand : operands) result = std::max(result, operand.latency);
  return result;
}

/// Reads an operand late enough to stand beside ones of `latency`.
Edge edge_at(const Operand& operand, int latency) {
  return {operand.series, operand.delay + latency - operand.latency, 0};
}

std::vector<Edge> edges_at(const std::vector<Operand>& operands, int latency) {
  std::vector<Edge> result;
  result.reserve(operands.size());
  for (const Operand& operand : operands) result.push_back(edge_at(operand, latency));
  return result;
}

}  // namespace

Operand GraphBuilder::apply(std::string_view kernel, const std::vector<Operand>& operands, ValueType type,
                            Element element, std::vector<double> constants) {
  Operand result;
  result.latency = common_latency(operands);
  result.type = type;
  result.element = element;
  result.series = {kernel_node(kernel, edges_at(operands, result.latency), std::move(constants), {element}),
                   0};
  return result;
}

Operand GraphBuilder::unary(std::string_view kernel, const Operand& value, ValueType type) {
  return apply(fmt::format("{}_{}", kernel, letter(value)), {value}, type, value.element);
}

Operand GraphBuilder::alive_like(const Operand& value) {
  Operand result;
  result.series = alive();
  result.latency = value.latency;
  result.delay = value.latency;
  result.type = ValueType::kFloat;
  result.element = Element::kFloat;
  return result;
}

Operand GraphBuilder::masked(const Operand& value) {
  if (value.is_constant) return value;
  return apply(fmt::format("while_alive_{}", letter(value)), {value, alive_like(value)}, value.type,
               value.element);
}

Operand GraphBuilder::stored_as(const Operand& value, Element element) {
  if (value.element == element) return value;
  Operand result = apply(element == Element::kDouble ? "widen" : "narrow", {value}, value.type, element);
  return result;
}

Operand GraphBuilder::materialized(const Operand& value, ValueType type) {
  if (!value.is_constant) return value;
  Operand result;
  result.type = type;
  result.element = type == ValueType::kDouble ? Element::kDouble : Element::kFloat;
  result.series = constant(value.constant, result.element);
  return result;
}

ValueType GraphBuilder::meeting_type(const Operand& left, const Operand& right) const {
  const Operand* series = left.is_constant ? &right : &left;
  const Operand* other = left.is_constant ? &left : &right;
  if (other->is_constant) return series->type == ValueType::kFloat ? ValueType::kFloat : ValueType::kDouble;
  if (series->type == ValueType::kDouble || other->type == ValueType::kDouble) return ValueType::kDouble;
  if (series->type == ValueType::kFloat || other->type == ValueType::kFloat) return ValueType::kFloat;
  return ValueType::kCondition;
}

Operand GraphBuilder::arithmetic(Arithmetic operation, const Operand& left, const Operand& right) {
  if (left.is_constant && right.is_constant) {
    return constant_operand(fold(operation, left.constant, right.constant));
  }
  const bool squares = operation == Arithmetic::kPower && right.is_constant && right.constant == 2.0;
  // The product of a condition with itself would be a condition, not a number.
  if (squares && left.type != ValueType::kCondition) return arithmetic(Arithmetic::kMultiply, left, left);
  if (is_logical(operation, left, right)) {
    if (operation == Arithmetic::kSubtract)
      throw reason("conditions can't be subtracted; use Not, And or Or");
    const bool product = operation == Arithmetic::kMultiply || operation == Arithmetic::kMinimum;
    return product ? both(left, right) : either(left, right);
  }
  ValueType type = meeting_type(left, right);
  if (type == ValueType::kCondition) type = ValueType::kDouble;
  const Element element = type == ValueType::kDouble ? Element::kDouble : Element::kFloat;
  if (left.is_constant && right.element == element && commutes(operation))
    return with_constant(operation, right, left.constant, type);
  if (right.is_constant && left.element == element && operation != Arithmetic::kPower)
    return with_constant(operation, left, right.constant, type);
  const Operand a = materialized(left, type);
  const Operand b = materialized(right, type);
  if (type == ValueType::kDouble && operation == Arithmetic::kDivide) return divide_doubles(a, b);
  const bool widened =
      type == ValueType::kDouble && a.element == Element::kFloat && b.element == Element::kFloat;
  const Operand result =
      apply(fmt::format("{}_{}{}{}", kernel_name(operation), letter(a), letter(b), widened ? "d" : ""),
            {a, b}, type, element);
  // A power of a missing value may be a number: NaN ** 0 is 1.
  return operation == Arithmetic::kPower ? masked(result) : result;
}

Operand GraphBuilder::with_constant(Arithmetic operation, const Operand& value, double constant,
                                    ValueType type) {
  std::vector<double> constants = {constant};
  if (operation == Arithmetic::kDivide && value.element == Element::kDouble)
    constants.push_back(1.0 / constant);
  return apply(fmt::format("{}_{}c", kernel_name(operation), letter(value)), {value}, type, value.element,
               std::move(constants));
}

Operand GraphBuilder::reciprocal(const Operand& value) {
  const Node& node = graph_.nodes()[static_cast<std::size_t>(value.series.node)];
  if (node.kind == Node::Kind::kConstant)
    return materialized(number(1.0 / node.constants[0]), ValueType::kDouble);
  return apply(fmt::format("reciprocal_{}", letter(value)), {value}, ValueType::kDouble, Element::kDouble);
}

Operand GraphBuilder::divide_doubles(const Operand& left, const Operand& right) {
  // Many factors divide by the same series; the reciprocal is a node of its own and becomes one for all of
  // them.
  const Operand divided_by = reciprocal(right);
  if (const auto fused = statistic_over(left, right, divided_by)) return *fused;
  return apply(fmt::format("divide_by_{}{}", letter(left), letter(right)), {left, right, divided_by},
               ValueType::kDouble, Element::kDouble);
}

std::optional<Operand> GraphBuilder::statistic_over(const Operand& statistic, const Operand& divisor,
                                                    const Operand& reciprocal_of_divisor) {
  const Node& node = graph_.nodes()[static_cast<std::size_t>(statistic.series.node)];
  const bool lags = statistic.delay != 0 || divisor.latency != statistic.latency;
  if (node.kind != Node::Kind::kKernel || lags) return std::nullopt;
  const auto* kernel = kernels::search_kernel(fmt::format("{}_over_{}", node.kernel->name, letter(divisor)));
  if (kernel == nullptr) return std::nullopt;
  std::vector<Edge> inputs = node.inputs;
  for (const Operand& operand : {divisor, reciprocal_of_divisor})
    inputs.push_back({operand.series, operand.delay, 0});
  Operand result = statistic;
  result.series = {kernel_node(kernel->name, std::move(inputs), node.constants, {Element::kDouble}), 0};
  return result;
}

Operand GraphBuilder::compare(Comparison comparison, const Operand& left, const Operand& right) {
  if (left.is_constant && right.is_constant) {
    return constant_operand(fold(comparison, left.constant, right.constant) ? 1.0 : 0.0,
                            ValueType::kCondition);
  }
  if (comparison == Comparison::kGreater) return compare(Comparison::kLess, right, left);
  if (comparison == Comparison::kGreaterEqual) return compare(Comparison::kLessEqual, right, left);
  const ValueType type = meeting_type(left, right);
  const Operand a = materialized(left, type);
  const Operand b = materialized(right, type);
  const bool widened =
      type == ValueType::kDouble && a.element == Element::kFloat && b.element == Element::kFloat;
  std::string_view name = "is_less";
  if (comparison == Comparison::kLessEqual) name = "is_less_equal";
  if (comparison == Comparison::kEqual) name = "is_equal";
  if (comparison == Comparison::kNotEqual) name = "is_not_equal";
  Operand life;
  life.latency = std::max(a.latency, b.latency);
  life = alive_like(life);
  Operand result = apply(fmt::format("{}_{}{}{}", name, letter(a), letter(b), widened ? "d" : ""),
                         {a, b, life}, ValueType::kCondition, Element::kFloat);
  result.never_missing = true;
  return result;
}

Operand GraphBuilder::both(const Operand& left, const Operand& right) {
  if (left.is_constant && right.is_constant) {
    return constant_operand(left.constant * right.constant, ValueType::kCondition);
  }
  Operand result = apply(
      "multiply_ff", {materialized(left, ValueType::kCondition), materialized(right, ValueType::kCondition)},
      ValueType::kCondition, Element::kFloat);
  result.never_missing =
      (left.is_constant || left.never_missing) && (right.is_constant || right.never_missing);
  return result;
}

Operand GraphBuilder::either(const Operand& left, const Operand& right) {
  if (left.is_constant && right.is_constant) {
    return constant_operand(std::max(left.constant, right.constant), ValueType::kCondition);
  }
  Operand result = apply(
      "maximum_ff", {materialized(left, ValueType::kCondition), materialized(right, ValueType::kCondition)},
      ValueType::kCondition, Element::kFloat);
  result.never_missing =
      (left.is_constant || left.never_missing) && (right.is_constant || right.never_missing);
  return result;
}

Operand GraphBuilder::negate(const Operand& condition) {
  if (condition.is_constant) return constant_operand(1.0 - condition.constant, ValueType::kCondition);
  Operand result = apply("subtract_ff", {materialized(number(1.0), ValueType::kCondition), condition},
                         ValueType::kCondition, Element::kFloat);
  result.never_missing = condition.never_missing;
  return result;
}

Operand GraphBuilder::select(const Operand& condition, const Operand& yes, const Operand& no) {
  if (condition.is_constant) return condition.constant != 0.0 ? yes : no;
  ValueType type = ValueType::kDouble;
  if (!yes.is_constant || !no.is_constant) type = meeting_type(yes, no);
  const Element element = type == ValueType::kDouble ? Element::kDouble : Element::kFloat;
  const Operand a = stored_as(materialized(yes, type), element);
  const Operand b = stored_as(materialized(no, type), element);
  return masked(apply(fmt::format("select_{}{}", letter(condition), letter(element)), {condition, a, b}, type,
                      element));
}

Operand GraphBuilder::absolute(const Operand& value) {
  if (value.is_constant) return constant_operand(std::fabs(value.constant));
  return value.type == ValueType::kCondition ? value : unary("absolute", value, value.type);
}

Operand GraphBuilder::sign(const Operand& value) {
  if (value.is_constant)
    return constant_operand(value.constant > 0 ? 1.0 : (value.constant < 0 ? -1.0 : value.constant));
  if (precision_ == Precision::kFloat64 && value.element == Element::kDouble) {
    return unary("sign", value, ValueType::kDouble);
  }
  return unary("sign", stored_as(value, Element::kFloat), ValueType::kFloat);
}

Operand GraphBuilder::logarithm(const Operand& value) {
  if (value.is_constant) return constant_operand(std::log(value.constant));
  if (value.type != ValueType::kDouble) return unary("logarithm", value, ValueType::kFloat);
  return unary("logarithm", stored_as(value, Element::kDouble), ValueType::kDouble);
}

Operand GraphBuilder::shift(const Operand& value, int rows) {
  if (value.is_constant || rows == 0) return value;
  if (rows < 0) {
    Operand result = masked(value);
    result.latency -= rows;
    return masked(result);
  }
  Operand result = value;
  result.never_missing = false;
  const int early = std::min(rows, result.latency);
  result.latency -= early;
  result.delay += rows - early;
  return result;
}

Operand GraphBuilder::custom(const kernels::Kernel& kernel, const Operand& value,
                             std::vector<double> constants, int reach) {
  return custom(kernel, std::vector<Operand>{value}, std::move(constants), reach);
}

Operand GraphBuilder::custom(const kernels::Kernel& kernel, const std::vector<Operand>& values,
                             std::vector<double> constants, int reach, int outputs, int output) {
  std::vector<Operand> inputs;
  for (const Operand& value : values) {
    inputs.push_back(stored_as(materialized(value, ValueType::kDouble), Element::kDouble));
  }
  Node node;
  node.kernel = &kernel;
  Operand result;
  result.latency = common_latency(inputs);
  node.inputs = edges_at(inputs, result.latency);
  node.inputs.push_back({alive(), result.latency, 0});
  for (Edge& edge : node.inputs) edge.reach = reach;
  node.constants = std::move(constants);
  node.outputs.assign(static_cast<std::size_t>(outputs), Element::kDouble);
  result.series = {graph_.intern(node), output};
  return kernel.knows_life ? result : masked(result);
}

Operand GraphBuilder::across(const CrossSection& function, const std::vector<Operand>& values,
                             std::vector<double> constants) {
  const Operand& first = values.front();
  if (function.idempotent && !first.is_constant && first.delay == 0 && constants.empty() &&
      graph_.nodes()[static_cast<std::size_t>(first.series.node)].cross_section == &function) {
    return first;
  }
  std::vector<Operand> inputs;
  for (const Operand& value : values) inputs.push_back(materialized(value, ValueType::kDouble));
  Node node;
  node.kind = Node::Kind::kCrossSection;
  node.cross_section = &function;
  Operand result;
  result.latency = common_latency(inputs);
  node.inputs = edges_at(inputs, result.latency);
  // Whether a name that pauses comes back is not known on the day: only those with a bar are compared.
  node.inputs.push_back({present(), result.latency, 0});
  node.constants = std::move(constants);
  node.outputs = {Element::kDouble};
  result.series = {graph_.intern(node), 0};
  return result;
}

}  // namespace orrery
