#include "orrery/ml/settings_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/fingerprint.h"
#include "orrery/base/named_progress.h"
#include "orrery/base/stopwatch.h"
#include "orrery/ml/family_rounds.h"
#include "orrery/ml/inner_folds.h"
#include "orrery/ml/search_file.h"
#include "orrery/ml/tuning/pruner.h"
#include "orrery/ml/tuning/samplers/samplers.h"

namespace orrery {
namespace {

using State = TuningTrial::State;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// One inner fold's data.
struct InnerData {
  Dataset train;
  Dataset valid;
  Dataset judged;
  Dataset judged_so_far;  ///< of this fold and those before it
};

std::vector<InnerData> cut_data(const Dataset& train, const Dataset* valid, int count, int purge_rows) {
  const auto rows = static_cast<double>(train.row_span().size());
  const double stopping = valid == nullptr ? 0.0 : static_cast<double>(valid->row_span().size());
  const auto folds = inner_folds(train.row_span(), count, stopping / (rows + stopping), purge_rows);
  std::vector<InnerData> data;
  for (const auto& fold : folds) {
    data.push_back({train.within(fold.learned.train), train.within(fold.learned.valid),
                    train.within(fold.judged),
                    train.within(RowRange{folds.front().judged.begin, fold.judged.end})});
    if (data.back().train.size() == 0 || data.back().judged.size() == 0)
      throw user_error(ErrorCode::kInvalidArgument,
                       "an inner fold has no sample; settings can't be chosen on so few");
  }
  return data;
}

ParameterMap settings_at(const SearchSpace& space, const TuningPoint& point) {
  ParameterMap settings;
  for (std::size_t i = 0; i < point.size(); ++i) settings[space[i].name] = setting_of(space[i], point[i]);
  return settings;
}

/// Whether the search may go on without what failed.
bool fails_alone(const Error& error) {
  return error.code() == ErrorCode::kInvalidArgument || error.code() == ErrorCode::kUnavailable;
}

class FitSearch {
 public:
  FitSearch(const std::vector<SearchFamily>& families, const SettingsSearch& spec, const Dataset& train,
            const Dataset* valid, const FitContext& context, LibrarySeconds& seconds)
      : families_(families),
        spec_(spec),
        context_(context),
        seconds_(seconds),
        sampler_(make_sampler(spec.sampler)),
        pruner_(make_pruner(spec.pruner, {static_cast<std::size_t>(spec.folds)})),
        data_(cut_data(train, valid, spec.folds, context.purge_rows)),
        file_(context.checkpoints, definition(train)) {
    report_.objective = spec.objective;
    report_.judged = data_.back().judged_so_far.row_span();
    auto kept = file_.read();
    earlier_seconds_ = kept.seconds;
    for (auto& trial : kept.trials) add(trial.family, std::move(trial.point), std::move(trial.trial));
  }

  SearchReport run() {
    while (tried_.size() < static_cast<std::size_t>(spec_.trials) && !is_late()) {
      const auto family = next_family(tried_, can_search());
      if (!family) break;
      auto point = choose_point(*family);
      if (!point) break;
      if (!try_point(*family, std::move(*point))) break;
    }
    choose();
    return std::move(report_);
  }

 private:
  std::string definition(const Dataset& train) const {
    std::string text =
        fmt::format("{} {} {} {} {} samples {} rows {} {}", spec_.sampler, spec_.pruner, spec_.objective,
                    spec_.folds, context_.seed, train.size(), train.row_span().begin, train.row_span().end);
    for (const auto& family : families_) {
      text += "\n" + family.entry.info.name;
      for (const auto& [name, value] : family.parameters)
        text += fmt::format(" {}={}", name, to_string(value));
      for (const auto& parameter : family.space)
        text += fmt::format(" {} {:.17g} {:.17g} {}", parameter.name, parameter.low, parameter.high,
                            parameter.choices.size());
    }
    return fingerprint_text(text);
  }

  std::vector<bool> can_search() const {
    std::vector<bool> can;
    for (const auto& family : families_) can.push_back(!family.space.empty());
    return can;
  }

  double elapsed() const { return earlier_seconds_ + watch_.seconds(); }

  /// Never before something is there to choose.
  bool is_late() const {
    const auto is_complete = [](const auto& tried) { return tried.trial.state == State::kComplete; };
    return spec_.minutes > 0.0 && elapsed() > 60.0 * spec_.minutes &&
           std::any_of(tried_.begin(), tried_.end(), is_complete);
  }

  /// An empty point is the family's settings as given. Nothing: everything was tried.
  std::optional<TuningPoint> choose_point(std::size_t family) const {
    std::vector<TuningTrial> own;
    bool was_tried = false;
    for (const auto& tried : tried_) {
      if (tried.family != family) continue;
      was_tried = true;
      if (!tried.trial.point.empty()) own.push_back(tried.trial);
    }
    if (!was_tried) return TuningPoint{};
    return sampler_->suggest(families_[family].space, own,
                             Random(context_.seed).fork(family).fork(own.size()));
  }

