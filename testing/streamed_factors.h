#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <vector>

#include "orrery/factor/streaming.h"
#include "orrery/market/market_data.h"

namespace orrery::testing {

/// Pushes one row of a market into a stream, as it would have come.
inline void push_market_row(StreamingFactors& stream, const MarketData& market, std::size_t row) {
  std::vector<std::span<const double>> fields;
  for (const auto& name : stream.fields()) fields.push_back(market.field(name).row(row));
  std::vector<std::uint8_t> listed(market.instruments());
  for (std::size_t i = 0; i < listed.size(); ++i) {
    const int now = static_cast<int>(row);
    listed[i] = now >= market.first_row[i] && now <= market.last_row[i] ? 1 : 0;
  }
  const auto refused = stream.push({start_of(market.dates[row]), fields, listed, market.present.row(row)});
  EXPECT_EQ(refused.value_or(""), "");
}

/// Copies the latest values of every factor into a row of panels.
inline void keep_values(const StreamingFactors& stream, std::size_t row, std::vector<FloatPanel>& panels) {
  for (std::size_t factor = 0; factor < panels.size(); ++factor) {
    const auto values = stream.values(factor);
    std::copy(values.begin(), values.end(), panels[factor].row(row).begin());
  }
}

/// Streams a whole market, and returns the panels that a batch returns.
inline std::vector<FloatPanel> stream_market(StreamingFactors& stream, const MarketData& market) {
  std::vector<FloatPanel> panels;
  for (std::size_t i = 0; i < stream.names().size(); ++i)
    panels.emplace_back(market.rows(), market.instruments());
  for (std::size_t row = 0; row < market.rows(); ++row) {
    push_market_row(stream, market, row);
    keep_values(stream, row, panels);
  }
  return panels;
}

}  // namespace orrery::testing
