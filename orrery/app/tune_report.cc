#include "orrery/app/tune_report.h"

#include <fmt/format.h>

#include <cmath>

namespace orrery {
namespace {

using State = TuningRecord::State;

std::string shown_range(const TunedParameter& parameter) {
  if (parameter.numeric())
    return fmt::format("{:g} to {:g}{}{}", parameter.low, parameter.high,
                       parameter.kind == TunedParameter::Kind::kInteger ? ", whole numbers" : "",
                       parameter.logarithmic ? ", logarithmic" : "");
  std::string text;
  for (const auto& choice : parameter.choices) text += (text.empty() ? "" : ", ") + to_string(choice);
  return text;
}

/// 0 at the lower end of the range, 1 at the upper one; choices evenly between.
double place_in(const TunedParameter& parameter, double value) {
  if (!parameter.numeric()) {
    const auto last = static_cast<double>(parameter.choices.size() - 1);
    return last > 0.0 ? value / last : 0.5;
  }
  const double low = parameter.to_inner(parameter.low);
  return (parameter.to_inner(value) - low) / (parameter.to_inner(parameter.high) - low);
}

TuningReportTrial report_trial(const TuneResult& result, const TuningRecord& record) {
  TuningReportTrial trial;
  trial.number = record.number;
  trial.state = state_name(record.state);
  if (record.state == State::kComplete) trial.value = objective_of(result.objective, record.loss);
  if (record.state == State::kPruned && !record.steps.empty())
    trial.value = objective_of(result.objective, record.steps.back());
  for (std::size_t i = 0; i < result.space.size(); ++i) {
    trial.place.push_back(place_in(result.space[i], record.point[i]));
    trial.setting.push_back(shown_setting(setting_of(result.space[i], record.point[i])));
  }
  return trial;
}

double importance_of(const TuningReport& report, std::size_t setting) {
  std::vector<double> places;
  std::vector<double> values;
  for (const auto& trial : report.trials) {
    if (trial.state != "complete") continue;
    places.push_back(trial.place[setting]);
    values.push_back(trial.value);
  }
  return setting_importance(places, values);
}

}  // namespace

std::string shown_setting(const ParameterValue& value) {
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{:.4g}", *real);
  return to_string(value);
}

std::vector<std::string> tuning_verdict(const TuneResult& result) {
  std::vector<std::string> lines;
  const auto& verdict = result.verdict;
  if (verdict.overfitting_probability)
    lines.push_back(fmt::format("Probability that the best of them is overfitted (CSCV): {:.2f}.",
                                *verdict.overfitting_probability));
  if (std::isfinite(verdict.spa))
    lines.push_back(fmt::format(
        "Chance of as good a best if none of them were better than nothing (SPA): {:.2f}.", verdict.spa));
  return lines;
}

TuningReport build_tuning_report(const Study& study, const TuneResult& result, const std::string& banner) {
  TuningReport report;
  report.name = study.name;
  report.banner = banner;
  report.objective = result.objective;
  report.higher_is_better = result.objective != "loss";
  report.span = fmt::format("Sessions {} to {}, all before the first that the study tests.",
                            to_string(result.fold_dates.front().train.first),
                            to_string(result.fold_dates.back().test.last));
  for (const auto& fold : result.fold_dates)
    report.folds.push_back(fmt::format("judged from {} to {} by a model that learned from {} on",
                                       to_string(fold.test.first), to_string(fold.test.last),
                                       to_string(fold.train.first)));
  for (const auto& record : result.trials) report.trials.push_back(report_trial(result, record));
  for (std::size_t i = 0; i < result.space.size(); ++i)
    report.settings.push_back({result.space[i].name, shown_range(result.space[i]), importance_of(report, i)});
  report.verdict = tuning_verdict(result);
  if (result.best) report.best_yaml = best_model_yaml(study, result);
  return report;
}

}  // namespace orrery
