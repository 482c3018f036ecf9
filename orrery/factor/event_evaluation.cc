#include "orrery/factor/event_evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "orrery/base/error.h"

namespace orrery {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kReliabilityBins = 10;
constexpr double kSmallestProbability = 1e-15;

struct Sample {
  double probability;
  bool event;
};

bool counts(double probability, double event) { return std::isfinite(probability) && std::isfinite(event); }

std::vector<Sample> collect_samples(const Panel& probabilities, const Panel& events) {
  std::vector<Sample> samples;
  for (std::size_t row = 0; row < probabilities.rows(); ++row) {
    for (std::size_t i = 0; i < probabilities.columns(); ++i) {
      if (counts(probabilities(row, i), events(row, i))) {
        samples.push_back({probabilities(row, i), events(row, i) > 0.5});
      }
    }
  }
  std::stable_sort(samples.begin(), samples.end(),
                   [](const Sample& a, const Sample& b) { return a.probability < b.probability; });
  return samples;
}

/// Calls `visit(begin, end, events)` for every run of equal probabilities, highest first.
template <class Visit>
void visit_ties_descending(std::span<const Sample> ascending, Visit visit) {
  for (std::size_t end = ascending.size(); end > 0;) {
    std::size_t begin = end;
    std::size_t events = 0;
    while (begin > 0 && ascending[begin - 1].probability == ascending[end - 1].probability) {
      events += ascending[--begin].event ? 1 : 0;
    }
    visit(begin, end, events);
    end = begin;
  }
}

void measure_ranking(std::span<const Sample> ascending, EventEvaluation& result) {
  const auto total_events = static_cast<double>(result.events);
  const double total_others = static_cast<double>(result.samples) - total_events;
  double caught = 0.0;
  double average_precision = 0.0;
  double ordered_pairs = 0.0;
  visit_ties_descending(ascending, [&](std::size_t begin, std::size_t end, std::size_t events) {
    const auto here = static_cast<double>(events);
    const double others = static_cast<double>(end - begin) - here;
    ordered_pairs += others * (caught + 0.5 * here);
    caught += here;
    average_precision += here * caught / static_cast<double>(ascending.size() - begin);
  });
  result.average_precision = average_precision / total_events;
  result.roc_auc = ordered_pairs / (total_events * total_others);
}

double log_loss_of(double probability, bool event) {
  const double clipped = std::clamp(probability, kSmallestProbability, 1.0 - kSmallestProbability);
  return -std::log(event ? clipped : 1.0 - clipped);
}

void measure_calibration(std::span<const Sample> samples, EventEvaluation& result) {
  const double base = result.base_rate;
  double brier = 0.0;
  double log_loss = 0.0;
  double log_loss_base = 0.0;
  for (const Sample& sample : samples) {
    const double error = sample.probability - (sample.event ? 1.0 : 0.0);
    brier += error * error;
    log_loss += log_loss_of(sample.probability, sample.event);
    log_loss_base += log_loss_of(base, sample.event);
  }
  const auto n = static_cast<double>(samples.size());
  result.brier = brier / n;
  result.brier_base_rate = base * (1.0 - base);
  result.log_loss = log_loss / n;
  result.log_loss_base_rate = log_loss_base / n;
}

ReliabilityBin make_bin(std::span<const Sample> samples) {
  ReliabilityBin bin{samples.front().probability, samples.back().probability, samples.size()};
  for (const Sample& sample : samples) {
    bin.mean_predicted += sample.probability;
    bin.observed_share += sample.event ? 1.0 : 0.0;
  }
  bin.mean_predicted /= static_cast<double>(samples.size());
  bin.observed_share /= static_cast<double>(samples.size());
  return bin;
}

std::vector<ReliabilityBin> measure_reliability(std::span<const Sample> ascending) {
  std::vector<ReliabilityBin> bins;
  std::size_t begin = 0;
  for (std::size_t bin = 1; bin <= kReliabilityBins && begin < ascending.size(); ++bin) {
    std::size_t end = ascending.size() * bin / kReliabilityBins;
    if (end <= begin) continue;
    while (end < ascending.size() && ascending[end].probability == ascending[end - 1].probability) ++end;
    bins.push_back(make_bin(ascending.subspan(begin, end - begin)));
    begin = end;
  }
  return bins;
}

/// Returns the columns of the k highest probabilities of a day; equal ones in column order.
std::vector<std::size_t> pick_highest(std::span<const double> probabilities, std::span<const double> events,
                                      std::size_t k) {
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    if (counts(probabilities[i], events[i])) columns.push_back(i);
  }
  std::stable_sort(columns.begin(), columns.end(),
                   [&](std::size_t a, std::size_t b) { return probabilities[a] > probabilities[b]; });
  columns.resize(std::min(k, columns.size()));
  return columns;
}

TopPicks measure_picks(const Panel& probabilities, const Panel& events, const Panel& pick_returns, int k,
                       double base_rate) {
  TopPicks result;
  result.k = k;
  double caught = 0.0;
  double earned = 0.0;
  std::size_t returns = 0;
  for (std::size_t row = 0; row < probabilities.rows(); ++row) {
    for (const std::size_t i :
         pick_highest(probabilities.row(row), events.row(row), static_cast<std::size_t>(k))) {
      ++result.picks;
      caught += events(row, i) > 0.5 ? 1.0 : 0.0;
      if (pick_returns.empty() || !std::isfinite(pick_returns(row, i))) continue;
      ++returns;
      earned += pick_returns(row, i);
    }
  }
  result.precision = caught / static_cast<double>(result.picks);
  result.lift = result.precision / base_rate;
  result.net_return = returns > 0 ? earned / static_cast<double>(returns) : kNaN;
  return result;
}

void check_shape(const Panel& probabilities, const Panel& other, const char* name) {
  if (probabilities.rows() == other.rows() && probabilities.columns() == other.columns()) return;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("evaluation: probabilities are {} x {}, but {} are {} x {}", probabilities.rows(),
                  probabilities.columns(), name, other.rows(), other.columns()));
}

}  // namespace

EventEvaluation evaluate_events(const Panel& probabilities, const Panel& events, const Panel& pick_returns,
                                std::span<const int> k) {
  check_shape(probabilities, events, "events");
  if (!pick_returns.empty()) check_shape(probabilities, pick_returns, "pick returns");
  const std::vector<Sample> samples = collect_samples(probabilities, events);
  EventEvaluation result;
  result.samples = samples.size();
  for (const Sample& sample : samples) result.events += sample.event ? 1 : 0;
  result.base_rate = static_cast<double>(result.events) / static_cast<double>(result.samples);
  measure_ranking(samples, result);
  measure_calibration(samples, result);
  result.reliability = measure_reliability(samples);
  for (const int count : k) {
    if (count < 1) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("evaluation: k must be at least 1, found {}", count));
    }
    result.top_picks.push_back(measure_picks(probabilities, events, pick_returns, count, result.base_rate));
  }
  return result;
}

}  // namespace orrery
