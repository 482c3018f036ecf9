#include "orrery/app/monitor_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "orrery/app/health_text.h"
#include "orrery/app/input_digest.h"
#include "orrery/app/live_model.h"
#include "orrery/app/run_study.h"
#include "orrery/app/score_intervals.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/parquet.h"

namespace orrery {
namespace {

constexpr std::size_t kFewestRecent = 10;

RowRange rows_of(const DateRange& range, const MarketData& market) {
  if (range.last < range.first) return {};
  return {market.lower_row(range.first), market.lower_row({range.last.days + 1})};
}

/// The rows that the model learned from; all of them must be there.
RowRange trained_rows(const FoldDates& dates, const MarketData& market) {
  const RowRange rows = rows_of(dates.train, market);
  if (!rows.empty() && market.dates[rows.begin] == dates.train.first &&
      market.dates[rows.end - 1] == dates.train.last)
    return rows;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("the prices must hold the sessions that the model learned from, {} to {}, to "
                               "compare with; they go from {} to {}",
                               to_string(dates.train.first), to_string(dates.train.last),
                               to_string(market.dates.front()), to_string(market.dates.back())));
}

/// The last sessions after those that the model has seen.
RowRange recent_rows(const LiveModel& model, int sessions) {
  const auto& dates = model.market().dates;
  const std::size_t wanted = std::min(dates.size(), static_cast<std::size_t>(sessions));
  const RowRange recent{std::max(model.first_unseen, dates.size() - wanted), dates.size()};
  if (recent.size() >= kFewestRecent) return recent;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("there must be at least {} sessions after {}, the last one that the model "
                               "learned from; the prices end on {}, {} after",
                               kFewestRecent, to_string(dates[model.first_unseen - 1]),
                               to_string(dates.back()), recent.size()));
}

/// A look at nobody would find nothing wrong.
void require_names(const MaskPanel& eligible, RowRange recent, const MarketData& market) {
  for (std::size_t row = recent.begin; row < recent.end; ++row) {
    for (std::size_t i = 0; i < eligible.columns(); ++i) {
      if (eligible(row, i) != 0) return;
    }
  }
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("no name is in the study's universe from {} to {}: are its membership, sectors "
                  "and prices as new as --data?",
                  to_string(market.dates[recent.begin]), to_string(market.dates[recent.end - 1])));
}

/// Each feature's importance in the model; empty where the model tells none.
std::vector<double> weights_of(const FitReport& fit, const std::vector<std::string>& features) {
  std::map<std::string, double> gains;
  for (const auto& feature : fit.importance) gains[feature.feature] = std::fabs(feature.gain);
  std::vector<double> weights;
  for (const auto& feature : features) {
    const auto found = gains.find(feature);
    weights.push_back(found == gains.end() || !std::isfinite(found->second) ? 0.0 : found->second);
  }
  return weights;
}

/// The walk forward's daily rank IC before a day, without the last `span` of them, whose returns reach it.
DatedSeries earlier_rank_ic(const StoredRun& run, Date before, int span) {
  const Table table = read_parquet(run.folder / "daily_ic.parquet");
  const auto& dates = dates_of(table.column("date"));
  const auto values = numbers_of(table.column("rank_ic"));
  DatedSeries series;
  for (std::size_t i = 0; i < dates.size() && dates[i] < before; ++i) {
    series.dates.push_back(dates[i]);
    series.values.push_back(values[i]);
  }
  const std::size_t kept =
      series.values.size() - std::min(series.values.size(), static_cast<std::size_t>(span));
  series.dates.resize(kept);
  series.values.resize(kept);
  return series;
}

/// What a look at a model works on.
struct Subject {
  const StoredRun& run;
  const LiveModel& model;
  RowRange recent;
  int threads = 0;

  const MarketData& market() const { return model.market(); }
};

/// How many sessions the returns span that scores are held against.
int return_sessions(const Study& study) {
  const bool own = !study.label.expression.expression.empty();
  return own ? std::max(1, study.label.span_rows - study.label.entry_rows) : 1;
}

/// The reference is the run's own walk forward; what the model did between it and the recent sessions is
/// shown.
void measure_ic(const Subject& subject, const LiveScores& scores, const Panel& outcome, ModelHealth& health) {
  const int sessions = return_sessions(subject.model.study);
  health.rank_ic =
      earlier_rank_ic(subject.run, health.recent_first, subject.model.study.backtest.delay + sessions);
  const auto before = health.rank_ic.values;
  Panel live(scores.scores.rows(), scores.scores.columns());
  for (std::size_t row = scores.live.begin; row < scores.live.end; ++row)
    std::ranges::copy(scores.scores.row(row), live.row(row).begin());
  SignalEvaluationOptions options;
  options.threads = subject.threads;
  const auto signal = evaluate_signal(live, outcome, subject.market().dates, options);
  const auto recent = std::ranges::lower_bound(signal.dates, health.recent_first) - signal.dates.begin();
  health.evidence.ic = measure_ic_decay(
      before, std::span(signal.rank_ic.daily).subspan(static_cast<std::size_t>(recent)), sessions);
  health.rank_ic.dates.insert(health.rank_ic.dates.end(), signal.dates.begin(), signal.dates.end());
  health.rank_ic.values.insert(health.rank_ic.values.end(), signal.rank_ic.daily.begin(),
                               signal.rank_ic.daily.end());
}

