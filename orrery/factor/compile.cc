#include "orrery/factor/compile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/factor/expression.h"
#include "orrery/factor/expression_error.h"
#include "orrery/factor/operator.h"
#include "orrery/factor/operator_call.h"

namespace orrery {
namespace {

/// The rows around its own that a row reads.
struct Reach {
  std::int64_t first = 0;
  std::int64_t last = 0;

  void include(const Reach& other) {
    first = std::min(first, other.first);
    last = std::max(last, other.last);
  }
};

struct Lowered {
  Operand value;
  Reach reach;
};

/// Lowers the expression of one factor.
class Lowering {
 public:
  Lowering(const FactorDefinition& definition, GraphBuilder& builder, bool allow_future)
      : definition_(definition), builder_(builder), allow_future_(allow_future) {}

  Lowered lower(const Expression& expression) {
    switch (expression.kind) {
      case Expression::Kind::kNumber:
        return {builder_.number(expression.number), {}};
      case Expression::Kind::kField:
        return {builder_.field(expression.name), {}};
      case Expression::Kind::kCall:
        return lower_call(expression);
    }
    throw internal_error("unknown kind of expression");
  }

 private:
  [[noreturn]] void fail(std::size_t position, const std::string& reason) const {
    throw expression_error(definition_.name, definition_.expression, position, reason);
  }

  const Operator& find_operator(const Expression& call) const {
    if (const Operator* found = operator_registry().find(call.name)) return *found;
    fail(call.position, fmt::format("unknown operator '{}'{}", call.name,
                                    did_you_mean(call.name, operator_registry().names())));
  }

  Lowered lower_call(const Expression& call) {
    const Operator& found = find_operator(call);
    const auto& declared = found.info.arguments;
    if (call.arguments.size() != declared.size())
      fail(call.position, count_reason(found.info, call.arguments.size()));
    std::vector<Operand> arguments;
    Reach reach;
    for (std::size_t i = 0; i < declared.size(); ++i) {
      const Lowered argument = lower(call.arguments[i]);
      check_argument(found.info, declared[i], call.arguments[i], argument.value);
      arguments.push_back(argument.value);
      reach.include(argument.reach);
    }
    reach = widened(reach, declared, arguments);
    try {
      return {found.lower(builder_, OperatorCall(std::move(arguments))), reach};
    } catch (const Error& error) {
      if (error.origin() != ErrorOrigin::kUser) throw;
      fail(call.position, error.what());
    }
  }

  /// Adds what the operator's windows and lags read around the row.
  static Reach widened(Reach reach, const std::vector<ArgumentInfo>& declared,
                       const std::vector<Operand>& arguments) {
    for (std::size_t i = 0; i < declared.size(); ++i) {
      const auto rows = static_cast<std::int64_t>(arguments[i].constant);
      if (declared[i].kind == ArgumentKind::kWindow) reach.first -= std::max<std::int64_t>(0, rows - 1);
      if (declared[i].kind == ArgumentKind::kLag) reach.include({reach.first - rows, reach.last - rows});
    }
    return reach;
  }

  static std::string count_reason(const OperatorInfo& info, std::size_t found) {
    std::vector<std::string> names;
    for (const auto& argument : info.arguments) names.push_back(argument.name);
    return fmt::format("{}({}) takes {} argument{}, found {}", info.name, fmt::join(names, ", "),
                       names.size(), names.size() == 1 ? "" : "s", found);
  }

  void check_argument(const OperatorInfo& info, const ArgumentInfo& declared, const Expression& argument,
                      const Operand& value) const {
    const auto expected = [&](std::string_view what) {
      fail(argument.position,
           fmt::format("{} of {} must be {}, found {}", declared.name, info.name, what, describe(value)));
    };
    switch (declared.kind) {
      case ArgumentKind::kValue:
        return;
      case ArgumentKind::kSeries:
        if (value.is_constant) expected("a series");
        return;
      case ArgumentKind::kCondition:
        if (value.type != ValueType::kCondition) {
          expected("a condition, such as $close>$open (put parentheses around comparisons beside & and |)");
        }
        return;
      case ArgumentKind::kWindow:
      case ArgumentKind::kLag:
        if (!value.is_constant || value.constant != std::trunc(value.constant))
          expected("a whole number of rows");
        check_range(info, declared, argument, value.constant);
        if (value.constant < 0 && !allow_future_) {
          fail(argument.position,
               fmt::format("{} reads {} rows of the future; negative lags are legal in labels only",
                           info.name, -value.constant));
        }
        return;
      case ArgumentKind::kNumber:
        if (!value.is_constant) expected("a number");
        check_range(info, declared, argument, value.constant);
        return;
    }
  }

