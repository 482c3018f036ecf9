#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "orrery/factor/expression.h"

namespace orrery::testing {

/// A second opinion on the factor language: every operator by plain loops over one instrument's rows, windows
/// gathered afresh on every row, sums in long double. Written from the definitions of qlib and pandas,
/// sharing nothing with the engine but the parser. Everything in double (Precision::kFloat64).
class SlowFactors {
 public:
  using Series = std::vector<double>;

  /// Stands for rounding.
  struct Rounding {
    std::function<double(double)>
        error;                         ///< gives a value of an operator that rounds a small error of its own
    std::function<double()> anything;  ///< stands for a value that rounding decides: another one on each call
    explicit operator bool() const { return static_cast<bool>(error); }
  };

  /// `fields`: the instrument's rows from its first to its last bar, NaN for missing.
  explicit SlowFactors(std::map<std::string, Series> fields, Rounding rounding = {})
      : fields_(std::move(fields)), rounding_(std::move(rounding)) {
    rows_ = fields_.begin()->second.size();
  }

  /// Whether an operator's value may differ in its last digits from one program to the next. The others pick
  /// one of their inputs, compare or count, or are one operation of the processor.
  static bool rounds(const std::string& name) {
    static const std::set<std::string> kExact = {
        "Add",  "Sub",      "Mul",      "Div",    "Greater",    "Less",    "Gt",    "Ge",       "Lt",
        "Le",   "Eq",       "Ne",       "And",    "Or",         "Not",     "Abs",   "Sign",     "Sqrt",
        "If",   "Ref",      "Delta",    "Max",    "Min",        "Med",     "Count", "IdxMax",   "IdxMin",
        "Rank", "TsArgMax", "TsArgMin", "CSRank", "CSQuantile", "CSCount", "Hump",  "GroupRank"};
    return kExact.count(name) == 0;
  }

  Series evaluate(const Expression& expression) const {
    switch (expression.kind) {
      case Expression::Kind::kNumber:
        return Series(rows_, expression.number);
      case Expression::Kind::kField:
        return fields_.at(expression.name);
      case Expression::Kind::kCall:
        return rounded(expression, evaluate_call(expression));
      case Expression::Kind::kDuration:
      case Expression::Kind::kName:
      case Expression::Kind::kLet:
      case Expression::Kind::kParameter:
        break;
    }
    throw std::logic_error("the slow reference takes numbers, fields and calls alone");
  }

  /// A value that is a difference carries the error of what was subtracted: that may be as large as the
  /// largest input.
  static double shaken(double value, double largest, const Rounding& rounding) {
    return rounding.error(value) + 1e-2 * (rounding.error(largest) - largest);
  }

  /// A difference of numbers of this size, which is 0 where nothing but their rounding is left of it.
  static double without_rounding(double difference, double size) {
    return std::fabs(difference) <= 1e-13 * size ? 0.0 : difference;
  }

 private:
  Series rounded(const Expression& call, Series values) const {
    if (!rounding_) return values;
    // Squares and products of these leave the range of a double somewhere, in one program sooner than in
    // another.
    for (double& value : values) {
      if (std::fabs(value) > 1e60 || (value != 0.0 && std::fabs(value) < 1e-60)) value = rounding_.anything();
    }
    if (!rounds(call.name)) return values;
    const bool elementwise =
        call.name == "Log" || call.name == "Exp" || call.name == "Power" || call.name == "SignedPower";
    double largest = 0.0;
    if (!elementwise) {
      for (const double value : evaluate(call.arguments[0])) {
        if (std::isfinite(value)) largest = std::max(largest, std::fabs(value));
      }
    }
    for (double& value : values) value = shaken(value, largest, rounding_);
    return values;
  }

  using Window = std::vector<double>;  // oldest first, as many rows as there are
  static constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

