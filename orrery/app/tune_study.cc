#include "orrery/app/tune_study.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "orrery/app/run_study.h"
#include "orrery/app/search_trials.h"
#include "orrery/app/study_label.h"
#include "orrery/app/study_model.h"
#include "orrery/base/cancellable_progress.h"
#include "orrery/base/error.h"
#include "orrery/base/fingerprint.h"
#include "orrery/base/stopwatch.h"
#include "orrery/factor/evaluation.h"
#include "orrery/ml/tuning/pruner.h"
#include "orrery/ml/tuning/samplers/samplers.h"

namespace orrery {
namespace {

using State = TuningRecord::State;
using Records = std::vector<TuningRecord>;

std::vector<TuningTrial> trials_of(const Records& records) {
  std::vector<TuningTrial> trials;
  for (const auto& record : records)
    trials.push_back(
        {static_cast<TuningTrial::State>(record.state), record.point, record.loss, record.steps});
  return trials;
}

/// Mean squared error of the scores against what was learned.
double mean_squared_error(const Panel& scores, const Panel& label) {
  double sum = 0.0;
  std::size_t count = 0;
  for (std::size_t row = 0; row < scores.rows(); ++row) {
    for (std::size_t i = 0; i < scores.columns(); ++i) {
      const double error = scores(row, i) - label(row, i);
      if (!std::isfinite(error)) continue;
      sum += error * error;
      ++count;
    }
  }
  return count == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(count);
}

/// What all trials share: read and computed once.
struct Material {
  PriceLoad prices;
  MaskPanel eligible;
  FactorFrame factors;
  StudyLabel raw_label;
  Panel label, forward_return;
  std::vector<InnerFold> folds;

  Material(const Study& study, const RunOptions& options, Progress& progress)
      : prices(read_study_prices(study, options, progress)),
        eligible(study_universe(study, prices.market)),
        factors(study_factors(study, prices.market, options, progress)),
        raw_label(study_label(study, prices.market, options.threads)),
        label(preprocess_label(raw_label.values, eligible, study.preprocess.label)),
        forward_return(study_forward_return(study, prices.market, options)) {
    const auto outer = study_folds(study, prices.market.dates);
    const int purge = resolve_purge(study.validation.purge, study.label.span_rows);
    folds = inner_folds(tuning_span(outer, study.label.span_rows), study.tune->folds,
                        valid_share(outer.front()), purge);
  }

  TrialKey key() const {
    const auto& dates = prices.market.dates;
    return {prices.fingerprint, dates[folds.front().judged.begin], dates[folds.back().judged.end - 1]};
  }
};

/// One trial: fitted and judged fold by fold.
class TrialRun {
 public:
  TrialRun(const Study& study, const Plugins& plugins, const Material& material, const TuningPoint& point,
           int threads)
      : study_(study), material_(material), entry_(settled_model(study, plugins)) {
    spec_ = study_fit(study, threads);
    for (const auto& [name, value] : settings_of(study.tune->space, point)) spec_.parameters[name] = value;
    scores_ = Panel(material.eligible.rows(), material.eligible.columns());
  }

  /// Fits and judges the next fold, and returns the loss over all folds so far.
  double step(std::size_t index, Progress& progress) {
    const LearningData data{material_.factors, material_.raw_label.values, material_.label,
                            material_.eligible, label_ends(study_, material_.raw_label)};
    const InnerFold& fold = material_.folds[index];
    const FittedFold fitted = fit_fold(data, spec_, entry_, fmt::format("inner fold {}", index + 1),
                                       fold.learned, fold.judged, progress);
    std::vector<double> scores;
    predict_fold(data, fitted, fold.judged, spec_.threads, scores);
    place_scores(material_.eligible, fold.judged, scores, scores_);
    SignalEvaluationOptions options;
    options.threads = spec_.threads;
    signal_ = evaluate_signal(scores_, material_.forward_return, material_.prices.market.dates, options);
    if (study_.tune->objective == "loss") return mean_squared_error(scores_, material_.label);
    return study_.tune->objective == "ic" ? -signal_.ic.mean : -signal_.rank_ic.mean;
  }

  /// Daily returns of the highest less the lowest fifth of the names on the judged sessions.
  TrialOutcome outcome() const {
    DatedReturns spread;
    for (std::size_t day = 0; day < signal_.dates.size(); ++day) {
      const double earned = signal_.quantiles.long_short[day];
      if (!std::isfinite(earned)) continue;
      spread.dates.push_back(signal_.dates[day]);
      spread.values.push_back(earned);
    }
    return spread_outcome(std::move(spread));
  }

