#pragma once

#include <filesystem>
#include <vector>

#include "orrery/data/price_rows.h"
#include "orrery/market/identities.h"

namespace orrery {

/// Reads a table with the columns `date, from, to`: from that day on the instrument that was called `from` is
/// called `to`. Errors: kNotFound (file, column); kInvalidArgument, naming file, line, what was found and
/// what is expected, also where a symbol is given up twice, or taken by two, on one day.
std::vector<Rename> read_renames(const std::filesystem::path& path);

/// Calls every row by its instrument's last symbol. A row under a symbol belongs to who had it on its day: a
/// bar of the former symbol on or after the rename's day is another company's. Bars under the new symbol
/// before that day are the instrument's own past, as some vendors tell it; on days on which the former symbol
/// has a bar, too, that one counts and the other is set aside.
void join_renamed_rows(const Identities& names, PriceRows& rows);

}  // namespace orrery
