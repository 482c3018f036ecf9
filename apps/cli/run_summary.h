#pragma once

#include <cstddef>
#include <string>

#include "orrery/app/ledger_verdict.h"
#include "orrery/app/run_folder.h"

namespace orrery::cli {

/// What is printed after a run: the headline numbers with their uncertainty, where the report is, and what
/// the ledger of trials makes of it.
std::string run_summary_text(const RunSummary& summary, const LedgerVerdict& verdict, std::size_t width);

/// The same for machines: {"folder", "report", "banner", "choices", "metrics": {…}, "ledger": {…}}.
std::string run_summary_json(const RunSummary& summary, const LedgerVerdict& verdict);

}  // namespace orrery::cli
