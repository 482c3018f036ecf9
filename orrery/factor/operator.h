#pragma once

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "orrery/base/registry.h"

namespace orrery {

class GraphBuilder;
class OperatorCall;
struct Operand;

/// Rows of the longest window: what a tile keeps of a series grows with it.
inline constexpr double kLongestWindow = 100000;

/// What may stand in one place of an operator's argument list.
enum class ArgumentKind {
  kValue,      ///< any expression: a series, a condition or a number
  kSeries,     ///< an expression that depends on the data
  kCondition,  ///< an expression that is true or false, such as a comparison
  kWindow,     ///< how many rows, a positive whole number
  kLag,        ///< a whole number of rows; negative means the future
  kNumber,     ///< a number that does not depend on the data
};

/// One argument of an operator, as lists and error messages show it.
struct ArgumentInfo {
  std::string name;
  ArgumentKind kind = ArgumentKind::kSeries;
  std::string summary;
  double minimum = -std::numeric_limits<double>::infinity();  ///< inclusive, for numbers and windows
  double maximum = std::numeric_limits<double>::infinity();   ///< inclusive, for numbers and windows
};

/// A worked example of one instrument that exists on every row: fields, an expression, its values.
struct OperatorExample {
  std::string expression;
  std::map<std::string, std::vector<double>> fields;
  std::vector<double> expected;
};

/// What an operator says about itself; lists, documentation and the conformance suite derive from it.
struct OperatorInfo {
  std::string name;  ///< as typed, such as "IdxMax"; its file is the same in snake case, `idx_max.cc`
  std::string summary;
  std::vector<ArgumentInfo> arguments;
  std::string missing;  ///< what it makes of missing values
  std::string warm_up;  ///< what its first rows hold
  std::string source;   ///< where the definition comes from
  OperatorExample example;
};

/// An operator of the factor language: its description and how it is built from the engine's primitives.
struct Operator {
  OperatorInfo info;
  Operand (*lower)(GraphBuilder& graph, const OperatorCall& call) = nullptr;
};

using OperatorRegistry = NamedRegistry<Operator>;

/// Returns all operators, one a file in plugins/operators.
const OperatorRegistry& operator_registry();

/// Returns the descriptions of all operators, sorted by name.
std::vector<OperatorInfo> operator_infos();

}  // namespace orrery
