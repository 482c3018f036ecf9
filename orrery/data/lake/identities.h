#pragma once

#include <map>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/data/lake/lake_view.h"
#include "orrery/data/membership.h"

namespace orrery {

/// A symbol that an instrument changed for another.
struct Rename {
  std::string from, to;
  Date day;  ///< the first day under the new symbol
};

/// Which instrument a symbol stood for on a day. An instrument is called by the last symbol that is known of
/// it; a symbol that one gave up may be another's later.
class Identities {
 public:
  explicit Identities(std::vector<Rename> renames = {});

  bool empty() const { return by_symbol_.empty(); }
  /// Returns the last symbol of the instrument that had this symbol on a day.
  const std::string& name_of(const std::string& symbol, Date day) const;
  /// Returns all symbols that instruments of these names ever had, the names included; where a symbol changed
  /// hands, maybe also some of those who had it.
  std::vector<std::string> symbols_of(const std::vector<std::string>& names) const;
  /// Turns intervals by symbol into intervals by name, cut where a symbol changed hands.
  std::vector<MembershipInterval> by_name(const std::vector<MembershipInterval>& intervals) const;

 private:
  std::map<std::string, std::vector<Rename>> by_symbol_;  ///< by the symbol given up, ascending by day
};

/// Reads the renames that a view of a lake knows: rows of corporate_actions of the kind `rename`, whose note
/// is the new symbol. None where there is no such table.
Identities read_identities(Lake& lake, const LakeView& view);

}  // namespace orrery
