#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <string>

#include "orrery/base/date.h"
#include "orrery/factor/compute.h"
#include "orrery/factor/executor.h"
#include "orrery/market/panel.h"
#include "testing/factor_market.h"
#include "testing/slow_cross_sections.h"

namespace orrery::testing {

/// Computes one expression in a given shape; shape, threads and instructions must not matter.
inline Panel run_in_shape(const CompiledFactors& factors, const MarketData& market,
                          const ExecutionShape& shape, int threads = 1,
                          kernels::InstructionSet instructions = kernels::available_instructions()) {
  std::vector<Panel> results;
  results.emplace_back(market.rows(), market.instruments());
  BatchExecutor(factors, market, shape, instructions).run(results, threads, silent_progress());
  return std::move(results.front());
}

/// The first cell in which two panels differ by a bit (any NaN equals any other), or "" when there is none.
template <class T>
std::string first_difference(const PanelT<T>& left, const PanelT<T>& right, std::size_t rows) {
  for (std::size_t t = 0; t < rows; ++t) {
    for (std::size_t i = 0; i < left.columns(); ++i) {
      const double a = left(t, i);
      const double b = right(t, i);
      if (std::isnan(a) && std::isnan(b)) continue;
      if (std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b)) continue;
      return fmt::format("row {}, instrument {}: {} and {}", t, i, a, b);
    }
  }
  return "";
}

/// Expects every cell to agree with the slow reference: the same cells are finite and the difference is at
/// most `relative` of the value or `absolute`.
inline void expect_agreement_with_slow(const FactorDefinition& factor, const MarketData& market,
                                       const Panel& values, double relative, double absolute) {
  const Expression expression = parse_expression(factor.name, factor.expression);
  int failures = 0;
  const auto slow = SlowMarket(market).evaluate(expression);
  for (std::size_t i = 0; i < market.instruments(); ++i) {
    const auto& expected = slow[i];
    for (std::size_t t = 0; t < market.rows() && failures < 3; ++t) {
      const bool alive =
          static_cast<int>(t) >= market.first_row[i] && static_cast<int>(t) <= market.last_row[i];
      const double wanted =
          alive ? expected[t - static_cast<std::size_t>(market.first_row[i])] : std::nan("");
      const double found = values(t, i);
      const bool agree =
          std::isfinite(wanted) && std::isfinite(found)
              ? std::fabs(found - wanted) <= std::max(relative * std::fabs(wanted), absolute)
              : std::isnan(wanted) == std::isnan(found) && std::isinf(wanted) == std::isinf(found);
      if (agree) continue;
      ++failures;
      ADD_FAILURE() << factor.expression << ", row " << t << ", instrument " << i << ": " << found
                    << " instead of " << wanted;
    }
  }
}

}  // namespace orrery::testing
