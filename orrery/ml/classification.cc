#include "orrery/ml/classification.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"

namespace orrery {
namespace {

/// A predicted probability and what happened.
struct Outcome {
  double score = 0.0;
  bool event = false;
};

Outcome checked_outcome(double score, double label, std::size_t row, std::size_t column) {
  if (score < 0.0 || score > 1.0) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("a score of a binary label must be a probability from 0 to 1; row {}, column {} "
                    "has {}",
                    row, column, score));
  }
  if (label != 0.0 && label != 1.0) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("a binary label must be 0 or 1; row {}, column {} has {}", row, column, label));
  }
  return {score, label == 1.0};
}

/// Returns the outcomes of one session, in symbol order.
std::vector<Outcome> session_outcomes(const Panel& scores, const Panel& label, std::size_t row) {
  std::vector<Outcome> outcomes;
  for (std::size_t i = 0; i < scores.columns(); ++i) {
    if (std::isnan(scores(row, i)) || std::isnan(label(row, i))) continue;
    outcomes.push_back(checked_outcome(scores(row, i), label(row, i), row, i));
  }
  return outcomes;
}

std::size_t count_events(const std::vector<Outcome>& outcomes, std::size_t first, std::size_t last) {
  const auto begin = outcomes.begin();
  return static_cast<std::size_t>(std::count_if(begin + static_cast<std::ptrdiff_t>(first),
                                                begin + static_cast<std::ptrdiff_t>(last),
                                                [](const Outcome& outcome) { return outcome.event; }));
}

void sort_by_score(std::vector<Outcome>& outcomes) {
  std::stable_sort(outcomes.begin(), outcomes.end(),
                   [](const Outcome& a, const Outcome& b) { return a.score > b.score; });
}

/// Takes outcomes sorted by falling score. One threshold for each distinct score.
double average_precision(const std::vector<Outcome>& sorted, std::size_t events) {
  if (events == 0) return kNaN;
  double area = 0.0;
  std::size_t found = 0;
  for (std::size_t begin = 0, end = 0; begin < sorted.size(); begin = end) {
    while (end < sorted.size() && sorted[end].score == sorted[begin].score) ++end;
    const std::size_t here = count_events(sorted, begin, end);
    found += here;
    area += static_cast<double>(here) / static_cast<double>(events) * static_cast<double>(found) /
            static_cast<double>(end);
  }
  return area;
}

double surprise(double probability, bool event) {
  constexpr double kSmallest = std::numeric_limits<double>::epsilon();
  const double kept = std::clamp(probability, kSmallest, 1.0 - kSmallest);
  return -std::log(event ? kept : 1.0 - kept);
}

double squared_miss(double probability, bool event) {
  const double miss = probability - (event ? 1.0 : 0.0);
  return miss * miss;
}

/// Averages a loss over all outcomes; `constant` is predicted instead of the scores if it is given.
double mean_loss(const std::vector<Outcome>& outcomes, double (*loss)(double, bool), const double* constant) {
  double sum = 0.0;
  for (const auto& [score, event] : outcomes) sum += loss(constant != nullptr ? *constant : score, event);
  return sum / static_cast<double>(outcomes.size());
}

ReliabilityBin summarize_bin(const std::vector<Outcome>& outcomes, double lower, double upper) {
  ReliabilityBin bin{lower, upper, 0, kNaN, kNaN};
  double scores = 0.0;
  double events = 0.0;
  for (const auto& [score, event] : outcomes) {
    if ((score <= lower && lower > 0.0) || score > upper) continue;
    ++bin.count;
    scores += score;
    events += event ? 1.0 : 0.0;
  }
  if (bin.count == 0) return bin;
  bin.mean_predicted = scores / static_cast<double>(bin.count);
  bin.event_rate = events / static_cast<double>(bin.count);
  return bin;
}

std::vector<ReliabilityBin> reliability_curve(const std::vector<Outcome>& outcomes, int bins) {
  std::vector<ReliabilityBin> curve;
  curve.reserve(static_cast<std::size_t>(bins));
  for (int i = 0; i < bins; ++i) {
    curve.push_back(
        summarize_bin(outcomes, static_cast<double>(i) / bins, static_cast<double>(i + 1) / bins));
  }
  return curve;
}

