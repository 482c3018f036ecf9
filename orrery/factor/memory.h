#pragma once

#include "orrery/factor/compute.h"
#include "orrery/factor/factor_set.h"

namespace orrery {

/// Whether a factor's value depends on rows before its span, as an exponential mean's does.
///
/// Found by trying, on two random markets that differ before the span alone: an operator can't declare it
/// wrongly. `span`: the factor's. Look-ahead: the definition must have none. Errors: as check_factors.
bool remembers_all_rows(const FactorDefinition& definition, const ExpressionSpan& span);

}  // namespace orrery
