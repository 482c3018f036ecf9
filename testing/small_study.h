#pragma once

#include <filesystem>
#include <string>

#include "orrery/app/study.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "plugins/providers/simulated.h"
#include "testing/study_plugins.h"
#include "testing/temporary_folder.h"

namespace orrery::testing {

struct SmallStudyMarket {
  int instruments = 40;
  double signal_ic = 0.1;  ///< 0: nothing can be learned
};

/// A simulated market of 2.2 years, and a study of it that sees a part of the planted signal by two factors;
/// three quarters of a year are tested. Gone with the object.
class SmallStudy {
 public:
  /// `further`: the study's keys from `model` on, as lines of YAML.
  explicit SmallStudy(const std::string& further, SmallStudyMarket market = {}) {
    plugins::providers::SimulatedMarketOptions options;
    options.instruments = market.instruments;
    options.years = 2.2;
    options.seed = 7;
    options.signal_ic = market.signal_ic;
    write_simulated_market(simulate_market(options), folder_.path());
    write_file_atomically(file(), R"yaml(name: small
data:       {path: ohlcv.parquet}
factors:    {extra: {reversal_5: "Ref($close,5)/$close-1", volatility_20: "Std($close/Ref($close,1)-1,20)"}}
preprocess: {label: cs_rank_norm, features: [robust_zscore, {clip: 3}, {fill_na: 0}]}
validation: {train: 1y, valid: 3m, test: 6m}
)yaml" + further);
  }

  const std::filesystem::path& folder() const { return folder_.path(); }
  std::filesystem::path file() const { return folder() / "study.yaml"; }
  Study read(const StudyOverrides& overrides = {}) const {
    return read_study(file(), overrides, study_plugins());
  }
  /// What is said against the study with these overrides; "" where nothing is.
  std::string problem_of(const StudyOverrides& overrides) const {
    try {
      read(overrides);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace orrery::testing
