#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orrery/app/plugins.h"

namespace orrery {

/// A qlib workflow as a study, and what of it has no counterpart.
struct ImportedWorkflow {
  std::string study_yaml;             ///< what was not carried over stands there as comments, too
  std::vector<std::string> warnings;  ///< one line each: key, what was found, why it is not carried over
  std::string store;                  ///< the workflow's data folder (provider_uri); "" when it names none
  std::string market;                 ///< its list of instruments, "csi500" (qlib's default) without one
};

/// Reads a qlib workflow file (as `qrun` takes it) and writes the study that does the same: Alpha158 and
/// Alpha360 handlers with their processors, LGBModel, DEnsembleModel, LinearModel (ols, ridge),
/// TopkDropoutStrategy, segments, label and costs. As in qlib, nothing is purged, halted names stay in the
/// universe, and prices are adjusted backward. What it can't read it names and leaves out. `prices` is the
/// price file of the study
/// (`orrery import qlib` makes it from the workflow's store); with a market other than "all" the universe is
/// that of `members_file(prices)`. Errors: kInvalidArgument for text that is no YAML or no workflow (no
/// handler, no train or test segment). Source: qlib 0.9.7: contrib/data/handler.py, contrib/model,
/// examples/benchmarks.
ImportedWorkflow import_qlib_workflow(const std::string& text, const std::string& source,
                                      const std::string& name, const std::string& prices,
                                      const Plugins& plugins);

/// Where `orrery import qlib` writes who belonged to the market when: prices.parquet → prices.members.csv.
std::filesystem::path members_file(const std::filesystem::path& prices);

}  // namespace orrery
