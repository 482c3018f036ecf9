// Short sales: a margin account, shares that can be borrowed, and the price test after a fall.
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "orrery/execution/check_state.h"
#include "plugins/rules/registry.h"

namespace orrery::plugins::rules::short_sales_plugin {
namespace {

struct Terms {
  double trigger = 0.0;  // fall from the last close that starts the price test; 0: there is no test
};

const std::vector<DatedTerms<Terms>>& table() {
  static const std::vector<DatedTerms<Terms>> rows = {
      {make_date(2005, 1, 3),
       {0.0},
       "only in a margin account, and only of shares that can be borrowed",
       "Regulation SHO Rule 203(b)(1), 17 CFR 242.203; Regulation T, 12 CFR 220.12"},
      {make_date(2011, 2, 28),
       {0.10},
       "the same; after a fall of 10 % from the last close, that day and the next only above the bid",
       "Regulation SHO Rule 201, 17 CFR 242.201; SEC Releases 34-61595 and 34-63247"}};
  return rows;
}

RuleInfo describe() {
  RuleInfo info;
  info.summary = "Short sales without a borrow, in a cash account, or after a fall of 10 %.";
  info.jurisdictions = {"us"};
  info.parameters = {
      rule_mode("block"),
      {"borrow", std::string(), "symbols whose shares can be borrowed; none named: all can"},
      {"price_test", true, "whether the circuit breaker of Rule 201 is applied"},
  };
  info.table = rule_rows(table());
  return info;
}

/// Daily bars know no bid: an order that takes the price it gets is no order above the bid, and is refused
/// while the test lasts. The breaker is known to have been set off when the order is made by the session
/// before (its low), or by the session's open.
class ShortSales final : public OrderCheck {
 public:
  ShortSales(const RuleContext& context, bool blocks, bool price_test, std::vector<std::uint8_t> borrow)
      : margin_(context.margin_account),
        blocks_(blocks),
        price_test_(price_test),
        borrow_(std::move(borrow)),
        fell_(context.symbols.size(), 0.0) {}

  void open_session(const Session& session, const MarketFeed& /*feed*/) override {
    terms_ = terms_on(session.date, table());
  }

  void close_session(const Session& /*session*/, const MarketFeed& feed) override {
    for (std::uint32_t i = 0; i < fell_.size(); ++i) {
      const KnownPrices prices = feed.known_prices(i);
      const double fall = 1.0 - prices.low / prices.last_close;
      fell_[i] = std::isfinite(fall) ? fall : 0.0;
    }
  }

  void judge(const CheckedOrder& order, std::vector<OrderFinding>& findings) const override {
    if (terms_ == nullptr || order.order.side == OrderSide::kBuy || order.opening().micros == 0) return;
    if (!margin_) {
      findings.push_back(
          finding(order, blocks_, "short_sale_account",
                  fmt::format("{} shares sold short in a cash account", order.opening().units())));
    } else if (!borrow_.empty() && borrow_[order.order.instrument] == 0) {
      findings.push_back(
          finding(order, blocks_, "short_sale_borrow",
                  fmt::format("{} shares sold short that are not on the list of those to borrow",
                              order.opening().units())));
    } else {
      judge_price(order, findings);
    }
  }

  std::string save() const override {
    nlohmann::json fell = nlohmann::json::array();
    for (std::size_t i = 0; i < fell_.size(); ++i) {
      if (fell_[i] > 0.0) fell.push_back({place_state(static_cast<std::uint32_t>(i)), fell_[i]});
    }
    return nlohmann::json{{"fell", fell}}.dump();
  }

  void restore(std::string_view state) override {
    read_check_state("short sales", state, [&](const nlohmann::json& read) {
      std::fill(fell_.begin(), fell_.end(), 0.0);
      for (const auto& row : read.at("fell")) fell_.at(place_from(row.at(0))) = row.at(1);
    });
  }

 private:
  void judge_price(const CheckedOrder& order, std::vector<OrderFinding>& findings) const {
    if (!price_test_ || terms_->trigger <= 0.0) return;
    const double before = fell_[order.order.instrument];
    const bool known = order.price.micros > 0 && order.last_close.micros > 0;
    const double today = known ? 1.0 - order.price.units() / order.last_close.units() : 0.0;
    constexpr double kRounding = 1e-12;  // 0.9 × 10 is a fall of 10 %, whatever a double makes of it
    if (std::max(before, today) + kRounding < terms_->trigger) return;
    findings.push_back(
        finding(order, blocks_, "short_sale_price_test",
                fmt::format("a fall of {:.2f} % {}, {} % set off the price test; the order is not bound to a "
                            "price above the bid",
                            100.0 * std::max(before, today),
                            today > before ? "today" : "in the session before", 100.0 * terms_->trigger)));
  }

  bool margin_;
  bool blocks_;
  bool price_test_;
  std::vector<std::uint8_t> borrow_;  ///< empty: all can be borrowed
  std::vector<double> fell_;          ///< in the session before, from the close before it to its low
  const Terms* terms_ = nullptr;
};

std::unique_ptr<OrderCheck> make(const RuleContext& context, const ParameterMap& parameters) {
  const std::string& list = get_string(parameters, "borrow");
  auto borrow = list.empty() ? std::vector<std::uint8_t>() : marked_symbols(list, context.symbols);
  return std::make_unique<ShortSales>(context, get_string(parameters, "mode") == "block",
                                      get_bool(parameters, "price_test"), std::move(borrow));
}

}  // namespace

void add_to(Registry& registry) { registry.add("short_sales", {describe(), make}); }

}  // namespace orrery::plugins::rules::short_sales_plugin
