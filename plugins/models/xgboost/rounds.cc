#include "plugins/models/xgboost/rounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/ml/early_stopping.h"

namespace orrery::plugins::models::xgboost {
namespace {

constexpr std::string_view kTrain = "train";
constexpr std::string_view kValid = "valid";

/// As the Python package decides it, since the C API doesn't say.
bool higher_is_better(std::string_view metric) {
  constexpr std::array<std::string_view, 4> kPrefixes{"auc", "aucpr", "pre", "map"};
  return metric.starts_with("ndcg") ||
         std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [&](std::string_view name) { return metric.substr(0, metric.find('@')) == name; });
}

/// A metric of one table in one round.
struct Evaluation {
  std::string_view table;
  std::string name;
  double value = 0.0;
};

/// Reads `[0]\ttrain-rmse:0.51\tvalid-rmse:0.6`, the library's only way to tell.
std::vector<Evaluation> parse(std::string_view text) {
  std::vector<Evaluation> found;
  for (auto tab = text.find('\t'); tab != std::string_view::npos; tab = text.find('\t')) {
    text.remove_prefix(tab + 1);
    const auto part = text.substr(0, text.find('\t'));
    const auto dash = part.find('-');
    const auto colon = part.rfind(':');
    if (dash == std::string_view::npos || colon == std::string_view::npos || colon < dash) {
      throw internal_error(fmt::format("XGBoost tells its metrics otherwise: '{}'", part));
    }
    const std::string number(part.substr(colon + 1));
    found.push_back({part.substr(0, dash), std::string(part.substr(dash + 1, colon - dash - 1)),
                     std::strtod(number.c_str(), nullptr)});
  }
  return found;
}

/// Appends a round's metrics; returns the last one on the validation rows.
std::optional<double> append(const std::vector<Evaluation>& evaluations,
                             std::vector<MetricHistory>& metrics) {
  std::optional<double> last;
  for (const auto& evaluation : evaluations) {
    auto metric = std::find_if(metrics.begin(), metrics.end(),
                               [&](const MetricHistory& each) { return each.name == evaluation.name; });
    if (metric == metrics.end()) {
      metrics.push_back({evaluation.name, higher_is_better(evaluation.name), {}, {}});
      metric = metrics.end() - 1;
    }
    const bool is_valid = evaluation.table == kValid;
    (is_valid ? metric->valid : metric->train).push_back(evaluation.value);
    if (is_valid) last = evaluation.value;
  }
  return last;
}

/// What a table's rows are predicted by the rounds so far.
std::vector<double> table_scores(const Booster& booster, const Table& table) {
  const std::uint64_t* shape = nullptr;
  std::uint64_t dimensions = 0;
  const float* scores = nullptr;
  check(library().predict_table(booster.get(), table.get(), kPredictionConfig, &shape, &dimensions, &scores),
        "to predict validation rows");
  return {scores, scores + shape[0]};
}

}  // namespace

RoundsOutcome boost(const Booster& booster, const Table& train, const Table& valid, const RoundsPlan& plan,
                    Progress& progress) {
  std::vector<Handle> tables = {train.get()};
  std::vector<const char*> names = {kTrain.data()};
  if (valid) {
    tables.push_back(valid.get());
    names.push_back(kValid.data());
  }
  RoundsOutcome outcome;
  MetricHistory skill{plan.skill != nullptr ? plan.skill->name() : std::string(), true, {}, {}};
  std::optional<EarlyStopping> stopping;
  bool stop = false;
  while (!stop && outcome.rounds < plan.rounds) {
    check(library().update(booster.get(), outcome.rounds, train.get()), "a round");
    const char* text = nullptr;
    check(
        library().evaluate(booster.get(), outcome.rounds, tables.data(), names.data(), tables.size(), &text),
        "to compute metrics");
    ++outcome.rounds;
    auto last = append(parse(text), outcome.metrics);
    if (plan.skill != nullptr) {
      last = (*plan.skill)(table_scores(booster, valid));
      skill.valid.push_back(*last);
    }
    if (plan.patience > 0 && last) {
      if (!stopping) {
        const bool rises = plan.skill != nullptr || outcome.metrics.back().higher_is_better;
        stopping.emplace(std::vector{rises}, plan.patience);
      }
      stop = stopping->should_stop({*last});
    }
    progress.advance();
  }
  if (plan.skill != nullptr) outcome.metrics.insert(outcome.metrics.begin(), std::move(skill));
  outcome.best_round = stopping ? stopping->best_round() : outcome.rounds;
  return outcome;
}

}  // namespace orrery::plugins::models::xgboost