 private:
  const Study& study_;
  const Material& material_;
  ModelEntry entry_;
  FitSpec spec_;
  Panel scores_;
  SignalEvaluation signal_;
};

std::string point_text(const SearchSpace& space, const TuningPoint& point) {
  std::string text;
  for (const auto& [name, value] : settings_of(space, point))
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, to_string(value));
  return text;
}

std::string study_without_tuning(const Study& study) {
  ConfigNode root = parse_config(study.yaml, study.name);
  std::erase_if(root.entries, [](const auto& entry) { return entry.first == "tune"; });
  return to_yaml(root);
}

/// The search of one process.
class Search {
 public:
  Search(const Study& study, const Plugins& plugins, const TuneOptions& options, const Material& material)
      : study_(study),
        plugins_(plugins),
        options_(options),
        material_(material),
        study_without_tuning_(study_without_tuning(study)),
        sampler_(make_sampler(study.tune->sampler)),
        pruner_(make_pruner(study.tune->pruner, {material.folds.size()})),
        store_(options.folder / "tuning.sqlite", definition()),
        ledger_(options.ledger) {}

  void run(Progress& progress, TuneResult& result) {
    const Stopwatch watch;
    const double seconds = 60.0 * study_.tune->minutes;
    while (seconds <= 0.0 || watch.seconds() < seconds) {
      const auto begun = store_.begin([&](const Records& trials) { return choose(trials); });
      if (!begun) break;
      ++result.begun_here;
      result.stopped = !run_or_stop(*begun, progress);
      if (result.stopped) break;
      if (options_.trial_done) options_.trial_done(begun->number, store_.trials());
    }
    result.trials = store_.trials();
    result.best = best_trial(result.trials);
    judge(result);
  }

 private:
  /// What must be the same for trials to be comparable; how many there are, and who chooses them, may change.
  std::string definition() const {
    std::string text = fmt::format("{} {} {} {}", material_.prices.fingerprint, study_.tune->objective,
                                   study_.tune->folds, study_.seed);
    for (const auto& parameter : study_.tune->space) {
      text += fmt::format("\n{} {} {:.17g} {:.17g} {}", parameter.name, static_cast<int>(parameter.kind),
                          parameter.low, parameter.high, parameter.logarithmic);
      for (const auto& choice : parameter.choices) text += fmt::format(" {}", to_string(choice));
    }
    return fmt::format("{}\n{}", text, fingerprint_text(study_without_tuning_));
  }

  std::optional<TuningPoint> choose(const Records& records) const {
    const auto counted = std::count_if(records.begin(), records.end(),
                                       [](const auto& record) { return record.state != State::kFailed; });
    if (counted >= study_.tune->trials) return std::nullopt;
    return sampler_->suggest(study_.tune->space, trials_of(records),
                             Random(study_.seed).fork(records.size()));
  }

  /// False when it was stopped on request.
  bool run_or_stop(const TuningRecord& record, Progress& progress) {
    try {
      run_trial(record, progress);
      return true;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled) return false;
      throw;
    }
  }

  void run_trial(const TuningRecord& record, Progress& progress) {
    Trial trial;
    trial.study = study_.name + " (tune)";
    trial.overrides = point_text(study_.tune->space, record.point);
    trial.study_fingerprint =
        fingerprint_text(fmt::format("{}\ntune {}", study_without_tuning_, trial.overrides));
    trial.key = material_.key();
    trial.seed = study_.seed;
    const auto id = ledger_.begin(trial);
    try {
      ledger_.finish(id, run_folds(record, progress));
    } catch (const Error& error) {
      ledger_.finish(id, {true});
      store_.finish(record.number, State::kFailed, std::nan(""), error.what());
      if (error.code() != ErrorCode::kInvalidArgument) throw;
    }
  }

  /// A point that the model can't be fitted with fails alone; the search goes on.
  TrialOutcome run_folds(const TuningRecord& record, Progress& progress) {
    TrialRun run(study_, plugins_, material_, record.point, options_.threads);
    double loss = std::nan("");
    for (std::size_t fold = 0; fold < material_.folds.size(); ++fold) {
      progress.begin(
          fmt::format("trial {}, inner fold {} of {}", record.number, fold + 1, material_.folds.size()), 0);
      loss = run.step(fold, progress);
      progress.end();
      store_.add_step(record.number, loss);
      if (!stops(record.number)) continue;
      store_.finish(record.number, State::kPruned, std::nan(""));
      return without_returns(run.outcome());
    }
    if (!std::isfinite(loss))
      throw user_error(ErrorCode::kInvalidArgument, "the scores say nothing: no session has a correlation");
    store_.finish(record.number, State::kComplete, loss);
    return run.outcome();
  }

