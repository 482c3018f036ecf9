#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
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
  kGroup,      ///< a group such as $sector, or a series whose equal values are one group
  kExposure,   ///< a group, or a series of numbers
};

/// One argument of an operator, as lists and error messages show it.
struct ArgumentInfo {
  std::string name;
  ArgumentKind kind = ArgumentKind::kSeries;
  std::string summary;
  double minimum = -std::numeric_limits<double>::infinity();  ///< inclusive, for numbers and windows
  double maximum = std::numeric_limits<double>::infinity();   ///< inclusive, for numbers and windows
  std::optional<double> fallback = std::nullopt;  ///< taken where a number or window at the end is left out
  bool repeats = false;                           ///< the last argument may be given several times
};

/// A worked example of one instrument that exists on every row: fields, an expression, its values.
struct OperatorExample {
  std::string expression;
  std::map<std::string, std::vector<double>> fields;
  std::vector<double> expected;
  /// True: the values are those of several instruments on one row, in the order of their symbols.
  bool across = false;
  std::vector<std::string> sectors = {};  ///< of the instruments, for an example across
};

/// What an operator says about itself; lists, documentation and the conformance suite derive from it.
struct OperatorInfo {
  /// As typed, such as "IdxMax"; its file is the same in snake case, `idx_max.cc`, and `talib_rsi.cc` for
  /// "talib:RSI".
  std::string name;
  std::string summary;
  std::vector<ArgumentInfo> arguments;
  std::string missing;  ///< what it makes of missing values
  std::string warm_up;  ///< what its first rows hold
  std::string source;   ///< where the definition comes from
  OperatorExample example;
  std::vector<std::string> aliases = {};  ///< other names for the same
  int more_rows = 0;                      ///< rows that it reads back beyond its windows and lags
  std::vector<std::string> outputs = {};  ///< of one with several, `.NAME` behind the call; none: the first
};

/// An operator of the factor language: its description and how it is built from the engine's primitives.
struct Operator {
  OperatorInfo info;
  Operand (*lower)(GraphBuilder& graph, const OperatorCall& call) = nullptr;
};

using OperatorRegistry = NamedRegistry<Operator>;

/// Returns all operators, one a file in plugins/operators.
const OperatorRegistry& operator_registry();

/// Returns the operator of a name or alias, or nullptr.
const Operator* find_operator(std::string_view name);

/// Returns why an operator of qlib does not exist here and what to write instead, or "" for any other name.
std::string_view reason_for_absence(std::string_view name);

/// Returns the descriptions of all operators, sorted by name.
std::vector<OperatorInfo> operator_infos();

}  // namespace orrery
