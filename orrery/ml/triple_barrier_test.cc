#include "orrery/ml/triple_barrier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/random.h"

namespace orrery::triple_barrier_test {
namespace {

using Touch = TripleBarrier::Touch;
using Value = TripleBarrier::Value;

Panel column(const std::vector<double>& prices) {
  Panel panel(prices.size(), 1);
  for (std::size_t row = 0; row < prices.size(); ++row) panel(row, 0) = prices[row];
  return panel;
}

/// One name's bars; a session's open, high and low are its close unless told otherwise.
struct Bars {
  Panel open, high, low, close;
  explicit Bars(const std::vector<double>& closes)
      : open(column(closes)), high(column(closes)), low(column(closes)), close(column(closes)) {}
  Bars& bar(std::size_t row, double o, double h, double l) {
    open(row, 0) = o;
    high(row, 0) = h;
    low(row, 0) = l;
    return *this;
  }
  Label label(const TripleBarrier& spec, const std::vector<Delisting>& delistings = {},
              const Panel* widths = nullptr) const {
    return triple_barrier_label({close, open, high, low, close}, widths, delistings, spec, 1);
  }
};

TripleBarrier returns_of_ten(Touch touch, Value value = Value::kReturn) {
  return {0.10, 0.10, 3, 1, touch, value};
}

/// The label and last row of one row.
void expect_cell(const Label& label, std::size_t row, double value, std::uint32_t last) {
  EXPECT_NEAR(label.values(row, 0), value, 1e-15) << "row " << row;
  EXPECT_EQ(label.last_rows(row, 0), last) << "row " << row;
}

// Worked by hand: barriers 10 % above and below the entry at t + 1, 3 sessions to touch them.
//   row          0    1    2    3    4    5    6
//   close      100  100  105  110   90   99   99
//   row 0: entry 100 on row 1, closes 105, 110: the profit is touched on row 3, although 1.1 × 100 > 110.
//   row 1: entry 105, barriers 115.5 and 94.5: 110, then 90 on row 4: the stop, left at the close.
//   row 2: entry 110, stop 99: 90 on row 4.
//   row 3: entry 90, barriers 99 and 81: 99 on row 5 is the profit.
//   row 4: entry 99: 99 on row 6, and the data end. Unknown, as are the rest.
TEST(TripleBarrier, FollowsItsDefinition) {
  const Bars bars({100, 100, 105, 110, 90, 99, 99});
  const Label label = bars.label(returns_of_ten(Touch::kClose));
  expect_cell(label, 0, 0.10, 3);
  expect_cell(label, 1, 90.0 / 105.0 - 1.0, 4);
  expect_cell(label, 2, 90.0 / 110.0 - 1.0, 4);
  expect_cell(label, 3, 99.0 / 90.0 - 1.0, 5);
  for (const std::size_t row : {4, 5, 6}) EXPECT_TRUE(std::isnan(label.values(row, 0))) << row;
  EXPECT_EQ(label_span_rows(returns_of_ten(Touch::kClose)), 4);
}

TEST(TripleBarrier, SaysWhatItIsAskedFor) {
  const Bars bars({100, 100, 111, 89, 97, 98, 99, 99, 99, 99});
  const auto values = [&](Value value) {
    const Label label = bars.label(returns_of_ten(Touch::kClose, value));
    return std::vector<double>{label.values(0, 0), label.values(1, 0), label.values(3, 0)};
  };
  // Row 0 takes its profit on row 2, row 1 (entry 111) is stopped on row 3; row 3 (entry 97 on row 4) waits
  // until row 7 and gains 2 / 97.
  EXPECT_EQ(values(Value::kTouch), (std::vector<double>{1, -1, 0}));
  EXPECT_EQ(values(Value::kSign), (std::vector<double>{1, -1, 1}));
  EXPECT_EQ(values(Value::kProfit), (std::vector<double>{1, 0, 0}));
  EXPECT_NEAR(values(Value::kReturn)[2], 2.0 / 97.0, 1e-15);
}

TEST(TripleBarrier, OrdersRestAtTheBarriersOfARange) {
  const TripleBarrier spec = returns_of_ten(Touch::kRange);
  const std::vector<double> flat{100, 100, 100, 100, 100, 100};
  expect_cell(Bars(flat).bar(2, 100, 112, 95).label(spec), 0, 0.10, 2);   // left at the barrier, not the high
  expect_cell(Bars(flat).bar(3, 100, 105, 70).label(spec), 0, -0.10, 3);  // at the stop, not the low
  expect_cell(Bars(flat).bar(2, 100, 112, 88).label(spec), 0, -0.10, 2);  // both: the stop
  expect_cell(Bars(flat).bar(2, 115, 116, 85).label(spec), 0, 0.15, 2);  // opens above: the profit came first
  expect_cell(Bars(flat).bar(2, 80, 120, 80).label(spec), 0, -0.20, 2);  // opens below the stop: at the open
  expect_cell(Bars(flat).bar(1, 100, 150, 50).label(spec), 0, 0.0, 4);   // the entry's session never counts
  expect_cell(Bars(flat).bar(2, kNaN, 112, 95).label(spec), 0, 0.10, 2);  // no open: the range alone
}

TEST(TripleBarrier, KnowsHaltsAndDelistings) {
  const TripleBarrier spec = returns_of_ten(Touch::kClose);
  // A halted session touches nothing; the last close stands when the wait ends in one.
  expect_cell(Bars({100, 100, kNaN, 105, kNaN, 100, 100, 100}).label(spec), 0, 0.05, 4);
  // No entry, and no price after the entry.
  EXPECT_TRUE(std::isnan(Bars({100, kNaN, 105, 105, 105}).label(spec).values(0, 0)));
  EXPECT_TRUE(std::isnan(Bars({100, 100, kNaN, kNaN, kNaN}).label(spec).values(0, 0)));
  // Delisted on row 3 at -30 %: 105 × 0.7. At a merger the wait is over as well.
  const Bars gone({100, 100, 105, kNaN, kNaN, kNaN});
  expect_cell(gone.label(spec, {{0, 3, -0.30, "performance"}}), 0, 105.0 * 0.7 / 100.0 - 1.0, 3);
  expect_cell(gone.label(spec, {{0, 3, 0.0, "merger"}}), 0, 0.05, 3);
  // Nobody wrote down why it vanished: the last close, known when the wait ends.
  expect_cell(gone.label(spec), 0, 0.05, 4);
  // With a bar on its session, it counts before that bar can touch the profit; bars after it are nobody's.
  const Bars goes_on({100, 100, 100, 120, 130, 140, 150});
  expect_cell(goes_on.label(spec, {{0, 3, -0.30, "performance"}}), 0, 120.0 * 0.7 / 100.0 - 1.0, 3);
  const Label after = goes_on.label(spec, {{0, 3, -0.30, "performance"}});
  EXPECT_FALSE(std::isnan(after.values(1, 0)));  // filled on row 2
  for (const std::size_t row : {2, 3, 4}) EXPECT_TRUE(std::isnan(after.values(row, 0))) << row;
  // Bought and delisted at once: the delisting is the only price.
  expect_cell(Bars({100, 100, kNaN, kNaN, kNaN}).label(spec, {{0, 2, -0.5, "x"}}), 0, -0.5, 2);
}

TEST(TripleBarrier, BarriersAreMultiplesOfTheDaysWidth) {
  const Bars bars({100, 100, 103, 103, 103, 103, 103});
  const TripleBarrier spec{2.0, std::nullopt, 3, 1, Touch::kClose, Value::kTouch};
  Panel widths = column({0.01, 0.01, kNaN, 0.0, 0.01, 0.01, 0.01});
  Label label = bars.label(spec, {}, &widths);
  expect_cell(label, 0, 1.0, 2);  // 2 × 1 % is reached
  expect_cell(label, 1, 0.0, 5);  // the width of row 1 matters, not that of the entry's row
  EXPECT_TRUE(std::isnan(label.values(2, 0)));
  EXPECT_TRUE(std::isnan(label.values(3, 0)));
  widths(0, 0) = 0.02;
  expect_cell(bars.label(spec, {}, &widths), 0, 0.0, 4);  // 4 % is not
}

TEST(TripleBarrier, EntersAfterTheDelay) {
  const Bars bars({100, 500, 100, 110, 110, 110, 110});
  expect_cell(bars.label({0.10, 0.10, 3, 2, Touch::kClose, Value::kReturn}), 0, 0.10, 3);
}

struct Market {
  Panel open, high, low, close, widths;
  std::vector<Delisting> delistings;
  Market(std::size_t rows, std::size_t names, std::uint64_t seed)
      : open(rows, names), high(rows, names), low(rows, names), close(rows, names), widths(rows, names) {
    Random random(seed);
    for (std::size_t i = 0; i < names; ++i) walk(random, i);
    delistings.push_back({1, rows / 2, -0.3, "performance"});
  }
  void walk(Random& random, std::size_t i) {
    double price = 50.0 + 100.0 * random.uniform();
    for (std::size_t row = 0; row < close.rows(); ++row) {
      const double before = price;
      price *= std::exp(0.03 * random.normal());
      widths(row, i) = 0.01 + 0.03 * random.uniform();
      if (random.below(12) == 0 || (i == 1 && row >= close.rows() / 2)) continue;
      open(row, i) = before * std::exp(0.01 * random.normal());
      close(row, i) = price;
      high(row, i) = std::max(open(row, i), price) * (1.0 + 0.01 * random.uniform());
      low(row, i) = std::min(open(row, i), price) * (1.0 - 0.01 * random.uniform());
    }
  }
  Label label(const TripleBarrier& spec, int threads) const {
    return triple_barrier_label({close, open, high, low, close}, &widths, delistings, spec, threads);
  }
};

TEST(TripleBarrier, ReadsNothingAfterItsLastRow) {
  const Market market(60, 5, 3);
  for (const Touch touch : {Touch::kClose, Touch::kRange}) {
    const TripleBarrier spec{1.0, 1.5, 6, 1, touch, Value::kReturn};
    const Label whole = market.label(spec, 1);
    std::size_t early = 0;
    for (std::size_t row = 0; row < 50; ++row) {
      for (std::size_t i = 0; i < 5; ++i) {
        if (std::isnan(whole.values(row, i))) continue;
        const std::size_t last = whole.last_rows(row, i);
        if (last < row + 7) ++early;
        Market changed = market;
        for (std::size_t later = last + 1; later < 60; ++later) {
          for (Panel* panel : {&changed.open, &changed.high, &changed.low, &changed.close})
            (*panel)(later, i) = 1.0 + static_cast<double>(later);
        }
        for (std::size_t later = row + 1; later < 60; ++later) changed.widths(later, i) = 9.0;
        const Label found = changed.label(spec, 1);
        EXPECT_EQ(found.values(row, i), whole.values(row, i));
        EXPECT_EQ(found.last_rows(row, i), last);
      }
    }
    EXPECT_GT(early, 100u);  // most touches come before the wait ends
  }
}

TEST(TripleBarrier, TheSameBitsForAnyNumberOfThreads) {
  const Market market(300, 40, 9);
  const TripleBarrier spec{1.0, 1.0, 10, 1, Touch::kRange, Value::kReturn};
  const Label one = market.label(spec, 1);
  const Label four = market.label(spec, 4);
  for (std::size_t row = 0; row < 300; ++row) {
    for (std::size_t i = 0; i < 40; ++i) {
      EXPECT_TRUE(one.values(row, i) == four.values(row, i) || std::isnan(one.values(row, i)));
      EXPECT_EQ(one.last_rows(row, i), four.last_rows(row, i));
    }
  }
}

Panel panel_of(const nlohmann::json& rows) {
  Panel panel(rows.size(), rows.at(0).size());
  for (std::size_t row = 0; row < panel.rows(); ++row) {
    for (std::size_t i = 0; i < panel.columns(); ++i) {
      const auto& cell = rows[row][i];
      panel(row, i) = cell.is_null() ? kNaN : cell.get<double>();
    }
  }
  return panel;
}

/// triple_barrier_oracle.py: pandas over each position's bars, in the manner of the book's snippets.
TEST(TripleBarrier, EqualsTheOracle) {
  std::ifstream file("orrery/ml/testdata/triple_barrier_oracle.json");
  const auto oracle = nlohmann::json::parse(file);
  const Panel open = panel_of(oracle["open"]), high = panel_of(oracle["high"]), low = panel_of(oracle["low"]),
              close = panel_of(oracle["close"]), widths = panel_of(oracle["widths"]);
  std::vector<Delisting> delistings;
  for (const auto& gone : oracle["delistings"])
    delistings.push_back({gone[0].get<std::size_t>(), gone[1].get<std::size_t>(), gone[2].get<double>(), ""});
  const std::map<std::string, Value> names{{"return", Value::kReturn},
                                           {"sign", Value::kSign},
                                           {"touch", Value::kTouch},
                                           {"profit", Value::kProfit}};
  for (const auto& wanted : oracle["labels"]) {
    const auto width_of = [&](const char* key) {
      return wanted[key].is_null() ? std::optional<double>() : wanted[key].get<double>();
    };
    const TripleBarrier spec{width_of("profit"),
                             width_of("stop"),
                             wanted["within"].get<int>(),
                             wanted["delay"].get<int>(),
                             wanted["touch"] == "range" ? Touch::kRange : Touch::kClose,
                             names.at(wanted["value"].get<std::string>())};
    const Label found = triple_barrier_label(
        {wanted["entry"] == "open" ? open : close, open, high, low, close}, &widths, delistings, spec, 2);
    const Panel expected = panel_of(wanted["values"]);
    for (std::size_t row = 0; row < close.rows(); ++row) {
      for (std::size_t i = 0; i < close.columns(); ++i) {
        if (std::isnan(expected(row, i))) {
          EXPECT_TRUE(std::isnan(found.values(row, i))) << wanted["value"] << " " << row << " " << i;
          continue;
        }
        EXPECT_NEAR(found.values(row, i), expected(row, i), 1e-14)
            << wanted["value"] << " " << row << " " << i;
        EXPECT_EQ(found.last_rows(row, i), wanted["last_rows"][row][i].get<std::uint32_t>())
            << row << " " << i;
      }
    }
  }
}

TEST(TripleBarrier, RefusesNonsense) {
  const Bars bars({1, 2, 3});
  EXPECT_THROW(bars.label({std::nullopt, std::nullopt, 3, 1, {}, {}}), Error);
  EXPECT_THROW(bars.label({0.0, 1.0, 3, 1, {}, {}}), Error);
  EXPECT_THROW(bars.label({1.0, -1.0, 3, 1, {}, {}}), Error);
  EXPECT_THROW(bars.label({1.0, 1.0, 0, 1, {}, {}}), Error);
}

}  // namespace
}  // namespace orrery::triple_barrier_test
