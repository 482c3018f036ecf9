#include "orrery/execution/wash_sales.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "orrery/execution/check_state.h"

namespace orrery {
namespace {

/// A lot that may replace what was sold.
struct Candidate {
  std::size_t account = 0;
  std::uint64_t lot = 0;
  Date acquired;
};

bool same_direction(Quantity left, Quantity right) { return (left.micros > 0) == (right.micros > 0); }

}  // namespace

WashSaleBook::WashSaleBook(WashSaleSettings settings)
    : settings_(std::move(settings)), accounts_(settings_.accounts.size(), TaxLots(settings_.method)) {}

bool WashSaleBook::is_exempt(std::uint32_t instrument) const {
  return instrument < settings_.exempt.size() && settings_.exempt[instrument] != 0;
}

bool WashSaleBook::in_window(Date sold, Date bought) const {
  return std::abs(sold - bought) <= settings_.window_days;
}

void WashSaleBook::book(const JournalEntry& entry, std::size_t account) {
  if (entry.kind == EntryKind::kSplit) scale_losses(entry, account);
  const std::size_t realised = accounts_[account].realised().size();
  accounts_[account].book(entry);
  const bool trades = entry.kind != EntryKind::kSplit && entry.kind != EntryKind::kAdjustment;
  if (!trades || is_exempt(entry.instrument)) return;
  forget_before(entry.session.date);
  replace_earlier(account, realised);
  match_after(account, entry.instrument);
}

/// Defers what was just lost as far as the window before the sale holds replacements, and remembers the rest.
void WashSaleBook::replace_earlier(std::size_t account, std::size_t first_realised) {
  if (settings_.accounts[account].retirement) return;
  const std::size_t count = accounts_[account].realised().size();
  for (std::size_t i = first_realised; i < count; ++i) {
    const RealisedLot& lot = accounts_[account].realised()[i];
    if (lot.gain().micros >= 0) continue;
    OpenLoss loss{account, i, magnitude(lot.quantity), -lot.gain()};
    match_before(loss);
    if (loss.shares.micros > 0) losses_.push_back(loss);
  }
}

/// Matches a loss with lots that are held, the first bought first; not with what is left of its own purchase.
void WashSaleBook::match_before(OpenLoss& loss) {
  const RealisedLot realised = of(loss);
  std::vector<Candidate> candidates;
  for (std::size_t account = 0; account < accounts_.size(); ++account) {
    for (const TaxLot& lot : accounts_[account].open(realised.instrument)) {
      const bool own = account == loss.account && lot.purchase == realised.purchase;
      if (own || lot.replacement || !same_direction(lot.quantity, realised.quantity)) continue;
      if (in_window(realised.disposed, lot.acquired)) candidates.push_back({account, lot.id, lot.acquired});
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& left, const Candidate& right) {
    return left.acquired < right.acquired;
  });
  for (const Candidate& candidate : candidates) {
    if (loss.shares.micros == 0) return;
    const auto open = accounts_[candidate.account].open(realised.instrument);
    const auto lot =
        std::find_if(open.begin(), open.end(), [&](const TaxLot& each) { return each.id == candidate.lot; });
    match(loss, candidate.account, TaxLot(*lot));
  }
}

/// Matches what the account has just bought with the losses before it, the first sold first.
void WashSaleBook::match_after(std::size_t account, std::uint32_t instrument) {
  for (OpenLoss& loss : losses_) {
    const RealisedLot& realised = of(loss);
    if (realised.instrument != instrument) continue;
    const auto open = accounts_[account].open(instrument);
    const auto lot = std::find_if(open.begin(), open.end(), [&](const TaxLot& each) {
      const bool own = account == loss.account && each.purchase == realised.purchase;
      return !own && !each.replacement && each.acquired >= realised.disposed &&
             same_direction(each.quantity, realised.quantity);
    });
    if (lot == open.end()) continue;
    match(loss, account, TaxLot(*lot));
  }
  std::erase_if(losses_, [](const OpenLoss& loss) { return loss.shares.micros == 0; });
}

/// Moves as much of a loss into a lot as it has shares for.
void WashSaleBook::match(OpenLoss& loss, std::size_t account, const TaxLot& lot) {
  const RealisedLot realised = of(loss);
  const Quantity shares = std::min(loss.shares, magnitude(lot.quantity));
  const Money part = prorate(loss.loss, shares, loss.shares);
  accounts_[loss.account].disallow(loss.realised, part);
  const bool for_ever = settings_.accounts[account].retirement;
  if (for_ever) lost_ += part;
  const int days = realised.quantity.micros > 0 && !for_ever ? realised.disposed - realised.held_since : 0;
  accounts_[account].defer(realised.instrument, lot.id, shares, for_ever ? Money{} : part, days);
  loss.shares -= shares;
  loss.loss -= part;
}

void WashSaleBook::scale_losses(const JournalEntry& entry, std::size_t account) {
  const Quantity before = accounts_[account].shares(entry.instrument);
  if (before.micros == 0) return;
  for (OpenLoss& loss : losses_) {
    if (loss.account != account || of(loss).instrument != entry.instrument) continue;
    loss.shares = {prorate(Money{loss.shares.micros}, before + entry.quantity, before).micros};
  }
}

void WashSaleBook::forget_before(Date date) {
  std::erase_if(losses_,
                [&](const OpenLoss& loss) { return date - of(loss).disposed > settings_.window_days; });
}

std::optional<WashSaleForecast> WashSaleBook::forecast(const CheckedOrder& order, std::size_t account) const {
  if (is_exempt(order.order.instrument)) return std::nullopt;
  if (order.closing().micros > 0) {
    if (auto found = forecast_sale(order, account)) return found;
  }
  return order.opening().micros > 0 ? forecast_purchase(order) : std::nullopt;
}

std::optional<WashSaleForecast> WashSaleBook::forecast_purchase(const CheckedOrder& order) const {
  Quantity left = order.opening();
  const bool buys = order.order.side == OrderSide::kBuy;
  std::optional<WashSaleForecast> found;
  for (const OpenLoss& loss : losses_) {
    const RealisedLot& realised = of(loss);
    if (realised.instrument != order.order.instrument || (realised.quantity.micros > 0) != buys) continue;
    if (!in_window(realised.disposed, order.session.date)) continue;
    const Quantity shares = std::min(left, loss.shares);
    if (shares.micros == 0) break;
    if (!found) found = WashSaleForecast{Quantity{}, Money{}, realised.disposed, order.session.date};
    found->shares += shares;
    found->loss += prorate(loss.loss, shares, loss.shares);
    left -= shares;
  }
  return found;
}

/// Sells in a copy, and looks at what is deferred. Copies nothing unless a lot is young enough to replace.
std::optional<WashSaleForecast> WashSaleBook::forecast_sale(const CheckedOrder& order,
                                                            std::size_t account) const {
  const Money price = order.likely_price();
  if (price.micros <= 0 || settings_.accounts[account].retirement) return std::nullopt;
  const auto replaces = [&](const TaxLot& lot) {
    return !lot.replacement && in_window(order.session.date, lot.acquired);
  };
  const bool any = std::any_of(accounts_.begin(), accounts_.end(), [&](const TaxLots& lots) {
    const auto open = lots.open(order.order.instrument);
    return std::any_of(open.begin(), open.end(), replaces);
  });
  if (!any) return std::nullopt;
  WashSaleBook copy(settings_);
  for (std::size_t i = 0; i < accounts_.size(); ++i)
    copy.accounts_[i].take_open(order.order.instrument, accounts_[i]);
  JournalEntry sale;
  sale.session = order.session;
  sale.instrument = order.order.instrument;
  sale.side = order.order.side;
  sale.quantity = std::min(order.closing(), magnitude(copy.accounts_[account].shares(sale.instrument)));
  sale.price = price;
  sale.value = multiply(price, sale.quantity);
  copy.book(sale, account);
  WashSaleForecast found{Quantity{}, Money{}, order.session.date, order.session.date};
  for (const RealisedLot& lot : copy.accounts_[account].realised()) found.loss += lot.disallowed;
  if (found.loss.micros == 0) return std::nullopt;
  found.shares = sale.quantity;
  for (const OpenLoss& loss : copy.losses_) found.shares -= loss.shares;
  for (const TaxLots& lots : accounts_) {
    for (const TaxLot& lot : lots.open(sale.instrument)) {
      if (replaces(lot)) found.bought = std::min(found.bought, lot.acquired);
    }
  }
  return found;
}

std::string WashSaleBook::save() const {
  nlohmann::json accounts = nlohmann::json::array();
  for (const TaxLots& lots : accounts_) accounts.push_back(nlohmann::json::parse(lots.save()));
  nlohmann::json losses = nlohmann::json::array();
  for (const OpenLoss& loss : losses_) {
    losses.push_back({loss.account, loss.realised, loss.shares.micros, loss.loss.micros});
  }
  return nlohmann::json{{"accounts", accounts}, {"losses", losses}, {"lost", lost_.micros}}.dump();
}

void WashSaleBook::restore(std::string_view state) {
  read_check_state("wash sales", state, [&](const nlohmann::json& read) {
    for (std::size_t i = 0; i < accounts_.size(); ++i) accounts_[i].restore(read.at("accounts").at(i).dump());
    losses_.clear();
    for (const auto& row : read.at("losses")) {
      losses_.push_back({row.at(0).get<std::size_t>(),
                         row.at(1).get<std::size_t>(),
                         {row.at(2).get<std::int64_t>()},
                         {row.at(3).get<std::int64_t>()}});
    }
    lost_ = {read.at("lost").get<std::int64_t>()};
  });
}

}  // namespace orrery
