#include "orrery/data/exchange_rates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/error.h"
#include "orrery/data/csv.h"
#include "orrery/data/number_text.h"

namespace orrery {
namespace {

constexpr std::size_t kShortestCode = 3, kLongestCode = 5;

Error table_fault(const TextTable& table, std::string_view message) {
  return user_error(ErrorCode::kInvalidArgument, fmt::format("{}: {}", table.path.string(), message));
}

const std::string& currency_at(const TextTable& table, std::size_t row, std::size_t column) {
  const std::string& text = table.rows[row][column];
  if (is_currency(text)) return text;
  throw cell_fault(table, row, column, "a currency such as USD is expected");
}

}  // namespace

bool is_currency(std::string_view text) {
  const auto is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto is_part = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  return text.size() >= kShortestCode && text.size() <= kLongestCode && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), is_part);
}

ExchangeRates::ExchangeRates(const std::filesystem::path& path, const std::string& base) : path_(path) {
  const TextTable table = read_text_table(path);
  const bool has_pairs =
      find_column(table, {"from"}) && find_column(table, {"to"}) && find_column(table, {"rate"});
  if (has_pairs && !base.empty()) {
    throw table_fault(table,
                      "every row names its pair; 'base' belongs to a table with a column of each currency");
  }
  if (has_pairs) {
    read_pairs(table);
  } else {
    read_columns(table, base);
  }
  for (const auto& [pair, days] : days_) {
    currencies_.push_back(pair.first);
    currencies_.push_back(pair.second);
  }
  std::sort(currencies_.begin(), currencies_.end());
  currencies_.erase(std::unique(currencies_.begin(), currencies_.end()), currencies_.end());
}

void ExchangeRates::read_pairs(const TextTable& table) {
  const std::size_t day = find_text_column(table, {"date"});
  const std::size_t from = find_text_column(table, {"from"});
  const std::size_t to = find_text_column(table, {"to"});
  const std::size_t rate = find_text_column(table, {"rate"});
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const Pair pair{currency_at(table, row, from), currency_at(table, row, to)};
    if (pair.first == pair.second)
      throw cell_fault(table, row, to, "another currency than 'from' is expected");
    add(table, row, rate, day_at(table, row, day), pair);
  }
}

void ExchangeRates::read_columns(const TextTable& table, const std::string& base) {
  const std::size_t day = find_text_column(table, {"date"});
  std::vector<std::size_t> columns;
  for (std::size_t column = 0; column < table.header.size(); ++column) {
    if (is_currency(table.header[column])) columns.push_back(column);
  }
  if (columns.empty()) {
    throw table_fault(
        table,
        "a table of rates has the columns date, from, to and rate, or date and one of each currency (USD, "
        "JPY, …)");
  }
  if (!is_currency(base)) {
    throw table_fault(
        table, fmt::format("its columns are currencies; 'base' has to say of which currency one unit costs "
                           "that much (of the European Central Bank: EUR), found '{}'",
                           base));
  }
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const Date date = day_at(table, row, day);
    for (const std::size_t column : columns) {
      if (table.header[column] != base) add(table, row, column, date, {base, table.header[column]});
    }
  }
}

void ExchangeRates::add(const TextTable& table, std::size_t row, std::size_t column, Date day,
                        const Pair& pair) {
  const std::string& text = table.rows[row][column];
  double rate = 0.0;
  const NumberText kind = parse_number(text, rate);
  if (kind == NumberText::kEmpty || text == "N/A") return;
  if (kind != NumberText::kNumber || !(rate > 0.0) || !std::isfinite(rate)) {
    throw cell_fault(table, row, column, "a rate above 0 is expected");
  }
  if (!days_[pair].emplace(day, rate).second) {
    throw cell_fault(
        table, row, column,
        fmt::format("{} in {} has a rate of {} already", pair.first, pair.second, to_string(day)));
  }
}

std::optional<double> ExchangeRates::Step::at(Date day) const {
  auto after = days->upper_bound(day);
  if (after == days->begin()) return std::nullopt;
  const auto& [known, rate] = *std::prev(after);
  if (day - known > kMostDays) return std::nullopt;
  return is_inverse ? 1.0 / rate : rate;
}

std::optional<ExchangeRates::Step> ExchangeRates::step(const std::string& from, const std::string& to) const {
  if (const auto direct = days_.find({from, to}); direct != days_.end()) return Step{&direct->second, false};
  if (const auto turned = days_.find({to, from}); turned != days_.end()) return Step{&turned->second, true};
  return std::nullopt;
}

std::optional<ExchangeRates::Way> ExchangeRates::way(const std::string& from, const std::string& to) const {
  if (from == to) return Way({});
  if (const auto direct = step(from, to)) return Way({*direct});
  for (const std::string& between : currencies_) {
    const auto first = step(from, between);
    const auto second = step(between, to);
    if (first && second) return Way({*first, *second});
  }
  return std::nullopt;
}

std::optional<double> ExchangeRates::Way::at(Date day) const {
  double rate = 1.0;
  for (const Step& one : steps_) {
    const auto known = one.at(day);
    if (!known) return std::nullopt;
    rate *= *known;
  }
  return rate;
}

}  // namespace orrery
