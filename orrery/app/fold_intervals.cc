#include "orrery/app/fold_intervals.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "orrery/app/score_intervals.h"
#include "orrery/app/study_model.h"
#include "orrery/base/error.h"
#include "orrery/base/named_progress.h"
#include "orrery/ml/band_intervals.h"
#include "orrery/ml/fit_fold.h"
#include "orrery/ml/score_line.h"

namespace orrery {
namespace {

/// How a model of the registry learns a quantile.
struct QuantileSettings {
  std::string_view model;
  const char* objective;
  const char* level;  ///< the setting that says which
};

constexpr QuantileSettings kQuantileModels[] = {{"lightgbm", "quantile", "alpha"},
                                                {"xgboost", "reg:quantileerror", "quantile_alpha"}};

const QuantileSettings& quantile_settings(const std::string& model) {
  for (const auto& settings : kQuantileModels) {
    if (settings.model == model) return settings;
  }
  throw internal_error(fmt::format("the model {} learns no quantile", model));
}

/// A fold's sessions by what they are good for.
struct FoldSpans {
  Fold purged;    ///< so that no outcome reaches the next segment
  RowRange line;  ///< the line is fitted, the quantile models are stopped
  BandSpan bands;
};

FoldSpans spans_of(const Fold& given, int purge_rows, std::size_t index) {
  FoldSpans spans{purge_fold(given, purge_rows), {}, {}};
  const RowRange valid = spans.purged.valid;
  const std::size_t middle = valid.begin + valid.size() / 2;
  const std::size_t reach = static_cast<std::size_t>(purge_rows);
  spans.line = {valid.begin, middle > valid.begin + reach ? middle - reach : valid.begin};
  spans.bands = {{middle, valid.end}, spans.purged.test};
  if (!spans.line.empty() && !spans.bands.calibration.empty()) return spans;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("intervals: fold {} has {} validation sessions, too few to calibrate on with labels of {} "
                  "sessions; give the study a longer valid span, or take method: adaptive",
                  index + 1, valid.size(), purge_rows));
}

/// Rows that no outcome of a fold's segment may reach over into the next.
int rows_between(const Study& study) {
  return std::max(outcome_span(study), resolve_purge(study.validation.purge, study.label.span_rows));
}

/// What all folds share.
class FoldBands {
 public:
  FoldBands(const Study& study, const Plugins& plugins, const StudyInputs& inputs, const MarketData& market,
            const Panel& forward_return, const RunOptions& options)
      : study_(study),
        plugins_(plugins),
        inputs_(inputs),
        market_(market),
        outcome_(forward_return),
        options_(options),
        data_{inputs.factors, forward_return, forward_return, inputs.eligible} {}

  /// The fold's bands on its calibration and test sessions.
  ReturnBands bands(const FoldReport& report, const Model& model, const FittedFeatures& steps,
                    const FoldSpans& spans, Progress& progress) const {
    Panel scores(outcome_.rows(), outcome_.columns());
    for (const RowRange rows : {spans.line, spans.bands.calibration, spans.bands.test})
      place(model, steps, report.selection, rows, scores);
    const ScoreLine line = fit_line(scores, spans.line);
    ReturnBands bands{Panel(scores.rows(), scores.columns()), {}, {}, {}};
    for (const RowRange rows : {spans.bands.calibration, spans.bands.test}) {
      for (std::size_t row = rows.begin; row < rows.end; ++row) {
        for (std::size_t i = 0; i < scores.columns(); ++i) bands.expected(row, i) = line(scores(row, i));
      }
    }
    if (study_.intervals.method == IntervalMethod::kSplit) {
      bands.lower = bands.upper = bands.expected;
      bands.scale = trailing_volatility(market_.field("close"), scores, options_.threads);
      return bands;
    }
    bands.scale = Panel(scores.rows(), scores.columns(), 1.0);
    const double tail = (1.0 - study_.intervals.coverage) / 2.0;
    bands.lower = quantile(tail, spans, progress);
    bands.upper = quantile(1.0 - tail, spans, progress);
    uncross(bands);
    return bands;
  }

 private:
  void place(const Model& model, const FittedFeatures& steps,
             const std::optional<FeatureSelection>& selection, RowRange rows, Panel& placed) const {
    const Dataset data(selected_features(selection, inputs_.factors), steps, inputs_.eligible, rows);
    std::vector<double> said(data.size());
    model.predict(data, said, options_.threads);
    place_scores(inputs_.eligible, rows, said, placed);
  }

  ScoreLine fit_line(const Panel& scores, RowRange rows) const {
    ScoreLineSums sums;
    for (std::size_t row = rows.begin; row < rows.end; ++row) {
      for (std::size_t i = 0; i < scores.columns(); ++i) {
        if (std::isfinite(scores(row, i)) && std::isfinite(outcome_(row, i)))
          sums.add(scores(row, i), outcome_(row, i));
      }
    }
    return sums.n > 0.0 ? sums.line() : ScoreLine{};
  }

