#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "orrery/factor/expression.h"
#include "orrery/factor/operator.h"
#include "orrery/market/market_data.h"
#include "testing/factor_market.h"
#include "testing/slow_factors.h"

namespace orrery::testing {

/// The second opinion on expressions with cross-sections and names: names are replaced by what they stand
/// for, cross-sections are computed by plain loops over a row's instruments and put into the expression as
/// fields, and SlowFactors does the rest. Aliases and defaults come from the operators' own descriptions.
class SlowMarket {
 public:
  using Series = SlowFactors::Series;
  using Row = std::vector<double>;  // by instrument

  explicit SlowMarket(const MarketData& market, SlowFactors::Rounding rounding = {})
      : market_(market), rounding_(std::move(rounding)) {
    for (std::size_t i = 0; i < market.instruments(); ++i) fields_.push_back(instrument_rows(market, i));
  }

  /// By instrument its values from its first to its last row.
  std::vector<Series> evaluate(const Expression& expression) {
    const Expression plain = without_cross_sections(without_names(expression, {}));
    std::vector<Series> result;
    for (const auto& fields : fields_) result.push_back(SlowFactors(fields, rounding_).evaluate(plain));
    return result;
  }

 private:
  using Names = std::map<std::string, Expression>;
  static constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

  static Expression without_names(const Expression& expression, Names names) {
    if (expression.kind == Expression::Kind::kName) return names.at(expression.name);
    if (expression.kind == Expression::Kind::kLet) {
      names[expression.name] = without_names(expression.arguments[0], names);
      return without_names(expression.arguments[1], names);
    }
    if (expression.kind == Expression::Kind::kParameter) {
      names[expression.name].number = expression.number;
      return without_names(expression.arguments[0], names);
    }
    Expression result = expression;
    for (auto& argument : result.arguments) argument = without_names(argument, names);
    if (result.kind == Expression::Kind::kCall) complete(result);
    return result;
  }

  static void complete(Expression& call) {
    const OperatorInfo& info = find_operator(call.name)->info;
    call.name = info.name;
    for (std::size_t i = call.arguments.size(); i < info.arguments.size(); ++i) {
      Expression number;
      number.number = info.arguments[i].fallback.value();
      call.arguments.push_back(number);
    }
  }

  Expression without_cross_sections(const Expression& expression) {
    Expression result = expression;
    for (auto& argument : result.arguments) argument = without_cross_sections(argument);
    const bool across =
        result.kind == Expression::Kind::kCall &&
        (result.name.rfind("CS", 0) == 0 || result.name.rfind("Group", 0) == 0 || result.name == "Scale");
    return across ? computed(result) : result;
  }

  /// Computes a cross-section and returns the field that it was put into.
  Expression computed(const Expression& call) {
    Expression field;
    field.kind = Expression::Kind::kField;
    field.name = fmt::format("#{}", computed_++);
    std::vector<std::vector<Series>> inputs;
    std::vector<double> numbers;
    for (const auto& argument : call.arguments) {
      if (argument.kind == Expression::Kind::kNumber) {
        numbers.push_back(argument.number);
      } else {
        inputs.push_back(series_of(argument));
      }
    }
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      fields_[i][field.name] = Series(fields_[i].begin()->second.size(), kNan);
    }
    for (int t = 0; t < static_cast<int>(market_.rows()); ++t)
      compute_row(call, inputs, numbers, t, field.name);
    return field;
  }