  Series evaluate_call(const Expression& call) const {
    static const std::map<std::string, std::function<double(double, double)>> kBinary = {
        {"Add", [](double a, double b) { return a + b; }},
        {"Sub", [](double a, double b) { return a - b; }},
        {"Mul", [](double a, double b) { return a * b; }},
        {"Div", [](double a, double b) { return a / b; }},
        {"Power", [](double a, double b) { return std::pow(a, b); }},
        {"Greater", [](double a, double b) { return std::isnan(a) || a > b ? a : b; }},
        {"Less", [](double a, double b) { return std::isnan(a) || a < b ? a : b; }},
        {"Gt", [](double a, double b) { return a > b ? 1.0 : 0.0; }},
        {"Ge", [](double a, double b) { return a >= b ? 1.0 : 0.0; }},
        {"Lt", [](double a, double b) { return a < b ? 1.0 : 0.0; }},
        {"Le", [](double a, double b) { return a <= b ? 1.0 : 0.0; }},
        {"Eq", [](double a, double b) { return a == b ? 1.0 : 0.0; }},
        {"Ne", [](double a, double b) { return a != b ? 1.0 : 0.0; }},
        {"SignedPower", [](double a, double b) { return a < 0 ? -std::pow(-a, b) : std::pow(a, b); }},
        {"And", [](double a, double b) { return a != 0 && b != 0 ? 1.0 : 0.0; }},
        {"Or", [](double a, double b) { return a != 0 || b != 0 ? 1.0 : 0.0; }}};
    static const std::map<std::string, std::function<double(double)>> kUnary = {
        {"Not", [](double a) { return a == 0 ? 1.0 : 0.0; }},
        {"Abs", [](double a) { return std::fabs(a); }},
        {"Sign", [](double a) { return std::isnan(a) ? a : (a > 0 ? 1.0 : (a < 0 ? -1.0 : 0.0)); }},
        {"Log", [](double a) { return std::log(a); }},
        {"Exp", [](double a) { return std::exp(a); }},
        {"Sqrt", [](double a) { return std::sqrt(a); }}};
    const Series first = evaluate(call.arguments[0]);
    Series result(rows_);
    if (const auto found = kBinary.find(call.name); found != kBinary.end()) {
      const Series second = evaluate(call.arguments[1]);
      for (std::size_t t = 0; t < rows_; ++t)
        result[t] = compared(call.name, first[t], second[t], found->second);
      return result;
    }
    if (const auto found = kUnary.find(call.name); found != kUnary.end()) {
      for (std::size_t t = 0; t < rows_; ++t) result[t] = found->second(first[t]);
      return result;
    }
    if (call.name == "If") return choose(first, evaluate(call.arguments[1]), evaluate(call.arguments[2]));
    if (call.name == "EWMStd") return exponential_moment(first, first, call.arguments[1].number, false);
    if (call.name == "EWMCorr") {
      return exponential_moment(first, evaluate(call.arguments[1]), call.arguments[2].number, true);
    }
    if (call.name == "Hump") return hump(first, call.arguments[1].number);
    if (call.name == "LeakySum") return leaky_sum(first, call.arguments[1].number);
    if (call.name == "FisherTransform")
      return fisher_transform(first, static_cast<long>(call.arguments[1].number));
    if (call.name.rfind("Regression", 0) == 0) return pair_statistic(call, first);
    if (call.name == "Corr" || call.name == "Cov") return pair_statistic(call, first);
    if (call.name == "EMA") return exponential_mean(first, call.arguments[1].number);
    return lag_or_window(call, first);
  }

  static Series leaky_sum(const Series& values, double kept) {
    Series result = values;
    double sum = 0.0;
    for (double& value : result) {
      if (std::isnan(value)) continue;
      value = sum = value + kept * sum;
    }
    return result;
  }

  /// Ehlers' recursion; windows with a missing row have no value and leave the memory as it is.
  static Series fisher_transform(const Series& values, long n) {
    Series result(values.size(), kNan);
    double place = kNan;
    double transform = 0.0;
    for (std::size_t t = 0; t < values.size(); ++t) {
      const Window window = present(window_at(values, t, n));
      if (window.size() < static_cast<std::size_t>(n)) continue;
      const auto [low, high] = std::minmax_element(window.begin(), window.end());
      const double share = (values[t] - *low) / std::max(*high - *low, 0.001) - 0.5;
      place = std::isnan(place) ? 0.0 : 0.66 * share + 0.67 * place;
      if (std::fabs(place) > 0.99) place = std::copysign(0.999, place);
      result[t] = transform = 0.5 * (std::log((1 + place) / (1 - place)) + transform);
    }
    return result;
  }

