// Mistakes that are planted in the bars and actions of a lake are found, repaired as new facts, and only
// once.

#include "orrery/data/lake/validate_bars.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/random.h"
#include "orrery/data/lake/action_kinds.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/text_codes.h"
#include "orrery/market/calendar.h"
#include "testing/temporary_folder.h"

namespace orrery::validate_bars_test {
namespace {

Timestamp moment(const char* text) { return *parse_timestamp(text); }

class ValidateBars : public ::testing::Test {
 protected:
  ValidateBars() : days_(find_calendar("XNYS").sessions(make_date(2022, 1, 3), make_date(2023, 6, 30))) {
    Random random(5);
    double price = 50.0;
    for (std::size_t day = 0; day < days_.size(); ++day) {
      price *= std::exp(0.01 * random.normal());
      closes_.push_back(std::round(price * 100.0) / 100.0);
    }
  }

  /// Adds a source's bars; open, high and low lie at and around the close.
  void add_bars(const std::string& symbol, const std::string& source, const std::vector<double>& closes) {
    const auto scaled = [&](double factor) {
      auto values = closes;
      for (double& value : values) value *= factor;
      return values;
    };
    std::vector<std::int64_t> events;
    for (const auto day : days_) events.push_back(start_of(day + 1).nanoseconds);
    const auto same = [&](const std::string& text) {
      return DictionaryStrings{std::vector<std::int32_t>(closes.size(), 0), {text}};
    };
    lake_.open_or_create(*standard_table("bars_1d"))
        .append(
            {{{"symbol", same(symbol)},
              {"date", days_},
              {"open", closes},
              {"high", scaled(1.01)},
              {"low", scaled(0.99)},
              {"close", closes},
              {"volume", std::vector<double>(closes.size(), 1e6)},
              {kEventTime, events},
              {kKnownTime, events},
              {kRetrievedTime, std::vector<std::int64_t>(closes.size(), moment("2023-07-01").nanoseconds)},
              {kSource, same(source)}}});
  }

  void add_action(const std::string& symbol, std::size_t day, const char* kind, double value) {
    const std::vector<std::int64_t> event = {start_of(days_[day]).nanoseconds};
    lake_.open_or_create(*standard_table(kActionsTable))
        .append({{{"symbol", DictionaryStrings{{0}, {symbol}}},
                  {"kind", DictionaryStrings{{0}, {kind}}},
                  {"value", std::vector<double>{value}},
                  {kEventTime, event},
                  {kKnownTime, event},
                  {kRetrievedTime, std::vector<std::int64_t>{moment("2023-07-01").nanoseconds}},
                  {kSource, DictionaryStrings{{0}, {"hand"}}}}});
  }

  Validation validate(bool repair, const char* now = "2023-08-01") {
    return validate_bars(lake_, {.repair = repair, .now = moment(now)});
  }

  std::vector<double> numbers(const std::string& table, const char* column, const char* known_by) {
    auto opened = lake_.open(table);
    const auto rows = scan_as_of(opened, moment(known_by))->rest();
    return std::get<std::vector<double>>(rows.column(column).values);
  }

