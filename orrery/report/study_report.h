#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "orrery/backtest/performance.h"
#include "orrery/base/date.h"
#include "orrery/factor/evaluation.h"
#include "orrery/ml/classification.h"
#include "orrery/ml/feature_selection.h"
#include "orrery/ml/member_report.h"
#include "orrery/ml/search_report.h"
#include "orrery/report/currency_report.h"
#include "orrery/report/explanation.h"
#include "orrery/report/importance_stability.h"
#include "orrery/report/ladder_report.h"
#include "orrery/report/order_check_report.h"
#include "orrery/report/regime_report.h"
#include "orrery/report/return_sources.h"
#include "orrery/report/trust.h"

namespace orrery {

/// One walk-forward step. Dates are inclusive.
struct FoldSection {
  Date train_first, train_last;
  Date valid_first, valid_last;
  Date test_first, test_last;
  std::size_t train_rows = 0;
  std::size_t purged_rows = 0;  ///< left out because their label reaches the next segment
  std::size_t valid_rows = 0;
  std::size_t test_rows = 0;
  int rounds = 0;  ///< boosting rounds kept; 0: the model has none
  double test_ic = CorrelationSummary::kMissing;
  double test_rank_ic = CorrelationSummary::kMissing;
  std::vector<MemberReport> members;        ///< of an ensemble
  std::optional<SearchReport> search;       ///< of a model that chose its settings in the fold
  std::vector<ImportanceEntry> importance;  ///< all features or the largest; the report shows 20
};

/// One line of the latest portfolio.
struct Recommendation {
  std::string symbol;
  std::string sector;  ///< "" when unknown
  double score = 0.0;
  int rank = 0;                                  ///< 1 is the highest score of the day
  double weight = 0.0;                           ///< target weight after the decision, fraction of equity
  double change = 0.0;                           ///< weight minus the weight before it
  double expected = IntervalCoverage::kMissing;  ///< return that such a score has been worth
  double lower = IntervalCoverage::kMissing;     ///< of its interval
  double upper = IntervalCoverage::kMissing;
};

/// Mean weight in a sector over the test span, beside its share of the equal-weight universe.
struct SectorExposure {
  std::string sector;
  double weight = 0.0;
  double universe_weight = 0.0;
};

/// What the k highest scores of each day earned on average, for gain labels.
struct PickReturn {
  int k = 0;
  std::size_t picks = 0;    ///< over all days
  double net_return = 0.0;  ///< mean of a pick from entry to exit, after costs
};

/// What was read and what was left out.
struct DataQualityReport {
  std::string source;  ///< file name without its folder, or a provider's name
  std::size_t rows_read = 0;
  std::size_t rows_good = 0;
  std::vector<std::pair<std::string, std::size_t>> quarantined;  ///< reason, rows
  Date first_date, last_date;
  std::size_t sessions = 0;
  std::size_t instruments = 0;
  std::vector<Date> missing_sessions;  ///< days of the calendar on which the file has no row at all
  std::size_t halted_cells = 0;        ///< instrument-days without a bar between first and last bar
  std::vector<std::string> ignored_columns;
  bool delivered_adjusted = false;  ///< the source had no raw prices of its own
  std::vector<std::string> notes;   ///< whole sentences, such as what was assumed about delistings
};

/// Annual return and Sharpe under one assumption about names that vanish for an unknown reason.
struct DelistingScenario {
  std::string assumption;  ///< such as "closed at the last price"
  double annual_return = 0.0;
  double sharpe = 0.0;
  double max_drawdown = 0.0;
};

/// Everything on one page about a run. Whatever is empty is left out of the page.
/// It must not hold times of the wall clock, host names, thread counts or absolute paths: the page is the
/// same bytes for the same study and data.
struct StudyReport {
  std::string name;
  std::string banner;    ///< such as "SIMULATED, signal planted, IC = 0.03"; "" for real data
  std::string subtitle;  ///< one line: data, span, model
  std::string label;     ///< the label's expression or rule, as in the study
  std::string benchmark_name = "Equal-weight universe";
  std::optional<SignalEvaluation> evaluation;
  std::optional<Performance> performance;
  std::optional<Trust> trust;
  std::optional<ReturnSources> sources;                 ///< attribution, exposure, capacity
  std::optional<RegimeReport> regimes;                  ///< where the study has regimes
  std::optional<LadderReport> ladder;                   ///< where the study has a drawdown ladder
  std::optional<CurrencyReport> currencies;             ///< where not all is in the account's
  std::optional<OrderCheckReport> order_checks;         ///< where the study has checks or rules
  std::optional<ClassificationMetrics> classification;  ///< for labels of 0 and 1
  std::optional<ClassificationMetrics> uncalibrated;    ///< before a calibration, where there is one
  std::vector<PickReturn> pick_returns;                 ///< beside the above, by k
  std::vector<FoldSection> folds;
  std::string importance_unit = "gain";
  std::optional<ModelExplanation> explanation;
  std::vector<FeatureSelection> selections;  ///< by fold; empty: the model saw every factor
  Date recommendations_date;
  std::vector<Recommendation> recommendations;
  std::vector<SectorExposure> sectors;
  std::optional<DataQualityReport> data;
  std::vector<DelistingScenario> delistings;
  std::string study_yaml;
  std::vector<std::string> method_notes;                        ///< whole sentences
  std::vector<std::pair<std::string, std::string>> provenance;  ///< such as data fingerprint, seed, version
};

/// Renders the report as one self-contained HTML file: styles, scripts and data are inside, nothing is
/// loaded from elsewhere. Deterministic: equal reports give equal bytes. All text is escaped.
std::string render_study_report(const StudyReport& report);

}  // namespace orrery