  /// A comparison of numbers that differ by a rounding error may fall either way.
  double compared(const std::string& name, double a, double b,
                  const std::function<double(double, double)>& function) const {
    static const std::set<std::string> kComparisons = {"Gt", "Ge", "Lt", "Le", "Eq", "Ne"};
    const bool close = a != b && std::fabs(a - b) <= 1e-11 * std::fabs(a);
    return rounding_ && close && kComparisons.count(name) > 0 ? std::round(rounding_.anything())
                                                              : function(a, b);
  }

  Series choose(const Series& condition, const Series& yes, const Series& no) const {
    Series result(rows_);
    for (std::size_t t = 0; t < rows_; ++t) result[t] = condition[t] != 0 ? yes[t] : no[t];
    return result;
  }

  Series lag_or_window(const Expression& call, const Series& values) const {
    const auto n = static_cast<long>(call.arguments[1].number);
    Series result(rows_, kNan);
    for (std::size_t t = 0; t < rows_; ++t) {
      const long other = static_cast<long>(t) - n;
      const double lagged =
          other >= 0 && other < static_cast<long>(rows_) ? values[static_cast<std::size_t>(other)] : kNan;
      if (call.name == "Ref") {
        result[t] = lagged;
      } else if (call.name == "Delta") {
        result[t] = values[t] - lagged;
      } else {
        result[t] = statistic(call, window_at(values, t, n), n);
      }
    }
    return result;
  }

  static Window window_at(const Series& values, std::size_t t, long n) {
    const auto begin = static_cast<std::size_t>(std::max<long>(0, static_cast<long>(t) - n + 1));
    Window window(values.begin() + static_cast<std::ptrdiff_t>(begin),
                  values.begin() + static_cast<std::ptrdiff_t>(t) + 1);
    for (double& value : window) {
      if (std::isinf(value)) value = kNan;
    }
    return window;
  }

  static Window present(const Window& window) {
    Window result;
    for (const double value : window) {
      if (!std::isnan(value)) result.push_back(value);
    }
    return result;
  }

  static long double mean_of(const Window& values) {
    long double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<long double>(values.size());
  }

  /// Mean of the k-th powers of the deviations from the mean.
  static long double central_moment(const Window& values, int power) {
    const long double mean = mean_of(values);
    long double sum = 0;
    for (const double value : values) sum += std::pow(static_cast<long double>(value) - mean, power);
    return sum / static_cast<long double>(values.size());
  }

  static double variance_of(const Window& values) {
    if (values.size() < 2) return kNan;
    const auto n = static_cast<long double>(values.size());
    return static_cast<double>(central_moment(values, 2) * n / (n - 1));
  }

  double statistic(const Expression& call, const Window& window, long n) const {
    const Window values = present(window);
    const std::string& name = call.name;
    if (name == "Count") return static_cast<double>(values.size());
    if (values.empty()) return kNan;
    if (name == "Sum") return static_cast<double>(mean_of(values) * static_cast<long double>(values.size()));
    if (name == "Mean") return static_cast<double>(mean_of(values));
    if (name == "Var") return variance_of(values);
    if (name == "Std") return std::sqrt(variance_of(values));
    if (name == "Max") return *std::max_element(values.begin(), values.end());
    if (name == "Min") return *std::min_element(values.begin(), values.end());
    if (name == "IdxMax" || name == "IdxMin") return position(window, name == "IdxMax");
    if (name == "Med") return quantile(values, 0.5);
    if (name == "Quantile") return quantile(values, call.arguments[2].number);
    if (name == "Rank") return rank(window.back(), values);
    if (name == "Mad") return mean_absolute_deviation(values);
    if (name == "Skew") return skewness(values);
    if (name == "Kurt") return kurtosis(values);
    if (name == "WMA") return weighted_mean(window, values.size());
    if (name == "TsArgMax" || name == "TsArgMin") return first_extreme(window, name == "TsArgMax");
    if (name == "DecayLinear")
      return decayed(window, [&](std::size_t ago) { return n - static_cast<long>(ago); });
    if (name == "Decay") {
      const double factor = call.arguments[2].number;
      return decayed(window, [&](std::size_t ago) { return std::pow(factor, static_cast<double>(ago)); });
    }
    if (name == "Product") {
      return std::accumulate(values.begin(), values.end(), 1.0, [](double a, double b) { return a * b; });
    }
    if (name == "ZScore") {
      return static_cast<double>((window.back() - mean_of(values)) / std::sqrt(variance_of(values)));
    }
    if (name == "Entropy") return entropy(values, std::floor(call.arguments[2].number));
    if (name == "Hurst") return hurst(values);
    if (name == "Slope" || name == "Rsquare" || name == "Resi") return regression(name, window, n);
    throw std::logic_error("the slow reference has no operator " + name);
  }

