#include "orrery/factor/explanation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/letter_case.h"
#include "orrery/base/spelling.h"
#include "orrery/factor/compile.h"
#include "orrery/factor/expression.h"
#include "orrery/factor/memory.h"
#include "orrery/factor/plan.h"

namespace orrery {
namespace {

/// A kernel and its numbers; longer lists, such as tables, are left out.
std::string kernel_text(const Node& node) {
  constexpr std::size_t kMost = 2;
  if (node.constants.empty() || node.constants.size() > kMost) return node.kernel->name;
  return fmt::format("{} with {}", node.kernel->name, fmt::join(node.constants, ", "));
}

std::string node_name(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kField:
    case Node::Kind::kGroup:
      return "$" + node.field;
    case Node::Kind::kAlive:
      return "life of the instrument";
    case Node::Kind::kPresent:
      return "bars of the instrument";
    case Node::Kind::kClock:
      return fmt::format("rows of {} days", node.constants[0]);
    case Node::Kind::kConstant:
      return fmt::format("{}", node.constants[0]);
    case Node::Kind::kKernel:
      return kernel_text(node);
    case Node::Kind::kCrossSection:
      return fmt::format("across instruments: {}", node.cross_section->name);
  }
  throw internal_error("unknown kind of node");
}

std::string input_text(const Edge& edge, const std::map<int, std::size_t>& numbers) {
  std::string text = fmt::format("{}", numbers.at(edge.series.node));
  if (edge.series.output > 0) text += fmt::format(" output {}", edge.series.output);
  if (edge.delay > 0) text += fmt::format(" ({} row{} ago)", edge.delay, edge.delay == 1 ? "" : "s");
  if (edge.reach > 0) text += fmt::format(" (over {} rows)", edge.reach + 1);
  return text;
}

std::vector<PlanStep> steps_of(const Graph& graph, const Plan& plan) {
  std::vector<PlanStep> result;
  std::map<int, std::size_t> numbers;
  for (std::size_t stage = 0; stage < plan.stages.size(); ++stage) {
    for (std::size_t place = plan.stages[stage].begin; place < plan.stages[stage].end; ++place) {
      const Node& node = graph.nodes()[static_cast<std::size_t>(plan.order[place])];
      std::vector<std::string> inputs;
      for (const Edge& edge : node.inputs) inputs.push_back(input_text(edge, numbers));
      numbers[plan.order[place]] = place + 1;
      result.push_back({stage + 1, fmt::format("{}: {}{}{}", place + 1, node_name(node),
                                               inputs.empty() ? "" : " of ", fmt::join(inputs, ", "))});
    }
  }
  return result;
}

/// Adds the text of every call of an expression.
void collect_calls(const Expression& expression, std::vector<std::string>& calls) {
  for (const auto& argument : expression.arguments) collect_calls(argument, calls);
  if (expression.kind == Expression::Kind::kCall) calls.push_back(to_string(expression));
}

std::size_t count_merged(const Expression& expression) {
  std::vector<std::string> calls;
  collect_calls(expression, calls);
  return calls.size() - std::set<std::string>(calls.begin(), calls.end()).size();
}

std::size_t count_nodes(const std::vector<FactorDefinition>& definitions) {
  const CompiledFactors factors = compile_factors(definitions, Precision::kFloat32, false);
  return make_plan(factors.graph, factors.roots, {}).order.size();
}

std::vector<FoundFactor> factors_named(std::string_view name) {
  std::vector<FoundFactor> result;
  for (auto& found : search_factors("", "")) {
    if (found.definition.name == name || fmt::format("{}:{}", found.set, found.definition.name) == name)
      result.push_back(std::move(found));
  }
  return result;
}

[[noreturn]] void fail_unknown(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& found : search_factors("", "")) {
    names.push_back(found.definition.name);
    names.push_back(fmt::format("{}:{}", found.set, found.definition.name));
  }
  throw user_error(
      ErrorCode::kNotFound,
      fmt::format("no factor and no operator is named '{}'{}; `orrery factors list --search TEXT` "
                  "looks for one",
                  name, did_you_mean(name, names)));
}

/// The factor that is meant, with its set and note.
FoundFactor resolve(std::string_view text) {
  if (text.find_first_of("$( ") != std::string_view::npos)
    return {"", {"expression", std::string(text), {}}, {}};
  auto found = factors_named(text);
  if (found.empty()) fail_unknown(text);
  if (found.size() > 1) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("two sets have a factor '{0}': write {1}:{0} or {2}:{0}", text, found[0].set,
                                 found[1].set));
  }
  return std::move(found.front());
}

void add_share_of_set(FactorExplanation& explanation) {
  if (explanation.set.empty()) return;
  std::vector<FactorDefinition> definitions = factor_set(explanation.set);
  explanation.nodes_in_set = count_nodes(definitions);
  std::erase_if(definitions, [&](const auto& each) { return each.name == explanation.name; });
  explanation.nodes_without = count_nodes(definitions);
}

}  // namespace

FactorExplanation explain_factor(std::string_view name_or_expression) {
  const FoundFactor found = resolve(name_or_expression);
  const Expression expression = parse_expression(found.definition.name, found.definition.expression);
  const CompiledFactors factors = compile_factors({&found.definition, 1}, Precision::kFloat32, false);
  const Plan plan = make_plan(factors.graph, factors.roots, {});
  FactorExplanation result;
  result.name = found.definition.name;
  result.set = found.set;
  result.note = found.note;
  result.expression = found.definition.expression;
  result.formula = to_string(expression);
  result.span = factors.spans.front();
  result.without_end = remembers_all_rows(found.definition, result.span);
  result.fields = factors.fields;
  result.groups = factors.groups;
  result.plan = steps_of(factors.graph, plan);
  result.merged_calls = count_merged(expression);
  result.tile_bytes = plan.bytes;
  add_share_of_set(result);
  return result;
}

std::vector<FoundFactor> search_factors(std::string_view set, std::string_view text) {
  const std::string wanted = lower_case(text);
  std::vector<FoundFactor> result;
  for (const auto& name : set.empty() ? factor_set_names() : std::vector<std::string>{std::string(set)}) {
    const FactorSet file = load_factor_set(name);
    for (std::size_t i = 0; i < file.definitions.size(); ++i) {
      const FactorDefinition& definition = file.definitions[i];
      const std::string whole = fmt::format("{} {} {} {}", definition.name, definition.expression,
                                            file.notes[i].summary, file.notes[i].source);
      if (lower_case(whole).find(wanted) != std::string::npos)
        result.push_back({file.name, definition, file.notes[i]});
    }
  }
  return result;
}

}  // namespace orrery
