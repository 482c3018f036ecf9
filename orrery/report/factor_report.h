#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "orrery/factor/factor_evaluation.h"
#include "orrery/factor/factor_ranking.h"
#include "orrery/factor/factor_slices.h"

namespace orrery {

/// What is known of a factor besides how it did.
struct FactorLabel {
  std::string expression;
  std::string summary;    ///< "" where its set says nothing
  std::string direction;  ///< "+", "-" or ""
};

/// Everything that a page about judged factors shows. Vectors are by factor, in the evaluation's order.
struct FactorReport {
  std::string title;   ///< such as "alpha158"
  std::string banner;  ///< "" for real data
  std::string data;    ///< name of the price file
  std::size_t instruments = 0;
  std::size_t sectors = 0;  ///< known ones
  std::string size_source;  ///< what size is; "" where it is not known
  std::vector<FactorLabel> labels;
  FactorEvaluation evaluation;
  FactorRanking ranking;
  std::vector<DayGroup> groups;                ///< years and states of the universe
  std::vector<std::vector<SliceMean>> slices;  ///< [factor][slice]: of the rank IC at the primary horizon
};

/// Says in one sentence what chance makes of so many tests: "158 tested; 8 would look significant (|t|
/// > 1.96) by chance, 40 do; …". Plain text.
std::string chance_sentence(const FactorRanking& ranking);

/// Renders one self-contained HTML file in the style of a run's report. Deterministic.
std::string render_factor_report(const FactorReport& report);

}  // namespace orrery
