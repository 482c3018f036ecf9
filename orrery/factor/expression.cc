#include "orrery/factor/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "orrery/base/spelling.h"
#include "orrery/factor/expression_error.h"

namespace orrery {
namespace {

constexpr int kMaximumDepth = 500;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name(char c) { return is_name_start(c) || is_digit(c); }

/// An infix sign, the operator it stands for, and how tightly it binds.
struct Infix {
  std::string_view sign;
  std::string_view name;
  int level;
};

constexpr int kComparisonLevel = 1;
constexpr int kUnaryLevel = 6;
constexpr int kPowerLevel = 7;

// Longer signs stand before their beginnings.
constexpr std::array<Infix, 13> kInfixes{{{"**", "Power", kPowerLevel},
                                          {"<=", "Le", kComparisonLevel},
                                          {">=", "Ge", kComparisonLevel},
                                          {"==", "Eq", kComparisonLevel},
                                          {"!=", "Ne", kComparisonLevel},
                                          {"<", "Lt", kComparisonLevel},
                                          {">", "Gt", kComparisonLevel},
                                          {"|", "Or", 2},
                                          {"&", "And", 3},
                                          {"+", "Add", 4},
                                          {"-", "Sub", 4},
                                          {"*", "Mul", 5},
                                          {"/", "Div", 5}}};

Expression call(std::string_view name, std::size_t position, std::vector<Expression> arguments) {
  Expression result;
  for (const auto& argument : arguments) result.depth = std::max(result.depth, argument.depth + 1);
  result.kind = Expression::Kind::kCall;
  result.name = std::string(name);
  result.arguments = std::move(arguments);
  result.position = position;
  return result;
}

class Parser {
 public:
  Parser(std::string_view factor, std::string_view text, const std::vector<std::string>& names)
      : factor_(factor), text_(text), names_(names) {}

  Expression parse() {
    Expression result = parse_body();
    skip_blanks();
    if (position_ < text_.size()) fail(leftover_reason());
    return result;
  }

 private:
  /// Definitions, each closed by ';', and the expression that uses them.
  Expression parse_body() {
    if (take_word("let")) return parse_let();
    if (take_word("param")) return parse_parameter();
    return parse_infix(0);
  }

  Expression parse_let() {
    Expression result;
    result.kind = Expression::Kind::kLet;
    const std::string name = take_new_name(result);
    Expression value = parse_infix(0);
    take_semicolon(name);
    names_.push_back(name);
    return with_body(std::move(result), std::move(value));
  }

  Expression parse_parameter() {
    Expression result;
    result.kind = Expression::Kind::kParameter;
    const std::string name = take_new_name(result);
    skip_blanks();
    const std::size_t at = position_;
    const Expression value = parse_unary();
    if (value.kind != Expression::Kind::kNumber) {
      throw expression_error(factor_, text_, at, fmt::format("the parameter '{}' must be a number", name));
    }
    result.number = value.number;
    take_semicolon(name);
    names_.push_back(name);
    check_depth(++depth_);
    result.arguments.push_back(parse_body());
    result.depth = result.arguments.front().depth + 1;
    check_depth(result.depth);
    return result;
  }

  Expression with_body(Expression let, Expression value) {
    check_depth(++depth_);
    let.arguments = join(std::move(value), parse_body());
    let.depth = std::max(let.arguments[0].depth, let.arguments[1].depth) + 1;
    check_depth(let.depth);
    return let;
  }

  /// Reads `name =`; the name must be new.
  std::string take_new_name(Expression& definition) {
    skip_blanks();
    definition.position = position_;
    if (position_ < text_.size() && text_[position_] == '$') fail("a name is written without '$'");
    if (position_ >= text_.size() || !is_name_start(text_[position_])) fail("expected a name");
    definition.name = std::string(take_name());
    if (std::find(names_.begin(), names_.end(), definition.name) != names_.end()) {
      throw expression_error(factor_, text_, definition.position,
                             fmt::format("the name '{}' is given twice", definition.name));
    }
    if (!take('=')) fail(fmt::format("expected '=' after the name '{}'", definition.name));
    return definition.name;
  }

  void take_semicolon(const std::string& name) {
    if (!take(';')) fail(fmt::format("expected ';' behind the definition of '{}'", name));
  }

  /// Takes a word that a blank follows.
  bool take_word(std::string_view word) {
    skip_blanks();
    const std::string_view rest = text_.substr(position_);
    if (rest.substr(0, word.size()) != word || rest.size() <= word.size()) return false;
    if (std::string_view(" \t\r\n").find(rest[word.size()]) == std::string_view::npos) return false;
    position_ += word.size();
    return true;
  }

