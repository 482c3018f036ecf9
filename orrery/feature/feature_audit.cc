#include "orrery/feature/feature_audit.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <map>

#include "orrery/feature/feature_time.h"
#include "orrery/feature/online_features.h"

namespace orrery {
namespace {

bool same_bits(float one, float other) {
  if (std::isnan(one) || std::isnan(other)) return std::isnan(one) && std::isnan(other);
  return std::bit_cast<std::uint32_t>(one) == std::bit_cast<std::uint32_t>(other);
}

/// The bar that a record's row says it is of.
std::optional<FeatureCell> cell_of(const MarketData& market, const std::string& symbol, Date session) {
  const auto instrument = market.find_symbol(symbol);
  const std::size_t row = market.lower_row(session);
  if (!instrument || row >= market.rows() || market.dates[row] != session) return std::nullopt;
  if (market.present(row, *instrument) == 0) return std::nullopt;
  return FeatureCell{*instrument, row};
}

/// Audits the records of one view.
class ViewAudit {
 public:
  ViewAudit(const ViewDefinition& view, const MarketData& market, FeatureAudit& audit)
      : view_(view), market_(market), time_(view), audit_(audit) {}

  void want(const ServedValues& served) {
    for (std::size_t i = 0; i < served.symbols.size(); ++i) {
      if (served.sessions[i] == ServedValues::kNoSession) continue;
      if (const auto cell = cell_of(market_, served.symbols[i], {served.sessions[i]}))
        places_.emplace(*cell, 0);
    }
  }

  void compute(int threads, Progress& progress) {
    std::vector<FeatureCell> cells;
    for (auto& [cell, place] : places_) {
      place = cells.size();
      cells.push_back(cell);
    }
    values_ = point_in_time_values(view_, market_, cells, threads, progress);
  }

  void compare(const ServedValues& served) {
    std::vector<std::optional<std::size_t>> columns;
    for (const auto& name : served.features) columns.push_back(view_.find_feature(name));
    for (std::size_t i = 0; i < served.symbols.size(); ++i) {
      if (served.sessions[i] == ServedValues::kNoSession) {
        audit_.never_known += served.features.size();
      } else {
        compare_row(served, i, columns);
      }
    }
  }

 private:
  void compare_row(const ServedValues& served, std::size_t i,
                   const std::vector<std::optional<std::size_t>>& columns) {
    const Date session{served.sessions[i]};
    const auto cell = cell_of(market_, served.symbols[i], session);
    const auto end = time_.expires(session);
    const bool is_expired = end && served.time >= *end;
    const bool is_known = time_.known(session) <= served.time;
    for (std::size_t j = 0; j < columns.size(); ++j) {
      const std::size_t place = i * columns.size() + j;
      const float value = served.values[place];
      const bool said_expired = served.statuses[place] == FeatureStatus::kExpired;
      float computed = PanelT<float>::missing();
      if (cell && columns[j]) computed = values_[places_.at(*cell) * view_.features.size() + *columns[j]];
      const auto tell = [&](std::string what) {
        audit_.mismatches.push_back({served.time, fmt::format("{}:{}", view_.name, served.features[j]),
                                     served.symbols[i], session, value, computed, std::move(what)});
      };
      ++(said_expired ? audit_.expired : audit_.values);
      if (!is_known) tell("served before its session was known");
      if (said_expired != is_expired)
        tell(said_expired ? "said to be expired, and was not" : "served though it had expired");
      if (said_expired) continue;
      if (!cell)
        tell("there is no bar of that session");
      else if (!same_bits(value, computed))
        tell("not what the data gives");
    }
  }

  const ViewDefinition& view_;
  const MarketData& market_;
  FeatureTime time_;
  FeatureAudit& audit_;
  std::map<FeatureCell, std::size_t> places_;
  std::vector<float> values_;
};

const ViewDefinition* view_of(const FeatureDefinitions& definitions, const ServedValues& served) {
  for (const auto& view : definitions.views) {
    if (view.name == served.view && (view.fingerprint == served.definition || served.definition.empty()))
      return &view;
  }
  return nullptr;
}

}  // namespace

FeatureAudit audit_features(const FeatureDefinitions& definitions, FeatureMarkets& markets, int threads,
                            Progress& progress) {
  FeatureAudit audit;
  std::map<const ViewDefinition*, std::vector<ServedValues>> by_view;
  ServingLog::read(serving_log_file(definitions), [&](const ServedValues& served) {
    ++audit.records;
    if (const auto* view = view_of(definitions, served))
      by_view[view].push_back(served);
    else
      ++audit.other_definition;
  });
  for (const auto& view : definitions.views) {
    const auto records = by_view.find(&view);
    if (records == by_view.end()) continue;
    ViewAudit one(view, markets.of(view), audit);
    for (const auto& served : records->second) one.want(served);
    one.compute(threads, progress);
    for (const auto& served : records->second) one.compare(served);
  }
  return audit;
}

}  // namespace orrery
