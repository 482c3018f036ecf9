#include "orrery/market/identities.h"

#include <gtest/gtest.h>

namespace orrery::identities_test {
namespace {

const Date kJanuary = make_date(2022, 1, 31), kJune = make_date(2022, 6, 9);

/// What happened in 2022: the fund META became METV, then Facebook took the symbol that was free.
Identities facebook() { return Identities({{"FB", "META", kJune}, {"META", "METV", kJanuary}}); }

TEST(Identities, ASymbolIsWhoseItWasOnTheDay) {
  const auto names = facebook();
  EXPECT_EQ(names.name_of("FB", make_date(2013, 1, 2)), "META");
  EXPECT_EQ(names.name_of("FB", kJune - 1), "META");
  EXPECT_EQ(names.name_of("META", kJanuary - 1), "METV");
  EXPECT_EQ(names.name_of("META", kJune), "META");
  EXPECT_EQ(names.name_of("AAPL", kJune), "AAPL");
  EXPECT_EQ(names.symbols_of({"META"}), (std::vector<std::string>{"FB", "META"}));
}

TEST(Identities, FollowChainsAndReturns) {
  const Identities names({{"A", "B", make_date(2020, 1, 1)},
                          {"B", "C", make_date(2021, 1, 1)},
                          {"C", "A", make_date(2022, 1, 1)}});
  EXPECT_EQ(names.name_of("A", make_date(2019, 1, 1)), "A");
  EXPECT_EQ(names.name_of("B", make_date(2020, 6, 1)), "A");
  EXPECT_EQ(names.name_of("A", make_date(2022, 1, 1)), "A");
  EXPECT_EQ(names.symbols_of({"C"}), (std::vector<std::string>{"A", "B", "C"}));
}

TEST(Identities, TwoMaySwapTheirSymbolsOnADay) {
  const Date day = make_date(2020, 1, 2);
  const Identities names({{"B", "A", day}, {"A", "B", day}, {"A", "A", day}, {"C", "", day}});
  EXPECT_EQ(names.name_of("A", day - 1), "B");
  EXPECT_EQ(names.name_of("B", day - 1), "A");
  EXPECT_EQ(names.name_of("A", day), "A");
  EXPECT_EQ(names.renames(), (std::vector<Rename>{{"A", "B", day}, {"B", "A", day}}));
}

}  // namespace
}  // namespace orrery::identities_test
