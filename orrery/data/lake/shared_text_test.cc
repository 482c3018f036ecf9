#include "orrery/data/lake/shared_text.h"

#include <gtest/gtest.h>

namespace orrery::shared_text_test {
namespace {

TEST(SharedText, OutlivesWhatItWasCopiedFrom) {
  SharedText copy;
  EXPECT_TRUE(copy.empty());
  {
    const auto page = std::make_shared<const std::string>("one,two");
    const SharedText part(page, std::string_view(*page).substr(4));
    copy = part;
  }
  EXPECT_EQ(copy, "two");
  EXPECT_EQ(SharedText(std::string("two")), copy);
  EXPECT_FALSE(copy == SharedText("one"));
  EXPECT_EQ(std::string(std::string_view(SharedText("text"))), "text");
}

TEST(SharedTextMap, FindsWhatWasSet) {
  SharedTextMap map;
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.find("b"), std::nullopt);
  map.set("b", "2");
  const auto before = map;
  map.set("a", "1");
  map.set("b", "3");
  EXPECT_EQ(map, (SharedTextMap{{"a", "1"}, {"b", "3"}}));
  EXPECT_EQ(map.find("b"), "3");
  EXPECT_TRUE(map.contains("a"));
  EXPECT_FALSE(map.contains(""));
  EXPECT_EQ(before, (SharedTextMap{{"b", "2"}}));  // a copy keeps what it had
}

}  // namespace
}  // namespace orrery::shared_text_test
