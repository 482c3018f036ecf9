#include "orrery/factor/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "orrery/base/random.h"
#include "orrery/factor/compile.h"

namespace orrery {
namespace {

constexpr std::size_t kInstruments = 16;
/// Rows before the span, which differ, and rows whose values are compared. An exponential mean over 1,000
/// rows still weighs what is 200 rows older.
constexpr std::size_t kRowsBefore = 60;
constexpr std::size_t kRowsCompared = 40;

/// Random walks of one daily step, all positive; a bar's high is its highest, its low its lowest.
MarketData random_market(const std::vector<std::string>& fields, std::size_t rows) {
  Random random(1);
  MarketData market;
  for (std::size_t row = 0; row < rows; ++row) market.dates.push_back(Date{static_cast<std::int32_t>(row)});
  for (std::size_t i = 0; i < kInstruments; ++i) {
    market.symbols.push_back(fmt::format("S{:02}", i));
    market.sectors.push_back(i % 2 == 0 ? "even" : "odd");
    market.first_row.push_back(0);
    market.last_row.push_back(static_cast<int>(rows) - 1);
  }
  market.present = MaskPanel(rows, kInstruments, 1);
  const auto is_price = [](std::string_view field) {
    return field == "open" || field == "high" || field == "low" || field == "close" || field == "vwap";
  };
  Panel price(rows, kInstruments);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < kInstruments; ++i)
      price(row, i) = (row == 0 ? 50.0 : price(row - 1, i)) * std::exp(0.02 * random.normal());
  }
  for (const auto& field : fields) {
    Panel& panel = market.fields.emplace(field, Panel(rows, kInstruments)).first->second;
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t i = 0; i < kInstruments; ++i) {
        const double away = 0.01 * random.uniform();
        const double around = field == "high" ? 1.01 + away : field == "low" ? 0.98 + away : 0.995 + away;
        panel(row, i) = is_price(field) ? price(row, i) * around : 1e6 * std::exp(random.normal());
      }
    }
  }
  return market;
}

/// Puts the rows before `end` in another order of instruments.
void change_before(MarketData& market, std::size_t end) {
  for (auto& [name, panel] : market.fields) {
    for (std::size_t row = 0; row < end; ++row)
      std::rotate(panel.row_data(row), panel.row_data(row) + 1, panel.row_data(row) + kInstruments);
  }
}

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

}  // namespace

bool remembers_all_rows(const FactorDefinition& definition, const ExpressionSpan& span) {
  const auto fields = compile_factors({&definition, 1}, Precision::kFloat64, false).fields;
  const auto rows = kRowsBefore + static_cast<std::size_t>(span.look_back_rows) + kRowsCompared;
  MarketData market = random_market(fields, rows);
  const FactorOptions options = {.precision = Precision::kFloat64, .threads = 1, .allow_future = false};
  const Panel values = compute_expression(definition, market, options);
  change_before(market, kRowsBefore);
  const Panel others = compute_expression(definition, market, options);
  for (std::size_t row = rows - kRowsCompared; row < rows; ++row) {
    if (!std::equal(values.row_data(row), values.row_data(row) + kInstruments, others.row_data(row),
                    same_bits))
      return true;
  }
  return false;
}

}  // namespace orrery
