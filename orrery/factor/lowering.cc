#include "orrery/factor/lowering.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <string_view>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/factor/expression_error.h"
#include "orrery/factor/factor_library.h"
#include "orrery/factor/group_codes.h"
#include "orrery/factor/operator_call.h"
#include "orrery/factor/row_clock.h"

namespace orrery {
namespace {

constexpr double kSecondsPerDay = 86400.0;

std::string describe(const Lowered& value) {
  if (value.days) return "a length of time";
  if (value.value.is_constant) return fmt::format("the number {}", value.value.constant);
  if (value.value.type == ValueType::kGroup) return "a group";
  return value.value.type == ValueType::kCondition ? "a condition" : "a series of numbers";
}

bool counts_rows(ArgumentKind kind) { return kind == ArgumentKind::kWindow || kind == ArgumentKind::kLag; }

std::string argument_names(const OperatorInfo& info) {
  std::vector<std::string> names;
  for (const auto& argument : info.arguments) {
    const std::string name =
        argument.fallback ? fmt::format("{}={}", argument.name, *argument.fallback) : argument.name;
    names.push_back(argument.repeats ? name + "..." : name);
  }
  return fmt::format("{}({})", info.name, fmt::join(names, ", "));
}

std::size_t required_arguments(const OperatorInfo& info) {
  return static_cast<std::size_t>(std::count_if(info.arguments.begin(), info.arguments.end(),
                                                [](const auto& argument) { return !argument.fallback; }));
}

std::string count_reason(const OperatorInfo& info, std::size_t found) {
  const std::size_t least = required_arguments(info);
  const std::size_t most = info.arguments.size();
  const bool open = !info.arguments.empty() && info.arguments.back().repeats;
  const std::string count = open            ? fmt::format("at least {}", least)
                            : least == most ? fmt::format("{}", most)
                                            : fmt::format("{} to {}", least, most);
  return fmt::format("{} takes {} argument{}, found {}", argument_names(info), count, most == 1 ? "" : "s",
                     found);
}

/// Adds what a window or lag reads around the row.
Reach widened(Reach reach, const ArgumentInfo& declared, const Lowered& value) {
  const auto rows = static_cast<std::int64_t>(value.days ? *value.days : value.value.constant);
  if (declared.kind == ArgumentKind::kWindow) reach.first -= std::max<std::int64_t>(0, rows - 1);
  if (declared.kind == ArgumentKind::kLag) reach.include({reach.first - rows, reach.last - rows});
  return reach;
}

}  // namespace

void Lowering::fail(std::size_t position, const std::string& reason) const {
  throw expression_error(definition_.name, definition_.expression, position, reason);
}

Lowered Lowering::factor() {
  std::vector<std::string> bound;
  for (const auto& [name, value] : names_) bound.push_back(name);
  const Expression expression = parse_expression(definition_.name, definition_.expression, bound);
  Lowered result = lower(expression);
  if (result.days || result.value.type == ValueType::kGroup) {
    fail(expression.position, fmt::format("a factor must be a series, found {}", describe(result)));
  }
  check_parameters();
  return result;
}

void Lowering::check_parameters() const {
  for (const auto& [name, value] : definition_.parameters) {
    if (std::find(parameters_.begin(), parameters_.end(), name) != parameters_.end()) continue;
    const std::string known =
        parameters_.empty() ? "it has none" : fmt::format("it has: {}", fmt::join(parameters_, ", "));
    fail(0, fmt::format("there is no parameter '{}'{}; {}", name, did_you_mean(name, parameters_), known));
  }
}

Lowered Lowering::lower(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::kNumber:
      return {context_.builder.number(expression.number), {}, {}};
    case Expression::Kind::kDuration:
      return lower_duration(expression);
    case Expression::Kind::kField:
      return lower_field(expression);
    case Expression::Kind::kCall:
      return lower_call(expression);
    case Expression::Kind::kName:
      return lower_name(expression);
    case Expression::Kind::kLet:
      return lower_let(expression);
    case Expression::Kind::kParameter:
      return lower_parameter(expression);
  }
  throw internal_error("unknown kind of expression");
}

Lowered Lowering::lower_name(const Expression& expression) const { return names_.at(expression.name); }

Lowered Lowering::lower_let(const Expression& expression) {
  names_[expression.name] = lower(expression.arguments[0]);
  return lower(expression.arguments[1]);
}

Lowered Lowering::lower_parameter(const Expression& expression) {
  parameters_.push_back(expression.name);
  const auto given = definition_.parameters.find(expression.name);
  const double value = given == definition_.parameters.end() ? expression.number : given->second;
  names_[expression.name] = {context_.builder.number(value), {}, {}};
  return lower(expression.arguments[0]);
}

