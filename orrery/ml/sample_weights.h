#pragma once

#include <optional>
#include <vector>

#include "orrery/ml/dataset.h"
#include "orrery/ml/label_life.h"

namespace orrery {

/// How much the samples that a model learns from weigh.
struct WeightSpec {
  bool uniqueness = false;          ///< by how much of a label's life it shares with no other of its name
  std::optional<double> half_life;  ///< sessions after which a sample weighs half, above 0; absent: all alike
  /// Weight of the oldest sample where weights fall in a line (see linear_decay); absent: they don't.
  std::optional<double> linear_decay = {};

  bool any() const { return uniqueness || half_life.has_value() || linear_decay.has_value(); }
};

/// The rows that labels are made of: the label of row t is that of the sessions after row t + entry_rows, up
/// to row t + span_rows, or up to its own last row where `last_rows` says so.
struct LabelLives {
  int entry_rows = 0;
  int span_rows = 0;
  const RowPanel* last_rows = nullptr;
};

/// Returns by sample how unique its label is on average: over the sessions whose return is part of the label,
/// the mean of 1 / (how many of the data set's labels of the same instrument hold that session's return).
/// In (0, 1]; 1: no other label overlaps. Labels of different instruments are not held against each other.
/// Look-ahead: as far as the labels themselves. Source: López de Prado (2018), "Advances in financial machine
/// learning", sec. 4.3 and 4.4, snippets 4.1 and 4.2.
std::vector<double> average_uniqueness(const Dataset& data, const LabelLives& lives);

/// Returns factors that fall in a line from 1 for the last session's samples towards `oldest` where nothing
/// is unique any more: the line goes over the average uniqueness summed up to and with the sample's session,
/// not over time, so that sessions that say little new age little. `oldest`: 1: no decay; in [0, 1): what a
/// sample from before the first would weigh; in (-1, 0): samples of the oldest share -oldest weigh 0. Errors:
/// kInvalidArgument outside (-1, 1]. Source: López de Prado (2018), sec. 4.7, snippet 4.11.
std::vector<double> linear_decay(const Dataset& data, const std::vector<double>& uniqueness, double oldest);

/// Returns what each sample weighs: its average uniqueness, times ½ to the power of (sessions before the last
/// sample's) / half_life, times its linear_decay; all scaled so that the mean is 1 (snippet 4.10 does
/// likewise), and a penalty or a least weight of a leaf means what it meant without. Errors: kInvalidArgument
/// for a half-life that is not above 0.
std::vector<float> sample_weights(const Dataset& data, const WeightSpec& spec, const LabelLives& lives);

}  // namespace orrery
