#include "orrery/data/lake/lake_view.h"

#include <limits>

namespace orrery {

ViewedTable::ViewedTable(Lake& lake, const LakeView& view, const std::string& name)
    : table(lake.open(name)),
      state(view.committed_by ? table.log().at_time(*view.committed_by) : table.log().latest()),
      version(state->version),
      schema(state->metadata.schema) {}

Timestamp known_by(const LakeView& view) {
  return view.as_of.value_or(Timestamp{std::numeric_limits<std::int64_t>::max()});
}

}  // namespace orrery