Lowered Lowering::lower_duration(const Expression& expression) const {
  const double days = expression.number / kSecondsPerDay;
  if (days != std::trunc(days) || days < 1) {
    fail(expression.position,
         fmt::format("a row is a session of one day here; a length of time must be whole days, such as 20d, "
                     "found {} ({} needs rows within the day)",
                     expression.name, expression.name));
  }
  if (days > kLongestWindow)
    fail(expression.position, fmt::format("at most {}d, found {}", kLongestWindow, days));
  Lowered result;
  result.days = static_cast<int>(days);
  return result;
}

Lowered Lowering::lower_field(const Expression& expression) {
  if (is_group_name(expression.name)) return {context_.builder.group(expression.name), {}, {}};
  return {context_.builder.field(expression.name), {}, {}};
}

Lowered Lowering::lower_call(const Expression& call) {
  if (const Operator* found = find_operator(call.name)) return lower_operator(call, *found);
  if (call.name.find(':') != std::string::npos) return lower_reference(call);
  if (const auto reason = reason_for_absence(call.name); !reason.empty()) {
    fail(call.position, fmt::format("qlib's {} {}", call.name, reason));
  }
  fail(call.position, fmt::format("unknown operator '{}'{}", call.name,
                                  did_you_mean(call.name, operator_registry().names())));
}

/// A factor of a set, `set:factor(parameter=1)`.
Lowered Lowering::lower_reference(const Expression& call) {
  constexpr int kDeepest = 20;
  if (depth_ >= kDeepest) fail(call.position, fmt::format("'{}' refers to itself", call.name));
  FactorDefinition definition;
  try {
    definition = find_factor(call.name);
  } catch (const Error& error) {
    fail(call.position, error.what());
  }
  for (const Expression& argument : call.arguments) {
    const Lowered value = lower(argument);
    if (argument.label.empty() || value.days || !value.value.is_constant) {
      fail(argument.position,
           fmt::format("a factor of a set takes parameters only, such as {}(w=20)", call.name));
    }
    definition.parameters[argument.label] = value.value.constant;
  }
  definition.name = fmt::format("{}' by way of '{}", definition_.name, call.name);
  return Lowering(definition, context_, depth_ + 1).factor();
}

std::vector<const Expression*> Lowering::arranged(const Expression& call, const OperatorInfo& info) const {
  const std::size_t declared = info.arguments.size();
  const bool open = declared > 0 && info.arguments.back().repeats;
  if (call.arguments.size() > declared && !open)
    fail(call.position, count_reason(info, call.arguments.size()));
  std::vector<const Expression*> result(std::max(declared, call.arguments.size()), nullptr);
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const Expression& argument = call.arguments[i];
    const auto named = std::find_if(info.arguments.begin(), info.arguments.end(),
                                    [&](const auto& known) { return known.name == argument.label; });
    if (!argument.label.empty() && named == info.arguments.end()) {
      fail(argument.position, fmt::format("{} has no argument '{}'", argument_names(info), argument.label));
    }
    const std::size_t place =
        argument.label.empty() ? i : static_cast<std::size_t>(named - info.arguments.begin());
    if (result[place] != nullptr)
      fail(argument.position, fmt::format("argument {} is given twice", place + 1));
    result[place] = &argument;
  }
  for (std::size_t i = 0; i < declared; ++i) {
    if (result[i] == nullptr && !info.arguments[i].fallback)
      fail(call.position, count_reason(info, call.arguments.size()));
  }
  return result;
}

int Lowering::output_of(const Expression& call, const OperatorInfo& info) const {
  if (call.output.empty()) return 0;
  const auto found = std::find(info.outputs.begin(), info.outputs.end(), call.output);
  if (found != info.outputs.end()) return static_cast<int>(found - info.outputs.begin());
  const std::string known =
      info.outputs.empty() ? "it has one output" : fmt::format("it has: {}", fmt::join(info.outputs, ", "));
  fail(call.position, fmt::format("{} has no output '{}'{}; {}", info.name, call.output,
                                  did_you_mean(call.output, info.outputs), known));
}

Lowered Lowering::lower_operator(const Expression& call, const Operator& found) {
  const std::vector<const Expression*> texts = arranged(call, found.info);
  std::vector<Lowered> arguments;
  Lowered result;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const ArgumentInfo& declared = found.info.arguments[std::min(i, found.info.arguments.size() - 1)];
    if (texts[i] == nullptr) {
      arguments.push_back({context_.builder.number(*declared.fallback), {}, {}});
      continue;
    }
    arguments.push_back(lower(*texts[i]));
    check_argument(found.info, declared, *texts[i], arguments.back());
    result.reach.include(arguments.back().reach);
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const ArgumentInfo& declared = found.info.arguments[std::min(i, found.info.arguments.size() - 1)];
    if (counts_rows(declared.kind)) result.reach = widened(result.reach, declared, arguments[i]);
  }
  result.reach.first -= found.info.more_rows;
  result.value = build(call, found, texts, arguments);
  return result;
}

