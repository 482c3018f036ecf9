// Purchases and short sales that a margin account's equity does not cover, and those under a margin call; and
// what is closed by force to meet it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "orrery/execution/check_state.h"
#include "orrery/execution/share_change.h"
#include "plugins/rules/registry.h"

namespace orrery::plugins::rules::margin_plugin {
namespace {

struct Terms {
  double initial = 0.5;            // of the market value, long or short
  double long_maintenance = 0.25;  // of the market value
  double short_maintenance = 0.3;  // of the market value, from `low_price` on
  double short_share = 5.0;        // at least, a share
  double low_price = 5.0;          // under which a short position takes its whole value
  double low_short_share = 2.5;    // at least, a share
};

const std::vector<DatedTerms<Terms>>& table() {
  static const std::vector<DatedTerms<Terms>> rows = {
      {make_date(1974, 1, 3),
       {},
       "initially 50 % of what is held long and short; maintained 25 % long, 30 % and at least $5 a share "
       "short (under $5: 100 % and at least $2.50)",
       "Regulation T, 12 CFR 220.12(a) and (c); NYSE Rule 431(c)"},
      {make_date(2010, 12, 2), {}, "the same", "Regulation T, 12 CFR 220.12(a) and (c); FINRA Rule 4210(c)"}};
  return rows;
}

RuleInfo describe() {
  RuleInfo info;
  info.summary =
      "Orders that open what a margin account's equity does not cover, and any under a margin call.";
  info.jurisdictions = {"us"};
  info.parameters = {
      rule_mode("block"),
      {"initial", 0.0, "the broker's own initial requirement, where it is above the law's", 0.0, 10.0},
      {"maintenance", 0.0, "the broker's own maintenance requirement, where it is above the rules'", 0.0,
       10.0},
      {"on_call",
       std::string("refuse"),
       "under a margin call: refuse what opens; or reduce positions, too, before anything else is traded",
       {},
       {},
       {"refuse", "reduce"}},
      {"days", std::int64_t{0}, "of on_call: reduce, sessions of grace; 0: at the next session", 0.0, 100.0},
      {"cushion", 0.05, "of on_call: reduce, part by which the requirement is more than met", 0.0, 10.0},
  };
  info.table = rule_rows(table());
  return info;
}

/// What a broker asks for beyond the table.
struct House {
  double initial = 0.0, maintenance = 0.0;
};

double maintenance_of(const Terms& terms, const House& house, double shares, double price) {
  const double value = std::abs(shares) * price;
  const double own = house.maintenance * value;
  if (shares >= 0.0) return std::max(own, terms.long_maintenance * value);
  const bool low = price < terms.low_price;
  const double part = low ? 1.0 : terms.short_maintenance;
  const double each = low ? terms.low_short_share : terms.short_share;
  return std::max({own, part * value, each * -shares});
}

/// What becomes of positions under a margin call, and what closing them is expected to cost.
struct Reduction {
  bool wanted = false;
  std::int64_t days = 0;
  double cushion = 0.0;
  double commission = 0.0, slippage = 0.0, least_commission = 0.0;

  double cost_of(double value) const {
    return value <= 0.0 ? 0.0 : std::max(commission * value, least_commission) + slippage * value;
  }
};

/// Returns the least part of every position that has to be closed, at its last price, for what is left to be
/// covered; 1 where nothing less is enough. `required` is the requirement now, which falls in proportion.
double part_to_close(const AccountView& account, double required, const Reduction& terms) {
  const auto is_covered = [&](double part) {
    double equity = account.equity.units();
    for (const Position& position : account.positions) {
      equity -= terms.cost_of(part * std::abs(position.value.units()));
    }
    return equity >= (1.0 + terms.cushion) * (1.0 - part) * required;
  };
  constexpr int kHalvings = 60;
  double low = 0.0, high = 1.0;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = 0.5 * (low + high);
    (is_covered(middle) ? high : low) = middle;
  }
  return high;
}

/// A margin call that stands.
struct Call {
  Date since;               // the close at which it began
  std::int64_t closes = 1;  // under the requirement
};

/// Positions are valued at their last closes before the session, what an order opens at its likely price; the
/// equity is that of the last marks. So a call is known from the morning after the close that makes it.
class Margin final : public OrderCheck {
 public:
  Margin(bool margin_account, bool blocks, const House& house, const Reduction& reduction,
         std::size_t instruments)
      : margin_account_(margin_account),
        blocks_(blocks),
        house_(house),
        reduction_(reduction),
        prices_(instruments, 0.0) {}

  void open_session(const Session& session, const MarketFeed& feed) override {
    terms_ = terms_on(session.date, table());
    for (const auto& [instrument, shares] : held_) {
      const double close = feed.known_prices(instrument).last_close;
      if (close > 0.0) prices_[instrument] = close;
    }
  }

  void booked(const JournalEntry& entry) override {
    const Quantity change = share_change(entry);
    if (entry.instrument == kNoInstrument || change.micros == 0) return;
    if (entry.kind == EntryKind::kTrade) prices_[entry.instrument] = entry.price.units();
    if (entry.kind == EntryKind::kSplit) scale_price(entry);
    const Quantity after = held_[entry.instrument] += change;
    if (after.micros == 0) held_.erase(entry.instrument);
  }

