#include "orrery/ml/out_of_fold.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>

#include "orrery/base/error.h"
#include "orrery/ml/purged_splits.h"

namespace orrery {
namespace {

/// Where a fold's checkpoints go: apart from those of the other folds.
FitContext context_of(const FitContext& context, std::size_t fold) {
  FitContext own = context;
  if (own.checkpoints.empty()) return own;
  own.checkpoints /= fmt::format("fold-{}", fold + 1);
  std::filesystem::create_directories(own.checkpoints);
  return own;
}

}  // namespace

std::vector<double> out_of_fold_scores(const ModelEntry& entry, const ParameterMap& parameters,
                                       const Dataset& train, const Dataset* valid, const OutOfFoldSpec& spec,
                                       const FitContext& context, LibrarySeconds& seconds) {
  const auto splits = purged_splits(train.row_span(), {spec.folds, 1, context.purge_rows, spec.embargo_rows});
  std::vector<double> scores(train.size());
  std::size_t next = 0;
  for (std::size_t block = 0; block < splits.blocks.size(); ++block) {
    const Dataset held_out = train.within(splits.blocks[block]);
    if (held_out.size() == 0) continue;
    const Dataset learned = train.within(splits.splits[block].train);
    if (learned.size() == 0) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("block {} of {} leaves no sample to learn from", block + 1, spec.folds));
    }
    const auto model = make_model(entry, parameters);
    seconds += model->fit(learned, valid, context_of(context, block)).library_seconds;
    const auto out = std::span<double>(scores).subspan(next, held_out.size());
    seconds += model->predict(held_out, out, context.threads).library_seconds;
    next += held_out.size();
  }
  return scores;
}

}  // namespace orrery
