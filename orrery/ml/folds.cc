#include "orrery/ml/folds.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "orrery/base/error.h"

namespace orrery {
namespace {

Error period_error(std::string_view text) {
  return user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("a period is a whole number and one of y, m, w, d, such as 2y, 6m, 8w or 30d; found '{}'",
                  text));
}

std::size_t row_at_or_after(const std::vector<Date>& dates, Date date) {
  return static_cast<std::size_t>(std::lower_bound(dates.begin(), dates.end(), date) - dates.begin());
}

RowRange rows_between(const std::vector<Date>& dates, Date first, Date end) {
  return {row_at_or_after(dates, first), row_at_or_after(dates, end)};
}

RowRange rows_within(const std::vector<Date>& dates, DateRange range) {
  if (range.last < range.first) {
    const auto row = row_at_or_after(dates, range.first);
    return {row, row};
  }
  return rows_between(dates, range.first, range.last + 1);
}

/// The first days of a fold's segments, and of what follows it.
struct FoldDays {
  Date train, valid, test, end;
};

/// Lays the fold that starts `step` test periods after the first session. Every boundary is shifted from that
/// first session in one go, so that a month's missing day does not wear off step by step; a test ends where
/// the next one begins.
FoldDays lay_fold(Date origin, int step, Period train, Period valid, Period test) {
  const auto test_begin = [&](int n) {
    const Date first = add_period(origin, {n * test.count, test.unit});
    return add_period(add_period(first, train), valid);
  };
  const Date first = add_period(origin, {step * test.count, test.unit});
  return {first, add_period(first, train), test_begin(step), test_begin(step + 1)};
}

Error too_short(const std::vector<Date>& dates, const FoldDays& needed) {
  return user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("the data is too short for one fold: training from {} needs sessions to test on "
                  "from {} (a full test ends before {}), but the {} sessions end on {}",
                  to_string(needed.train), to_string(needed.test), to_string(needed.end), dates.size(),
                  to_string(dates.back())));
}

void require_positive(Period period, std::string_view name) {
  if (period.count > 0) return;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("the {} period must be longer than zero, found {}", name, to_string(period)));
}

[[noreturn]] void refuse_fold(std::size_t fold, const std::string& reason) {
  throw user_error(ErrorCode::kInvalidArgument, fmt::format("fold {}: {}", fold + 1, reason));
}

Error no_training_session(std::size_t fold, const FoldDays& days, Period train) {
  return user_error(ErrorCode::kInvalidArgument,
                    fmt::format("fold {}: no session to train on in the {} from {}", fold + 1,
                                to_string(train), to_string(days.train)));
}

void require_sessions(const std::vector<Date>& dates, RowRange rows, DateRange range, std::size_t fold,
                      std::string_view segment) {
  if (!rows.empty()) return;
  refuse_fold(fold, fmt::format("no session to {} on from {} to {}; the data has {} sessions{}", segment,
                                to_string(range.first), to_string(range.last), dates.size(),
                                dates.empty() ? ""
                                              : fmt::format(", {} to {}", to_string(dates.front()),
                                                            to_string(dates.back()))));
}

Fold rows_of(const std::vector<Date>& dates, const FoldDates& days, std::size_t index) {
  const Fold fold{rows_within(dates, days.train), rows_within(dates, days.valid),
                  rows_within(dates, days.test)};
  require_sessions(dates, fold.train, days.train, index, "train");
  if (!(days.valid.last < days.valid.first)) {
    require_sessions(dates, fold.valid, days.valid, index, "validate");
  }
  require_sessions(dates, fold.test, days.test, index, "test");
  return fold;
}

std::string describe(RowRange rows) { return fmt::format("rows {} to {}", rows.begin, rows.end); }

void validate_fold(const Fold& fold, std::size_t index, std::size_t row_count) {
  if (fold.train.empty()) refuse_fold(index, "no row to train on");
  if (fold.test.empty()) refuse_fold(index, "no row to test on");
  if (fold.test.end > row_count) {
    refuse_fold(index, fmt::format("test {} end after the last of {} rows", describe(fold.test), row_count));
  }
  if (fold.train.end > fold.test.begin) {
    refuse_fold(index, fmt::format("training must end before testing begins, found train {}, test {}",
                                   describe(fold.train), describe(fold.test)));
  }
  if (fold.valid.empty()) return;
  if (fold.valid.begin < fold.train.end || fold.valid.end > fold.test.begin) {
    refuse_fold(index,
                fmt::format("validation must lie between training and testing, found train {}, valid {}, "
                            "test {}",
                            describe(fold.train), describe(fold.valid), describe(fold.test)));
  }
}

