#include <cmath>

#include "apps/server/route_tools.h"
#include "orrery/data/trial_ledger.h"

namespace orrery::server::trials_route {
namespace {

using Kind = ColumnInfo::Kind;

ApiAnswer list_trials() {
  const double missing = std::nan("");
  std::vector<std::int64_t> numbers;
  std::vector<std::string> started, studies, overrides, data, outcomes;
  std::vector<std::string> first, last;
  std::vector<double> sharpe, periods;
  for (const RecordedTrial& one : TrialLedger(default_trial_ledger()).trials()) {
    const bool ended = one.outcome && !one.outcome->failed;
    const TrialKey& key = one.trial.key;
    numbers.push_back(one.id);
    started.push_back(one.started);
    studies.push_back(one.trial.study);
    overrides.push_back(one.trial.overrides);
    data.push_back(key.data_fingerprint);
    first.push_back(key.known() ? to_string(key.test_first) : "");
    last.push_back(key.known() ? to_string(key.test_last) : "");
    outcomes.emplace_back(!one.outcome ? "unfinished" : one.outcome->failed ? "failed" : "finished");
    sharpe.push_back(ended ? one.outcome->sharpe : missing);
    periods.push_back(ended ? one.outcome->periods : missing);
  }
  return {RowsAnswer{Json::object(),
                     {{{"trial", std::move(numbers)},
                       {"started", std::move(started)},
                       {"study", std::move(studies)},
                       {"overrides", std::move(overrides)},
                       {"data_fingerprint", std::move(data)},
                       {"test_first", std::move(first)},
                       {"test_last", std::move(last)},
                       {"outcome", std::move(outcomes)},
                       {"sharpe", std::move(sharpe)},
                       {"periods", std::move(periods)}}}}};
}

}  // namespace

void add_to(ApiServer& api, const Services& /*services*/) {
  Operation operation = reading("/api/v1/trials", "listTrials", "Runs",
                                "Every trial there was: what a result has to be held against");
  operation.description =
      "The ledger of trials, as docs/trials.md explains it: cancelled and failed ones count.";
  operation.slow = true;
  operation.columns = {{"trial", Kind::kWhole, "Its number"},
                       {"started", Kind::kText, "When, UTC"},
                       {"study", Kind::kText, "Name of its study"},
                       {"overrides", Kind::kText, "Values put over the study's"},
                       {"data_fingerprint", Kind::kText, "Of the data; empty: ended before it was read"},
                       {"test_first", Kind::kText, "First tested session; empty as above"},
                       {"test_last", Kind::kText, "Last tested session"},
                       {"outcome", Kind::kText, "finished, failed or unfinished"},
                       {"sharpe", Kind::kNumber, "A period, not annualised"},
                       {"periods", Kind::kNumber, "Returns behind it"}};
  operation.run = [](const ApiRequest&) { return list_trials(); };
  api.add(std::move(operation));
}

}  // namespace orrery::server::trials_route
