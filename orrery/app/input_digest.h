#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "orrery/market/factor_frame.h"
#include "orrery/market/market_data.h"

namespace orrery {

/// Digests of everything that factors, labels and models are made from, so that a later run can tell whether
/// its data only grew, and if not, where it differs first.
///
/// A cell is one symbol on one session: its adjusted and raw prices and further fields, dividend, split,
/// whether it is in the universe, and its values in factor files. A cell that holds nothing has the digest 0,
/// so that symbols that come later don't change the sessions before them.
struct InputDigest {
  std::vector<Date> dates;
  std::vector<std::string> symbols;
  std::vector<std::uint64_t> sessions;  ///< by session; decides whether anything changed
  std::vector<std::uint16_t> cells;     ///< [session × symbol], row-major; only names what changed

  /// One text for everything.
  std::string hex() const;
  /// The same digest gives the same bytes.
  std::string to_bytes() const;
  /// Errors: kDataCorrupt when the bytes are not what to_bytes wrote.
  static InputDigest from_bytes(const std::string& bytes);
};

/// `factors` from position `computed` on come from files; those before are functions of the fields. The
/// result does not depend on `threads`. `reads_delistings`: the label depends on recorded delistings, too.
InputDigest digest_inputs(const MarketData& market, const MaskPanel& eligible, const FactorFrame& factors,
                          std::size_t computed, int threads, bool reads_delistings = false);

/// The first session, and on it the first symbol, that is not the same any more.
struct InputChange {
  Date date;
  std::string symbol;  ///< "" when it can't be told, or the session itself is gone
};

/// Compares the sessions of `before` with the same ones of `now`; nothing when `now` only grew.
std::optional<InputChange> first_change(const InputDigest& before, const InputDigest& now);

}  // namespace orrery
