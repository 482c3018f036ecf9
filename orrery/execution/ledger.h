#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "orrery/execution/money.h"

namespace orrery {

/// The accounts of the double-entry ledger. Assets and expenses carry positive balances, income and capital
/// negative ones, so that all balances always add up to zero.
enum class Account : std::uint8_t {
  kCapital,
  kCash,
  kPositions,  ///< at average cost; short positions at their proceeds, negative
  kCommission,
  kSlippage,
  kDividends,
  kRealised,     ///< realised profit (negative balance) or loss
  kFunding,      ///< of perpetual futures: received (negative balance) or paid
  kAdjustments,  ///< what was taken over from a broker's books without a booking that explains it
  kBorrowFees,
  kInterest,  ///< earned (negative balance) or paid
};
inline constexpr std::size_t kAccounts = 11;

struct Position {
  std::uint32_t instrument = 0;
  int sessions = 0;          ///< closes marked since it was opened
  int missing_sessions = 0;  ///< sessions in a row without a price
  Quantity quantity;         ///< negative when short; never zero
  Money cost;                ///< sum paid for the shares, without commission and slippage
  Money mark;                ///< last price of one share
  Money value;               ///< mark × quantity
};

/// What a trade did to the account.
struct TradeBooking {
  Money value;     ///< price × quantity, positive
  Money cash;      ///< change of cash
  Money realised;  ///< profit (positive) or loss over average cost, before commission and slippage
};

/// Everything that a ledger holds.
struct LedgerState {
  std::array<Money, kAccounts> balances{};
  std::vector<Position> positions;  ///< by ascending instrument

  bool operator==(const LedgerState&) const = default;
};

/// A double-entry account of cash and positions, in micro-units. Every booking is a set of entries that add
/// up to zero; amounts are exact or rounded half to even once. One thread.
class Ledger {
 public:
  /// `instruments`: how many there are; ids are below it.
  explicit Ledger(std::size_t instruments);

  void deposit(Money amount);
  /// Books a trade of `quantity` shares (negative: sold) at `price`. A trade through zero closes the old
  /// position and opens the new one.
  TradeBooking trade(std::uint32_t instrument, Quantity quantity, Money price, Money commission,
                     Money slippage);
  /// Credits (long) or charges (short) a dividend on the shares held; returns the change of cash.
  Money dividend(std::uint32_t instrument, Money per_share);
  /// Charges (long) or credits (short) a positive `rate` of the position's value at `mark`, the other way
  /// round for a negative one; returns the change of cash.
  Money funding(std::uint32_t instrument, Money mark, Rate rate);
  /// Charges `rate` of a short position's value at its last price; returns the change of cash, not positive.
  Money borrow_fee(std::uint32_t instrument, Rate rate);
  /// Credits `rate` of an amount, charges it where the amount is negative; returns the change of cash.
  Money interest(Money amount, Rate rate);
  /// Returns cash less the value of the short positions, whose proceeds are collateral; below zero it is
  /// what long positions have borrowed.
  Money free_cash() const;
  /// Multiplies the shares by `ratio` and divides the last price by it, rounding to whole micro-units; the
  /// cost is unchanged. Returns the change in shares.
  Quantity split(std::uint32_t instrument, Rate ratio);
  /// Adds shares (negative: takes some away) that no trade explains, at `price`; no cash moves.
  void adjust(std::uint32_t instrument, Quantity quantity, Money price);
  /// Adds cash that no booking explains.
  void adjust_cash(Money amount);
  /// Sets the price of every position from a row of closes (indexed by instrument). NaN or a price not above
  /// zero: the position keeps its last price and counts a missing session.
  void mark(std::span<const double> closes);

  Money cash() const { return balance(Account::kCash); }
  Money balance(Account account) const { return balances_[static_cast<std::size_t>(account)]; }
  /// Returns cash plus the value of all positions at their last prices.
  Money equity() const;
  /// Returns the sum of all balances, which is zero.
  Money imbalance() const;
  /// Returns the held positions by ascending instrument; invalidated by the next booking.
  std::span<const Position> positions() const { return positions_; }
  LedgerState state() const { return {balances_, positions_}; }
  /// Takes the place of everything. Errors: kInternal for balances that don't add up to zero, positions of no
  /// shares or out of order.
  void restore(const LedgerState& state);
  /// Returns nothing when the instrument is not held; invalidated by the next booking.
  const Position* find(std::uint32_t instrument) const;

 private:
  Money& account(Account account) { return balances_[static_cast<std::size_t>(account)]; }
  Position& open(std::uint32_t instrument, Money price);
  Position* find_open(std::uint32_t instrument);
  Money exchange_shares(Position& position, Quantity quantity, Money value);
  void add_at_cost(Position& position, Quantity quantity, Money value);
  Money close(Position& position, Quantity quantity, Money value);
  void remove_if_empty(std::uint32_t instrument);
  void renumber(std::size_t first);

  std::array<Money, kAccounts> balances_{};
  std::vector<Position> positions_;   ///< by ascending instrument
  std::vector<std::uint32_t> slots_;  ///< by instrument: place in positions_ plus one; 0: not held
};

/// Returns the account's name in tables and files: "cash", "positions", ….
std::string_view to_string(Account account);

}  // namespace orrery