/// Cuts `rows` so that no label span of its rows reaches `next`.
RowRange cut_before(RowRange rows, std::size_t next, int span, std::string_view segment) {
  if (rows.empty()) return rows;
  const auto reach = static_cast<std::size_t>(span);
  const std::size_t limit = next > reach ? next - reach : 0;
  const RowRange cut{rows.begin, std::min(rows.end, limit)};
  if (cut.empty()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("purging {} rows leaves nothing to {} on: it had {} rows before row {}",
                                 span, segment, rows.size(), next));
  }
  return cut;
}

}  // namespace

Period parse_period(std::string_view text) {
  int count = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, count);
  if (failure != std::errc{} || count < 0 || stop + 1 != end) throw period_error(text);
  constexpr std::string_view kUnits = "dwmy";
  const auto unit = kUnits.find(*stop);
  if (unit == std::string_view::npos) throw period_error(text);
  return {count, static_cast<Period::Unit>(unit)};
}

std::string to_string(Period period) {
  return fmt::format("{}{}", period.count, "dwmy"[static_cast<std::size_t>(period.unit)]);
}

Date add_period(Date date, Period period) {
  switch (period.unit) {
    case Period::Unit::kDays:
      return date + period.count;
    case Period::Unit::kWeeks:
      return date + 7 * period.count;
    case Period::Unit::kMonths:
      return add_months(date, period.count);
    case Period::Unit::kYears:
      return add_months(date, 12 * period.count);
  }
  throw internal_error("a period with an unknown unit");
}

std::vector<Fold> walk_forward_folds(const std::vector<Date>& dates, Period train, Period valid,
                                     Period test) {
  require_positive(train, "training");
  require_positive(test, "test");
  if (dates.empty()) throw user_error(ErrorCode::kInvalidArgument, "there are no sessions to lay folds on");
  std::vector<Fold> folds;
  for (int step = 0;; ++step) {
    const FoldDays days = lay_fold(dates.front(), step, train, valid, test);
    if (days.test > dates.back()) break;
    const Fold fold{rows_between(dates, days.train, days.valid), rows_between(dates, days.valid, days.test),
                    rows_between(dates, days.test, days.end)};
    if (fold.test.empty()) continue;
    if (fold.train.empty()) throw no_training_session(folds.size(), days, train);
    folds.push_back(fold);
  }
  if (folds.empty()) throw too_short(dates, lay_fold(dates.front(), 0, train, valid, test));
  validate_folds(folds, dates.size());
  return folds;
}

std::vector<Fold> explicit_folds(const std::vector<Date>& dates, const std::vector<FoldDates>& folds) {
  std::vector<Fold> result;
  for (std::size_t i = 0; i < folds.size(); ++i) result.push_back(rows_of(dates, folds[i], i));
  validate_folds(result, dates.size());
  return result;
}

int resolve_purge(const Purge& purge, int label_span_rows) {
  if (purge.automatic) return label_span_rows;
  if (purge.rows < 0 || (purge.rows < label_span_rows && !purge.allow_shorter)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("purge must be at least {} rows, the span of the label, or 'auto'; found {}",
                                 label_span_rows, purge.rows));
  }
  return purge.rows;
}

Fold purge_fold(const Fold& fold, int label_span_rows) {
  Fold purged = fold;
  const std::size_t after_train = fold.valid.empty() ? fold.test.begin : fold.valid.begin;
  purged.train = cut_before(fold.train, after_train, label_span_rows, "train");
  purged.valid = cut_before(fold.valid, fold.test.begin, label_span_rows, "validate");
  return purged;
}

double valid_share(const Fold& fold) {
  const auto valid = static_cast<double>(fold.valid.size());
  return valid / (valid + static_cast<double>(fold.train.size()));
}

void validate_folds(const std::vector<Fold>& folds, std::size_t row_count) {
  if (folds.empty()) throw user_error(ErrorCode::kInvalidArgument, "there is no fold to train on");
  for (std::size_t i = 0; i < folds.size(); ++i) validate_fold(folds[i], i, row_count);
  for (std::size_t i = 0; i < folds.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const auto &a = folds[j].test, &b = folds[i].test;
      if (a.begin < b.end && b.begin < a.end) {
        refuse_fold(i,
                    fmt::format("its test {} overlap those of fold {}, {}", describe(b), j + 1, describe(a)));
      }
    }
  }
}

}  // namespace orrery
