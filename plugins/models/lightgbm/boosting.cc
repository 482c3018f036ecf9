#include "plugins/models/lightgbm/boosting.h"

#include <algorithm>
#include <array>

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

}  // namespace

BoostingOutcome boost(const Booster& booster, const BoostingPlan& plan, bool has_valid, Progress& progress) {
  BoostingOutcome outcome;
  for (const auto& name : metric_names(booster)) {
    outcome.metrics.push_back({name, higher_is_better(name), {}, {}});
  }
  const bool may_stop = plan.patience > 0 && has_valid && !outcome.metrics.empty();
  EarlyStopping stopping(directions(outcome.metrics), plan.patience);
  bool stop = false;
  while (!stop && outcome.rounds < plan.rounds) {
    // "Finished" (no tree can split any more) is not the end for lightgbm.train, hence not here.
    int finished = 0;
    check(library().update(booster.get(), &finished), "a round");
    ++outcome.rounds;
    append(outcome.metrics, &MetricHistory::train, evaluate(booster, 0, outcome.metrics.size()));
    if (has_valid) {
      const auto values = evaluate(booster, 1, outcome.metrics.size());
      append(outcome.metrics, &MetricHistory::valid, values);
      stop = may_stop && stopping.should_stop(values);
    }
    progress.advance();
  }
  outcome.best_round = may_stop ? stopping.best_round() : outcome.rounds;
  return outcome;
}

}  // namespace orrery::plugins::models::lightgbm
