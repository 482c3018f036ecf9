#pragma once

#include <string>
#include <vector>

#include "orrery/ml/model.h"
#include "orrery/ml/search_report.h"

namespace orrery {

/// A model whose settings may be searched for.
struct SearchFamily {
  ModelEntry entry;
  ParameterMap parameters;  ///< as given; the first trial has nothing else
  SearchSpace space;        ///< put over them; empty: nothing to search for
};

/// How a fit searches.
struct SettingsSearch {
  int trials = 50;       ///< at most, those that fail included
  double minutes = 0.0;  ///< of one fit's search; no trial begins, or goes on, after so long. 0: no limit
  std::string sampler = "tpe";
  std::string pruner = "median";
  std::string objective = "rank_ic";  ///< one of score_objectives
  int folds = 4;                      ///< inner ones
};

/// Tries families and settings on inner folds of the training rows alone, and says which did best there.
///
/// The second half of the rows of `train` is judged in `folds` blocks by models that learned from what lies
/// before each, purged by FitContext::purge_rows, with as large a share of their last sessions for early
/// stopping as `valid` has of both (none without). Feature steps are those that `train` came with, fitted on
/// all of it. A family's first trial is its settings as given; whose turn it is, next_family says. A trial
/// that can't be fitted (kInvalidArgument, kUnavailable) fails alone. With FitContext::checkpoints finished
/// trials are kept there and taken up after a stop. Without a time limit the same for data, seed and spec,
/// whatever the threads. Look-ahead: none beyond the training rows. Errors: kInvalidArgument for rows that
/// can't be cut; that of the first trial when every one fails; what the progress throws.
SearchReport search_settings(const std::vector<SearchFamily>& families, const SettingsSearch& spec,
                             const Dataset& train, const Dataset* valid, const FitContext& context,
                             LibrarySeconds& seconds);

}  // namespace orrery
