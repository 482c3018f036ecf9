#include "orrery/risk/exception_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"

namespace orrery {
namespace {

void check_chance(double chance, const char* name) {
  if (!(chance > 0.0 && chance < 1.0)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{} is {}; it must be between 0 and 1", name, chance));
  }
}

void check_exception_count(std::size_t periods, std::size_t exceptions, double chance) {
  check_chance(chance, "the chance of an exception");
  if (periods == 0 || exceptions > periods) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{} exceptions in {} periods cannot be tested", exceptions, periods));
  }
}

/// Returns the logarithm of chance^hits × (1 − chance)^misses, with 0⁰ = 1.
double log_likelihood(double hits, double misses, double chance) {
  return (hits > 0.0 ? hits * std::log(chance) : 0.0) + (misses > 0.0 ? misses * std::log1p(-chance) : 0.0);
}

/// Returns the same with the chance at which it is largest.
double best_log_likelihood(double hits, double misses) {
  return hits + misses > 0.0 ? log_likelihood(hits, misses, hits / (hits + misses)) : 0.0;
}

RatioTest ratio_test(double statistic, int degrees) {
  statistic = std::max(statistic, 0.0);  // what is left of 0 by rounding
  // The χ² distribution's upper tail for 1 and for 2 degrees.
  const double p_value = degrees == 1 ? std::erfc(std::sqrt(0.5 * statistic)) : std::exp(-0.5 * statistic);
  return {statistic, degrees, p_value};
}

double binomial_chance(std::size_t periods, std::size_t hits, double chance) {
  const auto n = static_cast<double>(periods), k = static_cast<double>(hits);
  const double ways = std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0);
  return std::exp(ways + log_likelihood(k, n - k, chance));
}

double binomial_chance_between(std::size_t periods, std::size_t first, std::size_t last, double chance) {
  double sum = 0.0;
  for (std::size_t hits = first; hits <= last; ++hits) sum += binomial_chance(periods, hits, chance);
  return std::min(sum, 1.0);
}

std::size_t count_exceptions(std::span<const std::uint8_t> exceptions) {
  return static_cast<std::size_t>(
      std::count_if(exceptions.begin(), exceptions.end(), [](std::uint8_t hit) { return hit != 0; }));
}

}  // namespace

RatioTest coverage_test(std::size_t periods, std::size_t exceptions, double chance) {
  check_exception_count(periods, exceptions, chance);
  const auto hits = static_cast<double>(exceptions), misses = static_cast<double>(periods - exceptions);
  return ratio_test(2.0 * (best_log_likelihood(hits, misses) - log_likelihood(hits, misses, chance)), 1);
}

RatioTest independence_test(std::span<const std::uint8_t> exceptions) {
  double followed[2][2] = {{0.0, 0.0}, {0.0, 0.0}};  // by what was before, and by what came
  for (std::size_t i = 1; i < exceptions.size(); ++i) {
    followed[exceptions[i - 1] != 0 ? 1 : 0][exceptions[i] != 0 ? 1 : 0] += 1.0;
  }
  const auto& [calm, hit] = followed;
  if (calm[0] + calm[1] == 0.0 || hit[0] + hit[1] == 0.0) return {kNaN, 1, kNaN};
  const double apart = best_log_likelihood(calm[1], calm[0]) + best_log_likelihood(hit[1], hit[0]);
  const double together = best_log_likelihood(calm[1] + hit[1], calm[0] + hit[0]);
  return ratio_test(2.0 * (apart - together), 1);
}

RatioTest conditional_coverage_test(std::span<const std::uint8_t> exceptions, double chance) {
  const RatioTest coverage = coverage_test(exceptions.size(), count_exceptions(exceptions), chance);
  const RatioTest independence = independence_test(exceptions);
  if (std::isnan(independence.statistic)) return {kNaN, 2, kNaN};
  return ratio_test(coverage.statistic + independence.statistic, 2);
}

ExceptionRange accepted_exceptions(std::size_t periods, double chance, double significance) {
  check_exception_count(periods, 0, chance);
  check_chance(significance, "the significance");
  const auto accepted = [&](std::size_t exceptions) {
    return coverage_test(periods, exceptions, chance).p_value >= significance;
  };
  // The statistic rises to both sides of the expected number; the nearest whole one may lie on either.
  const auto below = static_cast<std::size_t>(static_cast<double>(periods) * chance);
  const std::size_t center = !accepted(below) && below < periods && accepted(below + 1) ? below + 1 : below;
  ExceptionRange range{center, center};
  while (range.smallest > 0 && accepted(range.smallest - 1)) --range.smallest;
  while (range.largest < periods && accepted(range.largest + 1)) ++range.largest;
  return range;
}

double rejection_chance(std::size_t periods, double chance, double significance, double true_chance) {
  check_chance(true_chance, "the true chance of an exception");
  const ExceptionRange range = accepted_exceptions(periods, chance, significance);
  return 1.0 - binomial_chance_between(periods, range.smallest, range.largest, true_chance);
}

double chance_of_as_many(std::size_t periods, std::size_t exceptions, double chance) {
  check_exception_count(periods, exceptions, chance);
  return binomial_chance_between(periods, exceptions, periods, chance);
}

ExceptionTests test_exceptions(std::span<const std::uint8_t> exceptions, double chance,
                               const ExceptionTestSettings& settings) {
  ExceptionTests tests;
  tests.periods = exceptions.size();
  tests.exceptions = count_exceptions(exceptions);
  tests.coverage = coverage_test(tests.periods, tests.exceptions, chance);
  tests.independence = independence_test(exceptions);
  tests.conditional = conditional_coverage_test(exceptions, chance);
  tests.expected = static_cast<double>(tests.periods) * chance;
  tests.as_many = chance_of_as_many(tests.periods, tests.exceptions, chance);
  tests.significance = settings.significance;
  tests.accepted = accepted_exceptions(tests.periods, chance, settings.significance);
  tests.size = rejection_chance(tests.periods, chance, settings.significance, chance);
  tests.alternative = settings.alternative.value_or(std::min(2.0 * chance, 0.5));
  tests.power = rejection_chance(tests.periods, chance, settings.significance, tests.alternative);
  return tests;
}

}  // namespace orrery
