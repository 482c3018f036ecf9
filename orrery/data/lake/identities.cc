#include "orrery/data/lake/identities.h"

#include <algorithm>

#include "orrery/data/lake/action_kinds.h"
#include "orrery/data/lake/as_of.h"

namespace orrery {

Identities read_identities(Lake& lake, const LakeView& view) {
  const auto tables = lake.tables();
  if (!std::binary_search(tables.begin(), tables.end(), std::string(kActionsTable))) return Identities();
  ViewedTable viewed(lake, view, kActionsTable);
  ScanRequest request;
  request.columns = {"symbol", "note", kEventTime};
  request.version = viewed.version;
  request.where.push_back(one_of("kind", {kRenameKind}));
  const auto rows = scan_as_of(viewed.table, known_by(view), std::move(request))->rest();
  const auto& events = std::get<std::vector<std::int64_t>>(rows.column(kEventTime).values);
  std::vector<Rename> renames;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    renames.push_back(
        {text_at(rows.column("symbol"), row), text_at(rows.column("note"), row), day_of({events[row]})});
  }
  return Identities(std::move(renames));
}

}  // namespace orrery