  /// Fits a model of one quantile of the raw return, and predicts.
  Panel quantile(double level, const FoldSpans& spans, Progress& progress) const {
    const ModelChoice& choice = study_.intervals.model;
    const QuantileSettings& settings = quantile_settings(choice.name);
    FitSpec spec = study_fit(study_, options_.threads);
    spec.preprocess.label = LabelStep::kNone;
    // The lives of the study's labels are not those of these returns.
    spec.weights.uniqueness = false;
    spec.parameters = choice.parameters;
    spec.parameters["objective"] = std::string(settings.objective);
    spec.parameters[settings.level] = level;
    const FittedFold fitted =
        fit_fold(data_, spec, plugins_.models.get(choice.name), fmt::format("the {} quantile's fold", level),
                 {spans.purged.train, spans.line}, spans.bands.test, progress);
    Panel said(outcome_.rows(), outcome_.columns());
    for (const RowRange rows : {spans.bands.calibration, spans.bands.test})
      place(*fitted.model, fitted.steps, fitted.selection, rows, said);
    return said;
  }

  /// Quantiles that were learned one by one may cross.
  static void uncross(ReturnBands& bands) {
    for (std::size_t row = 0; row < bands.lower.rows(); ++row) {
      for (std::size_t i = 0; i < bands.lower.columns(); ++i) {
        if (bands.lower(row, i) > bands.upper(row, i)) std::swap(bands.lower(row, i), bands.upper(row, i));
      }
    }
  }

  const Study& study_;
  const Plugins& plugins_;
  const StudyInputs& inputs_;
  const MarketData& market_;
  const Panel& outcome_;
  const RunOptions& options_;
  LearningData data_;
};

void read_quantile_model(ConfigReader reader, Study& study, const Plugins& plugins,
                         ConfigProblems& problems) {
  ModelChoice& choice = study.intervals.model;
  choice.name = reader.text("name", "lightgbm", {"lightgbm", "xgboost"});
  choice.parameters = reader.parameters("params");
  const auto* entry = plugins.models.find(choice.name);
  if (entry == nullptr) return;
  const QuantileSettings& settings = quantile_settings(choice.name);
  const auto resolved_name = [&](const std::string& name) {
    const auto alias = entry->info.aliases.find(name);
    return alias == entry->info.aliases.end() ? name : alias->second;
  };
  check_settings(reader, entry->info, choice.parameters, problems);
  for (const auto& [name, value] : choice.parameters) {
    const std::string declared = resolved_name(name);
    if (declared == "objective" || declared == settings.level)
      add_setting_problem(reader, name, "follows from intervals.coverage: both quantiles are learned",
                          problems);
  }
}

}  // namespace

void read_intervals(ConfigReader reader, Study& study, const Plugins& plugins, ConfigProblems& problems) {
  IntervalChoice& choice = study.intervals;
  choice.coverage = reader.number("coverage", choice.coverage, 0.01, 0.999);
  const std::string method = reader.text("method", "adaptive", {"adaptive", "split", "cqr"});
  choice.method = method == "cqr"     ? IntervalMethod::kQuantiles
                  : method == "split" ? IntervalMethod::kSplit
                                      : IntervalMethod::kAdaptive;
  if (choice.method != IntervalMethod::kAdaptive && reader.has("window"))
    reader.problem("window", "is of method: adaptive; the others learn from each fold's validation sessions");
  choice.window = static_cast<int>(reader.integer("window", choice.window, 20));
  if (choice.method != IntervalMethod::kQuantiles && reader.has("model"))
    reader.problem("model", "is of method: cqr, whose quantiles it learns");
  read_quantile_model(reader.section("model"), study, plugins, problems);
}

void check_interval_folds(const Study& study, const std::vector<Fold>& folds) {
  if (study.intervals.method == IntervalMethod::kAdaptive) return;
  for (std::size_t i = 0; i < folds.size(); ++i) spans_of(folds[i], rows_between(study), i);
}

std::optional<ReturnIntervals> fold_intervals(const Study& study, const Plugins& plugins,
                                              const StudyInputs& inputs, const WalkForwardResult& walk,
                                              const MarketData& market, const Panel& forward_return,
                                              const RunOptions& options, Progress& progress) {
  if (study.intervals.method == IntervalMethod::kAdaptive) return std::nullopt;
  if (walk.models.size() != walk.folds.size())
    throw internal_error("the walk forward's models were not kept");
  const int purge = rows_between(study);
  const FoldBands folds(study, plugins, inputs, market, forward_return, options);
  ReturnIntervals result{Panel(forward_return.rows(), forward_return.columns()), {}, {}, {}};
  result.lower = result.upper = result.expected;
  for (std::size_t i = 0; i < walk.folds.size(); ++i) {
    NamedProgress named(fmt::format("intervals of fold {} of {}", i + 1, walk.folds.size()), progress);
    const FoldSpans spans = spans_of(walk.folds[i].given, purge, i);
    add_band_intervals(folds.bands(walk.folds[i], *walk.models[i], walk.preprocessors[i], spans, named),
                       forward_return, spans.bands, {study.intervals.coverage, outcome_span(study)}, result);
  }
  return result;
}

}  // namespace orrery