  bool stops(std::int64_t number) const {
    const auto records = store_.trials();
    const auto own = std::find_if(records.begin(), records.end(),
                                  [&](const auto& record) { return record.number == number; });
    return pruner_->should_stop(trials_of(records), static_cast<std::size_t>(own - records.begin()));
  }

  /// Among the trials of the ledger on the same data and judged sessions.
  void judge(TuneResult& result) const {
    if (!result.best) return;
    const auto recorded = ledger_.trials(material_.key());
    const auto best = point_text(study_.tune->space, result.trials[*result.best].point);
    for (const auto& trial : recorded) {
      if (trial.trial.overrides == best && trial.outcome && !trial.outcome->failed)
        result.verdict = judge_among(*trial.outcome, recorded);
    }
  }

  const Study& study_;
  const Plugins& plugins_;
  const TuneOptions& options_;
  const Material& material_;
  std::string study_without_tuning_;
  std::unique_ptr<Sampler> sampler_;
  std::unique_ptr<Pruner> pruner_;
  TuningStore store_;
  TrialLedger ledger_;
};

}  // namespace

RowRange tuning_span(const std::vector<Fold>& folds, int label_span_rows) {
  RowRange span{folds.front().train.begin, folds.front().test.begin};
  for (const Fold& fold : folds) {
    span.begin = std::min(span.begin, fold.train.begin);
    span.end = std::min(span.end, fold.test.begin);
  }
  const auto reach = static_cast<std::size_t>(label_span_rows);
  span.end = span.end > reach ? span.end - reach : 0;
  return span;
}

TuneResult tune_study(const Study& study, const Plugins& plugins, const TuneOptions& options,
                      Progress& told) {
  if (!study.tune)
    throw user_error(ErrorCode::kInvalidArgument,
                     "the study has no key 'tune', which says what to search for (docs/tune.md)");
  CancellableProgress progress(told, options.cancelled);
  const Material material(study, {options.threads}, progress);
  TuneResult result;
  result.space = study.tune->space;
  result.objective = study.tune->objective;
  for (const auto& fold : material.folds) {
    result.folds.push_back(fold.learned);
    result.validated.push_back(fold.judged);
    const auto& dates = material.prices.market.dates;
    const auto days = [&](std::size_t begin, std::size_t end) {
      return DateRange{dates[begin], dates[end - 1]};
    };
    FoldDates used{days(fold.learned.train.begin_row(), fold.learned.train.end_row()), {}, {}};
    used.test = days(fold.judged.begin, fold.judged.end);
    result.fold_dates.push_back(used);
  }
  Search search(study, plugins, options, material);
  search.run(progress, result);
  return result;
}

std::optional<std::size_t> best_trial(const Records& trials) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (trials[i].state != State::kComplete || !std::isfinite(trials[i].loss)) continue;
    if (!best || trials[i].loss < trials[*best].loss) best = i;
  }
  return best;
}

const char* state_name(State state) {
  switch (state) {
    case State::kRunning:
      return "running";
    case State::kComplete:
      return "complete";
    case State::kPruned:
      return "pruned";
    case State::kFailed:
      return "failed";
  }
  return "";
}

double objective_of(const std::string& objective, double loss) { return objective == "loss" ? loss : -loss; }

ParameterMap settings_of(const SearchSpace& space, const TuningPoint& point) {
  ParameterMap settings;
  for (std::size_t i = 0; i < space.size(); ++i) settings[space[i].name] = setting_of(space[i], point[i]);
  return settings;
}

std::string best_model_yaml(const Study& study, const TuneResult& result) {
  if (!result.best) throw user_error(ErrorCode::kNotFound, "no trial is complete");
  ConfigNode root = parse_config(study.yaml, study.name);
  set_config_value(root, "model.name", study.model);
  for (const auto& [name, value] : settings_of(result.space, result.trials[*result.best].point))
    set_config_value(root, "model.params." + name, to_string(value));
  std::erase_if(root.entries, [](const auto& entry) { return entry.first != "model"; });
  return to_yaml(root);
}

}  // namespace orrery
