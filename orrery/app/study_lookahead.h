#pragma once

#include <string>
#include <vector>

#include "orrery/app/lookahead_doctor.h"
#include "orrery/app/run_study.h"

namespace orrery {

/// The study's own stages as the doctor examines them. Its label is computed anew from each market. What is
/// referred to must outlive the subject.
LookaheadSubject study_lookahead_subject(const Study& study, const Plugins& plugins,
                                         const RunOptions& options);

/// What the study takes on trust, one line each, because cutting the data can't show when it was known:
/// further columns of the price file, factor files, membership, prices adjusted backward.
std::vector<std::string> unverifiable_inputs(const Study& study, const PriceSummary& summary);

}  // namespace orrery
