#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

/// A parsed expression of the factor language: a tree. Infix operators are calls of the operators that they
/// stand for (`a + b` is `Add(a, b)`).
struct Expression {
  enum class Kind {
    kNumber,     ///< `20`, `1e-12`
    kDuration,   ///< a length of time, `20d`
    kField,      ///< `$close`
    kCall,       ///< `Mean($close, 5)`, `set:factor(parameter=1)`, `talib:MACD($close).signal`
    kName,       ///< a name that a `let` or `param` before it has given
    kLet,        ///< `let name = value; body`: arguments are value and body
    kParameter,  ///< `param name = number; body`: the one argument is the body
  };

  Kind kind = Kind::kNumber;
  double number = 0.0;                ///< of a number; of a duration, in seconds; a parameter's default
  std::string name;                   ///< of a field, without `$`; of the operator called; given or read name
  std::string output;                 ///< of a call: which of several outputs, "" when none is named
  std::string label;                  ///< of a call's argument: the name it is given by, "" by its place
  std::vector<Expression> arguments;  ///< of a call, `let` or `param`
  std::size_t position = 0;           ///< where it stands in the text, in bytes; an infix operator's own sign
  int depth = 1;                      ///< levels of the tree from here down
};

/// Parses an expression, which may begin with definitions: `let name = expression;` and `param name =
/// number;`.
/// `#` begins a comment that ends with the line. Precedence, lowest first, as in Python (and so in qlib):
/// comparisons, `|`, `&`, `+ -`, `* /`, unary `-`, `**`.
/// Errors: kInvalidArgument with the factor's name, the text with a caret, and what was expected; also for a
/// tree of more than 500 levels.
/// `names`: names that may be used though the text does not define them.
Expression parse_expression(std::string_view factor, std::string_view text,
                            const std::vector<std::string>& names = {});

/// Writes an expression in full, with every operator as a call.
std::string to_string(const Expression& expression);

}  // namespace orrery
