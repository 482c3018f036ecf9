#include "orrery/app/run_recommendations.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "orrery/app/stored_run.h"
#include "orrery/base/error.h"
#include "orrery/data/parquet.h"

namespace orrery {
namespace {

constexpr double kFewestCells = 200.0;

/// The numbers that texts of one table's column have among the symbols.
std::vector<std::size_t> symbol_rows(const Column& column, std::vector<std::string>& symbols) {
  std::unordered_map<std::string, std::size_t> numbers;
  for (std::size_t i = 0; i < symbols.size(); ++i) numbers.emplace(symbols[i], i);
  std::vector<std::size_t> rows;
  rows.reserve(column.size());
  for (std::size_t row = 0; row < column.size(); ++row) {
    const std::string& name = text_at(column, row);
    const auto [place, fresh] = numbers.emplace(name, symbols.size());
    if (fresh) symbols.push_back(name);
    rows.push_back(place->second);
  }
  return rows;
}

/// Which tenth of a session's `count` names the name in place `place` (from 0) is in.
std::size_t tenth_of(std::size_t place, std::size_t count) {
  return std::min<std::size_t>(9, place * 10 / count);
}

}  // namespace

RunRecommendations::RunRecommendations(const std::filesystem::path& folder, std::optional<int> label_span)
    : label_span_(label_span) {
  read_scores(read_parquet(folder / "predictions.parquet", {"date", "symbol", "score", "label"}));
  read_targets(read_parquet(folder / "weights.parquet", {"date", "symbol", "weight", "reason"}));
  const auto intervals = folder / "intervals.parquet";
  if (std::filesystem::exists(intervals)) {
    read_intervals(read_parquet(intervals, {"date", "symbol", "expected", "lower", "upper"}));
  }
  count_outcomes();
}

void RunRecommendations::read_scores(const Table& table) {
  const auto& dates = dates_of(table.column("date"));
  const auto symbols = symbol_rows(table.column("symbol"), symbols_);
  const auto scores = numbers_of(table.column("score")), labels = numbers_of(table.column("label"));
  std::vector<std::size_t> order;
  for (std::size_t row = 0; row < dates.size(); ++row) {
    if (std::isfinite(scores[row])) order.push_back(row);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    if (dates[left] != dates[right]) return dates[left] < dates[right];
    if (scores[left] != scores[right]) return scores[left] > scores[right];
    return symbols_[symbols[left]] < symbols_[symbols[right]];
  });
  bool only_classes = true, any_label = false;
  for (const std::size_t row : order) {
    if (sessions_.empty() || sessions_.back() != dates[row]) {
      sessions_.push_back(dates[row]);
      spans_.push_back({cells_.size(), cells_.size()});
    }
    cells_.push_back({symbols[row], scores[row], labels[row]});
    spans_.back().end = cells_.size();
    if (!std::isfinite(labels[row])) continue;
    any_label = true;
    only_classes = only_classes && (labels[row] == 0.0 || labels[row] == 1.0);
  }
  is_class_ = any_label && only_classes;
}

void RunRecommendations::read_targets(const Table& table) {
  const auto& dates = dates_of(table.column("date"));
  const auto symbols = symbol_rows(table.column("symbol"), symbols_);
  const auto weights = numbers_of(table.column("weight"));
  const Column& reasons = table.column("reason");
  std::map<Date, std::vector<Target>> by_date;
  for (std::size_t row = 0; row < dates.size(); ++row) {
    by_date[dates[row]].push_back({symbols[row], weights[row], text_at(reasons, row)});
  }
  for (auto& [date, targets] : by_date) {
    rebalances_.push_back(date);
    targets_.push_back(std::move(targets));
  }
}

void RunRecommendations::read_intervals(const Table& table) {
  const auto& dates = dates_of(table.column("date"));
  const auto symbols = symbol_rows(table.column("symbol"), symbols_);
  const auto expected = numbers_of(table.column("expected")), lower = numbers_of(table.column("lower")),
             upper = numbers_of(table.column("upper"));
  std::map<Date, std::vector<Interval>> by_date;
  for (std::size_t row = 0; row < dates.size(); ++row) {
    by_date[dates[row]].push_back({symbols[row], expected[row], lower[row], upper[row]});
  }
  for (auto& [date, intervals] : by_date) {
    interval_dates_.push_back(date);
    intervals_.push_back(std::move(intervals));
  }
}

double RunRecommendations::median_outcome(Span cells) const {
  std::vector<double> labels;
  for (std::size_t i = cells.begin; i < cells.end; ++i) {
    if (std::isfinite(cells_[i].label)) labels.push_back(cells_[i].label);
  }
  if (labels.empty()) return NameRecommendation::kMissing;
  const auto middle = labels.begin() + static_cast<std::ptrdiff_t>(labels.size() / 2);
  std::nth_element(labels.begin(), middle, labels.end());
  if (labels.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(labels.begin(), middle)) / 2.0;
}

