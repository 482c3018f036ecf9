#include "orrery/data/lake/lake_prices.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "orrery/base/error.h"
#include "orrery/base/fingerprint.h"
#include "orrery/data/instrument_facts.h"
#include "orrery/data/lake/action_kinds.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/column_statistics.h"
#include "orrery/data/lake/event_day.h"
#include "orrery/data/lake/identities.h"
#include "orrery/data/lake/table_rows.h"
#include "orrery/data/price_assembly.h"
#include "orrery/data/price_columns.h"
#include "orrery/data/text_codes.h"

namespace orrery {
namespace {

bool is_number(DeltaType type) {
  switch (type) {
    case DeltaType::kDouble:
    case DeltaType::kFloat:
    case DeltaType::kLong:
    case DeltaType::kInteger:
    case DeltaType::kShort:
    case DeltaType::kByte:
      return true;
    default:
      return false;
  }
}

/// What the log says of the values that columns lack in all files together. Of a table of very many files it
/// is not asked, which would take longer than it saves.
class ColumnFill {
 public:
  explicit ColumnFill(const DeltaState& state) {
    constexpr std::size_t kMostFiles = 1000;
    if (state.files.size() > kMostFiles) return;
    for (const auto& file : state.files) add(parse_statistics(file.statistics, state.metadata.schema));
    files_ = state.files.size();
  }

  /// Whether it is certain that every row has a value.
  bool is_full(const std::string& column) const { return is_in_all_files(full_, column); }
  /// Whether it is certain that no row has a value.
  bool is_empty(const std::string& column) const { return is_in_all_files(empty_, column); }

 private:
  using Counts = std::map<std::string, std::size_t>;

  void add(const FileStatistics& file) {
    for (const auto& [column, nulls] : file.null_counts) {
      if (nulls == 0) ++full_[column];
      if (nulls == file.rows) ++empty_[column];
    }
  }
  bool is_in_all_files(const Counts& counts, const std::string& column) const {
    const auto found = counts.find(column);
    return files_ > 0 && found != counts.end() && found->second == files_;
  }

  std::size_t files_ = 0;
  Counts full_, empty_;  ///< in how many files, by column
};

/// The columns that make bars: what names them and all numbers but those that tell actions. Without what is
/// certain to hold nothing, and the moment where it is certain that every bar has its day.
std::vector<std::string> bar_columns(const ViewedTable& viewed, const std::string& table) {
  const ColumnFill fill(*viewed.state);
  std::vector<std::string> names;
  for (const auto& field : viewed.schema.fields) {
    if (is_number(field.type) || field.name == "symbol" || field.name == "date") names.push_back(field.name);
  }
  const auto layout = find_price_columns(names, table);
  std::vector<std::string> wanted = {names[layout.symbol], names[layout.date]};
  if (!fill.is_full(names[layout.date])) wanted.emplace_back(kEventTime);
  for (const auto column : {kOpen, kHigh, kLow, kClose, kVolume}) {
    if (layout.known[column]) wanted.push_back(names[*layout.known[column]]);
  }
  auto optional = layout.further;
  if (layout.known[kVwap]) optional.insert(optional.begin(), *layout.known[kVwap]);
  for (const auto column : optional) {
    if (!fill.is_empty(names[column])) wanted.push_back(names[column]);
  }
  return wanted;
}

/// A day's bar ends after the day has begun and by its end, 00:00 UTC of the next.
RowFilter events_of(const LakeView& view) {
  RowFilter filter{.column = kEventTime};
  if (view.first) filter.at_least = start_of(*view.first).nanoseconds + 1;
  if (view.last) filter.at_most = start_of(*view.last + 1).nanoseconds;
  return filter;
}

ScanRequest request_for(const ViewedTable& viewed, const LakeView& view, const Identities& names,
                        std::vector<std::string> columns) {
  ScanRequest request;
  request.columns = std::move(columns);
  request.version = viewed.version;
  if (!view.symbols.empty()) request.where.push_back(one_of("symbol", names.symbols_of(view.symbols)));
  return request;
}

Table read_bars(ViewedTable& viewed, const LakeView& view, const Identities& names, int threads) {
  auto request = request_for(viewed, view, names, bar_columns(viewed, view.bars));
  request.threads = threads;
  if (view.first || view.last) request.where.push_back(events_of(view));
  return scan_as_of(viewed.table, known_by(view), std::move(request))->rest();
}

/// A bar without a day belongs to the one in which it ended; midnight ends the day before.
void fill_days(Table& bars) {
  if (!has_column(bars, kEventTime)) return;
  const auto& events = std::get<std::vector<std::int64_t>>(bars.column(kEventTime).values);
  auto& days = std::get<std::vector<Date>>(bars.column("date").values);
  for (std::size_t row = 0; row < days.size(); ++row) {
    if (days[row] == kMissingDate && events[row] != kMissingInteger) days[row] = event_day(events[row]);
  }
}

/// Calls every bar by its instrument's last symbol, and leaves out those that were not asked for.
Table by_name(Table bars, const LakeView& view, const Identities& names) {
  if (names.empty()) return bars;
  const auto& days = std::get<std::vector<Date>>(bars.column("date").values);
  const std::set<std::string> wanted(view.symbols.begin(), view.symbols.end());
  TextCodes codes;
  std::vector<std::uint32_t> kept;
  for (std::uint32_t row = 0; row < days.size(); ++row) {
    const auto& name = names.name_of(text_at(bars.column("symbol"), row), days[row]);
    codes.append(codes.code(name));
    if (wanted.empty() || wanted.contains(name)) kept.push_back(row);
  }
  bars.column("symbol").values = codes.take();
  return sort_table(take_rows(bars, kept), {"symbol", "date"});
}

/// Whole numbers as doubles, missing ones as NaN.
void use_doubles(Table& bars) {
  for (auto& column : bars.columns) {
    const auto* whole = std::get_if<std::vector<std::int64_t>>(&column.values);
    if (whole == nullptr) continue;
    std::vector<double> numbers;
    numbers.reserve(whole->size());
    for (const auto number : *whole) {
      numbers.push_back(number == kMissingInteger ? Panel::missing() : static_cast<double>(number));
    }
    column.values = std::move(numbers);
  }
}

bool holds_nothing(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isnan(value); });
}