  static double position(const Window& window, bool maximum) {
    std::size_t best = 0;
    for (std::size_t i = 0; i < window.size(); ++i) {
      if (std::isnan(window[i])) return static_cast<double>(i + 1);
      if (maximum ? window[i] > window[best] : window[i] < window[best]) best = i;
    }
    return static_cast<double>(best + 1);
  }

  static double first_extreme(const Window& window, bool maximum) {
    double place = kNan;
    double best = 0;
    for (std::size_t i = 0; i < window.size(); ++i) {
      if (std::isnan(window[i])) continue;
      if (!std::isnan(place) && !(maximum ? window[i] > best : window[i] < best)) continue;
      place = static_cast<double>(i + 1);
      best = window[i];
    }
    return place;
  }

  template <class Weight>
  static double decayed(const Window& window, Weight weight) {
    long double sum = 0;
    long double weights = 0;
    for (std::size_t i = 0; i < window.size(); ++i) {
      if (std::isnan(window[i])) continue;
      const auto each = static_cast<long double>(weight(window.size() - 1 - i));
      sum += each * window[i];
      weights += each;
    }
    return static_cast<double>(sum / weights);
  }

  static double entropy(const Window& values, double bins) {
    const double low = *std::min_element(values.begin(), values.end());
    const double high = *std::max_element(values.begin(), values.end());
    std::map<double, double> counts;
    for (const double value : values) {
      const double place = high > low ? (value - low) / (high - low) * bins : 0.0;
      ++counts[std::min(std::floor(place), bins - 1)];
    }
    double sum = 0;
    for (const auto& [bin, count] : counts) {
      const double share = count / static_cast<double>(values.size());
      sum -= share * std::log(share);
    }
    return sum;
  }

  static double hurst(const Window& values) {
    if (values.size() < 3 || all_equal(values)) return kNan;
    const long double mean = mean_of(values);
    long double sum = 0;
    long double low = 0;
    long double high = 0;
    for (const double value : values) {
      sum += value - mean;
      low = std::min(low, sum);
      high = std::max(high, sum);
    }
    if (all_equal(values)) return kNan;
    const long double ratio = (high - low) / std::sqrt(central_moment(values, 2));
    return static_cast<double>(std::log(ratio) / std::log(static_cast<long double>(values.size()) / 2));
  }

  Series hump(const Series& values, double limit) const {
    Series result(rows_, kNan);
    double latest = kNan;
    for (std::size_t t = 0; t < rows_; ++t) {
      if (std::isfinite(values[t])) {
        const double change = values[t] - latest;
        if (std::isnan(latest)) {
          latest = values[t];
        } else if (std::fabs(change) > limit) {
          latest += change > 0 ? limit : -limit;
        }
      }
      result[t] = latest;
    }
    return result;
  }

  static std::size_t first_pair(const Series& x, const Series& y) {
    std::size_t s = 0;
    while (!std::isfinite(x[s]) || !std::isfinite(y[s])) ++s;
    return s;
  }

