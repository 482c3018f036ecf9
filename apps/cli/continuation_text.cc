#include "apps/cli/continuation_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <climits>

#include "apps/cli/terminal.h"

namespace orrery::cli {
namespace {

constexpr std::size_t kShown = 10;

const char* describe(FoldOrigin origin) {
  switch (origin) {
    case FoldOrigin::kTrained:
      return "trained";
    case FoldOrigin::kResumed:
      return "taken up from the interrupted run";
    case FoldOrigin::kReused:
      return "model and scores of the earlier run";
    case FoldOrigin::kExtended:
      return "model of the earlier run, new sessions scored";
  }
  return "";
}

double seconds_of(const StudyRun& run, const std::string& stage) {
  for (const auto& [name, seconds] : run.timings.stages()) {
    if (name == stage) return seconds;
  }
  return 0.0;
}

std::string prices_text(const RunContinuation& continuation, const StudyRun& run) {
  const auto last = to_string(run.prices.market.dates.back());
  if (!continuation.new_sessions()) return fmt::format("read, to {}", last);
  return fmt::format("read, to {}: history unchanged, {} new session{}", last, *continuation.new_sessions(),
                     *continuation.new_sessions() == 1 ? "" : "s");
}

}  // namespace

std::string continuation_text(const RunContinuation& continuation, const StudyRun& run, std::size_t width) {
  TextTable table = {{"stage", "what was done", "seconds"}};
  const auto add = [&](const std::string& stage, const std::string& done, double seconds) {
    table.push_back({stage, done, fmt::format("{:.2f}", seconds)});
  };
  add("prices", prices_text(continuation, run), seconds_of(run, "read"));
  add("factors, label", "computed", seconds_of(run, "factors") + seconds_of(run, "label"));
  for (std::size_t i = 0; i < continuation.origins().size(); ++i) {
    add(fmt::format("fold {}", i + 1), describe(continuation.origins()[i]), run.walk.folds[i].seconds);
  }
  add("backtest", "computed", seconds_of(run, "backtest and evaluate") + seconds_of(run, "baselines"));
  return format_table(table, width) + "\n";
}

std::string recommendations_text(const StudyRun& run, std::size_t width) {
  auto rows = run.evaluation.backtest.recommendations;
  if (rows.empty()) return "";
  const auto unranked_last = [](int rank) { return rank > 0 ? rank : INT_MAX; };
  std::stable_sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
    return unranked_last(a.rank) < unranked_last(b.rank);
  });
  const auto& market = run.prices.market;
  TextTable table = {{"rank", "symbol", "sector", "score", "target weight"}};
  for (std::size_t i = 0; i < std::min(kShown, rows.size()); ++i) {
    const auto& row = rows[i];
    table.push_back({fmt::format("{}", row.rank), market.symbols[row.instrument],
                     market.sectors.empty() ? "" : market.sectors[row.instrument],
                     fmt::format("{:.4f}", row.score), fmt::format("{:.2f} %", 100.0 * row.weight)});
  }
  return fmt::format("\nafter the close of {}, to be traded next (the report has all):\n{}",
                     to_string(run.evaluation.backtest.daily.back().date), format_table(table, width));
}

}  // namespace orrery::cli
