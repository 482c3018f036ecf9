#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/execution/journal.h"
#include "orrery/execution/money.h"

namespace orrery {

/// Which lot a sale takes first.
enum class LotMethod : std::uint8_t {
  kFifo,         ///< the first bought
  kLifo,         ///< the last bought
  kHighestCost,  ///< the highest cost of one share; of equal ones the first bought
  kSpecific,     ///< those that choose() names; what they don't cover by kFifo
};

/// Shares that were acquired together, or what is left of them.
struct TaxLot {
  std::uint64_t id = 0;        ///< unique, ascending
  std::uint64_t purchase = 0;  ///< id of the lot that was acquired; a lot that is divided keeps it
  std::uint32_t instrument = 0;
  Date acquired;
  Date held_since;           ///< when the holding period begins: earlier after a wash sale
  Quantity quantity;         ///< negative: sold short
  Money cost;                ///< with commission and slippage; short: the proceeds, negative
  Money deferred;            ///< losses of wash sales in the cost
  bool replacement = false;  ///< it is a wash sale's replacement already, or was never bought
};

/// A lot, or a part of one, that was sold (or a short one that was bought back).
struct RealisedLot {
  std::uint64_t lot = 0;
  std::uint64_t purchase = 0;
  std::uint32_t instrument = 0;
  Date acquired, held_since, disposed;
  Quantity quantity;  ///< negative: it was short
  Money proceeds;     ///< less commission and slippage
  Money cost;
  Money disallowed;  ///< part of a loss that a wash sale defers, not negative

  Money gain() const { return proceeds - cost; }
  /// The gain or loss that counts.
  Money recognised() const { return gain() + disallowed; }
  /// Held for more than a year, from the day after acquisition (IRS Pub. 550, Holding Period). What was sold
  /// short never is.
  bool long_term() const;
};

/// The lots of one account, from its bookings. Their shares are the ledger's to the micro-share; costs and
/// proceeds are divided so that the parts add up to the whole to the micro-unit.
class TaxLots {
 public:
  explicit TaxLots(LotMethod method = LotMethod::kFifo) : method_(method) {}

  /// Books what changes shares: trades, cash in lieu, delistings, splits and adjustments (shares that the
  /// broker has are a lot of their own, which replaces nothing; shares that it has not are taken out of their
  /// lots, and nothing is realised); the rest is ignored. Errors: kInternal for a split of shares that aren't
  /// there.
  void book(const JournalEntry& entry);
  /// Names the lots that the instrument's next sale takes, in this order (kSpecific).
  void choose(std::uint32_t instrument, std::vector<std::uint64_t> lots);

  /// Returns the instrument's open lots, the first acquired first; long or short, never both.
  std::span<const TaxLot> open(std::uint32_t instrument) const;
  Quantity shares(std::uint32_t instrument) const;
  /// Returns all that was realised, in the order of booking.
  const std::vector<RealisedLot>& realised() const { return realised_; }
  LotMethod method() const { return method_; }

  /// Adds a deferred loss to `shares` of a lot (a part of it becomes a lot of its own), and `days` to their
  /// holding period. Marks them as a replacement.
  void defer(std::uint32_t instrument, std::uint64_t lot, Quantity shares, Money loss, int days);
  /// Takes a part of a realised loss out of what counts.
  void disallow(std::size_t realised, Money loss) { realised_[realised].disallowed += loss; }

  /// Takes over another's open lots of an instrument, for a look at what a sale would do.
  void take_open(std::uint32_t instrument, const TaxLots& other);

  std::string save() const;
  /// Errors: kDataCorrupt.
  void restore(std::string_view state);

 private:
  using Lots = std::vector<TaxLot>;
  void trade(const JournalEntry& entry);
  void split(const JournalEntry& entry);
  void adjust(const JournalEntry& entry);
  TaxLot& open_lot(const JournalEntry& entry, Quantity quantity, Money cost);
  TaxLot take_next(Lots& lots, Quantity most);
  void close(Lots& lots, Quantity quantity, Money amount, Date date);
  std::size_t next_lot(const Lots& lots) const;
  void realise(const TaxLot& lot, Quantity quantity, Money cost, Money amount, Date date);

  LotMethod method_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint32_t, Lots> lots_;  ///< by instrument, never empty ones
  std::map<std::uint32_t, std::vector<std::uint64_t>> chosen_;
  std::vector<RealisedLot> realised_;
};

/// Reads "fifo", "lifo", "highest_cost" or "specific". Errors: kInvalidArgument.
LotMethod parse_lot_method(std::string_view name);

}  // namespace orrery
