#pragma once

#include <limits>
#include <string>
#include <vector>

#include "orrery/base/date.h"

namespace orrery {

/// A test of whether two runs differ in the mean of a daily series, on the sessions of both.
struct PairedTest {
  std::string name;          ///< such as "rank IC"
  std::string unavailable;   ///< why there is none; "" when there is
  std::size_t sessions = 0;  ///< on which both have a value
  double mean_a = kMissing;
  double mean_b = kMissing;
  double difference = kMissing;  ///< mean of a - b
  double low = kMissing;         ///< 95 % interval of the difference
  double high = kMissing;
  double p_value = kMissing;       ///< two-sided
  double block_length = kMissing;  ///< mean block of the bootstrap, sessions
  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
};

/// A key of the studies that differs; "" where a study leaves it at its default.
struct StudyDifference {
  std::string key, a, b;
};

/// A metric of both runs.
struct MetricPair {
  std::string key;
  std::string name;
  bool percent = false;  ///< shown as a percentage, else with `decimals`
  int decimals = 2;
  bool is_uncertainty = false;  ///< a t or a standard error: the difference of two says nothing
  double a = PairedTest::kMissing;
  double b = PairedTest::kMissing;
};

/// One run of a comparison.
struct ComparedRun {
  std::string label;   ///< "A" or "B"
  std::string name;    ///< the study's
  std::string folder;  ///< as given, without its parents
  std::string banner;  ///< "" for real data
  Date test_first, test_last;
  std::vector<std::string> verdict;  ///< what the ledger of trials says, line by line
};

/// Everything that is said about two runs side by side.
struct ComparisonReport {
  ComparedRun a, b;
  bool same_data = true;  ///< the fingerprints of the prices agree
  std::vector<StudyDifference> differences;
  std::vector<PairedTest> tests;
  std::vector<MetricPair> metrics;
  double score_correlation = PairedTest::kMissing;   ///< mean daily rank correlation of the scores of both
  std::size_t score_sessions = 0;                    ///< over so many sessions
  double return_correlation = PairedTest::kMissing;  ///< of the net returns on common sessions
  std::vector<Date> dates;                           ///< common sessions
  std::vector<double> equity_a, equity_b;            ///< growth of 1 over the common sessions
  std::vector<double> ratio;                         ///< equity_a / equity_b - 1
};

/// Says in one sentence whether the two can be told apart. Plain text.
std::string comparison_verdict(const ComparisonReport& report);

/// Renders the comparison as one self-contained HTML file in the style of a run's report. Deterministic.
std::string render_comparison(const ComparisonReport& report);

}  // namespace orrery
