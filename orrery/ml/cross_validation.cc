#include "orrery/ml/cross_validation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/stopwatch.h"
#include "orrery/base/threads.h"

namespace orrery {
namespace {

/// Tells of no stages of its own, as they would run into each other, but can be stopped at any of their
/// steps.
class SilentSteps final : public Progress {
 public:
  explicit SilentSteps(Progress& told) : told_(told) {}
  void begin(std::string_view /*stage*/, std::size_t /*total*/) override { told_.advance(0); }
  void advance(std::size_t /*steps*/) override { told_.advance(0); }

 private:
  Progress& told_;
};

/// Threads for each of `splits` that run on `threads` cores at once.
int threads_each(int threads, std::size_t splits) {
  const auto cores = static_cast<std::size_t>(resolve_threads(threads));
  return static_cast<int>(std::max<std::size_t>(1, cores / std::max<std::size_t>(1, splits)));
}

/// The scores of one split, a list a block that it tests.
struct SplitScores {
  SplitReport report;
  std::vector<std::vector<double>> blocks;
};

SplitScores run_split(const LearningData& data, const CrossValidationSpec& spec, const ModelEntry& model,
                      const PurgedSplits& splits, std::size_t index, Progress& progress) {
  const Stopwatch watch;
  const PurgedSplit& split = splits.splits[index];
  SplitScores result;
  SplitReport& report = result.report;
  const int purge_rows = purges_by_cell(data, spec) ? 0 : spec.splits.purge_rows;
  report.learned = hold_out_last(split.train, spec.valid_share, purge_rows);
  RowRanges test;
  for (const std::size_t block : split.test) test.append(splits.blocks[block]);
  FitSpec own = spec;
  own.threads = threads_each(spec.threads, splits.splits.size());
  SilentSteps silent(progress);
  const FittedFold fold =
      fit_fold(data, own, model, fmt::format("split {}", index + 1), report.learned, test, silent);
  report.library_seconds = fold.fit.library_seconds;
  for (const std::size_t block : split.test) {
    auto& scores = result.blocks.emplace_back();
    report.library_seconds += predict_fold(data, fold, splits.blocks[block], own.threads, scores);
    report.test_samples += scores.size();
  }
  report.train_samples = fold.train_samples;
  report.valid_samples = fold.valid_samples;
  report.rounds = fold.fit.best_round;
  report.seconds = watch.seconds();
  return result;
}

/// The path to which a split's prediction of a block belongs.
std::size_t path_of(const PurgedSplits& splits, std::size_t split, std::size_t block) {
  for (std::size_t path = 0; path < splits.paths.size(); ++path) {
    if (splits.paths[path][block] == split) return path;
  }
  throw internal_error("a split tests a block that no path has of it");
}

}  // namespace

CrossValidationResult cross_validate(const FactorFrame& features, const Panel& label,
                                     const MaskPanel& eligible, const CrossValidationSpec& spec,
                                     const ModelEntry& model, Progress& progress,
                                     const RowPanel* label_ends) {
  const Panel learned_label = preprocess_label(label, eligible, spec.preprocess.label);
  const LearningData data{features, label, learned_label, eligible, label_ends};
  CrossValidationResult result;
  PurgedSplitSpec cuts = spec.splits;
  if (purges_by_cell(data, spec)) cuts.label_ends = last_row_of_sessions(label, *label_ends);
  result.splits = purged_splits(spec.sample, cuts);
  const auto& splits = result.splits;
  result.reports.resize(splits.splits.size());
  for (std::size_t path = 0; path < splits.paths.size(); ++path)
    result.paths.emplace_back(eligible.rows(), eligible.columns());
  progress.begin("cross-validation", splits.splits.size());
  parallel_for(splits.splits.size(), spec.threads, [&](std::size_t index) {
    SplitScores scores = run_split(data, spec, model, splits, index, progress);
    const auto& test = splits.splits[index].test;
    for (std::size_t i = 0; i < test.size(); ++i) {
      place_scores(eligible, splits.blocks[test[i]], scores.blocks[i],
                   result.paths[path_of(splits, index, test[i])]);
    }
    result.reports[index] = std::move(scores.report);
    progress.advance(1);
  });
  progress.end();
  return result;
}

}  // namespace orrery
