#include "orrery/factor/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

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
  Parser(std::string_view factor, std::string_view text) : factor_(factor), text_(text) {}

  Expression parse() {
    Expression result = parse_infix(0);
    skip_blanks();
    if (position_ < text_.size()) fail(leftover_reason());
    return result;
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const {
    throw expression_error(factor_, text_, position_, reason);
  }

  std::string leftover_reason() const {
    if (text_[position_] == ')') return "this ')' has no '('";
    if (text_[position_] == '^') return "'^' is no operator; write ** for a power";
    if (text_[position_] == '=') return "expected '==' for a comparison";
    return fmt::format("expected an operator or the end, found '{}'", text_[position_]);
  }

  void skip_blanks() {
    while (position_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[position_]) != std::string_view::npos) {
      ++position_;
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
    if (position_ < text_.size() && is_name(text_[position_]))
      fail("a number ends here; expected an operator");
    return result;
  }

  Expression parse_call() {
    const std::size_t at = position_;
    const std::string_view name = take_name();
    if (!take('(')) {
      const auto hint =
          name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") == std::string_view::npos
              ? fmt::format("; a field is written ${}", name)
              : std::string();
      throw expression_error(factor_, text_, at,
                             fmt::format("expected '(' after the operator '{}'{}", name, hint));
    }
    std::vector<Expression> arguments;
    if (!take(')')) parse_arguments(at, name, arguments);
    return call(name, at, std::move(arguments));
  }

  void parse_arguments(std::size_t at, std::string_view name, std::vector<Expression>& arguments) {
    do {
      arguments.push_back(parse_infix(0));
    } while (take(','));
    if (take(')')) return;
    if (position_ < text_.size()) fail(fmt::format("expected ',' or ')' in the arguments of {}", name));
    throw expression_error(factor_, text_, at, fmt::format("the '(' of {} is never closed", name));
  }

  std::string_view factor_;
  std::string_view text_;
  std::size_t position_ = 0;
  int depth_ = 0;
};

}  // namespace

Expression parse_expression(std::string_view factor, std::string_view text) {
  return Parser(factor, text).parse();
}

std::string to_string(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::kNumber:
      return fmt::format("{}", expression.number);
    case Expression::Kind::kField:
      return "$" + expression.name;
    case Expression::Kind::kCall:
      break;
  }
  std::string result = expression.name + "(";
  for (std::size_t i = 0; i < expression.arguments.size(); ++i) {
    result += (i > 0 ? ", " : "") + to_string(expression.arguments[i]);
  }
  return result + ")";
}

}  // namespace orrery
