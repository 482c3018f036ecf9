#pragma once

#include <cstddef>
#include <span>

#include "orrery/ml/explanation_results.h"
#include "orrery/ml/model.h"
#include "orrery/ml/sample_table.h"

namespace orrery {

/// Sets one feature to each of its `quantiles` (0 to 1, ascending; over the table's samples, linearly
/// interpolated, missing ones left out) in all samples and takes the mean of the predictions. A model that
/// reads windows sees the value on every session of them. Other features stay as they are, so that the value
/// may stand beside others that it never had: what resembles the feature is not moved along. Empty where the
/// feature has no value. The table is as before afterwards. The result does not depend on `threads`.
/// `library_seconds` gains what the predictions took. Errors: as Model::predict. Source: Friedman (2001),
/// "Greedy function approximation: a gradient boosting machine", section 8.2, equation 53.
PartialDependence partial_dependence(const Model& model, SampleTable& table, std::size_t feature,
                                     std::span<const double> quantiles, int threads,
                                     LibrarySeconds& library_seconds);

}  // namespace orrery
