#include "orrery/app/lookahead_doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "orrery/app/cut_market.h"
#include "orrery/base/error.h"

namespace orrery {
namespace {

constexpr const char* kNothing = "–";

/// Everything that the stages make of one market.
struct Stages {
  FactorFrame factors;
  MaskPanel eligible;
  std::vector<Fold> folds;
  std::vector<std::vector<std::string>> selection;  ///< by fold; empty: the study does not select
  Panel scores;
  std::vector<DecidedWeight> weights;
};

Stages run_stages(const MarketData& market, const LookaheadSubject& subject) {
  Stages stages;
  stages.factors = subject.factors(market);
  stages.eligible = subject.eligible(market);
  stages.folds = subject.folds(market);
  if (subject.selection) {
    stages.selection = subject.selection(market, stages.factors, stages.eligible, stages.folds);
  }
  stages.scores = subject.scores(market, stages.factors, stages.eligible, stages.folds);
  stages.weights = subject.weights(market, stages.scores);
  return stages;
}

/// Where the columns of the cut market stand in the whole one.
struct Comparison {
  const MarketData& whole;
  const MarketData& cut;
  std::vector<std::optional<std::size_t>> column_in_cut;  ///< by instrument of the whole market
  LookaheadReport& report;

  Date cut_date() const { return cut.dates.back(); }
};

std::string value_text(double value) { return std::isnan(value) ? kNothing : fmt::format("{}", value); }
std::string value_text(float value) { return std::isnan(value) ? kNothing : fmt::format("{}", value); }
std::string value_text(std::uint8_t member) { return member != 0 ? "in" : "out"; }

template <class T>
bool same_value(T a, T b) {
  return a == b || (a != a && b != b);
}

/// Compares one panel; a symbol that the cut market does not know counts as missing there.
template <class T, class Selects>
void compare_panel(const Comparison& comparison, const std::string& stage, const std::string& name,
                   const PanelT<T>& whole, const PanelT<T>& cut, Selects selects) {
  LookaheadFinding finding{stage, name, "", {}, "", "", comparison.cut_date(), 0};
  for (std::size_t row = 0; row < cut.rows(); ++row) {
    for (std::size_t i = 0; i < whole.columns(); ++i) {
      if (!selects(row, i)) continue;
      const auto column = comparison.column_in_cut[i];
      const T found = column ? cut(row, *column) : PanelT<T>::missing();
      ++comparison.report.compared;
      if (same_value(whole(row, i), found)) continue;
      if (finding.changed++ > 0) continue;
      finding.symbol = comparison.whole.symbols[i];
      finding.date = comparison.whole.dates[row];
      finding.with_future = value_text(whole(row, i));
      finding.without_future = value_text(found);
    }
  }
  if (finding.changed > 0) comparison.report.findings.push_back(finding);
}

void compare_factors(const Comparison& comparison, const FactorFrame& whole, const FactorFrame& cut) {
  const auto has_bar = [&](std::size_t row, std::size_t i) { return comparison.whole.present(row, i) != 0; };
  for (std::size_t factor = 0; factor < whole.panels.size(); ++factor) {
    if (factor >= cut.names.size() || cut.names[factor] != whole.names[factor]) {
      comparison.report.findings.push_back({"factors", whole.names[factor], "", comparison.cut_date(),
                                            "chosen", kNothing, comparison.cut_date(), 1});
      continue;
    }
    compare_panel(comparison, "factors", whole.names[factor], whole.panels[factor], cut.panels[factor],
                  has_bar);
  }
}

std::string range_text(const MarketData& market, RowRange rows) {
  if (rows.empty()) return kNothing;
  return to_string(market.dates[rows.begin]) + ".." + to_string(market.dates[rows.end - 1]);
}

std::string fold_text(const MarketData& market, const Fold* fold) {
  if (fold == nullptr) return kNothing;
  return fmt::format("train {}, valid {}, test {}", range_text(market, fold->train),
                     range_text(market, fold->valid), range_text(market, fold->test));
}

/// The fold as it is known at the cut; nothing when it has not begun to test.
std::optional<Fold> known_fold(const Fold& fold, std::size_t rows) {
  if (fold.test.begin >= rows) return std::nullopt;
  Fold known = fold;
  known.test.end = std::min(known.test.end, rows);
  return known;
}

void compare_folds(const Comparison& comparison, const std::vector<Fold>& whole,
                   const std::vector<Fold>& cut) {
  std::vector<Fold> expected;
  for (const auto& fold : whole) {
    if (const auto known = known_fold(fold, comparison.cut.rows())) expected.push_back(*known);
  }
  LookaheadFinding finding{"folds", "", "", {}, "", "", comparison.cut_date(), 0};
  for (std::size_t i = 0; i < std::max(expected.size(), cut.size()); ++i) {
    const Fold* with = i < expected.size() ? &expected[i] : nullptr;
    const Fold* without = i < cut.size() ? &cut[i] : nullptr;
    ++comparison.report.compared;
    if (with != nullptr && without != nullptr && *with == *without) continue;
    if (finding.changed++ > 0) continue;
    finding.date = comparison.whole.dates[(with != nullptr ? with : without)->test.begin];
    finding.with_future = fold_text(comparison.whole, with);
    finding.without_future = fold_text(comparison.cut, without);
  }
  if (finding.changed > 0) comparison.report.findings.push_back(finding);
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The names that one of the two choices has and the other has not.
std::vector<std::string> differing_names(const std::vector<std::string>& a,
                                         const std::vector<std::string>& b) {
  std::vector<std::string> names;
  for (const auto& name : a) {
    if (!contains(b, name)) names.push_back(name);
  }
  for (const auto& name : b) {
    if (!contains(a, name)) names.push_back(name);
  }
  return names;
}

/// Compares what each fold that has begun to test by the cut chooses.
void compare_selection(const Comparison& comparison, const Stages& whole, const Stages& cut) {
  LookaheadFinding finding{"selection", "", "", {}, "", "", comparison.cut_date(), 0};
  const std::size_t folds = std::min(whole.selection.size(), cut.selection.size());
  for (std::size_t fold = 0; fold < folds; ++fold) {
    const auto &with = whole.selection[fold], &without = cut.selection[fold];
    comparison.report.compared += with.size();
    const auto names = differing_names(with, without);
    if (!names.empty() && finding.changed == 0) {
      finding.name = names.front();
      finding.date = comparison.whole.dates[whole.folds[fold].test.begin];
      finding.with_future = contains(with, names.front()) ? "chosen" : kNothing;
      finding.without_future = contains(without, names.front()) ? "chosen" : kNothing;
    }
    finding.changed += names.size();
  }
  if (finding.changed > 0) comparison.report.findings.push_back(finding);
}

using WeightMap = std::map<std::pair<Date, std::string>, double>;

/// Weights by session and symbol up to the cut.
WeightMap weights_until(const std::vector<DecidedWeight>& weights, Date last) {
  WeightMap map;
  for (const auto& weight : weights) {
    if (weight.date <= last) map[{weight.date, weight.symbol}] = weight.weight;
  }
  return map;
}

void compare_weights(const Comparison& comparison, const std::vector<DecidedWeight>& whole,
                     const std::vector<DecidedWeight>& cut) {
  const WeightMap with = weights_until(whole, comparison.cut_date());
  const WeightMap without = weights_until(cut, comparison.cut_date());
  std::map<std::pair<Date, std::string>, std::pair<double, double>> both;
  for (const auto& [key, weight] : with) both[key] = {weight, Panel::missing()};
  for (const auto& [key, weight] : without) {
    both.try_emplace(key, Panel::missing(), Panel::missing()).first->second.second = weight;
  }
  LookaheadFinding finding{"weights", "", "", {}, "", "", comparison.cut_date(), 0};
  for (const auto& [key, pair] : both) {
    ++comparison.report.compared;
    if (same_value(pair.first, pair.second)) continue;
    if (finding.changed++ > 0) continue;
    finding.date = key.first;
    finding.symbol = key.second;
    finding.with_future = value_text(pair.first);
    finding.without_future = value_text(pair.second);
  }
  if (finding.changed > 0) comparison.report.findings.push_back(finding);
}

void compare_stages(const Comparison& comparison, const Stages& whole, const Stages& cut) {
  const auto every = [](std::size_t, std::size_t) { return true; };
  compare_factors(comparison, whole.factors, cut.factors);
  compare_panel(comparison, "universe", "", whole.eligible, cut.eligible, every);
  compare_folds(comparison, whole.folds, cut.folds);
  compare_selection(comparison, whole, cut);
  compare_panel(comparison, "predictions", "", whole.scores, cut.scores, every);
  compare_weights(comparison, whole.weights, cut.weights);
}

void examine_cut(const MarketData& market, const LookaheadSubject& subject, const Stages& whole,
                 std::size_t last_row, LookaheadReport& report) {
  const MarketData cut = cut_market(market, last_row);
  Comparison comparison{market, cut, {}, report};
  for (const auto& symbol : market.symbols) comparison.column_in_cut.push_back(cut.find_symbol(symbol));
  report.cuts.push_back(cut.dates.back());
  compare_stages(comparison, whole, run_stages(cut, subject));
}

bool any_bar(const MarketData& market, std::size_t row) {
  const auto bars = market.present.row(row);
  return std::any_of(bars.begin(), bars.end(), [](std::uint8_t bar) { return bar != 0; });
}

/// Rows spread evenly over the tested sessions, each with a bar, so that a file could end there.
std::vector<std::size_t> cut_rows(const MarketData& market, const std::vector<Fold>& folds, int cuts) {
  if (cuts < 1)
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("the number of cuts must be 1 or more: {}", cuts));
  std::size_t first = market.rows();
  for (const auto& fold : folds) first = std::min(first, fold.test.begin);
  std::vector<std::size_t> rows;
  for (int k = 1; k <= cuts && first + 1 < market.rows(); ++k) {
    std::size_t row = first + (market.rows() - 1 - first) * static_cast<std::size_t>(k) /
                                  (static_cast<std::size_t>(cuts) + 1);
    while (row > first && !any_bar(market, row)) --row;
    if (any_bar(market, row) && (rows.empty() || row > rows.back())) rows.push_back(row);
  }
  if (rows.empty())
    throw user_error(ErrorCode::kInvalidArgument, "no tested session with a later one to cut away");
  return rows;
}

}  // namespace

LookaheadReport examine_lookahead(const MarketData& market, const LookaheadSubject& subject,
                                  const LookaheadOptions& options, Progress& progress) {
  LookaheadReport report;
  const auto rows = cut_rows(market, subject.folds(market), options.cuts);
  progress.begin("doctor: with the future", 0);
  const Stages whole = run_stages(market, subject);
  progress.end();
  for (const std::size_t row : rows) {
    progress.begin(fmt::format("doctor: without the future after {}", to_string(market.dates[row])), 0);
    examine_cut(market, subject, whole, row, report);
    progress.end();
    if (!report.passed()) break;
  }
  progress.begin("doctor: prices multiplied", 0);
  const std::size_t scaled = longest_lived(market);
  report.scaled_symbol = market.symbols[scaled];
  report.adjustment_dependent = adjustment_dependence(market, scaled, whole.factors, subject.factors);
  progress.end();
  return report;
}

}  // namespace orrery
