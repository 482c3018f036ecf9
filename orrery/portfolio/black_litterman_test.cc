#include "orrery/portfolio/black_litterman.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "orrery/base/error.h"

namespace orrery::black_litterman_test {
namespace {

struct Question {
  RiskModel risk;
  std::vector<double> market, equilibrium;
  std::vector<ReturnView> views;
};

nlohmann::json read_oracle() {
  std::ifstream file("orrery/portfolio/testdata/black_litterman.json");
  return nlohmann::json::parse(file);
}

Question read_question(const nlohmann::json& json) {
  Question question;
  question.market = json["market"].get<std::vector<double>>();
  SquareMatrix covariance(question.market.size());
  covariance.values = json["covariance"].get<std::vector<double>>();
  question.risk = RiskModel::dense(covariance);
  question.equilibrium = equilibrium_returns(question.risk, question.market, 2.5, 1e-4);
  for (std::size_t k = 0; k < json["views"].size(); ++k) {
    question.views.push_back({json["views"][k].get<std::vector<double>>(), json["view_returns"][k]});
  }
  return question;
}

// Returns are of the order of 1e-3; both sides solve four equations.
TEST(BlackLitterman, ReturnsAreThoseOfPyPortfolioOpt) {
  const auto json = read_oracle();
  Question question = read_question(json);
  for (std::size_t i = 0; i < question.market.size(); ++i) {
    EXPECT_NEAR(question.equilibrium[i], json["prior"][i].get<double>(), 1e-16);
  }
  ASSERT_GE(json["answers"].size(), 4U);
  for (const auto& answer : json["answers"]) {
    for (std::size_t k = 0; k < question.views.size(); ++k) {
      question.views[k].confidence = answer["confidences"][k];
    }
    const auto returns = posterior_returns(question.risk, question.equilibrium, question.views);
    for (std::size_t i = 0; i < returns.size(); ++i) {
      EXPECT_NEAR(returns[i], answer["returns"][i].get<double>(), 1e-15);
    }
  }
}

TEST(BlackLitterman, CertainViewsHoldAndThoseOfNoConfidenceChangeNothing) {
  Question question = read_question(read_oracle());
  for (auto& view : question.views) view.confidence = 1.0;
  const auto certain = posterior_returns(question.risk, question.equilibrium, question.views);
  for (const auto& view : question.views) {
    EXPECT_NEAR(std::inner_product(certain.begin(), certain.end(), view.weights.begin(), 0.0),
                view.expected_return, 1e-14);
  }
  for (auto& view : question.views) view.confidence = 0.0;
  EXPECT_EQ(posterior_returns(question.risk, question.equilibrium, question.views), question.equilibrium);
}

// What Idzorek's confidence says: a single view goes that part of the way.
TEST(BlackLitterman, ASingleViewGoesThatPartOfTheWayWhichItsConfidenceSays) {
  Question question = read_question(read_oracle());
  question.views.resize(1);
  question.views[0].confidence = 0.3;
  const auto returns = posterior_returns(question.risk, question.equilibrium, question.views);
  EXPECT_NEAR(returns[2], 0.7 * question.equilibrium[2] + 0.3 * 0.002, 1e-15);
}

TEST(BlackLitterman, CertainViewsThatContradictAreRefused) {
  Question question = read_question(read_oracle());
  question.views[1] = question.views[0];
  question.views[1].expected_return = -0.01;
  question.views[0].confidence = question.views[1].confidence = 1.0;
  EXPECT_THROW(posterior_returns(question.risk, question.equilibrium, question.views), Error);
  question.views[1].confidence = 0.99;
  EXPECT_NO_THROW(posterior_returns(question.risk, question.equilibrium, question.views));
}

}  // namespace
}  // namespace orrery::black_litterman_test