PriceRows to_price_rows(Table bars, const LakeView& view, const Identities& names) {
  fill_days(bars);
  bars = by_name(std::move(bars), view, names);
  std::erase_if(bars.columns, [](const Column& column) { return column.name == kEventTime; });
  use_doubles(bars);
  auto rows = price_rows_of(std::move(bars), view.bars);
  if (holds_nothing(rows.values[kVwap])) rows.values[kVwap].clear();
  std::erase_if(rows.further, [](const FurtherField& field) { return holds_nothing(field.values); });
  return rows;
}

std::optional<ActionKind> kind_of(std::string_view name) {
  if (name == kDividendKind) return ActionKind::kDividend;
  if (name == kSplitKind) return ActionKind::kSplit;
  if (name == kAdjustmentKind) return ActionKind::kAdjustment;
  return std::nullopt;
}

/// Takes the actions of names that have bars.
std::vector<PriceAction> to_actions(const Table& table, const PriceRows& rows, const Identities& names) {
  std::unordered_map<std::string, std::int32_t> codes;
  for (std::size_t i = 0; i < rows.symbols.size(); ++i)
    codes.emplace(rows.symbols[i], static_cast<std::int32_t>(i));
  const auto& values = std::get<std::vector<double>>(table.column("value").values);
  const auto& events = std::get<std::vector<std::int64_t>>(table.column(kEventTime).values);
  std::vector<PriceAction> actions;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto kind = kind_of(text_at(table.column("kind"), row));
    const Date day = day_of({events[row]});
    const auto symbol = codes.find(names.name_of(text_at(table.column("symbol"), row), day));
    if (!kind || symbol == codes.end() || !(values[row] > 0.0)) continue;
    actions.push_back({symbol->second, day, *kind, values[row]});
  }
  return actions;
}

template <class Value>
void add_values(const std::vector<Value>& values, Fingerprint& fingerprint) {
  fingerprint.update(values.data(), values.size() * sizeof(Value));
}

/// The fingerprint of bars, in two steps: the second may be taken while rows are set aside.
class BarFingerprint {
 public:
  /// Rows come by symbol, so that each is named once, whatever its code.
  void add_symbols(const PriceRows& rows) {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const auto code = rows.symbol[row];
      if (row > 0 && code == rows.symbol[row - 1]) continue;
      fingerprint_.update(
          fmt::format("{} {}\n", row, code < 0 ? "" : rows.symbols[static_cast<std::size_t>(code)]));
    }
  }

  /// Adds all the rest, and returns what comes out.
  std::string finish(const PriceRows& rows) {
    add_values(rows.date, fingerprint_);
    for (const auto& values : rows.values) add_values(values, fingerprint_);
    for (const auto& field : rows.further) {
      fingerprint_.update(field.name);
      add_values(field.values, fingerprint_);
    }
    if (rows.actions) add_actions(rows);
    return fingerprint_.hex();
  }

 private:
  void add_actions(const PriceRows& rows) {
    for (const auto& action : *rows.actions) {
      fingerprint_.update(fmt::format("{} {} {} {}\n", rows.symbols[static_cast<std::size_t>(action.symbol)],
                                      to_string(action.date), static_cast<int>(action.kind), action.value));
    }
  }

  Fingerprint fingerprint_;
};

