#include "orrery/feature/feature_definitions.h"

#include <gtest/gtest.h>

#include "testing/error_message.h"
#include "testing/online_stores.h"

namespace orrery::feature_definitions_test {
namespace {

using orrery::testing::online_stores;

FeatureDefinitions parse(const std::string& text) {
  return parse_feature_definitions(text, "/desk/features.yaml", online_stores());
}

constexpr const char* kGood = R"(data: {path: prices.parquet, delay: 30 minutes}
store: {kind: redis, parameters: {port: 7000}}
served: {sample: 0.5, megabytes: 3}
views:
  momentum:
    description: Returns
    features:
      r5: $close/Ref($close,5)-1
    ttl: 5 sessions
  technical:
    data: {path: other.csv, calendar: 24/7}
    set: alpha158
    only: [MA5, ROC*]
    precision: float64
    ttl: 36 hours
)";

TEST(FeatureDefinitions, ReadsAFile) {
  const auto definitions = parse(kGood);
  EXPECT_EQ(definitions.state, "/desk/features.features");
  EXPECT_EQ(definitions.store, "redis");
  EXPECT_EQ(get_integer(definitions.store_parameters, "port"), 7000);
  EXPECT_EQ(definitions.log.sample, 0.5);
  EXPECT_EQ(definitions.log.megabytes, 3);
  ASSERT_EQ(definitions.views.size(), 2U);
  const auto& momentum = definitions.view("momentum");
  EXPECT_EQ(momentum.data.prices.path, "/desk/prices.parquet");
  EXPECT_EQ(momentum.data.delay_nanoseconds, 1'800'000'000'000);
  EXPECT_EQ(momentum.ttl, (TimeToLive{5, 0}));
  EXPECT_EQ(to_string(*momentum.ttl), "5 sessions");
  const auto& technical = definitions.view("technical");
  EXPECT_EQ(technical.data.prices.path, "/desk/other.csv");
  EXPECT_EQ(technical.precision, Precision::kFloat64);
  EXPECT_EQ(to_string(*technical.ttl), "36 hours");
  EXPECT_TRUE(technical.find_feature("MA5"));
  EXPECT_TRUE(technical.find_feature("ROC60"));
  EXPECT_FALSE(technical.find_feature("MA10"));
}

TEST(FeatureDefinitions, TheFingerprintIsOfWhatDecidesValues) {
  const auto of = [](const std::string& text) { return parse(text).view("v").fingerprint; };
  const std::string plain = "data: {path: a.csv}\nviews: {v: {features: {x: $close}}}";
  EXPECT_EQ(of(plain), of("data: {path: b.csv}\nviews: {v: {features: {x: $close}, ttl: 3 days}}"));
  EXPECT_NE(of(plain), of("data: {path: a.csv}\nviews: {v: {features: {x: $open}}}"));
  EXPECT_NE(of(plain), of("data: {path: a.csv}\nviews: {v: {features: {y: $close}}}"));
  EXPECT_NE(of(plain), of("data: {path: a.csv}\nviews: {v: {features: {x: $close}, precision: float64}}"));
  EXPECT_NE(of(plain), of("data: {path: a.csv, adjustment: split}\nviews: {v: {features: {x: $close}}}"));
}

struct BadCase {
  const char* text;
  const char* place;  ///< file:line:column: key
  const char* says;
};

class BadDefinitions : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadDefinitions, AreToldWithTheirPlace) {
  const auto message = orrery::testing::message_of([&] { parse(GetParam().text); });
  EXPECT_NE(message.find(std::string("/desk/features.yaml:") + GetParam().place), std::string::npos)
      << message;
  EXPECT_NE(message.find(GetParam().says), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadDefinitions,
    ::testing::Values(
        BadCase{"data: {path: a}\nviews:\n  v:\n    featurs: {x: $close}\n", "4:14: views.v.featurs",
                "features"},
        BadCase{"data: {path: a}\nviews:\n  v:\n    features: {x: \"Meen($close,5)\"}\n",
                "4:19: views.v.features.x", "Mean"},
        BadCase{"data: {path: a}\nviews:\n  v:\n    features:\n      x: Ref($close,-1)\n",
                "5:10: views.v.features.x", "1 sessions into the future"},
        BadCase{"data: {path: a}\nviews:\n  v:\n    set: alpha15\n", "4:10: views.v.set", "alpha158"},
        BadCase{"data: {path: a}\nviews:\n  v:\n    set: alpha158\n    only: [MAA*]\n", "5:11: views.v.only",
                "called 'MAA*'"},
        BadCase{"data: {path: a}\nviews:\n  v:\n    set: alpha158\n    features: {MA5: $close}\n",
                "5:21: views.v.features.MA5", "in the set already"},
        BadCase{"data: {path: a}\nviews: {v: {features: {x: $close}, ttl: 5 weeks}}\n", "2:41: views.v.ttl",
                "found '5 weeks'"},
        BadCase{"data: {path: a, calendar: file}\nviews: {v: {features: {x: $close}, ttl: 5 sessions}}\n",
                "2:41: views.v.ttl", "say days"},
        BadCase{"data: {path: a, adjustment: backward}\nviews: {v: {features: {x: $close}}}\n",
                "1:29: data.adjustment", "can't be repeated"},
        BadCase{"data: {path: a, delay: soon}\nviews: {v: {features: {x: $close}}}\n", "1:24: data.delay",
                "found 'soon'"},
        BadCase{"views: {v: {features: {x: $close}}}\n", "1:12: views.v", "where the prices are"},
        BadCase{"data: {path: a}\nviews: {v: {}}\n", "2:12: views.v", "a view needs features"},
        BadCase{"data: {path: a}\nviews: {\"a:b\": {features: {x: $close}}}\n", "2:16: views.a:b", "letters"},
        BadCase{"data: {path: a}\nstore: {kind: reddis}\nviews: {v: {features: {x: $close}}}\n",
                "2:15: store.kind", "redis"},
        BadCase{"data: {path: a}\nstore: {kind: redis, parameters: {port: 0}}\nviews: {v: {features: {x: "
                "$close}}}\n",
                "2:41: store.parameters.port", "1"},
        BadCase{"data: {path: a}\nserved: {sample: 2}\nviews: {v: {features: {x: $close}}}\n",
                "2:18: served.sample", "1"},
        BadCase{"data: {path: a}\n", "1:1: views", "views by name"}));

}  // namespace
}  // namespace orrery::feature_definitions_test
