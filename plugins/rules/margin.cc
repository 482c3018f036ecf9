// Purchases and short sales that a margin account's equity does not cover, and those under a margin call.
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

/// Positions are valued at their last closes before the session, what an order opens at its likely price; the
/// equity is that of the last marks. So a call is known from the morning after the close that makes it.
class Margin final : public OrderCheck {
 public:
  Margin(bool margin_account, bool blocks, const House& house, std::size_t instruments)
      : margin_account_(margin_account), blocks_(blocks), house_(house), prices_(instruments, 0.0) {}

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
    return nlohmann::json{{"held", held}}.dump();
  }

  void restore(std::string_view state) override {
    read_check_state("margin", state, [&](const nlohmann::json& read) {
      held_.clear();
      for (const auto& row : read.at("held")) {
        const std::uint32_t instrument = place_from(row.at(0));
        held_[instrument] = Quantity{row.at(1).get<std::int64_t>()};
        prices_.at(instrument) = row.at(2).get<double>();
      }
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
      sum += maintenance_of(*terms_, house_, shares.units(), prices_[instrument]);
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
  std::map<std::uint32_t, Quantity> held_;
  std::vector<double> prices_;  ///< by instrument; of what is held, in shares as they count now
  const Terms* terms_ = nullptr;
  bool restored_ = false;
};

std::unique_ptr<OrderCheck> make(const RuleContext& context, const ParameterMap& parameters) {
  const House house{get_double(parameters, "initial"), get_double(parameters, "maintenance")};
  return std::make_unique<Margin>(context.margin_account, get_string(parameters, "mode") == "block", house,
                                  context.symbols.size());
}

}  // namespace

void add_to(Registry& registry) { registry.add("margin", {describe(), make}); }

}  // namespace orrery::plugins::rules::margin_plugin