  /// False where the time ran out in the middle; such a trial counts for nothing.
  bool try_point(std::size_t family, TuningPoint point) {
    SearchTrial trial;
    trial.model = families_[family].entry.info.name;
    trial.settings = settings_at(families_[family].space, point);
    trial.loss = kMissing;
    add(family, std::move(point), std::move(trial));
    try {
      judge_folds();
    } catch (const Error& error) {
      if (!fails_alone(error)) throw;
      finish(State::kFailed, kMissing, error.what());
    }
    if (tried_.back().trial.state == State::kRunning) {
      tried_.pop_back();
      report_.trials.pop_back();
      return false;
    }
    keep();
    return true;
  }

  void judge_folds() {
    const std::size_t family = tried_.back().family;
    ParameterMap parameters = families_[family].parameters;
    for (const auto& [name, value] : report_.trials.back().settings) parameters[name] = value;
    std::vector<double> scores;
    for (std::size_t fold = 0; fold < data_.size(); ++fold) {
      if (fold > 0 && is_late()) return;
      score_fold(families_[family].entry, parameters, fold, scores);
      const double loss = score_loss(spec_.objective, data_[fold].judged_so_far, scores);
      tried_.back().trial.steps.push_back(loss);
      report_.trials.back().steps.push_back(loss);
      if (stops()) {
        report_.trials.back().spreads = score_spreads(data_[fold].judged_so_far, scores);
        finish(State::kPruned, kMissing, "");
        return;
      }
    }
    const double loss = tried_.back().trial.steps.back();
    if (!std::isfinite(loss))
      throw user_error(ErrorCode::kInvalidArgument, "the scores say nothing: no session has a correlation");
    report_.trials.back().spreads = score_spreads(data_.back().judged_so_far, scores);
    finish(State::kComplete, loss, "");
  }

  /// Appends the scores of one inner fold.
  void score_fold(const ModelEntry& entry, const ParameterMap& parameters, std::size_t fold,
                  std::vector<double>& scores) const {
    NamedProgress named(fmt::format("trial {} ({}), inner fold {} of {}", tried_.size(), entry.info.name,
                                    fold + 1, data_.size()),
                        context_.progress);
    const FitContext own{context_.seed, context_.threads, named, {}, context_.purge_rows};
    const InnerData& data = data_[fold];
    const auto model = make_model(entry, parameters);
    named.begin("fit", 0);
    seconds_ += model->fit(data.train, data.valid.size() > 0 ? &data.valid : nullptr, own).library_seconds;
    named.end();
    const std::size_t known = scores.size();
    scores.resize(known + data.judged.size());
    seconds_ += model->predict(data.judged, std::span<double>(scores).subspan(known), context_.threads)
                    .library_seconds;
  }

  bool stops() const {
    std::vector<TuningTrial> all;
    for (const auto& tried : tried_) all.push_back(tried.trial);
    return pruner_->should_stop(all, all.size() - 1);
  }

  void add(std::size_t family, TuningPoint point, SearchTrial trial) {
    tried_.push_back({family, {trial.state, std::move(point), trial.loss, trial.steps}});
    report_.trials.push_back(std::move(trial));
  }

  void finish(State state, double loss, const std::string& note) {
    tried_.back().trial.state = state;
    tried_.back().trial.loss = loss;
    report_.trials.back().state = state;
    report_.trials.back().loss = loss;
    report_.trials.back().note = note;
  }

  void keep() const {
    KeptSearch kept;
    kept.seconds = elapsed();
    for (std::size_t i = 0; i < tried_.size(); ++i)
      kept.trials.push_back({tried_[i].family, tried_[i].trial.point, report_.trials[i]});
    file_.write(kept);
  }

  void choose() {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < tried_.size(); ++i) {
      if (tried_[i].trial.state != State::kComplete) continue;
      if (!best || tried_[i].trial.loss < tried_[*best].trial.loss) best = i;
    }
    if (!best)
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("all {} trials of the search for settings failed; the first: {}",
                                   tried_.size(), report_.trials.front().note));
    report_.chosen = *best;
  }

  const std::vector<SearchFamily>& families_;
  const SettingsSearch& spec_;
  const FitContext& context_;
  LibrarySeconds& seconds_;
  std::unique_ptr<Sampler> sampler_;
  std::unique_ptr<Pruner> pruner_;
  std::vector<InnerData> data_;
  SearchFile file_;
  std::vector<FamilyTrial> tried_;  ///< as report_.trials, with their points
  SearchReport report_;
  Stopwatch watch_;
  double earlier_seconds_ = 0.0;
};

}  // namespace

SearchReport search_settings(const std::vector<SearchFamily>& families, const SettingsSearch& spec,
                             const Dataset& train, const Dataset* valid, const FitContext& context,
                             LibrarySeconds& seconds) {
  return FitSearch(families, spec, train, valid, context, seconds).run();
}

}  // namespace orrery
