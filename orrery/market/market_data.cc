#include "orrery/market/market_data.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/market/symbol_order.h"

namespace orrery {
namespace {

const Panel& find_field(const std::map<std::string, Panel, std::less<>>& fields, std::string_view name) {
  const auto found = fields.find(name);
  if (found != fields.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, panel] : fields) names.push_back(known);
  throw user_error(ErrorCode::kNotFound, fmt::format("the data has no field '{}'{}; it has: {}", name,
                                                     did_you_mean(name, names), fmt::join(names, ", ")));
}

}  // namespace

const Panel& MarketData::field(std::string_view name) const { return find_field(fields, name); }

const Panel& MarketData::raw_field(std::string_view name) const { return find_field(raw, name); }

std::size_t MarketData::lower_row(Date date) const {
  return static_cast<std::size_t>(std::lower_bound(dates.begin(), dates.end(), date) - dates.begin());
}

std::optional<std::size_t> MarketData::find_symbol(std::string_view symbol) const {
  return orrery::find_symbol(symbols, symbol);
}

}  // namespace orrery
