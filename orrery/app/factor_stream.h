#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "orrery/app/stream_rows.h"
#include "orrery/factor/streaming.h"
#include "orrery/market/market_data.h"

namespace orrery {

/// How values are written, a line for every instrument that has a line in the row.
enum class StreamFormat {
  kCsv,   ///< `date,symbol` and a column a factor; empty where a value is missing
  kJson,  ///< one object a line; null where a value is missing
};

struct FactorStreamOptions {
  StreamFormat format = StreamFormat::kCsv;
  bool header = true;            ///< CSV begins with the names of its columns
  std::string source = "input";  ///< names the input in messages
  /// Where the stream's state is kept: read at the start when it is there, written at the end. Empty:
  /// nowhere.
  std::filesystem::path state;
  std::int64_t save_every = 0;  ///< rows after which the state is written as well; 0: only at the end
  const MarketData* history =
      nullptr;  ///< rows to begin with when there is no state; their values are not written
  LineRefusal refuse = [](std::size_t, std::string_view) {};  ///< is told of every line that was set aside
  std::function<bool()> cancelled;                            ///< asked before every row; null: never
};

struct FactorStreamSummary {
  std::int64_t rows = 0;             ///< rows of this stream's input
  std::int64_t rows_of_history = 0;  ///< rows before them, from the history
  std::size_t refused_lines = 0;
  bool continued = false;  ///< the state was there
  bool cancelled = false;  ///< stopped on request; the state was written
};

/// Reads rows from `in` (as StreamRows does) and writes their factors to `out`, row by row as they come;
/// `out` is flushed after every row. A row that is only half read when the work is cancelled does not count.
/// Errors: those of StreamRows and StreamingFactors::load; kNotFound for a field that the history lacks; kIo
/// when `out` or the state can't be written.
FactorStreamSummary stream_factors(StreamingFactors& factors, std::span<const std::string> symbols,
                                   std::istream& in, std::ostream& out,
                                   const FactorStreamOptions& options = {});

}  // namespace orrery
