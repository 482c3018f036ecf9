#include "orrery/ml/inner_folds.h"

#include <fmt/format.h>

#include "orrery/base/error.h"

namespace orrery {

std::vector<InnerFold> inner_folds(RowRange span, int count, double valid_share, int purge_rows) {
  const auto blocks = static_cast<std::size_t>(count);
  const std::size_t half = span.size() / 2;
  const std::size_t length = half / blocks;
  if (length == 0)
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("the {} sessions that settings may be chosen on are too few for {} inner folds",
                    span.size(), count));
  std::vector<InnerFold> folds;
  for (std::size_t i = 0; i < blocks; ++i) {
    const std::size_t begin = span.end - (blocks - i) * length;
    const auto reach = static_cast<std::size_t>(purge_rows);
    const RowRange before{span.begin, begin > reach ? begin - reach : 0};
    if (before.end <= before.begin)
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("the purge of {} sessions leaves nothing to tune on", purge_rows));
    folds.push_back({hold_out_last(before, valid_share, purge_rows), {begin, begin + length}});
    if (folds.back().learned.train.empty())
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("the purge of {} sessions leaves nothing to tune on", purge_rows));
  }
  return folds;
}

}  // namespace orrery