  /// The correlation, or the deviation without bias, with weights written out.
  Series exponential_moment(const Series& x, const Series& y, double span, bool correlation) const {
    const double kept = 1 - (span < 1 ? span : 2.0 / (span + 1));
    Series result(rows_, kNan);
    for (std::size_t t = 0; t < rows_; ++t) {
      long double weights = 0;
      long double pairs = 0;
      long double sum_x = 0;
      long double sum_y = 0;
      const auto over_rows = [&](auto&& take) {
        for (std::size_t s = 0; s <= t; ++s) {
          if (!std::isfinite(x[s]) || !std::isfinite(y[s])) continue;
          take(std::pow(static_cast<long double>(kept), static_cast<long double>(t - s)), x[s], y[s]);
        }
      };
      int count = 0;
      over_rows([&](long double w, double a, double b) {
        ++count;
        pairs += 2 * weights * w;  // weights^2 - sum of squares, without the difference
        weights += w;
        sum_x += w * a;
        sum_y += w * b;
      });
      if (count < 2) continue;
      bool varies_x = false;
      bool varies_y = false;
      over_rows([&](long double, double a, double b) {
        varies_x = varies_x || a != x[first_pair(x, y)];
        varies_y = varies_y || b != y[first_pair(x, y)];
      });
      if (correlation && !(varies_x && varies_y)) continue;
      long double xx = 0;
      long double yy = 0;
      long double xy = 0;
      over_rows([&](long double w, double a, double b) {
        xx += w * (a - sum_x / weights) * (a - sum_x / weights);
        yy += w * (b - sum_y / weights) * (b - sum_y / weights);
        xy += w * (a - sum_x / weights) * (b - sum_y / weights);
      });
      // Of deviations much smaller than the values few digits are left: let rounding decide.
      const bool blurred = rounding_ && (std::fabs(sum_x / weights) > 1e3L * std::sqrt(xx / weights) ||
                                         std::fabs(sum_y / weights) > 1e3L * std::sqrt(yy / weights));
      if (blurred) {
        result[t] = rounding_.anything();
        continue;
      }
      result[t] = correlation ? static_cast<double>(xy / std::sqrt(xx * yy))
                              : static_cast<double>(std::sqrt(xx * weights / pairs));
    }
    return result;
  }

  static double quantile(Window values, double level) {
    std::sort(values.begin(), values.end());
    const double place = level * static_cast<double>(values.size() - 1);
    const auto low = static_cast<std::size_t>(place);
    const double fraction = place - static_cast<double>(low);
    if (fraction == 0.0) return values[low];
    return values[low] + (values[low + 1] - values[low]) * fraction;
  }

  static double rank(double value, const Window& values) {
    if (std::isnan(value)) return kNan;
    double less = 0;
    double equal = 0;
    for (const double other : values) {
      less += other < value ? 1 : 0;
      equal += other == value ? 1 : 0;
    }
    return (less + (equal + 1) / 2) / static_cast<double>(values.size());
  }

  static double mean_absolute_deviation(const Window& values) {
    const long double mean = mean_of(values);
    long double sum = 0;
    for (const double value : values) sum += std::fabs(static_cast<long double>(value) - mean);
    return static_cast<double>(sum / static_cast<long double>(values.size()));
  }

  static bool all_equal(const Window& values) {
    return std::all_of(values.begin(), values.end(), [&](double value) {
      return without_rounding(value - values.front(), std::fabs(values.front())) == 0.0;
    });
  }

  static double skewness(const Window& values) {
    const auto n = static_cast<long double>(values.size());
    if (n < 3) return kNan;
    if (all_equal(values)) return 0.0;
    const long double second = central_moment(values, 2);
    if (second <= 1e-14L) return kNan;
    return static_cast<double>(std::sqrt(n * (n - 1)) / (n - 2) * central_moment(values, 3) /
                               std::pow(second, 1.5L));
  }

  static double kurtosis(const Window& values) {
    const auto n = static_cast<long double>(values.size());
    if (n < 4) return kNan;
    if (all_equal(values)) return -3.0;
    const long double second = central_moment(values, 2);
    if (second <= 1e-14L) return kNan;
    const long double ratio = (n * n - 1) * central_moment(values, 4) / (second * second);
    return static_cast<double>((ratio - 3 * (n - 1) * (n - 1)) / ((n - 2) * (n - 3)));
  }

