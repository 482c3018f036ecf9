#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "orrery/data/membership.h"
#include "orrery/data/table.h"

namespace orrery {

/// A qlib binary store as prices that Orrery reads.
struct QlibStore {
  /// One row per session with a close, by symbol, then date: date, symbol, open, high, low, close, volume,
  /// adj_close, and vwap where every symbol has it.
  Table prices;
  std::size_t symbols = 0;
  std::size_t sessions = 0;                 ///< of the store's calendar
  std::vector<std::string> without_data;    ///< listed instruments that have no close or volume
  std::vector<MembershipInterval> members;  ///< who belonged to the market when; empty for "all"
};

/// Reads a daily qlib store: `calendars/day.txt`, `instruments/MARKET.txt` (symbol, first, last),
/// `features/SYMBOL/FIELD.day.bin` (little-endian float32: the index of the first session, then one value a
/// session). qlib keeps adjusted prices and `factor` = adjusted / raw; raw prices are the former divided by
/// it, raw volume the latter multiplied, adj_close is what the store holds. Without a factor it is 1. Every
/// instrument that ever belonged to the market has all sessions of its intervals in `all`, so that factors of
/// the day it joins know its past, as in qlib. Sessions without a close are left out. Errors: kNotFound
/// for a missing file; kDataCorrupt for a calendar, interval or field that can't be. Source: qlib 0.9.7,
/// qlib/data/storage/file_storage.py and scripts/dump_bin.py.
QlibStore read_qlib_store(const std::filesystem::path& folder, const std::string& market = "all");

}  // namespace orrery
