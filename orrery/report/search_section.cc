#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "orrery/report/html.h"
#include "orrery/report/sections.h"

namespace orrery {
namespace {

using html::number;
using html::TableCell;
using html::TableColumn;
using SearchState = TuningTrial::State;

/// The loss as people read it: of ic and rank_ic the mean correlation.
double inner_value(const SearchReport& search, double loss) {
  return search.objective == "loss" ? loss : -loss;
}

std::string inner_name(const SearchReport& search) {
  if (search.objective == "loss") return "Loss, inner";
  return search.objective == "ic" ? "IC, inner" : "Rank IC, inner";
}

std::string settings_text(const ParameterMap& settings) {
  if (settings.empty()) return "as given";
  std::string text;
  for (const auto& [name, value] : settings) {
    const auto* real = std::get_if<double>(&value);
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name,
                        real != nullptr ? fmt::format("{:.3g}", *real) : to_string(value));
  }
  return text;
}

std::size_t trials_in(const SearchReport& search, SearchState state) {
  return static_cast<std::size_t>(std::count_if(search.trials.begin(), search.trials.end(),
                                                [&](const auto& trial) { return trial.state == state; }));
}

std::string choice_table(const std::vector<FoldSection>& folds) {
  std::vector<std::vector<TableCell>> rows;
  for (std::size_t f = 0; f < folds.size(); ++f) {
    const SearchReport& search = *folds[f].search;
    const SearchTrial& chosen = search.trials[search.chosen];
    rows.push_back({{fmt::format("{}", f + 1)},
                    {html::escape(chosen.model)},
                    {html::escape(settings_text(chosen.settings))},
                    {number(inner_value(search, chosen.loss), 4)},
                    {number(folds[f].test_rank_ic, 4)},
                    {fmt::format("{}", search.trials.size())},
                    {fmt::format("{}", trials_in(search, SearchState::kPruned))},
                    {fmt::format("{}", trials_in(search, SearchState::kFailed))}});
  }
  return html::table("Choices",
                     {{"Fold"},
                      {"Model", true},
                      {"Settings", true},
                      {inner_name(*folds.front().search)},
                      {"Rank IC, test"},
                      {"Trials"},
                      {"Pruned"},
                      {"Failed"}},
                     rows);
}

std::vector<std::string> families_of(const std::vector<FoldSection>& folds) {
  std::set<std::string> names;
  for (const auto& fold : folds) {
    for (const auto& trial : fold.search->trials) names.insert(trial.model);
  }
  return {names.begin(), names.end()};
}

/// The best complete trial of a family; NaN where it has none.
double best_of(const SearchReport& search, const std::string& family) {
  double best = std::numeric_limits<double>::infinity();
  for (const auto& trial : search.trials) {
    if (trial.model == family && trial.state == SearchState::kComplete) best = std::min(best, trial.loss);
  }
  return std::isfinite(best) ? inner_value(search, best) : std::numeric_limits<double>::quiet_NaN();
}

std::size_t tried_of(const SearchReport& search, const std::string& family) {
  return static_cast<std::size_t>(std::count_if(search.trials.begin(), search.trials.end(),
                                                [&](const auto& trial) { return trial.model == family; }));
}

std::string family_table(const std::vector<FoldSection>& folds, const std::vector<std::string>& families) {
  std::vector<TableColumn> columns = {{"Model", true}};
  for (std::size_t f = 0; f < folds.size(); ++f) {
    columns.push_back({fmt::format("Best, fold {}", f + 1)});
    columns.push_back({"Trials"});
  }
  std::vector<std::vector<TableCell>> rows;
  for (const auto& family : families) {
    rows.push_back({{html::escape(family)}});
    for (const auto& fold : folds) {
      rows.back().push_back({number(best_of(*fold.search, family), 4)});
      rows.back().push_back({fmt::format("{}", tried_of(*fold.search, family))});
    }
  }
  return html::table("Families", columns, rows);
}

/// The first reason that each family failed for.
std::string failure_text(const std::vector<FoldSection>& folds) {
  std::set<std::string> told;
  std::string text;
  for (const auto& fold : folds) {
    for (const auto& trial : fold.search->trials) {
      if (trial.state != SearchState::kFailed || !told.insert(trial.model).second) continue;
      text += fmt::format(" Trials of {} failed: {}.", html::escape(trial.model), html::escape(trial.note));
    }
  }
  return text;
}

}  // namespace

std::string render_searches(const std::vector<FoldSection>& folds) {
  if (folds.empty() ||
      !std::all_of(folds.begin(), folds.end(), [](const auto& fold) { return fold.search.has_value(); }))
    return {};
  const auto families = families_of(folds);
  std::string tables = choice_table(folds);
  if (families.size() > 1) tables += family_table(folds, families);
  const char* given_up =
      families.size() > 1 ? " A dash: every trial of the model was given up early or failed." : "";
  return "<figure><h3>What each fold chose</h3>" + tables +
         "<figcaption>Every fold chose by itself, by models that were fitted and judged within its own "
         "training span; its test span had no part in it. The inner value is that of the best of many trials "
         "and flatters; the test span tells what the choice was worth." +
         given_up + failure_text(folds) + "</figcaption></figure>\n";
}

}  // namespace orrery
