#include "orrery/ml/named_features.h"

#include <gtest/gtest.h>

#include "orrery/base/error.h"
#include "testing/planted_signal.h"

namespace orrery::named_features_test {
namespace {

std::string error_of(const std::string& text, const char* setting = "monotone") {
  try {
    parse_named_features(setting, text);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(NamedFeatures, AreReadWithTheirValues) {
  const auto named = parse_named_features("monotone", " MA5: 1, a b:-1,KMID : 0");
  ASSERT_EQ(named.size(), 3u);
  EXPECT_EQ(named[1].name, "a b");
  EXPECT_EQ(named[1].value, -1);
  EXPECT_EQ(values_by_feature(named, {"x", "a b", "MA5", "KMID"}), (std::vector<int>{0, -1, 1, 0}));
  EXPECT_EQ(values_by_feature(parse_named_features("categorical", "x, z"), {"x", "y"}),
            (std::vector<int>{1, 0}));
  EXPECT_TRUE(parse_named_features("categorical", "").empty());
}

TEST(NamedFeatures, AreRefusedByName) {
  EXPECT_NE(error_of("A: 2").find("monotone: A must be 1, -1 or 0, found '2'"), std::string::npos);
  EXPECT_NE(error_of("A: 1, B: -1", "categorical").find("categorical: B must be 1 or 0, found '-1'"),
            std::string::npos);
  EXPECT_EQ(error_of("A: 1, B: 0", "categorical"), "");
  EXPECT_NE(error_of("A: up").find("found 'up'"), std::string::npos);
  EXPECT_NE(error_of("A, B, A: 1").find("names A twice"), std::string::npos);
  EXPECT_NE(error_of("A,, B").find("needs names of factors"), std::string::npos);
}

TEST(NamedFeatures, CategoriesAreWholeNumbersOrMissing) {
  testing::PlantedStudy study({.rows = 2, .instruments = 3, .features = 2});
  for (std::size_t row = 0; row < 2; ++row) {
    for (std::size_t i = 0; i < 3; ++i) {
      study.eligible(row, i) = 1;
      study.features.panels[1](row, i) = static_cast<float>(i);
    }
  }
  study.features.panels[1](0, 0) = FloatPanel::missing();
  EXPECT_NO_THROW(require_categories(study.learn({0, 2}), {0, 1}, 10.0));
  EXPECT_THROW(require_categories(study.learn({0, 2}), {1, 0}, 10.0), Error);
  EXPECT_THROW(require_categories(study.learn({0, 2}), {0, 1}, 1.0), Error);
}

}  // namespace
}  // namespace orrery::named_features_test
