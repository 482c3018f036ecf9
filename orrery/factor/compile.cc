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
#include "orrery/factor/group_codes.h"
#include "orrery/factor/lowering.h"

namespace orrery {
namespace {

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
  if (expression.kind != Expression::Kind::kField || is_group_name(expression.name)) return;
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

/// Fields that only factors of other sets read, whose text is not at hand.
void check_fields_of_references(const std::vector<std::string>& read,
                                const std::vector<std::string>& fields) {
  for (const auto& name : read) {
    if (std::find(fields.begin(), fields.end(), name) != fields.end()) continue;
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("a factor of a set reads the field '{}', which the data does not have; it has: {}", name,
                    fmt::join(fields, ", ")));
  }
}

/// Reads a definition; what is wrong with one of a file is said with its place.
template <class Read>
void read_at_its_place(const FactorDefinition& definition, const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    if (definition.place.empty()) throw;
    throw Error(error.code(), error.origin(), fmt::format("{}: {}", definition.place, error.what()));
  }
}

std::vector<std::string> names_read(const Graph& graph, Node::Kind kind) {
  std::set<std::string> names;
  for (const Node& node : graph.nodes()) {
    if (node.kind == kind) names.insert(node.field);
  }
  return {names.begin(), names.end()};
}

}  // namespace

CompiledFactors compile_factors(std::span<const FactorDefinition> definitions, Precision precision,
                                bool allow_future, std::span<const Date> dates) {
  check_names(definitions);
  GraphBuilder builder(precision);
  LoweringContext context{builder, allow_future, dates};
  CompiledFactors result;
  for (const auto& definition : definitions) {
    read_at_its_place(definition, [&] {
      const Lowered root = Lowering(definition, context).factor();
      result.roots.push_back(builder.series(root.value));
      result.spans.push_back(span_of(root.reach));
    });
  }
  result.graph = builder.graph();
  result.time_windows_open = context.time_windows_open;
  result.fields = names_read(result.graph, Node::Kind::kField);
  result.groups = names_read(result.graph, Node::Kind::kGroup);
  return result;
}

ExpressionSpan expression_span(std::string_view name, std::string_view expression) {
  const FactorDefinition definition{std::string(name), std::string(expression)};
  return compile_factors({&definition, 1}, Precision::kFloat64, true).spans.front();
}

void check_factors(std::span<const FactorDefinition> definitions, std::span<const std::string> fields,
                   bool allow_future) {
  const std::vector<std::string> known(fields.begin(), fields.end());
  const CompiledFactors factors = compile_factors(definitions, Precision::kFloat32, allow_future);
  for (const auto& definition : definitions) {
    read_at_its_place(definition, [&] {
      check_fields(definition, parse_expression(definition.name, definition.expression), known);
    });
  }
  check_fields_of_references(factors.fields, known);
}

}  // namespace orrery
