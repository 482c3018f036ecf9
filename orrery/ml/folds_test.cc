#include "orrery/ml/folds.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::folds_test {
namespace {

/// Every weekday from `first` to `last`.
std::vector<Date> weekdays(Date first, Date last) {
  std::vector<Date> dates;
  for (Date date = first; date <= last; date = date + 1) {
    if (weekday(date) < 5) dates.push_back(date);
  }
  return dates;
}

const std::vector<Date>& four_years() {
  static const auto dates = weekdays(make_date(2015, 1, 12), make_date(2018, 12, 31));
  return dates;
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

TEST(Period, ReadsCountAndUnit) {
  EXPECT_EQ(parse_period("2y"), (Period{2, Period::Unit::kYears}));
  EXPECT_EQ(parse_period("6m"), (Period{6, Period::Unit::kMonths}));
  EXPECT_EQ(parse_period("8w"), (Period{8, Period::Unit::kWeeks}));
  EXPECT_EQ(parse_period("30d"), (Period{30, Period::Unit::kDays}));
  EXPECT_EQ(to_string(parse_period("12m")), "12m");
  for (const char* bad : {"", "y", "2", "2q", "-1y", "2 y", "2yy", "1.5y", "99999999999y"}) {
    EXPECT_NE(message_of([&] { parse_period(bad); }).find(std::string("found '") + bad + "'"),
              std::string::npos)
        << bad;
  }
}

TEST(Period, ShiftsByCalendar) {
  EXPECT_EQ(add_period(make_date(2016, 2, 29), parse_period("1y")), make_date(2017, 2, 28));
  EXPECT_EQ(add_period(make_date(2015, 1, 31), parse_period("1m")), make_date(2015, 2, 28));
  EXPECT_EQ(add_period(make_date(2015, 1, 31), parse_period("2w")), make_date(2015, 2, 14));
}

TEST(WalkForwardFolds, RollByTheTestPeriod) {
  const auto folds =
      walk_forward_folds(four_years(), parse_period("2y"), parse_period("6m"), parse_period("6m"));
  ASSERT_EQ(folds.size(), 3u);
  const auto first_day = [](RowRange rows) { return to_string(four_years()[rows.begin]); };
  const auto last_day = [](RowRange rows) { return to_string(four_years()[rows.end - 1]); };
  EXPECT_EQ(first_day(folds[0].train), "2015-01-12");
  EXPECT_EQ(last_day(folds[0].train), "2017-01-11");
  EXPECT_EQ(first_day(folds[0].valid), "2017-01-12");
  EXPECT_EQ(last_day(folds[0].valid), "2017-07-11");
  EXPECT_EQ(first_day(folds[0].test), "2017-07-12");
  EXPECT_EQ(last_day(folds[0].test), "2018-01-11");
  EXPECT_EQ(first_day(folds[1].train), "2015-07-13");
  // The last test ends with the data.
  EXPECT_EQ(folds[2].test.end, four_years().size());
}

TEST(WalkForwardFolds, TestsTouchWithoutOverlapWhateverThePeriods) {
  Random random(11);
  for (int trial = 0; trial < 300; ++trial) {
    const auto first = make_date(2010, 1, 1) + static_cast<int>(random.below(800));
    const auto dates = weekdays(first, first + 900 + static_cast<int>(random.below(900)));
    const auto period = [&](int most) {
      const auto unit = static_cast<Period::Unit>(1 + random.below(2));
      return Period{1 + static_cast<int>(random.below(static_cast<std::uint64_t>(most))), unit};
    };
    const auto folds = walk_forward_folds(dates, period(12), period(5), period(5));
    for (std::size_t i = 0; i < folds.size(); ++i) {
      EXPECT_LE(folds[i].train.end, folds[i].valid.begin);
      EXPECT_LE(folds[i].valid.end, folds[i].test.begin);
      if (i > 0) {
        EXPECT_EQ(folds[i].test.begin, folds[i - 1].test.end);
      }
    }
    EXPECT_EQ(folds.back().test.end, dates.size());
  }
}

TEST(WalkForwardFolds, SayWhatIsMissing) {
  const auto dates = weekdays(make_date(2015, 1, 12), make_date(2016, 12, 30));
  const auto message = message_of(
      [&] { walk_forward_folds(dates, parse_period("2y"), parse_period("6m"), parse_period("6m")); });
  EXPECT_NE(message.find("2017-07-12"), std::string::npos) << message;  // needed
  EXPECT_NE(message.find("2016-12-30"), std::string::npos) << message;  // found
  EXPECT_NE(message_of([&] {
              walk_forward_folds(dates, parse_period("0d"), parse_period("6m"), parse_period("6m"));
            }).find("training"),
            std::string::npos);
  message_of([] { walk_forward_folds({}, parse_period("2y"), parse_period("6m"), parse_period("6m")); });
}

TEST(WalkForwardFolds, MayDoWithoutValidation) {
  const auto folds =
      walk_forward_folds(four_years(), parse_period("2y"), parse_period("0d"), parse_period("1y"));
  ASSERT_EQ(folds.size(), 2u);
  EXPECT_TRUE(folds[0].valid.empty());
  EXPECT_EQ(folds[0].train.end, folds[0].test.begin);
}

FoldDates fold_dates(const char* a, const char* b, const char* c, const char* d, const char* e,
                     const char* f) {
  return {
      {*parse_date(a), *parse_date(b)}, {*parse_date(c), *parse_date(d)}, {*parse_date(e), *parse_date(f)}};
}

TEST(ExplicitFolds, IncludeBothEnds) {
  const auto folds = explicit_folds(four_years(), {fold_dates("2015-01-12", "2016-12-30", "2017-01-02",
                                                              "2017-06-30", "2017-07-03", "2017-12-29")});
  EXPECT_EQ(four_years()[folds[0].train.end - 1], make_date(2016, 12, 30));
  EXPECT_EQ(four_years()[folds[0].valid.begin], make_date(2017, 1, 2));
  EXPECT_EQ(four_years()[folds[0].test.end - 1], make_date(2017, 12, 29));
}

TEST(ExplicitFolds, RefuseWhatCannotBeHonest) {
  const auto refuse = [](std::vector<FoldDates> folds) {
    return message_of([&] { explicit_folds(four_years(), folds); });
  };
  const auto good =
      fold_dates("2015-01-12", "2016-12-30", "2017-01-02", "2017-06-30", "2017-07-03", "2017-12-29");
  // No session on a weekend; test before training; training into validation; overlapping tests.
  EXPECT_NE(
      refuse({fold_dates("2015-01-17", "2015-01-18", "2017-01-02", "2017-06-30", "2017-07-03", "2017-12-29")})
          .find("fold 1"),
      std::string::npos);
  refuse({fold_dates("2017-01-12", "2017-12-30", "2018-01-02", "2018-06-30", "2016-07-03", "2016-12-29")});
  refuse({fold_dates("2015-01-12", "2017-03-30", "2017-01-02", "2017-06-30", "2017-07-03", "2017-12-29")});
  EXPECT_NE(refuse({good, good}).find("fold 2"), std::string::npos);
}

TEST(Purge, IsAtLeastTheLabelSpan) {
  EXPECT_EQ(resolve_purge({}, 2), 2);
  EXPECT_EQ(resolve_purge({false, 5, false}, 2), 5);
  EXPECT_EQ(resolve_purge({false, 0, true}, 2), 0);
  EXPECT_NE(message_of([] { resolve_purge({false, 1, false}, 2); }).find("at least 2"), std::string::npos);
  message_of([] { resolve_purge({false, -1, true}, 2); });
}

TEST(Purge, LeavesNoLabelThatReachesTheNextSegment) {
  const Fold fold{{0, 10}, {10, 20}, {20, 30}};
  EXPECT_EQ(purge_fold(fold, 2), (Fold{{0, 8}, {10, 18}, {20, 30}}));
  EXPECT_EQ(purge_fold(fold, 0), fold);
  // A gap counts: only what reaches over it goes.
  EXPECT_EQ(purge_fold({{0, 10}, {11, 20}, {25, 30}}, 2), (Fold{{0, 9}, {11, 20}, {25, 30}}));
  EXPECT_EQ(purge_fold({{0, 10}, {10, 10}, {10, 30}}, 3), (Fold{{0, 7}, {10, 10}, {10, 30}}));
  message_of([&] { purge_fold(fold, 10); });

  Random random(5);
  for (int trial = 0; trial < 200; ++trial) {
    const int span = static_cast<int>(random.below(6));
    const std::size_t a = 10 + random.below(20), b = a + random.below(4), c = b + 10 + random.below(9),
                      d = c + random.below(4);
    const Fold purged = purge_fold({{0, a}, {b, c}, {d, d + 5}}, span);
    EXPECT_LT(purged.train.end - 1 + static_cast<std::size_t>(span), b);
    EXPECT_LT(purged.valid.end - 1 + static_cast<std::size_t>(span), d);
    // Nothing more than needed is dropped.
    EXPECT_TRUE(purged.train.end == a || purged.train.end + static_cast<std::size_t>(span) == b);
  }
}

}  // namespace
}  // namespace orrery::folds_test
