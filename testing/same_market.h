#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "orrery/market/market_data.h"

namespace orrery::testing {

/// Whether the first `rows` rows of two panels have the same bits.
template <class T>
bool same_bits(const PanelT<T>& a, const PanelT<T>& b, std::size_t rows) {
  if (a.columns() != b.columns() || a.rows() < rows || b.rows() < rows) return false;
  for (std::size_t row = 0; row < rows; ++row) {
    if (std::memcmp(a.row_data(row), b.row_data(row), a.stride() * sizeof(T)) != 0) return false;
  }
  return true;
}

/// Expects two markets to be the same to the bit.
inline void expect_same_market(const MarketData& a, const MarketData& b) {
  ASSERT_EQ(a.dates, b.dates);
  ASSERT_EQ(a.symbols, b.symbols);
  EXPECT_EQ(a.first_row, b.first_row);
  EXPECT_EQ(a.last_row, b.last_row);
  ASSERT_EQ(a.fields.size(), b.fields.size());
  ASSERT_EQ(a.raw.size(), b.raw.size());
  const auto rows = a.dates.size();
  for (const auto& [name, panel] : a.fields) EXPECT_TRUE(same_bits(panel, b.field(name), rows)) << name;
  for (const auto& [name, panel] : a.raw) EXPECT_TRUE(same_bits(panel, b.raw_field(name), rows)) << name;
  EXPECT_TRUE(same_bits(a.present, b.present, rows));
  EXPECT_TRUE(same_bits(a.dividend, b.dividend, rows));
  EXPECT_TRUE(same_bits(a.split_ratio, b.split_ratio, rows));
}

}  // namespace orrery::testing
