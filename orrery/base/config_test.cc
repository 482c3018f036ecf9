#include "orrery/base/config.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "orrery/base/error.h"
#include "testing/error_message.h"

namespace orrery::config_test {
namespace {

using testing::message_of;

constexpr const char* kStudy = R"(name: demo
model:
  name: lightgbm
  params: {num_leafs: 64, rate: "0.5"}
costs: {commission_bps: five}
portfolio: [1, 2]
nmae: x
)";

TEST(Config, ReportsEveryProblemWithItsPlace) {
  const auto root = parse_config(kStudy, "study.yaml");
  ConfigProblems problems;
  {
    ConfigReader reader(&root, "", problems);
    EXPECT_EQ(reader.text("name", ""), "demo");
    auto model = reader.section("model");
    EXPECT_EQ(model.text("name", "", {"ridge", "lightgbm"}), "lightgbm");
    model.parameters("params", {{"num_leaves", std::int64_t{31}, "leaves"}, {"rate", 0.1, "shrinkage"}});
    auto costs = reader.section("costs");
    EXPECT_EQ(costs.number("commission_bps", 5.0), 5.0);
    reader.section("portfolio");
  }
  const auto message = message_of([&] { problems.throw_if_any(); });
  EXPECT_EQ(
      message,
      "study.yaml:4:23: model.params.num_leafs: unknown setting 'num_leafs'; did you mean 'num_leaves'?; "
      "allowed: num_leaves, rate\n"
      "study.yaml:4:33: model.params.rate: 'rate' must be a number, found 0.5\n"
      "study.yaml:5:25: costs.commission_bps: must be a number, found 'five'\n"
      "study.yaml:6:12: portfolio: must be a mapping of keys to values, found a list\n"
      "study.yaml:7:7: nmae: unknown key; did you mean 'name'?; allowed: name, model, costs, portfolio");
}

TEST(Config, SaysWhereTheYamlBreaks) {
  EXPECT_EQ(message_of([] { parse_config("a: [1, 2\nb: 3\n", "s.yaml"); }).substr(0, 7), "s.yaml:");
  EXPECT_EQ(message_of([] { parse_config("a: 1\nb: 2\na: 3\n", "s.yaml"); }),
            "s.yaml:3:1: key 'a' stands twice");
}

TEST(Config, SetsDottedKeysOverTheFile) {
  auto root = parse_config(kStudy, "study.yaml");
  set_config_value(root, "factors.extra.x", "$close/Ref($close,5)");
  set_config_value(root, "costs.commission_bps", "7.5");
  ConfigProblems problems;
  ConfigReader costs(root.find("costs"), "costs", problems);
  EXPECT_EQ(costs.number("commission_bps", 0.0), 7.5);
  EXPECT_EQ(root.find("factors")->find("extra")->find("x")->scalar, "$close/Ref($close,5)");
  EXPECT_THROW(set_config_value(root, "name.x", "1"), Error);
  EXPECT_THROW(set_config_value(root, "a..b", "1"), Error);
}

TEST(Config, HandsListsAndMappingsOfPlainValuesOverAsText) {
  const auto root =
      parse_config("params: {a: [x, y z], b: {MA5: 1, KMID: -1}, c: 3, d: [[1]], e: []}\n", "study.yaml");
  ConfigProblems problems;
  {
    ConfigReader reader(&root, "", problems);
    const ParameterMap found = reader.parameters("params");
    EXPECT_EQ(get_string(found, "a"), "x,y z");
    EXPECT_EQ(get_string(found, "b"), "MA5: 1, KMID: -1");
    EXPECT_EQ(get_integer(found, "c"), 3);
    EXPECT_EQ(found.size(), 3u);
  }
  const std::string message = message_of([&] { problems.throw_if_any(); });
  EXPECT_NE(message.find("params.d: must be a plain value, found a list"), std::string::npos) << message;
  EXPECT_NE(message.find("params.e: must be a plain value, found a list"), std::string::npos) << message;
}

TEST(Config, ExpandsTheEnvironmentAndResolvesPaths) {
  ::setenv("ORRERY_TEST_FOLDER", "elsewhere", 1);
  ::unsetenv("ORRERY_TEST_UNSET");
  EXPECT_EQ(expand_environment("a/${ORRERY_TEST_FOLDER}/${ORRERY_TEST_UNSET:-b}/c"), "a/elsewhere/b/c");
  EXPECT_THROW(expand_environment("${ORRERY_TEST_UNSET}"), Error);
  EXPECT_THROW(expand_environment("${ORRERY_TEST_FOLDER"), Error);
  const auto root =
      parse_config("path: ${ORRERY_TEST_FOLDER}/x.csv\nfull: /a/b\nmany: [p, q]\n", "dir/study.yaml");
  ConfigProblems problems;
  ConfigReader reader(&root, "", problems);
  EXPECT_EQ(reader.path("path"), "dir/elsewhere/x.csv");
  EXPECT_EQ(reader.path("full"), "/a/b");
  EXPECT_EQ(reader.paths("many").at(1), "dir/q");
}

TEST(Config, ReadsPlainValues) {
  const auto root = parse_config("a: 3\nb: 0.5\nc: yes\nd: \"3\"\ne: x\n", "s");
  EXPECT_EQ(std::get<std::int64_t>(scalar_value(*root.find("a"))), 3);
  EXPECT_EQ(std::get<double>(scalar_value(*root.find("b"))), 0.5);
  EXPECT_TRUE(std::get<bool>(scalar_value(*root.find("c"))));
  EXPECT_EQ(std::get<std::string>(scalar_value(*root.find("d"))), "3");
  EXPECT_EQ(to_yaml(root), "a: 3\nb: 0.5\nc: yes\nd: \"3\"\ne: x\n");
}

}  // namespace
}  // namespace orrery::config_test
