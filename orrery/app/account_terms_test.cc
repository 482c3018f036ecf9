#include "orrery/app/account_terms.h"

#include <gtest/gtest.h>

#include "orrery/base/error.h"

namespace orrery::account_terms_test {
namespace {

const std::string kStudy = R"(name: careful
data: {path: monday.parquet, calendar: XNYS}
factors: {extra: {a: "$close"}}
preprocess: {features: [robust_zscore, {clip: 3}]}
model: ridge
portfolio: {strategy: topk_dropout, k: 50}
baselines: false
)";

std::string with(const std::string& old, const std::string& now) {
  std::string text = kStudy;
  return text.replace(text.find(old), old.size(), now);
}

std::vector<std::string> changes(const std::string& now) {
  return changed_settings(deciding_settings(kStudy), deciding_settings(now));
}

TEST(AccountTerms, HaveWhatDecidesAndNothingElse) {
  const StudySettings settings = deciding_settings(kStudy);
  EXPECT_EQ(settings.at("portfolio.k"), "50");
  EXPECT_EQ(settings.at("model.name"), "ridge");
  EXPECT_EQ(settings.at("preprocess.features"), "[robust_zscore, {clip: 3}]");
  EXPECT_EQ(settings.count("name") + settings.count("data.path") + settings.count("baselines"), 0u);
  EXPECT_EQ(settings.at("data.calendar"), "XNYS");
}

TEST(AccountTerms, WhatDecidesNothingMayChange) {
  EXPECT_TRUE(changes(with("careful", "other")).empty());
  EXPECT_TRUE(changes(with("monday", "tuesday")).empty());
  EXPECT_TRUE(changes(with("baselines: false", "seeds: 3\nexplain: {permutation: true}")).empty());
  EXPECT_TRUE(changes(with("model: ridge", "model: {name: ridge}")).empty());
}

TEST(AccountTerms, SayWhatChanged) {
  EXPECT_EQ(changes(with("k: 50", "k: 30")), std::vector<std::string>{"portfolio.k was 50 and is 30"});
  EXPECT_EQ(changes(with(", k: 50", "")),
            std::vector<std::string>{"portfolio.k was 50 and is no longer there"});
  EXPECT_EQ(changes(kStudy + "named: 1\n"), std::vector<std::string>{"named was not there and is 1"})
      << "only the key itself is left out, not what begins like it";
  EXPECT_EQ(changes(with("{clip: 3}", "{clip: 4}")).size(), 1u);
}

TEST(AccountTerms, AreReadAsTheyWereWritten) {
  const AccountTerms terms{deciding_settings(kStudy), true};
  EXPECT_EQ(parse_account_terms(to_json(terms)), terms);
  EXPECT_THROW(parse_account_terms("{}"), Error);
  EXPECT_THROW(parse_account_terms("x"), Error);
}

}  // namespace
}  // namespace orrery::account_terms_test
