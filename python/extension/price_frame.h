#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "orrery/market/market_data.h"
#include "python/extension/imported_table.h"

namespace orrery::python {

/// Where each row of a long frame stands in the panels.
struct FrameCells {
  std::vector<std::uint32_t> row;     ///< session
  std::vector<std::uint32_t> column;  ///< instrument
};

/// A long frame (date, symbol, numbers) as panels. Rows: the dates found, ascending; columns: the symbols, in
/// byte order. Only what factors need is filled: dates, symbols, fields, present, first and last rows.
struct PriceFrame {
  MarketData market;
  FrameCells cells;
};

/// Places a frame. Every numeric column is a field under its lower-case name, a leading `$` left out; prices
/// are taken as they are. `vwap` is (high+low+close)/3 where there is none. `date` may be called datetime or
/// timestamp, `symbol` instrument or ticker. A column of texts `sector` makes the groups of `$sector`.
/// Errors: kNotFound without a date or symbol column; kInvalidArgument for no row at all, two rows of one
/// symbol and day, or two columns of one name.
PriceFrame place_frame(const ImportedTable& table);

}  // namespace orrery::python