  [[noreturn]] void fail(const std::string& reason) const {
    throw expression_error(factor_, text_, position_, reason);
  }

  std::string leftover_reason() const {
    if (text_[position_] == ')') return "this ')' has no '('";
    if (text_[position_] == '^') return "'^' is no operator; write ** for a power";
    if (text_[position_] == '=') return "expected '==' for a comparison";
    if (text_[position_] == ';') return "only `let name = ...` and `param name = ...` end with ';'";
    return fmt::format("expected an operator or the end, found '{}'", text_[position_]);
  }

  /// Blanks and comments.
  void skip_blanks() {
    while (position_ < text_.size()) {
      if (text_[position_] == '#') {
        position_ = std::min(text_.find('\n', position_), text_.size());
      } else if (std::string_view(" \t\r\n").find(text_[position_]) == std::string_view::npos) {
        return;
      } else {
        ++position_;
      }
    }
  }

  bool take(char sign) {
    skip_blanks();
    if (position_ >= text_.size() || text_[position_] != sign) return false;
    ++position_;
    return true;
  }

  const Infix* peek_infix() {
    skip_blanks();
    for (const auto& infix : kInfixes) {
      if (text_.substr(position_, infix.sign.size()) == infix.sign) return &infix;
    }
    return nullptr;
  }

  /// Parses operands joined by signs that bind more tightly than `level`.
  Expression parse_infix(int level) {
    check_depth(++depth_);
    Expression left = parse_unary();
    bool compared = false;
    while (const Infix* infix = peek_infix()) {
      if (infix->level <= level) break;
      if (infix->level == kComparisonLevel && compared)
        fail("comparisons can't be chained; join them with &");
      compared |= infix->level == kComparisonLevel;
      const std::size_t at = position_;
      position_ += infix->sign.size();
      // A power binds to the right; every other sign to the left.
      Expression right = parse_infix(infix->level == kPowerLevel ? kUnaryLevel - 1 : infix->level);
      left = call(infix->name, at, join(std::move(left), std::move(right)));
      check_depth(left.depth);
    }
    --depth_;
    return left;
  }

  void check_depth(int depth) const {
    if (depth > kMaximumDepth)
      fail(fmt::format("the expression is nested deeper than {} levels", kMaximumDepth));
  }

  static std::vector<Expression> join(Expression left, Expression right) {
    std::vector<Expression> result;
    result.push_back(std::move(left));
    result.push_back(std::move(right));
    return result;
  }

  Expression parse_unary() {
    skip_blanks();
    const std::size_t at = position_;
    if (take('+')) return parse_infix(kUnaryLevel);
    if (!take('-')) return parse_primary();
    Expression operand = parse_infix(kUnaryLevel);
    if (operand.kind == Expression::Kind::kNumber) {
      operand.number = -operand.number;
      operand.position = at;
      return operand;
    }
    Expression minus_one;
    minus_one.number = -1.0;
    minus_one.position = at;
    return call("Mul", at, join(std::move(operand), std::move(minus_one)));
  }

  Expression parse_primary() {
    if (position_ >= text_.size()) fail("expected a number, a $field or an operator, found the end");
    const char c = text_[position_];
    if (c == '$') return parse_field();
    if (is_digit(c) || c == '.') return parse_number();
    if (is_name_start(c)) return parse_call();
    if (take('(')) return parse_parenthesis();
    fail(fmt::format("expected a number, a $field or an operator, found '{}'", printable(c)));
  }

  static std::string printable(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x7f ? std::string(1, c) : fmt::format("byte 0x{:02x}", byte);
  }

  Expression parse_parenthesis() {
    const std::size_t opened = position_ - 1;
    Expression inner = parse_infix(0);
    if (!take(')')) throw expression_error(factor_, text_, opened, "this '(' is never closed");
    return inner;
  }

  std::string_view take_name() {
    const std::size_t begin = position_;
    while (position_ < text_.size() && is_name(text_[position_])) ++position_;
    return text_.substr(begin, position_ - begin);
  }

  Expression parse_field() {
    Expression result;
    result.kind = Expression::Kind::kField;
    result.position = position_++;
    if (text_.substr(position_, 1) == "$") {
      fail("qlib's point-in-time fields ($$) do not exist here: data is joined as of the day it was known");
    }
    result.name = std::string(take_name());
    if (result.name.empty()) fail("expected a field's name after '$'");
    return result;
  }

  Expression parse_number() {
    Expression result;
    result.position = position_;
    const auto [end, error] =
        std::from_chars(text_.data() + position_, text_.data() + text_.size(), result.number);
    if (error != std::errc{}) fail("expected a number within the range of doubles");
    position_ = static_cast<std::size_t>(end - text_.data());
    if (position_ >= text_.size() || !is_name(text_[position_])) return result;
    return parse_duration(std::move(result));
  }

