#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

/// A parsed expression of the factor language: a tree of numbers, fields and calls. Infix operators are calls
/// of the operators that they stand for (`a + b` is `Add(a, b)`).
struct Expression {
  enum class Kind { kNumber, kField, kCall };

  Kind kind = Kind::kNumber;
  double number = 0.0;                ///< of a number
  std::string name;                   ///< of a field, without `$`, or of the operator called
  std::vector<Expression> arguments;  ///< of a call
  std::size_t position = 0;           ///< where it stands in the text, in bytes; an infix operator's own sign
  int depth = 1;                      ///< levels of the tree from here down
};

/// Parses an expression. Precedence, lowest first, as in Python (and so in qlib):
/// comparisons, `|`, `&`, `+ -`, `* /`, unary `-`, `**`.
/// Errors: kInvalidArgument with the factor's name, the text with a caret, and what was expected; also for a
/// tree of more than 500 levels.
Expression parse_expression(std::string_view factor, std::string_view text);

/// Writes an expression in full, with every operator as a call.
std::string to_string(const Expression& expression);

}  // namespace orrery
