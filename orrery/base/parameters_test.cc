#include "orrery/base/parameters.h"

#include <gtest/gtest.h>

#include "orrery/base/error.h"

namespace orrery::parameters_test {
namespace {

const std::vector<ParameterInfo> kDeclared = {
    {"num_leaves", std::int64_t{31}, "leaves of a tree", 2.0, 131072.0},
    {"learning_rate", 0.1, "shrinkage of a round", 0.0, 1.0},
    {"objective", std::string("regression"), "loss", {}, {}, {"regression", "binary"}},
    {"verbose", false, "talk"},
};

std::string problem_of(const std::string& name, ParameterValue value) {
  const auto problems = check_parameters({{name, std::move(value)}}, kDeclared);
  return problems.empty() ? "" : problems.front().message;
}

TEST(Parameters, NamesWhatIsWrongAndWhatIsAllowed) {
  EXPECT_EQ(problem_of("num_leafs", std::int64_t{3}),
            "unknown setting 'num_leafs'; did you mean 'num_leaves'?; allowed: num_leaves, learning_rate, "
            "objective, "
            "verbose");
  EXPECT_EQ(problem_of("num_leaves", 2.5), "'num_leaves' must be a whole number, found 2.5");
  EXPECT_EQ(problem_of("num_leaves", std::int64_t{1}), "'num_leaves' must be at least 2, found 1");
  EXPECT_EQ(problem_of("objective", std::string("binry")),
            "'objective' must be one of regression, binary, found 'binry'; did you mean 'binary'?");
}

TEST(Parameters, WholeNumbersServeAsNumbersAndDefaultsFillIn) {
  const auto complete = complete_parameters({{"learning_rate", std::int64_t{1}}}, kDeclared);
  EXPECT_EQ(get_double(complete, "learning_rate"), 1.0);
  EXPECT_EQ(get_integer(complete, "num_leaves"), 31);
  EXPECT_EQ(get_string(complete, "objective"), "regression");
  EXPECT_FALSE(get_bool(complete, "verbose"));
  EXPECT_THROW(get_bool(complete, "num_leaves"), Error);
}

}  // namespace
}  // namespace orrery::parameters_test