  void check_range(const OperatorInfo& info, const ArgumentInfo& declared, const Expression& argument,
                   double value) const {
    if (value >= declared.minimum && value <= declared.maximum) return;
    const std::string range = std::isinf(declared.maximum) ? fmt::format("at least {}", declared.minimum)
                              : std::isinf(declared.minimum)
                                  ? fmt::format("at most {}", declared.maximum)
                                  : fmt::format("from {} to {}", declared.minimum, declared.maximum);
    fail(argument.position,
         fmt::format("{} of {} must be {}, found {}", declared.name, info.name, range, value));
  }

  static std::string describe(const Operand& value) {
    if (value.is_constant) return fmt::format("the number {}", value.constant);
    return value.type == ValueType::kCondition ? "a condition" : "a series of numbers";
  }

  const FactorDefinition& definition_;
  GraphBuilder& builder_;
  bool allow_future_;
};

void check_names(std::span<const FactorDefinition> definitions) {
  std::set<std::string_view> names;
  for (const auto& definition : definitions) {
    if (definition.name.empty()) throw user_error(ErrorCode::kInvalidArgument, "a factor has no name");
    if (!names.insert(definition.name).second) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("two factors are named '{}'", definition.name));
    }
  }
}

void check_fields(const FactorDefinition& definition, const Expression& expression,
                  const std::vector<std::string>& fields) {
  for (const auto& argument : expression.arguments) check_fields(definition, argument, fields);
  if (expression.kind != Expression::Kind::kField) return;
  if (std::find(fields.begin(), fields.end(), expression.name) != fields.end()) return;
  throw expression_error(definition.name, definition.expression, expression.position,
                         fmt::format("the data has no field '{}'{}; it has: {}", expression.name,
                                     did_you_mean(expression.name, fields), fmt::join(fields, ", ")));
}

ExpressionSpan span_of(const Reach& reach) {
  constexpr std::int64_t kMost = std::numeric_limits<int>::max();
  return {static_cast<int>(std::clamp<std::int64_t>(-reach.first, 0, kMost)),
          static_cast<int>(std::clamp<std::int64_t>(reach.last, 0, kMost))};
}

}  // namespace

CompiledFactors compile_factors(std::span<const FactorDefinition> definitions, Precision precision,
                                bool allow_future) {
  check_names(definitions);
  GraphBuilder builder(precision);
  CompiledFactors result;
  for (const auto& definition : definitions) {
    const Expression expression = parse_expression(definition.name, definition.expression);
    const Lowered root = Lowering(definition, builder, allow_future).lower(expression);
    result.roots.push_back(builder.series(root.value));
    result.spans.push_back(span_of(root.reach));
  }
  result.graph = builder.graph();
  std::set<std::string> fields;
  for (const Node& node : result.graph.nodes()) {
    if (node.kind == Node::Kind::kField) fields.insert(node.field);
  }
  result.fields.assign(fields.begin(), fields.end());
  return result;
}

ExpressionSpan expression_span(std::string_view name, std::string_view expression) {
  const FactorDefinition definition{std::string(name), std::string(expression)};
  return compile_factors({&definition, 1}, Precision::kFloat64, true).spans.front();
}

void check_factors(std::span<const FactorDefinition> definitions, std::span<const std::string> fields,
                   bool allow_future) {
  const std::vector<std::string> known(fields.begin(), fields.end());
  compile_factors(definitions, Precision::kFloat32, allow_future);
  for (const auto& definition : definitions) {
    check_fields(definition, parse_expression(definition.name, definition.expression), known);
  }
}

}  // namespace orrery