/// A delisting, before it has a place in the market.
struct NamedDelisting {
  std::string name;
  Date day;
  double value = 0.0;
  std::string reason;
};

std::vector<NamedDelisting> to_delistings(const Table& table, const Identities& names) {
  const auto& values = std::get<std::vector<double>>(table.column("value").values);
  const auto& events = std::get<std::vector<std::int64_t>>(table.column(kEventTime).values);
  std::vector<NamedDelisting> delistings;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (text_at(table.column("kind"), row) != kDelistingKind) continue;
    const Date day = day_of({events[row]});
    const auto& note = text_at(table.column("note"), row);
    const std::string reason = note.empty() ? "unknown" : note;
    const double value = std::isnan(values[row]) ? usual_delisting_return(reason) : values[row];
    // The symbol was the instrument's until the day before.
    delistings.push_back({names.name_of(text_at(table.column("symbol"), row), day - 1), day, value, reason});
  }
  return delistings;
}

/// As read_delistings: the position is closed on the first session on or after the day.
void place_delistings(const std::vector<NamedDelisting>& delistings, MarketData& market) {
  for (const auto& delisting : delistings) {
    const auto instrument = market.find_symbol(delisting.name);
    const std::size_t row = market.lower_row(delisting.day);
    if (instrument && row < market.rows() && delisting.day >= market.dates.front())
      market.delistings.push_back({*instrument, row, delisting.value, delisting.reason});
  }
  sort_delistings(market);
}

std::string fingerprint_of(const std::vector<NamedDelisting>& delistings) {
  Fingerprint fingerprint;
  for (const auto& one : delistings)
    fingerprint.update(fmt::format("{} {} {} {}\n", one.name, to_string(one.day), one.value, one.reason));
  return fingerprint.hex();
}

/// Reads what corporate_actions knows; without the table the rows have no actions, and there are no
/// delistings.
std::vector<NamedDelisting> read_actions(Lake& lake, const LakeView& view, const Identities& names,
                                         PriceRows& rows, std::map<std::string, std::int64_t>& versions) {
  const auto tables = lake.tables();
  if (!std::binary_search(tables.begin(), tables.end(), std::string(kActionsTable))) return {};
  ViewedTable viewed(lake, view, kActionsTable);
  versions[kActionsTable] = viewed.version;
  const auto request = request_for(viewed, view, names, {"symbol", "kind", "value", "note", kEventTime});
  const auto table = scan_as_of(viewed.table, known_by(view), request)->rest();
  rows.actions = to_actions(table, rows, names);
  return to_delistings(table, names);
}

void require_bars(const PriceRows& rows, const LakeView& view) {
  if (rows.size() > 0) return;
  throw user_error(
      ErrorCode::kNotFound,
      fmt::format(
          "table '{}' of {} has no bar that was known{}{}", view.bars, view.folder.string(),
          view.as_of ? " at " + to_string(*view.as_of) : "",
          view.symbols.empty() && !view.first && !view.last ? "" : " of the symbols and days asked for"));
}

}  // namespace

PriceLoad load_lake_prices(const LakeView& view, const PriceSource& source, Progress& progress) {
  progress.begin("reading prices", 1 + kAssemblySteps);
  Lake lake(view.folder);
  const Identities names = read_identities(lake, view);
  std::map<std::string, std::int64_t> versions;
  ViewedTable bars(lake, view, view.bars);
  versions[view.bars] = bars.version;
  auto rows = to_price_rows(read_bars(bars, view, names, source.threads), view, names);
  require_bars(rows, view);
  const auto delistings = read_actions(lake, view, names, rows, versions);
  progress.advance();
  BarFingerprint fingerprint;
  fingerprint.add_symbols(rows);
  auto load = assemble_prices(
      std::move(rows), source,
      [&](const PriceRows& bars) { return fingerprint.finish(bars) + fingerprint_of(delistings); }, progress);
  place_delistings(delistings, load.market);
  load.market.renames = names.renames();
  load.table_versions = std::move(versions);
  progress.end();
  return load;
}

}  // namespace orrery
