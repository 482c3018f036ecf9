#pragma once

#include <string>

#include "orrery/report/study_report.h"

namespace orrery {

/// The parts of the page, in its order. Each returns HTML, or nothing when the report has no data for it.

/// In words: what was earned, and whether it can be told from luck.
std::string render_verdict(const StudyReport& report);
/// The headline numbers, each with its uncertainty or its counterpart beside it.
std::string render_cards(const StudyReport& report);
/// How far the result can be believed: what the test can detect, Sharpe ratio and luck, costs.
std::string render_trust(const StudyReport& report);
/// Whom the data lacks, and what follows from it; part of the trust box.
std::string render_survivorship(const StudyReport& report);
/// Net returns regressed on the universe and on factors; beta and size of the holdings through time.
std::string render_attribution(const StudyReport& report);
/// Sharpe ratio and return by assets under management, under the square-root law of impact.
std::string render_capacity(const StudyReport& report);
std::string render_equity(const StudyReport& report);
/// What as many sessions as a year has could bring; nothing without paths.
std::string render_outcomes(const OutcomePaths& outcomes);
/// What the drawdown ladder did, with the result without it beside.
std::string render_ladder(const LadderReport& ladder);
/// What was earned in which regime of the market, with the result without regimes beside.
std::string render_regimes(const RegimeReport& regimes);
/// What was held in which currency, and what prices and rates of exchange did.
std::string render_currencies(const CurrencyReport& report);
/// Which orders were refused before they were sent, and by which rule.
std::string render_order_checks(const OrderCheckReport& checks);
/// Months, years and the deepest falls.
std::string render_performance(const StudyReport& report);
/// IC over time, by month, over horizons; returns of the score's groups.
std::string render_signal(const StudyReport& report);
/// Results by year and regime, the rolling IC, and whether the folds learned the same.
std::string render_by_time(const StudyReport& report);
/// Probabilities against what came, for gain labels.
std::string render_classification(const StudyReport& report);
/// Importance of the features and the folds of the validation.
std::string render_model(const StudyReport& report);
/// Which model and settings each fold chose by itself; part of the model's section.
std::string render_searches(const std::vector<FoldSection>& folds);
/// Which features each fold chose, and how alike the choices are.
std::string render_selection(const StudyReport& report);
std::string render_recommendations(const StudyReport& report);
std::string render_data_quality(const StudyReport& report);
/// The study as it was given, notes on method, where everything came from, all metrics with their meaning.
std::string render_study(const StudyReport& report);

}  // namespace orrery
