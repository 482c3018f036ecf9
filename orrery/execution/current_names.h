#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "orrery/base/date.h"
#include "orrery/market/identities.h"

namespace orrery {

/// What the data of now calls the instruments that an account's books and saved states know by the symbols of
/// an earlier day. A symbol that was renamed after the account's last session is its next one. One renamed by
/// then, in the year before, as the data learned later, is so where the data has nothing of its own under it
/// any more: else it is taken for its own.
class CurrentNames {
 public:
  /// Nothing has another name.
  CurrentNames() = default;
  /// `symbols`: of the data of now, ascending; they have to outlive this. `since`: symbols of the books that
  /// the data called so before their day came, with the day.
  CurrentNames(Identities names, std::span<const std::string> symbols, Date last_session,
               std::map<std::string, Date> since);

  bool empty() const { return names_.empty(); }
  /// Returns the symbol itself where it still has its name.
  const std::string& of(const std::string& symbol) const;
  /// Returns a saved state of a strategy, a risk control or checks with the symbols of now: JSON in which
  /// symbols stand in arrays. Text that is no JSON object is left as it is.
  std::string in_state(std::string_view state) const;

 private:
  Identities names_;
  std::span<const std::string> symbols_;
  Date last_session_;
  std::map<std::string, Date> since_;
};

}  // namespace orrery