  /// A number with a unit of time right behind it.
  Expression parse_duration(Expression number) {
    struct Unit {
      std::string_view name;
      double seconds;
    };
    constexpr std::array<Unit, 5> kUnits{{{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800}}};
    const std::size_t at = position_;
    const std::string_view name = take_name();
    for (const Unit& unit : kUnits) {
      if (unit.name != name) continue;
      number.kind = Expression::Kind::kDuration;
      number.name = std::string(text_.substr(number.position, position_ - number.position));
      number.number *= unit.seconds;
      return number;
    }
    throw expression_error(factor_, text_, at,
                           "a number ends here; expected an operator or a unit of time: s, min, h, d, w");
  }

  /// `name` or `prefix:name`.
  std::string take_qualified_name() {
    std::string name(take_name());
    if (position_ + 1 < text_.size() && text_[position_] == ':' && is_name_start(text_[position_ + 1])) {
      ++position_;
      name += ':';
      name += take_name();
    }
    return name;
  }

  Expression parse_call() {
    const std::size_t at = position_;
    const std::string name = take_qualified_name();
    std::vector<Expression> arguments;
    if (take('(')) {
      if (!take(')')) parse_arguments(at, name, arguments);
    } else if (name.find(':') == std::string::npos) {
      return parse_name(at, name);
    }
    Expression result = call(name, at, std::move(arguments));
    if (position_ + 1 < text_.size() && text_[position_] == '.' && is_name_start(text_[position_ + 1])) {
      ++position_;
      result.output = std::string(take_name());
    }
    return result;
  }

  Expression parse_name(std::size_t at, const std::string& name) const {
    if (std::find(names_.begin(), names_.end(), name) != names_.end()) {
      Expression result;
      result.kind = Expression::Kind::kName;
      result.name = name;
      result.position = at;
      return result;
    }
    const bool like_field =
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") == std::string::npos;
    const std::string hint = like_field ? fmt::format("; a field is written ${}", name) : std::string();
    throw expression_error(
        factor_, text_, at,
        fmt::format("expected '(' after the operator '{}'{}{}", name, hint, did_you_mean(name, names_)));
  }

  /// `name =` before an argument, but not `name ==`.
  std::string take_label() {
    skip_blanks();
    const std::size_t begin = position_;
    if (begin < text_.size() && is_name_start(text_[begin])) {
      std::string name(take_name());
      if (take('=') && text_.substr(position_, 1) != "=") return name;
    }
    position_ = begin;
    return "";
  }

  void parse_arguments(std::size_t at, std::string_view name, std::vector<Expression>& arguments) {
    do {
      std::string label = take_label();
      arguments.push_back(parse_infix(0));
      arguments.back().label = std::move(label);
    } while (take(','));
    if (take(')')) return;
    if (position_ < text_.size()) fail(fmt::format("expected ',' or ')' in the arguments of {}", name));
    throw expression_error(factor_, text_, at, fmt::format("the '(' of {} is never closed", name));
  }

  std::string_view factor_;
  std::string_view text_;
  std::size_t position_ = 0;
  int depth_ = 0;
  std::vector<std::string> names_;  // given by `let` and `param` so far
};

}  // namespace

Expression parse_expression(std::string_view factor, std::string_view text,
                            const std::vector<std::string>& names) {
  return Parser(factor, text, names).parse();
}

namespace {

std::string call_text(const Expression& expression) {
  std::string result = expression.name + "(";
  for (std::size_t i = 0; i < expression.arguments.size(); ++i) {
    const Expression& argument = expression.arguments[i];
    result +=
        (i > 0 ? ", " : "") + (argument.label.empty() ? "" : argument.label + "=") + to_string(argument);
  }
  return result + ")" + (expression.output.empty() ? "" : "." + expression.output);
}

}  // namespace

std::string to_string(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::kNumber:
      return fmt::format("{}", expression.number);
    case Expression::Kind::kDuration:
    case Expression::Kind::kName:
      return expression.name;
    case Expression::Kind::kField:
      return "$" + expression.name;
    case Expression::Kind::kLet:
      return fmt::format("let {} = {}; {}", expression.name, to_string(expression.arguments[0]),
                         to_string(expression.arguments[1]));
    case Expression::Kind::kParameter:
      return fmt::format("param {} = {}; {}", expression.name, expression.number,
                         to_string(expression.arguments[0]));
    case Expression::Kind::kCall:
      break;
  }
  return call_text(expression);
}

}  // namespace orrery
