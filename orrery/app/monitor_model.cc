#include "orrery/app/monitor_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "orrery/app/fold_files.h"
#include "orrery/app/health_text.h"
#include "orrery/app/input_digest.h"
#include "orrery/app/register_run.h"
#include "orrery/app/run_study.h"
#include "orrery/app/score_intervals.h"
#include "orrery/app/scores_table.h"
#include "orrery/app/study_model.h"
#include "orrery/base/address.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/parquet.h"
#include "orrery/ml/fit_fold.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFewestRecent = 10;

Study study_of(const StoredRun& run, const Plugins& plugins, const fs::path& data) {
  if (data.empty()) return reread_study(run, plugins);
  StudyOverrides paths = run.paths;
  const auto path = is_address(data.string()) ? data : fs::absolute(data).lexically_normal();
  paths.emplace_back("data.path", nlohmann::json(path.string()).dump());
  return parse_study(run.study_yaml, (run.folder / "manifest.json").string(), paths, plugins);
}

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
RowRange recent_rows(const FoldDates& dates, const MarketData& market, int sessions) {
  const RowRange valid = rows_of(dates.valid, market);
  // Labels of the last rows that it saw reach to where its test begins.
  const std::size_t seen = std::max(valid.empty() ? rows_of(dates.train, market).end : valid.end,
                                    std::min(market.rows(), market.lower_row(dates.test.first)));
  const std::size_t rows = market.rows();
  const std::size_t wanted = std::min(rows, static_cast<std::size_t>(sessions));
  const RowRange recent{std::max(seen, rows - wanted), rows};
  if (recent.size() >= kFewestRecent) return recent;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("there must be at least {} sessions after {}, the last one that the model "
                               "learned from; the prices end on {}, {} after",
                               kFewestRecent, to_string(market.dates[seen - 1]),
                               to_string(market.dates.back()), recent.size()));
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
  const Study& study;
  const PriceLoad& prices;
  const MaskPanel& eligible;
  const FactorFrame& factors;
  const FoldOnDisk& fold;
  RowRange recent;
  int threads = 0;

  const MarketData& market() const { return prices.market; }
};

/// Scores in a panel of the market's shape: the run's walk forward, and from `live` on the stored model's.
struct LiveScores {
  Panel scores;
  RowRange live;  ///< the recent sessions, and those before them that came after the run
};

LiveScores live_scores(const Subject& subject) {
  const auto file = subject.run.folder / "predictions.parquet";
  const Table predictions = read_parquet(file, {"date", "symbol", "score"});
  const auto dates = dates_of(predictions.column("date"));
  const auto last = std::max_element(dates.begin(), dates.end());
  const std::size_t after_run =
      last == dates.end() ? subject.recent.begin : subject.market().lower_row({last->days + 1});
  LiveScores result{place_column(predictions, "score", subject.market(), file.string()),
                    {std::min(after_run, subject.recent.begin), subject.recent.end}};
  const Panel none(subject.eligible.rows(), subject.eligible.columns());
  std::vector<double> scores;
  predict_fold({subject.factors, none, none, subject.eligible}, subject.fold.fitted, result.live,
               subject.threads, scores);
  for (std::size_t row = result.live.begin; row < result.live.end; ++row)
    std::ranges::fill(result.scores.row(row), std::numeric_limits<double>::quiet_NaN());
  place_scores(subject.eligible, result.live, scores, result.scores);
  return result;
}

/// How many sessions the returns span that scores are held against.
int return_sessions(const Study& study) {
  const bool own = !study.label.expression.expression.empty();
  return own ? std::max(1, study.label.span_rows - study.label.entry_rows) : 1;
}

/// The reference is the run's own walk forward; what the model did between it and the recent sessions is
/// shown.
void measure_ic(const Subject& subject, const LiveScores& scores, const Panel& outcome, ModelHealth& health) {
  const int sessions = return_sessions(subject.study);
  health.rank_ic = earlier_rank_ic(subject.run, health.recent_first, subject.study.backtest.delay + sessions);
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
  const auto intervals = score_intervals(subject.study, subject.market(), scores, outcome, subject.threads);
  for (const auto& session : intervals.sessions) {
    if (session.intervals == 0 || !subject.recent.contains(session.row)) continue;
    health.covered.dates.push_back(subject.market().dates[session.row]);
    health.covered.values.push_back(session.covered);
  }
  health.evidence.coverage = check_coverage(subject.study.intervals.coverage, health.covered.values);
}

/// Whether the prices of before are the ones that the run read.
void note_changed_history(const Subject& subject, ModelHealth& health) {
  const auto file = subject.run.folder / "inputs.orrery";
  if (!fs::exists(file)) return;
  const auto now = digest_inputs(subject.market(), subject.eligible, subject.factors,
                                 subject.study.factors.definitions.size(), subject.threads,
                                 subject.study.label.barriers.has_value());
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
  health.model = subject.fold.fitted.model->describe().name;
  health.banner = subject.run.banner;
  health.data = subject.study.data.path.filename().string();
  health.trained_first = subject.fold.dates.train.first;
  health.trained_last = subject.fold.dates.train.last;
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
  const FeatureView features = selected_features(subject.fold.fitted.selection, subject.factors);
  health.evidence.features =
      measure_feature_drift(features, subject.eligible, trained, subject.recent, subject.threads);
  health.evidence.names = count_names(subject.eligible, trained, subject.recent);
  health.evidence.weights = weights_of(subject.fold.fitted.fit, features.names());
}

}  // namespace

ModelHealth monitor_model(const StoredRun& run, const Plugins& plugins, const MonitorOptions& options,
                          Progress& progress) {
  const auto folder = last_fold_folder(run.folder);
  const Study study = study_of(run, plugins, options.data);
  DriftThresholds thresholds = options.thresholds.value_or(study.monitor);
  thresholds.sessions = options.sessions.value_or(thresholds.sessions);
  const FoldOnDisk fold = read_fold_files(folder, study_model(study, plugins));
  RunOptions run_options;
  run_options.threads = options.threads;
  const PriceLoad prices = read_study_prices(study, run_options, progress);
  const RowRange trained = trained_rows(fold.dates, prices.market);
  const RowRange recent = recent_rows(fold.dates, prices.market, thresholds.sessions);
  const MaskPanel eligible = study_universe(study, prices.market);
  require_names(eligible, recent, prices.market);
  const FactorFrame factors = study_factors(study, prices.market, run_options, progress);
  const Subject subject{run, study, prices, eligible, factors, fold, recent, options.threads};
  ModelHealth health = describe(subject);
  health.thresholds = thresholds;
  note_changed_history(subject, health);
  note_few_blocks(trained, recent, health);
  measure_features(subject, trained, health);
  const Panel outcome = study_forward_return(study, prices.market, run_options);
  const LiveScores scores = live_scores(subject);
  measure_ic(subject, scores, outcome, health);
  measure_coverage(subject, scores.scores, outcome, health);
  health.judgement = judge_drift(health.evidence, thresholds);
  health.lines = health_lines(health);
  return health;
}

}  // namespace orrery
