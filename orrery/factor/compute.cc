#include "orrery/factor/compute.h"

#include "orrery/base/error.h"

namespace orrery {

FactorFrame compute_factors(std::span<const FactorDefinition>, const MarketData&, const FactorOptions&,
                            Progress&) {
  throw internal_error("the factor engine is not linked in");
}

Panel compute_expression(const FactorDefinition&, const MarketData&, const FactorOptions&) {
  throw internal_error("the factor engine is not linked in");
}

ExpressionSpan expression_span(std::string_view, std::string_view) { return {}; }

void check_factors(std::span<const FactorDefinition>, std::span<const std::string>, bool) {}

}  // namespace orrery