void RunRecommendations::count_outcomes() {
  Counts counts;
  for (const Span span : spans_) {
    const double median = median_outcome(span);
    for (std::size_t i = span.begin; i < span.end; ++i) {
      const double label = cells_[i].label;
      if (!std::isfinite(label)) continue;
      const std::size_t tenth = tenth_of(i - span.begin, span.end - span.begin);
      counts.all[tenth] += 1.0;
      counts.good[tenth] += is_class_ ? label : (label > median ? 1.0 : 0.0);
    }
    known_.push_back(counts);
  }
}

std::size_t RunRecommendations::index_of(Date session) const {
  const auto found = std::lower_bound(sessions_.begin(), sessions_.end(), session);
  if (found != sessions_.end() && *found == session)
    return static_cast<std::size_t>(found - sessions_.begin());
  std::string near;
  if (found != sessions_.begin()) near += fmt::format("; the one before is {}", to_string(*(found - 1)));
  if (found != sessions_.end()) near += fmt::format("; the one after is {}", to_string(*found));
  throw user_error(ErrorCode::kNotFound,
                   fmt::format("the run has no scores of {}{}", to_string(session), near));
}

const std::vector<RunRecommendations::Target>* RunRecommendations::targets_at(Date session,
                                                                              std::size_t* place) const {
  const auto after = std::upper_bound(rebalances_.begin(), rebalances_.end(), session);
  if (after == rebalances_.begin()) return nullptr;
  *place = static_cast<std::size_t>(after - rebalances_.begin()) - 1;
  return &targets_[*place];
}

std::vector<NameRecommendation> RunRecommendations::of(Date session) const {
  const std::size_t index = index_of(session);
  const Span span = spans_[index];
  std::vector<NameRecommendation> rows;
  std::unordered_map<std::size_t, std::size_t> row_of;
  const auto row = [&](std::size_t symbol) -> NameRecommendation& {
    const auto [place, fresh] = row_of.emplace(symbol, rows.size());
    if (fresh) rows.emplace_back().symbol = symbols_[symbol];
    return rows[place->second];
  };
  const Counts* counts = nullptr;
  if (label_span_ && index >= static_cast<std::size_t>(*label_span_)) {
    counts = &known_[index - static_cast<std::size_t>(*label_span_)];
  }
  for (std::size_t i = span.begin; i < span.end; ++i) {
    NameRecommendation& one = row(cells_[i].symbol);
    one.rank = static_cast<int>(i - span.begin) + 1;
    one.score = cells_[i].score;
    one.outcome = cells_[i].label;
    const std::size_t tenth = tenth_of(i - span.begin, span.end - span.begin);
    if (counts != nullptr && counts->all[tenth] >= kFewestCells)
      one.probability = counts->good[tenth] / counts->all[tenth];
  }
  const auto intervals = std::lower_bound(interval_dates_.begin(), interval_dates_.end(), session);
  if (intervals != interval_dates_.end() && *intervals == session) {
    for (const Interval& interval :
         intervals_[static_cast<std::size_t>(intervals - interval_dates_.begin())]) {
      NameRecommendation& one = row(interval.symbol);
      one.expected = interval.expected;
      one.lower = interval.lower;
      one.upper = interval.upper;
    }
  }
  std::size_t place = 0;
  if (const auto* targets = targets_at(session, &place)) {
    if (place > 0) {
      for (const Target& before : targets_[place - 1]) {
        if (before.weight != 0.0) row(before.symbol).weight_before = before.weight;
      }
    }
    for (const Target& target : *targets) {
      NameRecommendation& one = row(target.symbol);
      one.weight = target.weight;
      one.reason = target.reason;
    }
  }
  return rows;
}

std::vector<PickRecord> RunRecommendations::record() const {
  std::vector<PickRecord> records;
  for (std::size_t index = 0; index < sessions_.size(); ++index) {
    std::size_t place = 0;
    const auto* targets = targets_at(sessions_[index], &place);
    if (targets == nullptr) continue;
    const Span span = spans_[index];
    const double median = median_outcome(span);
    if (!std::isfinite(median)) continue;
    std::unordered_map<std::size_t, double> labels;
    double sum = 0.0, count = 0.0;
    for (std::size_t i = span.begin; i < span.end; ++i) {
      if (!std::isfinite(cells_[i].label)) continue;
      labels.emplace(cells_[i].symbol, cells_[i].label);
      sum += cells_[i].label;
      count += 1.0;
    }
    PickRecord record;
    record.date = sessions_[index];
    record.universe_outcome = sum / count;
    double weighted = 0.0, weights = 0.0, better = 0.0;
    for (const Target& target : *targets) {
      const auto label = labels.find(target.symbol);
      if (!(target.weight > 0.0) || label == labels.end()) continue;
      ++record.picks;
      weighted += target.weight * label->second;
      weights += target.weight;
      better += label->second > median ? 1.0 : 0.0;
    }
    if (record.picks > 0) {
      record.mean_outcome = weighted / weights;
      record.better = better / record.picks;
    }
    records.push_back(record);
  }
  return records;
}

}  // namespace orrery