  std::vector<Series> series_of(const Expression& argument) {
    if (argument.kind != Expression::Kind::kField || argument.name != "sector") {
      std::vector<Series> result;
      for (const auto& fields : fields_) result.push_back(SlowFactors(fields, rounding_).evaluate(argument));
      return result;
    }
    std::vector<Series> result;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const auto& sector = market_.sectors[i];
      const auto same = std::find(market_.sectors.begin(), market_.sectors.end(), sector);
      const double code = sector.empty() ? kNan : static_cast<double>(same - market_.sectors.begin());
      result.emplace_back(fields_[i].begin()->second.size(), code);
    }
    return result;
  }

  bool present(std::size_t i, int t) const { return market_.present(static_cast<std::size_t>(t), i) != 0; }

  Row rounded(const Expression& call, const std::vector<Row>& rows, Row values) const {
    if (!rounding_ || !SlowFactors::rounds(call.name)) return values;
    double largest = 0.0;
    for (const double input : rows[0]) largest = std::max(largest, std::fabs(input));
    const bool one_value = values.size() > 1 && values.front() == values.back() && call.name != "CSDemean";
    for (double& value : values) value = SlowFactors::shaken(value, largest, rounding_);
    if (one_value) std::fill(values.begin(), values.end(), values.front());
    return values;
  }

  void compute_row(const Expression& call, const std::vector<std::vector<Series>>& inputs,
                   const std::vector<double>& numbers, int t, const std::string& field) {
    std::vector<std::size_t> members;
    std::vector<Row> rows(inputs.size());
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (!present(i, t)) continue;
      const auto at = static_cast<std::size_t>(t - market_.first_row[i]);
      bool whole = true;
      for (const auto& input : inputs) whole = whole && std::isfinite(input[i][at]);
      if (!whole) continue;
      members.push_back(i);
      for (std::size_t k = 0; k < inputs.size(); ++k) rows[k].push_back(inputs[k][i][at]);
    }
    if (members.empty()) return;
    const Row values = rounded(call, rows, across(call, rows, numbers));
    for (std::size_t m = 0; m < members.size(); ++m) {
      const std::size_t i = members[m];
      fields_[i][field][static_cast<std::size_t>(t - market_.first_row[i])] = values[m];
    }
    const bool for_all =
        call.name == "CSMean" || call.name == "CSSum" || call.name == "CSCount" || call.name == "CSStd";
    if (!for_all) return;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (present(i, t)) fields_[i][field][static_cast<std::size_t>(t - market_.first_row[i])] = values[0];
    }
  }

  static Row across(const Expression& call, const std::vector<Row>& rows,
                    const std::vector<double>& numbers) {
    const std::string& name = call.name;
    const Row& x = rows[0];
    if (name == "CSRank" || name == "GroupRank") return ranks(x, name == "CSRank" ? Row(x.size()) : rows[1]);
    if (name == "CSQuantile") return buckets(x, numbers[0]);
    if (name == "CSWinsorize") return winsorized(x, numbers[0]);
    if (name == "CSNeutralize") return neutralized(call, rows);
    Row result;
    const Row groups = name.rfind("Group", 0) == 0 ? rows[1] : Row(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      Row group;
      for (std::size_t k = 0; k < x.size(); ++k) {
        if (groups[k] == groups[i]) group.push_back(x[k]);
      }
      result.push_back(statistic(name, x[i], group, numbers));
    }
    return result;
  }

  static double statistic(const std::string& name, double value, const Row& group,
                          const std::vector<double>& numbers) {
    const auto n = static_cast<long double>(group.size());
    long double sum = 0;
    long double sizes = 0;
    for (const double each : group) {
      sum += each;
      sizes += std::fabs(each);
    }
    const long double mean = sum / n;
    long double squares = 0;
    for (const double each : group) squares += (each - mean) * (each - mean);
    const long double deviation = n < 2 ? static_cast<long double>(kNan) : std::sqrt(squares / (n - 1));
    if (name == "CSMean" || name == "GroupMean") return static_cast<double>(mean);
    if (name == "CSSum") return static_cast<double>(sum);
    if (name == "CSCount") return static_cast<double>(n);
    if (name == "CSDemean") return static_cast<double>(value - mean);
    if (name == "CSStd") return static_cast<double>(deviation);
    if (name == "CSZScore" || name == "GroupZScore") return static_cast<double>((value - mean) / deviation);
    if (name == "Scale") return static_cast<double>(value * static_cast<long double>(numbers[0]) / sizes);
    throw std::logic_error("the slow reference has no cross-section " + name);
  }

  static Row ranks(const Row& x, const Row& groups) {
    Row result;
    for (std::size_t i = 0; i < x.size(); ++i) {
      double less = 0;
      double equal = 0;
      double count = 0;
      for (std::size_t k = 0; k < x.size(); ++k) {
        if (groups[k] != groups[i]) continue;
        ++count;
        less += x[k] < x[i] ? 1 : 0;
        equal += x[k] == x[i] ? 1 : 0;
      }
      result.push_back((less + (equal + 1) / 2) / count);
    }
    return result;
  }

  static Row buckets(const Row& x, double count) {
    Row result = ranks(x, Row(x.size()));
    for (double& value : result) value = std::max(1.0, std::ceil(value * std::floor(count) - 1e-9));
    return result;
  }

  static Row winsorized(const Row& x, double level) {
    Row sorted = x;
    std::sort(sorted.begin(), sorted.end());
    const auto quantile = [&](double q) {
      const double place = q * static_cast<double>(sorted.size() - 1);
      const auto low = static_cast<std::size_t>(place);
      const auto high = std::min(low + 1, sorted.size() - 1);
      return sorted[low] + (sorted[high] - sorted[low]) * (place - static_cast<double>(low));
    };
    Row result;
    for (const double value : x)
      result.push_back(std::min(std::max(value, quantile(level)), quantile(1 - level)));
    return result;
  }

  /// Regression on a dummy a group (the first group argument, combined with the others) and the exposures by
  /// the normal equations, in long double, a column without anything of its own left out.
  static Row neutralized(const Expression& call, const std::vector<Row>& rows) {
    std::vector<std::vector<long double>> columns;
    std::map<std::vector<double>, std::size_t> dummies;
    for (std::size_t i = 0; i < rows[0].size(); ++i) {
      std::vector<double> key;
      for (std::size_t k = 1; k < rows.size(); ++k) {
        if (call.arguments[k].name == "sector") key.push_back(rows[k][i]);
      }
      const auto [place, added] = dummies.try_emplace(key, columns.size());
      if (added) columns.emplace_back(rows[0].size(), 0.0L);
      columns[place->second][i] = 1.0L;
    }
    for (std::size_t k = 1; k < rows.size(); ++k) {
      if (call.arguments[k].name != "sector") columns.emplace_back(rows[k].begin(), rows[k].end());
    }
    std::vector<long double> residual(rows[0].begin(), rows[0].end());
    for (std::size_t k = 0; k < columns.size(); ++k) {
      const long double before = inner(columns[k], columns[k]);
      for (int twice = 0; twice < 2; ++twice) {
        for (std::size_t j = 0; j < k; ++j) take_out(columns[j], columns[k]);
      }
      if (inner(columns[k], columns[k]) <= 1e-18L * before) {
        std::fill(columns[k].begin(), columns[k].end(), 0.0L);
      }
    }
    for (const auto& column : columns) take_out(column, residual);
    double largest = 0.0;
    for (const double value : rows[0]) largest = std::max(largest, std::fabs(value));
    Row result(residual.begin(), residual.end());
    for (double& value : result) value = SlowFactors::without_rounding(value, largest);
    return result;
  }
  static long double inner(const std::vector<long double>& a, const std::vector<long double>& b) {
    long double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  }
  static void take_out(const std::vector<long double>& direction, std::vector<long double>& column) {
    const long double length = inner(direction, direction);
    if (length <= 0) return;
    const long double share = inner(direction, column) / length;
    for (std::size_t i = 0; i < column.size(); ++i) column[i] -= share * direction[i];
  }

  const MarketData& market_;
  SlowFactors::Rounding rounding_;
  std::vector<std::map<std::string, Series>> fields_;
  int computed_ = 0;
};

}  // namespace orrery::testing
