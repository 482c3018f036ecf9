#pragma once

#include <span>
#include <string>
#include <vector>

#include "orrery/ml/model.h"

namespace orrery {

/// The name under which a primary and a secondary model stand in a study and in their file.
inline constexpr const char* kMeta = "meta";

/// One of the two, as a study gives it.
struct MetaPart {
  ModelEntry entry;
  ParameterMap parameters;
};

/// Returns an entry whose models are two: the primary one estimates the label, and the sign of what it says
/// is the side; the secondary one says how probable it is that the side is right, that is, of the label's
/// sign.
///
/// Fitting: every training sample is given the side that a primary model says of it that did not learn from
/// it, nor from labels that overlap its own (see out_of_fold_scores; `folds` blocks, default_embargo). The
/// meta-label is 1 where side × label > 0, else 0; it is learned from the features and two more,
/// `primary_side` (-1, 0, 1) and `primary_size` (what the primary model says, without its sign). Then the
/// primary model is fitted on all training rows, and on what it says of the validation rows the secondary one
/// stops, or is calibrated (`calibration`: see calibrated_entry, half of them).
///
/// Score (`score`), p the probability: `probability`, side × p; `bet_size`, side × max(0, 2 Φ(z) - 1), z = (p
/// - 1/2) / √(p (1 - p)); `gate`, what the primary model says where p exceeds `threshold`, else 0. The first
/// two say an order, the last an estimate.
///
/// Saved as `model.orrery`, with the folders `primary` and `secondary`. Look-ahead: none beyond the models'.
/// Errors of fitting: kInvalidArgument for a primary model that does not estimate the label, a secondary one
/// that gives no probabilities or reads more than a sample's own session; what they throw.
/// Source: López de Prado (2018), "Advances in Financial Machine Learning", ch. 3.6 and 10.3.
ModelEntry meta_entry(MetaPart primary, MetaPart secondary);

/// Returns the meta-label of every sample of `data`, which has labels: whether the score's sign was right. 0
/// for a score or label of 0.
std::vector<double> meta_labels(const Dataset& data, std::span<const double> scores);

/// Returns how much is bet on a side that is right with probability p: max(0, 2 Φ(z) - 1), from 0 to 1.
double bet_size(double probability);

}  // namespace orrery