  testing::TemporaryFolder folder_;
  Lake lake_{folder_.path()};
  std::vector<Date> days_;
  std::vector<double> closes_;
};

TEST_F(ValidateBars, CleanBarsHaveNothingToRepair) {
  add_bars("AAA", "hand", closes_);
  add_action("AAA", 100, kDividendKind, 0.4);
  const auto found = validate(true);
  EXPECT_EQ(found.symbols, 1U);
  EXPECT_EQ(found.rows, days_.size());
  EXPECT_TRUE(found.findings.empty()) << found.findings.front().finding.reason;
  EXPECT_EQ(found.repaired_bars + found.repaired_actions, 0U);
}

TEST_F(ValidateBars, ARepairIsKnownFromThenAndMadeOnce) {
  auto bad = closes_;
  for (std::size_t day = 50; day < 70; ++day) bad[day] *= 100.0;
  add_bars("AAA", "hand", bad);
  EXPECT_EQ(validate(false).findings.size(), 1U);
  EXPECT_EQ(numbers("bars_1d", "close", "2023-09-01"), bad) << "looking changes nothing";
  const auto done = validate(true);
  EXPECT_EQ(done.repaired_bars, 20U);
  EXPECT_EQ(numbers("bars_1d", "close", "2023-07-31"), bad) << "what was known stays known";
  const auto repaired = numbers("bars_1d", "close", "2023-08-01");
  for (std::size_t day = 0; day < closes_.size(); ++day) EXPECT_NEAR(repaired[day], closes_[day], 1e-9);
  EXPECT_EQ(validate(true, "2023-08-02").repaired_bars, 0U);
  auto opened = lake_.open("quarantine");
  const auto notes = opened.scan({})->rest();
  ASSERT_EQ(notes.rows(), 1U);
  EXPECT_EQ(text_at(std::get<DictionaryStrings>(notes.column("reason").values), 0), "repaired: 100x unit");
}

TEST_F(ValidateBars, APhantomDividendIsWorthNothingFromThenOn) {
  add_bars("AAA", "hand", closes_);
  for (const std::size_t day : {40U, 103U, 166U, 229U}) add_action("AAA", day, kDividendKind, 0.3);
  add_action("AAA", 105, kDividendKind, 0.3);
  const auto done = validate(true);
  EXPECT_EQ(done.repaired_actions, 1U);
  const auto is = numbers(kActionsTable, "value", "2023-08-01");
  EXPECT_EQ(std::count(is.begin(), is.end(), 0.0), 1);
  EXPECT_EQ(is.size(), 5U);
  const auto was = numbers(kActionsTable, "value", "2023-07-31");
  EXPECT_EQ(std::count(was.begin(), was.end(), 0.3), 5);
  EXPECT_EQ(validate(true, "2023-08-02").repaired_actions, 0U);
}

TEST_F(ValidateBars, ADividendInPenceIsCorrected) {
  add_bars("AAA", "hand", closes_);
  add_action("AAA", 40, kDividendKind, 30.0);
  add_action("AAA", 166, kDividendKind, 0.3);
  EXPECT_EQ(validate(true).repaired_actions, 1U);
  EXPECT_EQ(numbers(kActionsTable, "value", "2023-08-01"), (std::vector<double>{0.3, 0.3}));
}

TEST_F(ValidateBars, ASplitIsNoMistakeOfPricesAsTraded) {
  auto traded = closes_;
  for (std::size_t day = 0; day < 120; ++day) traded[day] *= 4.0;
  add_bars("AAA", "hand", traded);
  add_action("AAA", 120, kSplitKind, 4.0);
  EXPECT_TRUE(validate(false).findings.empty());
}

TEST_F(ValidateBars, ASplitThatPricesDoNotShowIsToldAndLeft) {
  add_bars("AAA", "hand", closes_);
  add_action("AAA", 120, kSplitKind, 4.0);
  const auto found = validate(true);
  EXPECT_EQ(found.repaired_bars, 0U);
  ASSERT_FALSE(found.findings.empty());
  EXPECT_EQ(found.findings.front().finding.fault, PriceFault::kUnseenSplit);
}

TEST_F(ValidateBars, AJumpThatAnotherSourceShowsTooIsTheMarkets) {
  auto fallen = closes_;
  for (std::size_t day = 200; day < fallen.size(); ++day) fallen[day] *= 0.7;
  add_bars("AAA", "hand", fallen);
  ASSERT_EQ(validate(false).findings.size(), 1U);
  EXPECT_EQ(validate(false).findings.front().finding.fault, PriceFault::kJump);
  add_bars("AAA", "other", fallen);
  EXPECT_TRUE(validate(false).findings.empty());
}

}  // namespace
}  // namespace orrery::validate_bars_test
