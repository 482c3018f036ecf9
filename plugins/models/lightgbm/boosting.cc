#include "plugins/models/lightgbm/boosting.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "orrery/ml/early_stopping.h"

namespace orrery::plugins::models::lightgbm {
namespace {

constexpr std::size_t kNameSize = 128;

std::vector<std::string> metric_names(const Booster& booster) {
  int count = 0;
  check(library().count_metrics(booster.get(), &count), "to count metrics");
  std::vector<std::array<char, kNameSize>> buffers(static_cast<std::size_t>(count));
  std::vector<char*> pointers;
  pointers.reserve(buffers.size());
  for (auto& buffer : buffers) pointers.push_back(buffer.data());
  std::size_t longest = 0;
  check(library().metric_names(booster.get(), count, &count, kNameSize, &longest, pointers.data()),
        "to name metrics");
  return {pointers.begin(), pointers.end()};
}

/// As the Python package decides it, since the C API doesn't say.
bool higher_is_better(std::string_view metric) {
  constexpr std::array<std::string_view, 4> kPrefixes{"auc", "ndcg@", "map@", "average_precision"};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [&](std::string_view prefix) { return metric.substr(0, prefix.size()) == prefix; });
}

std::vector<double> evaluate(const Booster& booster, int data, std::size_t count) {
  std::vector<double> values(count);
  int found = 0;
  check(library().evaluate(booster.get(), data, &found, values.data()), "to compute metrics");
  values.resize(static_cast<std::size_t>(found));
  return values;
}

void append(std::vector<MetricHistory>& metrics, std::vector<double> MetricHistory::*side,
            const std::vector<double>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) (metrics[i].*side).push_back(values[i]);
}

std::vector<bool> directions(const std::vector<MetricHistory>& metrics) {
  std::vector<bool> result;
  result.reserve(metrics.size());
  for (const auto& metric : metrics) result.push_back(metric.higher_is_better);
  return result;
}

/// What the validation rows (data 1) are predicted by the rounds so far.
std::vector<double> validation_scores(const Booster& booster, std::size_t count) {
  std::vector<double> scores(count);
  std::int64_t written = 0;
  check(library().predict_own_rows(booster.get(), 1, &written, scores.data()), "to predict validation rows");
  return scores;
}

}  // namespace

BoostingOutcome boost(const Booster& booster, const BoostingPlan& plan, std::size_t valid_rows,
                      Progress& progress) {
  const bool has_valid = valid_rows > 0;
  BoostingOutcome outcome;
  MetricHistory skill{plan.skill != nullptr ? plan.skill->name() : std::string(), true, {}, {}};
  for (const auto& name : metric_names(booster)) {
    outcome.metrics.push_back({name, higher_is_better(name), {}, {}});
  }
  const bool by_skill = plan.skill != nullptr;
  const bool may_stop = plan.patience > 0 && has_valid && (by_skill || !outcome.metrics.empty());
  EarlyStopping stopping(by_skill ? std::vector{true} : directions(outcome.metrics), plan.patience);
  bool stop = false;
  while (!stop && outcome.rounds < plan.rounds) {
    // "Finished" (no tree can split any more) is not the end for lightgbm.train, hence not here.
    int finished = 0;
    check(library().update(booster.get(), &finished), "a round");
    ++outcome.rounds;
    append(outcome.metrics, &MetricHistory::train, evaluate(booster, 0, outcome.metrics.size()));
    if (has_valid) {
      auto values = evaluate(booster, 1, outcome.metrics.size());
      append(outcome.metrics, &MetricHistory::valid, values);
      if (by_skill) {
        values = {(*plan.skill)(validation_scores(booster, valid_rows))};
        skill.valid.push_back(values.front());
      }
      stop = may_stop && stopping.should_stop(values);
    }
    progress.advance();
  }
  if (by_skill) outcome.metrics.insert(outcome.metrics.begin(), std::move(skill));
  outcome.best_round = may_stop ? stopping.best_round() : outcome.rounds;
  return outcome;
}

}  // namespace orrery::plugins::models::lightgbm
