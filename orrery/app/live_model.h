#pragma once

#include <filesystem>
#include <vector>

#include "orrery/app/fold_files.h"
#include "orrery/app/plugins.h"
#include "orrery/app/run_study.h"
#include "orrery/app/stored_run.h"
#include "orrery/base/progress.h"

namespace orrery {

/// The model of a run's last fold, with prices that may have gone on since and everything that it reads.
struct LiveModel {
  Study study;  ///< its data: the prices that were read
  FoldOnDisk fold;
  PriceLoad prices;
  MaskPanel eligible;
  FactorFrame factors;
  std::size_t first_unseen = 0;  ///< row of the first session that neither it nor its labels have seen

  const MarketData& market() const { return prices.market; }
};

/// Opens the model of a run's folder, or of a registered version's. `data`: prices to read instead of the
/// study's, a file or a lake; "": the study's. Errors: kInvalidArgument for a run without a model; what
/// reading and computing throw.
LiveModel open_live_model(const StoredRun& run, const Plugins& plugins, const std::filesystem::path& data,
                          int threads, Progress& progress);

/// Scores in a panel of the market's shape: up to a row the run's walk forward, from there the model's.
struct LiveScores {
  Panel scores;
  RowRange
      live;  ///< the rows that the model scored: those asked for, and those between the run's end and them
};

/// What the model says of the eligible cells of some rows, by session, then symbol.
std::vector<double> score_rows(const LiveModel& model, RowRange rows, int threads);

/// Scores rows by the stored model. `rows` lie from `first_unseen` on. Look-ahead: none.
LiveScores live_scores(const StoredRun& run, const LiveModel& model, RowRange rows, int threads);

}  // namespace orrery
