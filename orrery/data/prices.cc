#include "orrery/data/prices.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "orrery/base/fingerprint.h"
#include "orrery/base/threads.h"
#include "orrery/data/bar_index.h"
#include "orrery/data/instrument_facts.h"
#include "orrery/data/price_actions.h"
#include "orrery/data/price_assembly.h"
#include "orrery/data/price_checks.h"
#include "orrery/data/price_panels.h"
#include "orrery/data/price_rows.h"
#include "orrery/data/renamed_rows.h"
#include "orrery/data/series_fields.h"
#include "orrery/data/table_file.h"

namespace orrery {
namespace {

/// Of one file's tables each has a fingerprint of its own.
std::string fingerprint_of(const std::filesystem::path& path) {
  const auto file = file_on_disk(path);
  const auto inside = path.lexically_relative(file);
  auto fingerprint = fingerprint_file(file);
  if (inside != "." && !inside.empty()) fingerprint.append("/").append(inside.generic_string());
  return fingerprint;
}

std::string fingerprint_of(const CurrencySource& source) {
  Fingerprint fingerprint;
  fingerprint.update(source.account + "\n" + source.base + "\n");
  for (const auto& [symbol, currency] : source.of)
    fingerprint.update(fmt::format("{}\n{}\n", symbol, currency));
  if (!source.file.empty()) fingerprint.update(fingerprint_of(source.file) + "\n");
  fingerprint.update(fingerprint_of(source.rates));
  return fingerprint.hex();
}

std::string fingerprint_source(const PriceSource& source, const std::string& content) {
  Fingerprint fingerprint;
  fingerprint.update(content + "\n");
  for (const auto& path : {source.sectors, source.delistings}) {
    fingerprint.update(path.empty() ? "none" : fingerprint_of(path));
    fingerprint.update("\n");
  }
  for (const auto& path : source.series) fingerprint.update(fingerprint_of(path) + "\n");
  for (const auto& file : source.funding) {
    fingerprint.update(file.symbol + "\n" + fingerprint_of(file.rates) + "\n");
    if (!file.marks.empty()) fingerprint.update(fingerprint_of(file.marks) + "\n");
  }
  if (!source.currencies.empty()) fingerprint.update(fingerprint_of(source.currencies));
  if (!source.renames.empty()) fingerprint.update(fingerprint_of(source.renames) + "\n");
  fingerprint.update(source.calendar);
  fingerprint.update(std::to_string(static_cast<int>(source.adjustment)));
  fingerprint.update(source.keep_impossible_bars ? "keep" : "");
  return fingerprint.hex();
}

Calendar choose_calendar(const std::string& name, const PriceRows& rows) {
  return name == "file" ? Calendar::of_days(name, days_of(rows)) : find_calendar(name);
}

/// Returns the sessions without any bar.
std::vector<Date> empty_sessions(const MarketData& market) {
  std::vector<Date> result;
  for (std::size_t row = 0; row < market.rows(); ++row) {
    const auto present = market.present.row(row);
    if (std::find(present.begin(), present.end(), 1) == present.end()) result.push_back(market.dates[row]);
  }
  return result;
}

void describe_rows(const PriceRows& rows, PriceSummary& summary) {
  summary.rows_read = rows.size();
  summary.quarantined = rows.quarantine.counts();
  summary.rows_quarantined = rows.quarantine.left_out();
  summary.ignored_columns = rows.ignored_columns;
  for (const auto& field : rows.further) {
    summary.extra_fields.push_back(field.name);
    if (field.unreadable > 0) summary.unreadable_values[field.name] = field.unreadable;
  }
  summary.delivered_adjusted = !rows.has(kAdjClose) && !rows.has(kDividend) && !rows.has(kSplitRatio);
}

void describe_panels(const PanelCounts& counts, PriceSummary& summary) {
  summary.rows_good = counts.bars;
  summary.zero_volume_rows = counts.zero_volume;
  summary.missing_bars = counts.missing_bars;
  summary.dividends = counts.dividends;
  summary.splits = counts.splits;
  summary.unexplained_adjustments = counts.unexplained;
  summary.unconfirmed_actions = counts.unconfirmed;
}

void describe_market(const MarketData& market, PriceSummary& summary) {
  summary.symbols = market.instruments();
  summary.sessions = market.rows();
  summary.first_date = market.dates.front();
  summary.last_date = market.dates.back();
  summary.missing_sessions = empty_sessions(market);
  const int last_row = static_cast<int>(market.rows()) - 1;
  for (std::size_t i = 0; i < market.instruments(); ++i) {
    summary.late_listings += market.first_row[i] > 0 ? 1U : 0U;
    summary.early_endings += market.last_row[i] < last_row ? 1U : 0U;
  }
}

void read_facts(const PriceSource& source, PriceLoad& load) {
  load.market.sectors.assign(load.market.instruments(), "");
  if (!source.sectors.empty())
    load.summary.symbols_without_sector = read_sectors(source.sectors, load.market);
  if (!source.delistings.empty())
    load.summary.unused_delistings = read_delistings(source.delistings, load.market);
  for (const auto& path : source.series) {
    const auto added = add_series_fields(path, load.market);
    load.summary.series_fields.insert(load.summary.series_fields.end(), added.begin(), added.end());
  }
  for (const auto& file : source.funding) {
    const FundingCounts counts = add_funding(file, load.market);
    load.summary.funding_payments += counts.payments;
    load.summary.unused_funding_rates += counts.outside;
    load.summary.stale_funding_marks += counts.stale;
  }
  if (source.currencies.empty()) return;
  const CurrencyCounts counts = to_account_currency(source.currencies, load.market);
  load.summary.currencies = counts.instruments;
  load.summary.unused_currencies = counts.unused;
}

/// Days made from bars, as rows of a file that lists them.
PriceRows fold_bar_files(const std::vector<BarFile>& files, std::size_t& incomplete_days) {
  DailyBars daily = read_daily_bars(files);
  incomplete_days = daily.incomplete_days;
  return price_rows_of(std::move(daily.table), files.front().path);
}

std::string fingerprint_of(const std::vector<BarFile>& files) {
  Fingerprint fingerprint;
  for (const auto& file : files) fingerprint.update(file.symbol + "\n" + fingerprint_of(file.path) + "\n");
  return fingerprint.hex();
}

/// Neither can be split among threads, so each takes one.
BarIndex index_while_fingerprinting(PriceRows& rows, const PriceSource& source,
                                    const std::function<std::string(const PriceRows&)>& fingerprint_content,
                                    PriceLoad& load) {
  std::optional<BarIndex> index;
  parallel_for(2, source.threads, [&](std::size_t task) {
    if (task == 0) {
      index = index_bars(rows, load.calendar);
    } else {
      load.fingerprint = fingerprint_source(source, fingerprint_content(rows));
    }
  });
  return std::move(*index);
}

}  // namespace

PriceLoad assemble_prices(PriceRows rows, const PriceSource& source,
                          const std::function<std::string(const PriceRows&)>& fingerprint_content,
                          Progress& progress) {
  PriceLoad load;
  check_bars(rows, source.keep_impossible_bars, source.threads);
  check_isolated_dates(rows);
  progress.advance();
  load.calendar = choose_calendar(source.calendar, rows);
  auto index = index_while_fingerprinting(rows, source, fingerprint_content, load);
  place_actions(index, rows);
  load.summary.out_of_order_rows = index.out_of_order_rows;
  load.summary.non_session_days = index.non_session_days;
  PanelCounts counts;
  load.market = fill_panels(rows, std::move(index), source.adjustment, source.threads, counts);
  progress.advance();
  describe_rows(rows, load.summary);
  describe_panels(counts, load.summary);
  describe_market(load.market, load.summary);
  load.market.renames = std::move(rows.renames);
  load.market.delivered_adjusted = load.summary.delivered_adjusted;
  read_facts(source, load);
  load.quarantine = rows.quarantine.to_table(load.calendar.name());
  progress.advance();
  return load;
}

PriceLoad load_prices(const PriceSource& source, Progress& progress) {
  progress.begin("reading prices", 1 + kAssemblySteps);
  std::size_t incomplete_days = 0;
  auto rows = source.bars.empty() ? read_price_rows(source.path, source.threads)
                                  : fold_bar_files(source.bars, incomplete_days);
  if (!source.renames.empty()) {
    const Identities names(read_renames(source.renames));
    join_renamed_rows(names, rows);
    rows.renames = names.renames();
  }
  progress.advance();
  auto load = assemble_prices(
      std::move(rows), source,
      [&](const PriceRows&) {
        return source.bars.empty() ? fingerprint_of(source.path) : fingerprint_of(source.bars);
      },
      progress);
  load.summary.incomplete_days = incomplete_days;
  progress.end();
  return load;
}

}  // namespace orrery
