#include "orrery/data/price_actions.h"

#include <algorithm>
#include <array>

#include "orrery/base/threads.h"

namespace orrery {
namespace {

struct Bars {
  std::vector<std::size_t> session;
  std::vector<std::size_t> row;
};

Bars bars_of(const BarIndex& index, std::size_t instrument) {
  Bars bars;
  const auto* sources = index.sources_of(instrument);
  for (std::size_t session = 0; session < index.sessions.size(); ++session) {
    if (sources[session] == BarIndex::kNoBar) continue;
    bars.session.push_back(session);
    bars.row.push_back(static_cast<std::size_t>(sources[session]));
  }
  return bars;
}

/// The step of the factor that neither a dividend nor a split explains.
double further_step(const ActionSeries& series, std::size_t bar) {
  if (series.dividend[bar] != 0.0 || series.split_ratio[bar] != 1.0) return 1.0;
  return series.factor[bar] == series.factor[bar - 1] ? 1.0 : series.factor[bar] / series.factor[bar - 1];
}

std::vector<PriceAction> actions_of_one(const PriceRows& rows, const BarIndex& index, std::size_t instrument,
                                        double rounding) {
  const Bars bars = bars_of(index, instrument);
  const auto series = actions_of(rows, bars.row, rounding);
  std::vector<PriceAction> actions;
  for (std::size_t bar = 1; bar < bars.row.size(); ++bar) {
    const auto add = [&](ActionKind kind, double value) {
      actions.push_back({rows.symbol[bars.row[bar]], index.sessions[bars.session[bar]], kind, value});
    };
    if (series.dividend[bar] != 0.0) add(ActionKind::kDividend, series.dividend[bar]);
    if (series.split_ratio[bar] != 1.0) add(ActionKind::kSplit, series.split_ratio[bar]);
    const double further = further_step(series, bar);
    if (further != 1.0) add(ActionKind::kAdjustment, further);
  }
  return actions;
}

/// Returns the row of the first bar on or after a day, or kNoBar.
std::int32_t next_bar(const BarIndex& index, std::size_t instrument, Date day) {
  const auto* sources = index.sources_of(instrument);
  const auto first = std::lower_bound(index.sessions.begin(), index.sessions.end(), day);
  for (auto session = first - index.sessions.begin();
       session < static_cast<std::ptrdiff_t>(index.sessions.size()); ++session) {
    if (sources[session] != BarIndex::kNoBar) return sources[session];
  }
  return BarIndex::kNoBar;
}

void place(const PriceAction& action, std::size_t row, PriceRows& rows) {
  switch (action.kind) {
    case ActionKind::kDividend:
      rows.values[kDividend][row] += action.value;
      break;
    case ActionKind::kSplit:
      rows.values[kSplitRatio][row] *= action.value;
      break;
    case ActionKind::kAdjustment:
      rows.adjustment[row] *= action.value;
      break;
  }
}

}  // namespace

std::vector<double> gather(const std::vector<double>& values, std::span<const std::size_t> rows) {
  std::vector<double> result;
  if (values.empty()) return result;
  result.reserve(rows.size());
  for (const std::size_t row : rows) result.push_back(values[row]);
  return result;
}

std::vector<std::uint8_t> joins_of(const PriceRows& rows, std::span<const std::size_t> bars) {
  std::vector<std::uint8_t> joins;
  if (rows.former.empty()) return joins;
  joins.assign(bars.size(), 0);
  bool any = false;
  for (std::size_t bar = 1; bar < bars.size(); ++bar) {
    joins[bar] = rows.former[bars[bar]] != rows.former[bars[bar - 1]] ? 1 : 0;
    any = any || joins[bar] != 0;
  }
  if (!any) joins.clear();
  return joins;
}

double price_rounding(const PriceRows& rows, int threads) {
  constexpr double kCents = 0.005;
  if (!rows.has(kAdjClose)) return kCents;
  std::array<double, 2> rounding{};
  parallel_for(2, threads,
               [&](std::size_t i) { rounding[i] = rounding_of(rows.values[i == 0 ? kClose : kAdjClose]); });
  return std::min({kCents, rounding[0], rounding[1]});
}

ActionSeries actions_of(const PriceRows& rows, std::span<const std::size_t> bars, double rounding) {
  const auto close = gather(rows.values[kClose], bars);
  const auto adj_close = gather(rows.values[kAdjClose], bars);
  const auto dividend = gather(rows.values[kDividend], bars);
  const auto split_ratio = gather(rows.values[kSplitRatio], bars);
  const auto adjustment = gather(rows.adjustment, bars);
  const auto joins = joins_of(rows, bars);
  return find_actions({close, adj_close, dividend, split_ratio, rounding, adjustment, joins});
}

std::vector<PriceAction> find_all_actions(const PriceRows& rows, const BarIndex& index, int threads) {
  const double rounding = price_rounding(rows, threads);
  std::vector<std::vector<PriceAction>> parts(index.symbols.size());
  parallel_for(parts.size(), threads, [&](std::size_t instrument) {
    parts[instrument] = actions_of_one(rows, index, instrument, rounding);
  });
  std::vector<PriceAction> actions;
  for (const auto& part : parts) actions.insert(actions.end(), part.begin(), part.end());
  return actions;
}

void place_actions(const BarIndex& index, PriceRows& rows) {
  if (!rows.actions) return;
  rows.values[kDividend].assign(rows.size(), 0.0);
  rows.values[kSplitRatio].assign(rows.size(), 1.0);
  rows.adjustment.assign(rows.size(), 1.0);
  for (const auto& action : *rows.actions) {
    const auto& symbol = rows.symbols[static_cast<std::size_t>(action.symbol)];
    const auto place_of = std::lower_bound(index.symbols.begin(), index.symbols.end(), symbol);
    if (place_of == index.symbols.end() || *place_of != symbol) continue;
    const auto instrument = static_cast<std::size_t>(place_of - index.symbols.begin());
    const auto row = next_bar(index, instrument, action.date);
    if (row != BarIndex::kNoBar) place(action, static_cast<std::size_t>(row), rows);
  }
}

}  // namespace orrery
