#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "orrery/market/market_data.h"

namespace orrery {

/// Which instrument a symbol stood for on a day. An instrument is called by the last symbol that is known of
/// it; a symbol that one gave up may be another's later.
class Identities {
 public:
  /// In any order; a rename to the same symbol or to none is left out.
  explicit Identities(std::vector<Rename> renames = {});

  bool empty() const { return by_symbol_.empty(); }
  /// Returns the last symbol of the instrument that had this symbol on a day.
  const std::string& name_of(const std::string& symbol, Date day) const;
  /// Returns the renames by which a symbol was given up, ascending by day.
  std::span<const Rename> renames_of(const std::string& symbol) const;
  /// Returns all of them, ascending by day, then by the symbols.
  std::vector<Rename> renames() const;
  /// Returns all symbols that instruments of these names ever had, the names included; where a symbol changed
  /// hands, maybe also some of those who had it.
  std::vector<std::string> symbols_of(const std::vector<std::string>& names) const;

 private:
  std::map<std::string, std::vector<Rename>> by_symbol_;  ///< by the symbol given up, ascending by day
};

}  // namespace orrery