Operand Lowering::build(const Expression& call, const Operator& found,
                        const std::vector<const Expression*>& texts, std::vector<Lowered>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].days) return build_for_time(call, found, texts, arguments, i);
  }
  std::vector<Operand> operands;
  for (const Lowered& argument : arguments) operands.push_back(argument.value);
  try {
    return found.lower(context_.builder, OperatorCall(std::move(operands), output_of(call, found.info)));
  } catch (const Error& error) {
    if (error.origin() != ErrorOrigin::kUser) throw;
    fail(call.position, error.what());
  }
}

/// A window of 20 days is 13, 14 or 15 sessions: the call is built for each of them and every row takes its
/// own.
Operand Lowering::build_for_time(const Expression& call, const Operator& found,
                                 const std::vector<const Expression*>& texts, std::vector<Lowered>& arguments,
                                 std::size_t place) {
  const int days = *arguments[place].days;
  if (context_.dates.empty()) context_.time_windows_open = true;
  GraphBuilder& builder = context_.builder;
  std::optional<Operand> result;
  for (const int rows : row_counts_of_time(days, context_.dates)) {
    arguments[place].days.reset();
    arguments[place].value = builder.number(rows);
    check_rows(found.info, found.info.arguments[place], *texts[place], rows);
    const Operand now = build(call, found, texts, arguments);
    arguments[place].days = days;
    if (!result) {
      result = now;
      continue;
    }
    const Operand mine =
        builder.compare(Comparison::kEqual, builder.rows_of_time(days), builder.number(rows));
    result = builder.select(mine, now, *result);
  }
  return *result;
}

void Lowering::check_argument(const OperatorInfo& info, const ArgumentInfo& declared,
                              const Expression& argument, const Lowered& lowered) const {
  const Operand& value = lowered.value;
  const auto expected = [&](std::string_view what) {
    fail(argument.position,
         fmt::format("{} of {} must be {}, found {}", declared.name, info.name, what, describe(lowered)));
  };
  const bool takes_groups = declared.kind == ArgumentKind::kGroup || declared.kind == ArgumentKind::kExposure;
  const bool group = value.type == ValueType::kGroup;
  switch (declared.kind) {
    case ArgumentKind::kValue:
      if (lowered.days || group) expected("a series or a number");
      return;
    case ArgumentKind::kGroup:
    case ArgumentKind::kExposure:
    case ArgumentKind::kSeries:
      if (lowered.days || value.is_constant || (group && !takes_groups))
        expected(takes_groups ? "a group, such as $sector, or a series" : "a series");
      return;
    case ArgumentKind::kCondition:
      if (lowered.days || value.type != ValueType::kCondition) {
        expected("a condition, such as $close>$open (put parentheses around comparisons beside & and |)");
      }
      return;
    case ArgumentKind::kWindow:
    case ArgumentKind::kLag:
      if (lowered.days) return;
      if (!value.is_constant || value.constant != std::trunc(value.constant))
        expected("a whole number of rows");
      check_rows(info, declared, argument, value.constant);
      return;
    case ArgumentKind::kNumber:
      if (lowered.days || !value.is_constant) expected("a number");
      check_range(info, declared, argument, value.constant);
      return;
  }
}

void Lowering::check_rows(const OperatorInfo& info, const ArgumentInfo& declared, const Expression& argument,
                          double rows) const {
  check_range(info, declared, argument, rows);
  if (rows >= 0 || context_.allow_future) return;
  fail(argument.position,
       fmt::format("{} reads {} rows of the future; negative lags are legal in labels only", info.name,
                   -rows));
}

void Lowering::check_range(const OperatorInfo& info, const ArgumentInfo& declared, const Expression& argument,
                           double value) const {
  if (value >= declared.minimum && value <= declared.maximum) return;
  const std::string range = std::isinf(declared.maximum) ? fmt::format("at least {}", declared.minimum)
                            : std::isinf(declared.minimum)
                                ? fmt::format("at most {}", declared.maximum)
                                : fmt::format("from {} to {}", declared.minimum, declared.maximum);
  const std::string in_time =
      argument.kind == Expression::Kind::kDuration ? fmt::format(" ({} on some dates)", argument.name) : "";
  fail(argument.position,
       fmt::format("{} of {} must be {}, found {}{}", declared.name, info.name, range, value, in_time));
}

}  // namespace orrery
