#include "orrery/execution/told_changes.h"

namespace orrery {

ChangeName name_of(const AccountChange& change) {
  if (change.kind == EntryKind::kRename) return {change.date, 0, change.former, change.symbol};
  return {change.date, change.number, "", ""};
}

bool ToldChanges::has(const AccountChange& change) const {
  if (change.kind == EntryKind::kRename) return renames_.contains(name_of(change));
  return std::pair(change.date, change.number) <= last_;
}

void ToldChanges::add(const AccountChange& change) {
  if (change.kind == EntryKind::kRename) {
    renames_.insert(name_of(change));
  } else {
    last_ = {change.date, change.number};
  }
}

}  // namespace orrery
