#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/factor/expression.h"
#include "orrery/factor/factor_set.h"
#include "orrery/factor/graph_builder.h"
#include "orrery/factor/operator.h"

namespace orrery {

/// The rows around its own that a row reads.
struct Reach {
  std::int64_t first = 0;
  std::int64_t last = 0;

  void include(const Reach& other) {
    first = std::min(first, other.first);
    last = std::max(last, other.last);
  }
};

/// What a part of an expression has become: a value, or a length of time, which only windows and lags take.
struct Lowered {
  Operand value;
  Reach reach;
  std::optional<int> days;
};

/// What the lowering of all factors shares.
struct LoweringContext {
  GraphBuilder& builder;
  bool allow_future = false;
  std::span<const Date> dates;     ///< of the rows; none: not known
  bool time_windows_open = false;  ///< set when a window in time was met without dates
};

/// Lowers the expression of one factor to the graph: resolves names, checks arguments, builds operators.
class Lowering {
 public:
  /// Keeps references. `depth`: how many factors of sets refer to one another on the way here.
  Lowering(const FactorDefinition& definition, LoweringContext& context, int depth = 0)
      : definition_(definition), context_(context), depth_(depth) {}

  /// Gives a name to a value that the text uses without defining it.
  void bind(const std::string& name, const Operand& value) { names_[name] = {value, {}, {}}; }

  /// Lowers the whole factor. Errors: kInvalidArgument with the text, a caret and the reason.
  Lowered factor();

 private:
  Lowered lower(const Expression& expression);
  Lowered lower_name(const Expression& expression) const;
  Lowered lower_let(const Expression& expression);
  Lowered lower_parameter(const Expression& expression);
  Lowered lower_duration(const Expression& expression) const;
  Lowered lower_field(const Expression& expression);
  Lowered lower_call(const Expression& call);
  Lowered lower_reference(const Expression& call);
  Lowered lower_operator(const Expression& call, const Operator& found);

  /// The call's arguments in the order of the declaration; nullptr where one is left out.
  std::vector<const Expression*> arranged(const Expression& call, const OperatorInfo& info) const;
  int output_of(const Expression& call, const OperatorInfo& info) const;
  /// Builds a call; windows in time become a choice among windows in rows.
  Operand build(const Expression& call, const Operator& found, const std::vector<const Expression*>& texts,
                std::vector<Lowered>& arguments);
  Operand build_for_time(const Expression& call, const Operator& found,
                         const std::vector<const Expression*>& texts, std::vector<Lowered>& arguments,
                         std::size_t place);

  void check_argument(const OperatorInfo& info, const ArgumentInfo& declared, const Expression& argument,
                      const Lowered& value) const;
  void check_rows(const OperatorInfo& info, const ArgumentInfo& declared, const Expression& argument,
                  double rows) const;
  void check_range(const OperatorInfo& info, const ArgumentInfo& declared, const Expression& argument,
                   double value) const;
  void check_parameters() const;
  [[noreturn]] void fail(std::size_t position, const std::string& reason) const;

  const FactorDefinition& definition_;
  LoweringContext& context_;
  int depth_;
  std::map<std::string, Lowered, std::less<>> names_;
  std::vector<std::string> parameters_;
};

}  // namespace orrery