/// The intervals learn from all sessions before.
void measure_coverage(const Subject& subject, const Panel& scores, const Panel& outcome,
                      ModelHealth& health) {
  const auto intervals =
      score_intervals(subject.model.study, subject.market(), scores, outcome, subject.threads);
  for (const auto& session : intervals.sessions) {
    if (session.intervals == 0 || !subject.recent.contains(session.row)) continue;
    health.covered.dates.push_back(subject.market().dates[session.row]);
    health.covered.values.push_back(session.covered);
  }
  health.evidence.coverage = check_coverage(subject.model.study.intervals.coverage, health.covered.values);
}

/// Whether the prices of before are the ones that the run read.
void note_changed_history(const Subject& subject, ModelHealth& health) {
  const auto file = subject.run.folder / "inputs.orrery";
  if (!std::filesystem::exists(file)) return;
  const auto now = digest_inputs(subject.market(), subject.model.eligible, subject.model.factors,
                                 subject.model.study.factors.definitions.size(), subject.threads,
                                 subject.model.study.label.barriers.has_value());
  const auto change = first_change(InputDigest::from_bytes(read_file(file)), now);
  if (!change) return;
  health.notes.push_back(
      fmt::format("The history is not the one that the run read: it differs first on {}{}.",
                  to_string(change->date), change->symbol.empty() ? "" : ", in " + change->symbol));
}

ModelHealth describe(const Subject& subject) {
  const auto& dates = subject.market().dates;
  ModelHealth health;
  health.title = subject.run.folder.string();
  health.model = subject.model.fold.fitted.model->describe().name;
  health.banner = subject.run.banner;
  health.data = subject.model.study.data.path.filename().string();
  health.trained_first = subject.model.fold.dates.train.first;
  health.trained_last = subject.model.fold.dates.train.last;
  health.recent_first = dates[subject.recent.begin];
  health.recent_last = dates[subject.recent.end - 1];
  health.recent_sessions = subject.recent.size();
  return health;
}

void note_few_blocks(RowRange trained, RowRange recent, ModelHealth& health) {
  if (trained.size() / recent.size() >= FeatureDrift::kFewestBlocks) return;
  health.notes.push_back(fmt::format(
      "The model learned from {} sessions, which hold fewer than {} blocks of {}: how far features "
      "move by themselves is not known, and slow ones raise alarms; look at fewer sessions.",
      trained.size(), FeatureDrift::kFewestBlocks, recent.size()));
}

void measure_features(const Subject& subject, RowRange trained, ModelHealth& health) {
  const FeatureView features = selected_features(subject.model.fold.fitted.selection, subject.model.factors);
  health.evidence.features =
      measure_feature_drift(features, subject.model.eligible, trained, subject.recent, subject.threads);
  health.evidence.names = count_names(subject.model.eligible, trained, subject.recent);
  health.evidence.weights = weights_of(subject.model.fold.fitted.fit, features.names());
}

}  // namespace

ModelHealth monitor_model(const StoredRun& run, const Plugins& plugins, const MonitorOptions& options,
                          Progress& progress) {
  const LiveModel model = open_live_model(run, plugins, options.data, options.threads, progress);
  DriftThresholds thresholds = options.thresholds.value_or(model.study.monitor);
  thresholds.sessions = options.sessions.value_or(thresholds.sessions);
  const RowRange trained = trained_rows(model.fold.dates, model.market());
  const RowRange recent = recent_rows(model, thresholds.sessions);
  require_names(model.eligible, recent, model.market());
  const Subject subject{run, model, recent, options.threads};
  ModelHealth health = describe(subject);
  health.thresholds = thresholds;
  note_changed_history(subject, health);
  note_few_blocks(trained, recent, health);
  measure_features(subject, trained, health);
  RunOptions run_options;
  run_options.threads = options.threads;
  const Panel outcome = study_forward_return(model.study, model.market(), run_options);
  const LiveScores scores = live_scores(run, model, recent, options.threads);
  measure_ic(subject, scores, outcome, health);
  measure_coverage(subject, scores.scores, outcome, health);
  health.judgement = judge_drift(health.evidence, thresholds);
  health.lines = health_lines(health);
  return health;
}

}  // namespace orrery