  void force(const AccountView& account, std::vector<ForcedReduction>& reductions) const override {
    if (!reduction_.wanted || !call_ || call_->closes <= reduction_.days || terms_ == nullptr) return;
    const double required = maintenance_of(account);
    if (account.equity.units() >= required) return;
    const double part = part_to_close(account, required, reduction_);
    for (const Position& position : account.positions) {
      const Quantity held = magnitude(position.quantity);
      const Quantity closed{static_cast<std::int64_t>(std::ceil(part * static_cast<double>(held.micros)))};
      reductions.push_back({position.instrument, std::min(closed, held)});
    }
  }

  void close_account(const AccountView& account, std::vector<OrderFinding>& findings) override {
    if (!margin_account_ || terms_ == nullptr) return;
    const double required = maintenance_of(account);
    const double equity = account.equity.units();
    const bool is_under = equity < required;
    if (is_under && call_) {
      ++call_->closes;
    } else if (is_under) {
      call_ = Call{account.session.date};
      findings.push_back(account_finding(
          account.session, "margin_call",
          fmt::format("begins: the equity of {:.2f} is under the maintenance requirement of {:.2f}", equity,
                      required)));
    } else if (call_) {
      findings.push_back(account_finding(
          account.session, "margin_call",
          fmt::format("of {} ends: the equity of {:.2f} is not under the maintenance requirement of {:.2f}",
                      to_string(call_->since), equity, required)));
      call_.reset();
    }
  }

  void judge(const CheckedOrder& order, std::vector<OrderFinding>& findings) const override {
    if (!margin_account_ || terms_ == nullptr || order.opening().micros == 0) return;
    const double equity = order.equity.units();
    const double maintained = maintenance();
    if (equity < maintained) {
      findings.push_back(
          finding(order, blocks_, "margin_call",
                  fmt::format("the equity of {:.2f} is under the maintenance requirement of {:.2f}", equity,
                              maintained)));
      return;
    }
    const double required = initial_after(order);
    if (equity >= required) return;
    findings.push_back(
        finding(order, blocks_, "initial_margin",
                fmt::format("an initial requirement of {:.2f} after the order, with an equity of {:.2f}",
                            required, equity)));
  }

  std::string save() const override {
    nlohmann::json held = nlohmann::json::array();
    for (const auto& [instrument, shares] : held_) {
      held.push_back({place_state(instrument), shares.micros, prices_[instrument]});
    }
    nlohmann::json state{{"held", held}};
    if (call_) state["call"] = {{"since", call_->since.days}, {"closes", call_->closes}};
    return state.dump();
  }

  void restore(std::string_view state) override {
    read_check_state("margin", state, [&](const nlohmann::json& read) {
      held_.clear();
      for (const auto& row : read.at("held")) {
        const std::uint32_t instrument = place_from(row.at(0));
        held_[instrument] = Quantity{row.at(1).get<std::int64_t>()};
        prices_.at(instrument) = row.at(2).get<double>();
      }
      call_.reset();
      if (!read.contains("call")) return;
      const auto& call = read.at("call");
      call_ = Call{Date{call.at("since").get<std::int32_t>()}, call.at("closes").get<std::int64_t>()};
    });
    restored_ = true;
  }

  void begin(const PastEntries& past) override {
    if (restored_) return;
    for (const JournalEntry& entry : past(std::nullopt)) booked(entry);
  }

 private:
  void scale_price(const JournalEntry& split) {
    const auto held = held_.find(split.instrument);
    if (held == held_.end()) return;
    prices_[split.instrument] *= held->second.units() / (held->second + split.quantity).units();
  }

  double maintenance() const {
    double sum = 0.0;
    for (const auto& [instrument, shares] : held_) {
      sum += margin_plugin::maintenance_of(*terms_, house_, shares.units(), prices_[instrument]);
    }
    return sum;
  }

  double maintenance_of(const AccountView& account) const {
    double sum = 0.0;
    for (const Position& position : account.positions) {
      sum += margin_plugin::maintenance_of(*terms_, house_, position.quantity.units(), position.mark.units());
    }
    return sum;
  }

  double initial_after(const CheckedOrder& order) const {
    const double change = order.order.side == OrderSide::kBuy ? order.shares.units() : -order.shares.units();
    double value = std::abs(order.held.units() + change) * order.likely_price().units();
    for (const auto& [instrument, shares] : held_) {
      if (instrument != order.order.instrument) value += std::abs(shares.units()) * prices_[instrument];
    }
    return std::max(terms_->initial, house_.initial) * value;
  }

  bool margin_account_;
  bool blocks_;
  House house_;
  Reduction reduction_;
  std::optional<Call> call_;
  std::map<std::uint32_t, Quantity> held_;
  std::vector<double> prices_;  ///< by instrument; of what is held, in shares as they count now
  const Terms* terms_ = nullptr;
  bool restored_ = false;
};

std::unique_ptr<OrderCheck> make(const RuleContext& context, const ParameterMap& parameters) {
  const House house{get_double(parameters, "initial"), get_double(parameters, "maintenance")};
  const Reduction reduction{get_string(parameters, "on_call") == "reduce",
                            get_integer(parameters, "days"),
                            get_double(parameters, "cushion"),
                            context.commission,
                            context.slippage,
                            context.least_commission};
  return std::make_unique<Margin>(context.margin_account, get_string(parameters, "mode") == "block", house,
                                  reduction, context.symbols.size());
}

}  // namespace

void add_to(Registry& registry) { registry.add("margin", {describe(), make}); }

}  // namespace orrery::plugins::rules::margin_plugin
