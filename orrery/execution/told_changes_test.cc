#include "orrery/execution/told_changes.h"

#include <gtest/gtest.h>

namespace orrery::told_changes_test {
namespace {

AccountChange rename(Date date, const char* former, const char* symbol) {
  return {date, 0, EntryKind::kRename, symbol, to_quantity(2.0), {}, former};
}

TEST(ToldChanges, KnowNumbersInTheirOrderAndRenamesByTheirSymbols) {
  ToldChanges told;
  const AccountChange deposit{Date{5}, 2, EntryKind::kDeposit, "", {}, to_money(1.0)};
  EXPECT_FALSE(told.has(deposit));
  told.add(deposit);
  EXPECT_TRUE(told.has(deposit));
  EXPECT_TRUE(told.has({Date{4}, 9, EntryKind::kDividend, "A", {}, to_money(1.0)})) << "an earlier day";
  EXPECT_FALSE(told.has({Date{5}, 3, EntryKind::kDividend, "A", {}, to_money(1.0)}));
  const AccountChange late = rename(Date{3}, "A", "B");
  EXPECT_FALSE(told.has(late)) << "renames may become known late";
  told.add(late);
  EXPECT_TRUE(told.has(late));
  EXPECT_FALSE(told.has(rename(Date{3}, "A", "C")));
  EXPECT_FALSE(told.has({Date{5}, 3, EntryKind::kDividend, "A", {}, to_money(1.0)}));
}

}  // namespace
}  // namespace orrery::told_changes_test
