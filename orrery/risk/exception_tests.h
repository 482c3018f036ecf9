#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace orrery {

/// A test by likelihood ratio: its statistic is χ² with `degrees` where the forecasts are right. NaN: the
/// exceptions say nothing about it.
struct RatioTest {
  double statistic = 0.0;
  int degrees = 1;
  double p_value = 1.0;
};

/// Numbers of exceptions that the coverage test does not reject.
struct ExceptionRange {
  std::size_t smallest = 0;
  std::size_t largest = 0;
};

/// Tests that exceptions (losses beyond VaR) come as often as was said, `chance` = 1 − confidence.
/// Errors of all below: kInvalidArgument for no periods, more exceptions than periods, and chances outside
/// (0, 1). Source: Kupiec (1995), "Techniques for verifying the accuracy of risk measurement models".
RatioTest coverage_test(std::size_t periods, std::size_t exceptions, double chance);

/// Tests that an exception makes another in the next period neither likelier nor less likely. `exceptions`
/// holds 1 for each period with one and 0 for the others, in order. NaN without an exception before the last
/// period or with nothing else there. Source: Christoffersen (1998), "Evaluating interval forecasts", eq. 8.
RatioTest independence_test(std::span<const std::uint8_t> exceptions);

/// Tests both together, by the sum of the two statistics: conditional coverage. Source: as above, eq. 13.
RatioTest conditional_coverage_test(std::span<const std::uint8_t> exceptions, double chance);

/// Returns the numbers of exceptions around the expected one whose coverage_test has a p-value of at least
/// `significance`.
ExceptionRange accepted_exceptions(std::size_t periods, double chance, double significance);

/// Returns how likely the coverage test rejects where an exception has the chance `true_chance`: its power,
/// or, for true_chance = chance, how often it is wrong about right forecasts. By the binomial distribution.
double rejection_chance(std::size_t periods, double chance, double significance, double true_chance);

/// Returns the chance of `exceptions` or more of them where the forecasts are right.
double chance_of_as_many(std::size_t periods, std::size_t exceptions, double chance);

struct ExceptionTestSettings {
  double significance = 0.05;
  std::optional<double> alternative;  ///< chance of an exception against which power is told; nothing: twice
                                      ///< the one that was said
};

/// All of the above of one series of exceptions.
struct ExceptionTests {
  std::size_t periods = 0;
  std::size_t exceptions = 0;
  double expected = 0.0;  ///< exceptions
  double as_many = 1.0;   ///< chance of so many or more where the forecasts are right
  RatioTest coverage, independence, conditional;
  double significance = 0.05;
  ExceptionRange accepted;
  double size = 0.0;         ///< chance that the coverage test rejects right forecasts
  double alternative = 0.0;  ///< chance of an exception
  double power = 0.0;        ///< chance that the coverage test rejects where the alternative is true
};

ExceptionTests test_exceptions(std::span<const std::uint8_t> exceptions, double chance,
                               const ExceptionTestSettings& settings);

}  // namespace orrery
