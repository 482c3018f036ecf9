#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/factor/compute.h"
#include "orrery/factor/graph.h"
#include "orrery/factor/graph_builder.h"

namespace orrery {

/// Factors as one graph of primitive series.
struct CompiledFactors {
  Graph graph;
  std::vector<Operand> roots;  ///< the factors' values, in the order of the definitions
  std::vector<ExpressionSpan> spans;
  std::vector<std::string> fields;  ///< fields that are read, sorted
  std::vector<std::string> groups;  ///< groups that are read, sorted
  bool time_windows_open = false;   ///< there are windows in time, but the dates were not known
};

/// Parses, checks and lowers definitions. `dates`: the rows' dates, which windows in time such as `20d` need
/// before the graph can be executed.
/// Errors: kInvalidArgument as check_factors, but fields are not checked.
CompiledFactors compile_factors(std::span<const FactorDefinition> definitions, Precision precision,
                                bool allow_future, std::span<const Date> dates = {});

}  // namespace orrery
