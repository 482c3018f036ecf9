#pragma once

#include <cstddef>
#include <string>

#include "orrery/app/run_folder.h"

namespace orrery::cli {

/// What is printed after a run: the headline numbers with their uncertainty, and where the report is.
std::string run_summary_text(const RunSummary& summary, std::size_t width);

/// The same for machines: {"folder", "report", "banner", "metrics": {…}}.
std::string run_summary_json(const RunSummary& summary);

}  // namespace orrery::cli
