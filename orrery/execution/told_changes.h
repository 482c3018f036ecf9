#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "orrery/execution/broker_service.h"

namespace orrery {

/// What makes a change one: its date and number, of a rename its date and both symbols.
using ChangeName = std::tuple<Date, std::uint64_t, std::string, std::string>;
ChangeName name_of(const AccountChange& change);

/// Which changes a broker was told of, so that one that comes again changes nothing.
class ToldChanges {
 public:
  /// Whether the change was told; one that is numbered also where a later one was.
  bool has(const AccountChange& change) const;
  void add(const AccountChange& change);

 private:
  std::pair<Date, std::uint64_t> last_;  ///< of those that are numbered
  std::set<ChangeName> renames_;
};

}  // namespace orrery