/// Takes outcomes sorted by falling score.
std::vector<ReliabilityBin> groups_by_score(const std::vector<Outcome>& sorted, int count) {
  std::vector<ReliabilityBin> groups;
  const std::size_t parts = std::min(sorted.size(), static_cast<std::size_t>(count));
  for (std::size_t part = parts; part-- > 0;) {
    const std::size_t begin = sorted.size() * part / parts;
    const std::size_t end = sorted.size() * (part + 1) / parts;
    ReliabilityBin group{sorted[end - 1].score, sorted[begin].score, end - begin, 0.0, 0.0};
    for (std::size_t i = begin; i < end; ++i) group.mean_predicted += sorted[i].score;
    group.mean_predicted /= static_cast<double>(group.count);
    group.event_rate =
        static_cast<double>(count_events(sorted, begin, end)) / static_cast<double>(group.count);
    groups.push_back(group);
  }
  return groups;
}

/// Adds up the share of events among a session's picks and among all its cells.
class PickCounter {
 public:
  explicit PickCounter(int k) : k_(static_cast<std::size_t>(k)) {}

  /// Takes a session's outcomes sorted by falling score.
  void add(const std::vector<Outcome>& sorted) {
    const std::size_t picks = std::min(k_, sorted.size());
    ++sessions_;
    precision_ += static_cast<double>(count_events(sorted, 0, picks)) / static_cast<double>(picks);
    base_rate_ +=
        static_cast<double>(count_events(sorted, 0, sorted.size())) / static_cast<double>(sorted.size());
  }

  TopPicks result() const {
    const double lift = base_rate_ > 0.0 ? precision_ / base_rate_ : kNaN;
    return {static_cast<int>(k_), sessions_, precision_ / static_cast<double>(sessions_), lift};
  }

 private:
  std::size_t k_;
  std::size_t sessions_ = 0;
  double precision_ = 0.0;
  double base_rate_ = 0.0;
};

void validate_arguments(const Panel& scores, const Panel& label, const std::vector<int>& picks, int bins) {
  if (scores.rows() != label.rows() || scores.columns() != label.columns()) {
    throw internal_error(fmt::format("scores are {} × {}, labels {} × {}", scores.rows(), scores.columns(),
                                     label.rows(), label.columns()));
  }
  const bool positive = std::all_of(picks.begin(), picks.end(), [](int k) { return k > 0; });
  if (positive && bins > 0) return;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("picks a session and bins must be 1 or more, found {} bins", bins));
}

}  // namespace

ClassificationMetrics classification_metrics(const Panel& scores, const Panel& label,
                                             const std::vector<int>& picks, int bins) {
  validate_arguments(scores, label, picks, bins);
  std::vector<Outcome> all;
  std::vector<PickCounter> counters(picks.begin(), picks.end());
  for (std::size_t row = 0; row < scores.rows(); ++row) {
    auto session = session_outcomes(scores, label, row);
    if (session.empty()) continue;
    all.insert(all.end(), session.begin(), session.end());
    sort_by_score(session);
    for (auto& counter : counters) counter.add(session);
  }
  if (all.empty()) {
    throw user_error(ErrorCode::kInvalidArgument, "no cell has both a score and a label to judge it by");
  }

  ClassificationMetrics metrics;
  metrics.count = all.size();
  metrics.events = count_events(all, 0, all.size());
  metrics.base_rate = static_cast<double>(metrics.events) / static_cast<double>(metrics.count);
  metrics.brier = mean_loss(all, squared_miss, nullptr);
  metrics.brier_base_rate = mean_loss(all, squared_miss, &metrics.base_rate);
  metrics.log_loss = mean_loss(all, surprise, nullptr);
  metrics.log_loss_base_rate = mean_loss(all, surprise, &metrics.base_rate);
  metrics.reliability = reliability_curve(all, bins);
  for (const auto& counter : counters) metrics.top_picks.push_back(counter.result());
  sort_by_score(all);
  metrics.groups = groups_by_score(all, bins);
  metrics.average_precision = average_precision(all, metrics.events);
  return metrics;
}

}  // namespace orrery
