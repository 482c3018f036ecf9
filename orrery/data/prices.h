#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/base/progress.h"
#include "orrery/data/account_currency.h"
#include "orrery/data/bar_files.h"
#include "orrery/data/funding_rates.h"
#include "orrery/data/table.h"
#include "orrery/market/calendar.h"
#include "orrery/market/market_data.h"

namespace orrery {

/// How adjusted prices are made from raw ones. All but kBackward are chained forward from each symbol's first
/// bar: adding a day never changes the past.
enum class Adjustment {
  kForward,      ///< splits and dividends; a dividend D is a step of close before / (close before − D)
  kBackward,     ///< as the last day sees it: raw × adj_close/close of a file (what qlib users do), else
                 ///< kForward divided by its last value
  kNone,         ///< fields are the raw prices
  kSplit,        ///< splits alone
  kTotalReturn,  ///< splits, and dividends put in again at the ex-day's close: returns are those of a holder
};

/// Reads forward, backward, none (also raw), split, total_return. Errors: kInvalidArgument.
Adjustment parse_adjustment(std::string_view name);
/// Returns the names that parse_adjustment knows.
std::vector<std::string> adjustment_names();

/// Where prices come from and how they are read.
struct PriceSource {
  std::filesystem::path path;        ///< .csv, .csv.gz or a file of columns (table_file.h)
  std::vector<BarFile> bars;         ///< instead of `path`: a file of bars a symbol, folded into days
  std::vector<FundingFile> funding;  ///< of perpetual futures
  std::filesystem::path renames;     ///< optional .csv of prices from files: date, from, to
  std::filesystem::path sectors;     ///< optional .csv: symbol, sector
  std::filesystem::path delistings;  ///< optional .csv: symbol, date, return, reason
  /// Tables of series that are the same for all instruments, as add_series_fields reads them.
  std::vector<std::filesystem::path> series;
  CurrencySource currencies;      ///< where not all prices are in the account's
  std::string calendar = "XNYS";  ///< a name for find_calendar, or "file": the dates found in the file
  Adjustment adjustment = Adjustment::kForward;
  /// Keep bars whose high or low other prices exceed, to repeat the work of a peer that does not look.
  bool keep_impossible_bars = false;
  int threads = 0;  ///< 0: all cores; the result does not depend on it
};

/// What was found in a price file; the data-quality part of a run.
struct PriceSummary {
  std::size_t rows_read = 0;  ///< data rows of the file = rows_good + rows_quarantined
  std::size_t rows_good = 0;
  std::size_t rows_quarantined = 0;
  std::map<std::string, std::size_t> quarantined;  ///< left-out rows by reason
  std::size_t out_of_order_rows = 0;               ///< good rows whose date goes back in the file; kept
  std::size_t zero_volume_rows = 0;                ///< good rows without trading; kept
  std::size_t symbols = 0;
  std::size_t sessions = 0;
  Date first_date;
  Date last_date;
  std::vector<Date> missing_sessions;        ///< sessions of the calendar on which no symbol has a bar
  std::vector<Date> non_session_days;        ///< days with bars that are no sessions (quarantined)
  std::size_t late_listings = 0;             ///< symbols whose first bar comes after the first session
  std::size_t early_endings = 0;             ///< symbols whose last bar comes before the last session
  std::size_t missing_bars = 0;              ///< empty cells between a symbol's first and last bar
  std::vector<std::string> extra_fields;     ///< further numeric columns, now fields
  std::vector<std::string> series_fields;    ///< series that are the same for all instruments, now fields
  std::vector<std::string> ignored_columns;  ///< columns that are neither known nor numeric
  std::map<std::string, std::size_t> unreadable_values;  ///< by further field: texts that are no number
  std::size_t dividends = 0;                             ///< cash dividends, given or derived
  std::size_t splits = 0;                                ///< splits, given or derived
  std::size_t unexplained_adjustments =
      0;                                 ///< steps of adj_close/close that are neither; followed all the same
  std::size_t unconfirmed_actions = 0;   ///< given dividends and splits that adj_close does not show
  std::size_t incomplete_days = 0;       ///< left out at the ends of files of bars
  std::size_t funding_payments = 0;      ///< of perpetual futures
  std::size_t unused_funding_rates = 0;  ///< of moments outside the sessions
  std::size_t stale_funding_marks = 0;   ///< as of FundingCounts
  std::size_t symbols_without_sector = 0;         ///< 0 when there is no sectors file
  std::size_t unused_delistings = 0;              ///< records of unknown symbols or outside the sessions
  std::map<std::string, std::size_t> currencies;  ///< instruments by currency; empty where nobody says
  std::size_t unused_currencies = 0;              ///< symbols with a currency that the prices have not
  bool delivered_adjusted = false;  ///< no adj_close, dividend or split column: prices as they came
};

/// A price file as the market it describes.
struct PriceLoad {
  MarketData market;
  Calendar calendar;  ///< the one asked for, or the one found in the file
  /// One row per noted source row, ascending by line: `line` (int64; line of a text file, row number from 1
  /// of a Parquet file), `date`, `symbol`, `reason`, `column`, `found`, `action` (dictionary strings; "left
  /// out" or "kept").
  Table quarantine;
  PriceSummary summary;
  std::string fingerprint;  ///< of the bytes of all files read and the options that change the result
  std::map<std::string, std::int64_t> table_versions;  ///< by table of a lake that was read; empty for files
};

/// Reads prices into panels: columns `date, symbol, open, high, low, close, volume`, optionally `adj_close,
/// vwap, dividend, split_ratio`, in any case and under common synonyms (docs/data.md). Further numeric
/// columns become fields. Bad rows go to the quarantine with their reason, good rows go on; nothing is filled
/// forward. Rows of the panels: the calendar's sessions between the first and the last good bar. The order of
/// rows in the file does not matter, except that of two rows with one key the later one wins.
///
/// `market.raw` has prices as they came. `market.fields` has prices times a factor and volume divided by it;
/// kForward: 1 on the first bar, then changed only by each dividend or split (given by columns, or derived
/// from steps of adj_close/close larger than the rounding of both explains). `vwap` is (high+low+close)/3
/// where the file has none.
/// Errors: kNotFound (file, required column, calendar), kDataCorrupt, kInvalidArgument (no good row at all).
/// Per-row trouble never throws. Source of the rules: docs/data.md.
PriceLoad load_prices(const PriceSource& source, Progress& progress = silent_progress());

}  // namespace orrery