  static double weighted_mean(const Window& window, std::size_t count) {
    long double weights = 0;
    long double sum = 0;
    for (std::size_t i = 0; i < window.size(); ++i) {
      weights += static_cast<long double>(i + 1);
      if (!std::isnan(window[i])) sum += static_cast<long double>(i + 1) * window[i];
    }
    return static_cast<double>(sum / weights / static_cast<long double>(count));
  }

  static double regression(const std::string& name, const Window& window, long n) {
    const long shift = n - static_cast<long>(window.size());
    Window x;
    Window y;
    for (std::size_t i = 0; i < window.size(); ++i) {
      if (std::isnan(window[i])) continue;
      x.push_back(static_cast<double>(shift + static_cast<long>(i) + 1));
      y.push_back(window[i]);
    }
    if (x.size() < 2) return kNan;
    const long double slope = comoment(x, y) / comoment(x, x);
    if (name == "Slope") return without_rounding(static_cast<double>(slope), std::fabs(window.back()));
    if (name == "Resi") {
      return std::isnan(window.back())
                 ? kNan
                 : without_rounding(
                       static_cast<double>(window.back() -
                                           (slope * (static_cast<long double>(n) - mean_of(x)) + mean_of(y))),
                       std::fabs(window.back()));
    }
    if (std::sqrt(variance_of(y)) <= 2e-5) return kNan;
    return static_cast<double>(comoment(x, y) * comoment(x, y) / (comoment(x, x) * comoment(y, y)));
  }

  static long double comoment(const Window& x, const Window& y) {
    const long double mean_x = mean_of(x);
    const long double mean_y = mean_of(y);
    long double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - mean_x) * (y[i] - mean_y);
    return sum;
  }

  Series pair_statistic(const Expression& call, const Series& left) const {
    const Series right = evaluate(call.arguments[1]);
    const auto n = static_cast<long>(call.arguments[2].number);
    Series result(rows_, kNan);
    for (std::size_t t = 0; t < rows_; ++t) {
      const Window a = window_at(left, t, n);
      const Window b = window_at(right, t, n);
      Window x;
      Window y;
      for (std::size_t i = 0; i < a.size(); ++i) {
        if (std::isnan(a[i]) || std::isnan(b[i])) continue;
        x.push_back(a[i]);
        y.push_back(b[i]);
      }
      if (x.size() < 2) continue;
      if (call.name == "RegressionBeta") {
        result[t] = static_cast<double>(comoment(x, y) / comoment(y, y));
      } else if (call.name == "RegressionResidual") {
        const long double explained = comoment(x, y) / comoment(y, y) * (b.back() - mean_of(y));
        result[t] =
            without_rounding(static_cast<double>(a.back() - mean_of(x) - explained), std::fabs(a.back()));
      } else if (call.name == "Cov") {
        result[t] = static_cast<double>(comoment(x, y) / static_cast<long double>(x.size() - 1));
      } else if (!(std::sqrt(variance_of(present(a))) <= 2e-5) &&
                 !(std::sqrt(variance_of(present(b))) <= 2e-5)) {
        result[t] = static_cast<double>(comoment(x, y) / std::sqrt(comoment(x, x) * comoment(y, y)));
      }
    }
    return result;
  }

  /// Weights written out: every earlier value's weight falls by 1 - alpha a row.
  Series exponential_mean(const Series& values, double span) const {
    const long double kept =
        1 - (span < 1 ? static_cast<long double>(span) : 2.0L / (static_cast<long double>(span) + 1));
    Series result(rows_, kNan);
    for (std::size_t t = 0; t < rows_; ++t) {
      long double sum = 0;
      long double weights = 0;
      for (std::size_t s = 0; s <= t; ++s) {
        if (!std::isfinite(values[s])) continue;
        const long double weight = std::pow(kept, static_cast<long double>(t - s));
        sum += weight * values[s];
        weights += weight;
      }
      // A span of one row forgets all but the latest value, and keeps that over missing rows.
      if (weights > 0)
        result[t] = static_cast<double>(sum / weights);
      else if (t > 0)
        result[t] = result[t - 1];
    }
    return result;
  }

  std::map<std::string, Series> fields_;
  Rounding rounding_;
  std::size_t rows_ = 0;
};

}  // namespace orrery::testing
