#pragma once

#include "orrery/ml/calibration.h"
#include "orrery/ml/model.h"

namespace orrery {

/// How a model's probabilities are set right after it has learned.
struct CalibrationSpec {
  CalibrationMethod method = CalibrationMethod::kIsotonic;
  double share = 0.5;  ///< of the validation sessions, their last; without any, of the training sessions
};

/// Returns an entry of the same model whose probabilities are calibrated on a span that is later than what it
/// learned from and was stopped by.
///
/// Fitting cuts the last `share` of the sessions off the validation rows (where there are none, off the
/// training rows), and drops the sessions before them whose labels reach them (FitContext::purge_rows). The
/// model learns without them; the map is fitted on what it says of them. No weights count there. Predictions
/// are the map's. With Platt's method contributions are those of the model times the map's slope, whose
/// log-odds they sum to; the isotonic map offers none. Saved as the model is, with a file `calibration.txt`
/// beside. Name, settings and declarations are the model's own. Look-ahead: none beyond the model's.
/// Errors of fitting: kInvalidArgument for a model of no probabilities, for sessions that can't be cut, and
/// for a span without the event or without others.
ModelEntry calibrated_entry(ModelEntry model, const CalibrationSpec& spec);

/// Returns the model behind a calibrated one, null where `model` is none.
const Model* uncalibrated(const Model& model);

}  // namespace orrery
