#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/market/factor_frame.h"

namespace orrery {

/// One step of a walk forward: rows to learn from, rows that decide when to stop, rows to predict.
/// Rows index the market's sessions. `valid` may be empty; `train` and `test` may not.
struct Fold {
  RowRange train;
  RowRange valid;
  RowRange test;

  bool operator==(const Fold&) const = default;
};

/// The share of validation rows among those that are learned from.
double valid_share(const Fold& fold);

/// A length of calendar time.
struct Period {
  enum class Unit { kDays, kWeeks, kMonths, kYears };
  int count = 0;
  Unit unit = Unit::kDays;

  bool operator==(const Period&) const = default;
};

/// Reads `2y`, `6m`, `8w` or `30d` (calendar years, months, weeks, days). Zero is a period.
/// Errors: kInvalidArgument, with what was found and what is allowed.
Period parse_period(std::string_view text);
std::string to_string(Period period);

/// Returns the day `period` after `date`. A month's missing day becomes its last day.
Date add_period(Date date, Period period);

/// A closed range of calendar days.
struct DateRange {
  Date first;
  Date last;
};

/// The calendar days of one fold, all inclusive. A `valid` whose last day is before its first is an empty
/// one.
struct FoldDates {
  DateRange train;
  DateRange valid;
  DateRange test;
};

/// Lays folds from the first session on: train, then valid, then test; each next fold starts one test period
/// later, until no session is left to test. The last test may be shorter than the period: it ends with the
/// data. Test ranges never overlap. `dates`: ascending sessions. Errors: kInvalidArgument when no fold fits
/// (says up to which day sessions are needed and where they end), or when `train` or `test` is zero.
std::vector<Fold> walk_forward_folds(const std::vector<Date>& dates, Period train, Period valid, Period test);

/// Turns fold dates into rows. Errors: kInvalidArgument, naming the fold, for a range that holds no session,
/// for ranges out of order, and for test ranges that overlap.
std::vector<Fold> explicit_folds(const std::vector<Date>& dates, const std::vector<FoldDates>& folds);

/// How many rows at the end of a segment are dropped because their labels look into the next one.
struct Purge {
  bool automatic = true;       ///< as many as the label's span
  int rows = 0;                ///< when not automatic
  bool allow_shorter = false;  ///< demanded explicitly, to repeat the work of a peer that doesn't purge
};

/// Returns the number of rows to purge by. `label_span_rows`: the label of row t is known from rows t … t +
/// span. Errors: kInvalidArgument for fewer rows than the span, unless `allow_shorter`.
int resolve_purge(const Purge& purge, int label_span_rows);

/// Drops the rows at the end of `train` whose label span [t, t + label_span_rows] reaches the first row of
/// the next segment (`valid`, or `test` where there is no `valid`), and those at the end of `valid` that
/// reach `test`. Errors: kInvalidArgument when nothing is left of a segment that had rows.
Fold purge_fold(const Fold& fold, int label_span_rows);

/// Checks what every walk forward relies on: segments in order and not overlapping within a fold, train and
/// test not empty, rows below `row_count`, no row tested twice. Errors: kInvalidArgument, naming the fold.
void validate_folds(const std::vector<Fold>& folds, std::size_t row_count);

}  // namespace orrery
