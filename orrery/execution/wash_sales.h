#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/execution/order_check.h"
#include "orrery/execution/tax_lots.h"

namespace orrery {

/// An account of the taxpayer whose sales and purchases count together.
struct LinkedAccount {
  /// A retirement account: its own losses don't count, and what it buys defers another account's loss for
  /// ever (Rev. Rul. 2008-5).
  bool retirement = false;
};

struct WashSaleSettings {
  int window_days = 30;  ///< before and after the sale
  LotMethod method = LotMethod::kFifo;
  std::vector<LinkedAccount> accounts = {LinkedAccount{}};
  std::vector<std::uint8_t> exempt;  ///< by instrument, 1: not a security of § 1091; shorter: the rest are
};

/// What an order would defer.
struct WashSaleForecast {
  Quantity shares;
  Money loss;   ///< positive
  Date sale;    ///< of the loss; of several the first
  Date bought;  ///< the replacement
};

/// Tax lots of linked accounts under the wash-sale rule (26 U.S.C. § 1091, Treas. Reg. 1.1091-1 and -2, IRS
/// Pub. 550). A loss is deferred as far as the same security was bought within the window before the sale and
/// is still held, or is bought within the window after it. Replacements count in the order of their purchase,
/// losses in the order of their sale; a share replaces once, and never shares of its own purchase (Rev. Rul.
/// 56-602). The deferred loss joins the replacement's cost, the time held its holding period. Losses of short
/// sales are deferred by new short sales alike (§ 1091(e)), without a holding period.
/// Bookings of all accounts come in the order of time. A split is known of held shares only.
class WashSaleBook {
 public:
  explicit WashSaleBook(WashSaleSettings settings = {});

  void book(const JournalEntry& entry, std::size_t account = 0);
  const TaxLots& lots(std::size_t account = 0) const { return accounts_[account]; }
  TaxLots& lots(std::size_t account = 0) { return accounts_[account]; }
  /// Returns all that a loss was deferred for ever, by retirement accounts.
  Money lost() const { return lost_; }

  /// Returns what the account's order would defer, at its likely price: of losses before it when it opens,
  /// of its own loss when it closes. Nothing: no wash sale that is known yet.
  std::optional<WashSaleForecast> forecast(const CheckedOrder& order, std::size_t account = 0) const;

  std::string save() const;
  /// Errors: kDataCorrupt.
  void restore(std::string_view state);

 private:
  /// What of a loss has no replacement yet.
  struct OpenLoss {
    std::size_t account = 0;
    std::size_t realised = 0;  ///< place among the account's
    Quantity shares;           ///< positive
    Money loss;                ///< positive
  };

  const RealisedLot& of(const OpenLoss& loss) const {
    return accounts_[loss.account].realised()[loss.realised];
  }
  bool is_exempt(std::uint32_t instrument) const;
  bool in_window(Date sold, Date bought) const;
  void replace_earlier(std::size_t account, std::size_t first_realised);
  void match_before(OpenLoss& loss);
  void match_after(std::size_t account, std::uint32_t instrument);
  void match(OpenLoss& loss, std::size_t account, const TaxLot& lot);
  void scale_losses(const JournalEntry& entry, std::size_t account);
  void forget_before(Date date);
  std::optional<WashSaleForecast> forecast_purchase(const CheckedOrder& order) const;
  std::optional<WashSaleForecast> forecast_sale(const CheckedOrder& order, std::size_t account) const;

  WashSaleSettings settings_;
  std::vector<TaxLots> accounts_;
  std::vector<OpenLoss> losses_;  ///< in the order of their sales
  Money lost_;
};

}  // namespace orrery
