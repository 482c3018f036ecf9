#include "orrery/feature/historical_features.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/error.h"
#include "orrery/feature/feature_time.h"

namespace orrery {
namespace {

/// The bars that rows ask for, each once.
class CellPlaces {
 public:
  std::size_t place(const FeatureCell& cell) {
    const auto [found, is_new] = places_.emplace(cell, cells_.size());
    if (is_new) cells_.push_back(cell);
    return found->second;
  }
  const std::vector<FeatureCell>& cells() const { return cells_; }

 private:
  std::map<FeatureCell, std::size_t> places_;
  std::vector<FeatureCell> cells_;
};

constexpr std::size_t kNoCell = static_cast<std::size_t>(-1);

/// Sets sessions and statuses of the rows, and returns the cell of those that are not expired.
std::vector<std::size_t> place_rows(const ViewDefinition& view, const MarketData& market,
                                    const EntityRows& rows, AnsweredView& answer, CellPlaces& places) {
  const FeatureTime time(view);
  const std::size_t width = answer.features.size();
  std::vector<std::size_t> cells(rows.symbols.size(), kNoCell);
  for (std::size_t i = 0; i < rows.symbols.size(); ++i) {
    const auto instrument = market.find_symbol(rows.symbols[i]);
    const std::size_t known = time.known_sessions(market.dates, rows.times[i]);
    const auto row = instrument && known > 0 ? last_bar_by(market, *instrument, known - 1) : std::nullopt;
    if (!row) continue;
    answer.sessions[i] = market.dates[*row];
    const auto end = time.expires(market.dates[*row]);
    const bool is_expired = end && rows.times[i] >= *end;
    std::fill_n(answer.statuses.begin() + static_cast<std::ptrdiff_t>(i * width), width,
                is_expired ? FeatureStatus::kExpired : FeatureStatus::kMissing);
    if (!is_expired) cells[i] = places.place({*instrument, *row});
  }
  return cells;
}

void fill_values(const ViewDefinition& view, const std::vector<std::size_t>& cells,
                 const std::vector<float>& computed, AnsweredView& answer) {
  const std::size_t width = answer.features.size();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i] == kNoCell) continue;
    for (std::size_t j = 0; j < width; ++j) {
      const float value = computed[cells[i] * view.features.size() + answer.features[j]];
      if (std::isnan(value)) continue;
      answer.values[i * width + j] = value;
      answer.statuses[i * width + j] = FeatureStatus::kPresent;
    }
  }
}

}  // namespace

std::vector<AnsweredView> answers_by_view(const std::vector<FeatureReference>& wanted) {
  std::vector<AnsweredView> answers;
  for (const auto& reference : wanted) {
    auto found = std::find_if(answers.begin(), answers.end(),
                              [&](const auto& answer) { return answer.view == reference.view; });
    if (found == answers.end()) {
      found = answers.emplace(answers.end());
      found->view = reference.view;
    }
    found->features.push_back(reference.feature);
  }
  return answers;
}

std::vector<AnsweredView> historical_features(const FeatureDefinitions& definitions,
                                              const std::vector<FeatureReference>& wanted,
                                              const EntityRows& rows, FeatureMarkets& markets, int threads,
                                              Progress& progress) {
  if (rows.symbols.size() != rows.times.size())
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{} symbols, but {} times", rows.symbols.size(), rows.times.size()));
  auto answers = answers_by_view(wanted);
  for (auto& answer : answers) {
    const auto& view = definitions.views[answer.view];
    const std::size_t cells_wanted = rows.symbols.size() * answer.features.size();
    answer.sessions.resize(rows.symbols.size());
    answer.values.assign(cells_wanted, PanelT<float>::missing());
    answer.statuses.assign(cells_wanted, FeatureStatus::kNeverKnown);
    MarketData& market = markets.of(view);
    CellPlaces places;
    const auto cells = place_rows(view, market, rows, answer, places);
    fill_values(view, cells, point_in_time_values(view, market, places.cells(), threads, progress), answer);
  }
  return answers;
}

}  // namespace orrery
