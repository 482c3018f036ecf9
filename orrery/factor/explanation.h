#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/factor/compute.h"
#include "orrery/factor/factor_set.h"

namespace orrery {

/// One step of a factor's plan.
struct PlanStep {
  std::size_t stage = 0;  ///< steps of one stage run tile by tile; cross-sections stand between stages
  std::string text;       ///< such as "5: merge_moments of 3, 3 (2 rows ago)"
};

/// Everything there is to say about a factor.
struct FactorExplanation {
  std::string name;
  std::string set;  ///< "" for an expression of one's own
  FactorNote note;
  std::string expression;  ///< as written
  std::string formula;     ///< in full, every infix sign as a call
  ExpressionSpan span;
  bool without_end = false;  ///< it remembers all rows so far, so that its warm-up has no end
  std::vector<std::string> fields;
  std::vector<std::string> groups;
  std::vector<PlanStep> plan;
  std::size_t merged_calls = 0;   ///< calls of the expression that are the same as another
  std::size_t tile_bytes = 0;     ///< memory of a tile of 32 instruments
  std::size_t nodes_in_set = 0;   ///< steps of the whole set, 0 without one
  std::size_t nodes_without = 0;  ///< steps of the set without this factor
};

/// Explains a factor: `set:factor`, a factor's name alone where one set has it, or an expression.
/// Errors: kNotFound with the nearest name; kInvalidArgument as check_factors.
FactorExplanation explain_factor(std::string_view name_or_expression);

/// A factor that a search has found.
struct FoundFactor {
  std::string set;
  FactorDefinition definition;
  FactorNote note;
};

/// Returns the factors whose name, expression or note holds `text`, upper and lower case alike, in the order
/// of their files. `set`: of one set; "" for all that come with Orrery.
std::vector<FoundFactor> search_factors(std::string_view set, std::string_view text);

}  // namespace orrery
