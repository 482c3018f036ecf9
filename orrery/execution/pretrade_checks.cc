#include "orrery/execution/pretrade_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/execution/check_state.h"

namespace orrery {
namespace {

constexpr std::int64_t kMostOrdersOfARate = 10'000'000;

void require_setting(bool condition, const std::string& message) {
  if (!condition) throw user_error(ErrorCode::kInvalidArgument, message);
}

void require_positive(const std::optional<double>& value, std::string_view name, double most) {
  require_setting(
      !value || (*value > 0.0 && *value <= most),
      fmt::format("{} must be above 0 and at most {}; found {}", name, most, value.value_or(0.0)));
}

std::int64_t nanoseconds_of(double seconds) {
  return static_cast<std::int64_t>(seconds * static_cast<double>(kNanosecondsPerSecond));
}

/// Compares price × shares with a limit without leaving the range of 64 bits.
bool is_worth_more(Money price, Quantity shares, Money limit) {
  return static_cast<__int128>(price.micros) * shares.micros >
         static_cast<__int128>(limit.micros) * kMicrosPerUnit;
}

}  // namespace

void check_pretrade_settings(const PretradeSettings& settings) {
  constexpr double kMost = 9e12;
  require_positive(settings.price_collar, "price_collar", 1e6);
  require_positive(settings.max_shares, "max_shares", kMost);
  require_positive(settings.max_notional, "max_notional", kMost);
  require_positive(settings.duplicate_seconds, "duplicate.seconds", 1e9);
  if (!settings.rate) return;
  require_positive(settings.rate->seconds, "rate.seconds", 1e9);
  require_setting(
      settings.rate->orders >= 1 && settings.rate->orders <= kMostOrdersOfARate,
      fmt::format("rate.orders must lie in [1, {}]; found {}", kMostOrdersOfARate, settings.rate->orders));
}

PretradeChecks::PretradeChecks(const PretradeSettings& settings, std::span<const std::string> symbols,
                               std::shared_ptr<KillSwitch> kill_switch)
    : settings_(settings), restricted_(symbols.size(), 0), switch_(std::move(kill_switch)) {
  check_pretrade_settings(settings);
  if (settings.max_shares) max_shares_ = to_quantity(*settings.max_shares);
  if (settings.max_notional) max_notional_ = to_money(*settings.max_notional);
  for (const std::string& symbol : settings.restricted) {
    const auto found = std::find(symbols.begin(), symbols.end(), symbol);
    if (found == symbols.end()) {
      const std::vector<std::string> known(symbols.begin(), symbols.end());
      throw user_error(ErrorCode::kNotFound, fmt::format("the data have no symbol '{}' to restrict{}", symbol,
                                                         did_you_mean(symbol, known)));
    }
    restricted_[static_cast<std::size_t>(found - symbols.begin())] = 1;
  }
  if (settings.rate) {
    rate_.emplace(static_cast<std::size_t>(settings.rate->orders), nanoseconds_of(settings.rate->seconds));
  }
  if (settings.duplicate_seconds) recent_.emplace(nanoseconds_of(*settings.duplicate_seconds));
}

void PretradeChecks::judge(const CheckedOrder& order, std::vector<OrderFinding>& findings) const {
  if (auto problem = first_problem(order)) findings.push_back(std::move(*problem));
}

std::optional<OrderFinding> PretradeChecks::first_problem(const CheckedOrder& order) const {
  if (switch_ != nullptr && switch_->engaged()) {
    return finding(order, true, "kill_switch", fmt::format("engaged: {}", switch_->reason()));
  }
  if (restricted_[order.order.instrument] != 0) {
    return finding(order, true, "restricted_list", "the symbol is on the restricted list");
  }
  if (auto problem = check_size(order)) return problem;
  if (auto problem = check_notional(order)) return problem;
  if (auto problem = check_collar(order)) return problem;
  return check_history(order);
}

std::optional<OrderFinding> PretradeChecks::check_size(const CheckedOrder& order) const {
  if (!settings_.max_shares || order.shares <= max_shares_) return std::nullopt;
  return finding(order, true, "max_shares",
                 fmt::format("{} shares; at most {}", order.shares.units(), max_shares_.units()));
}

std::optional<OrderFinding> PretradeChecks::check_notional(const CheckedOrder& order) const {
  if (!settings_.max_notional) return std::nullopt;
  if (order.amount) {
    if (order.order.notional <= max_notional_) return std::nullopt;
    return finding(
        order, true, "max_notional",
        fmt::format("{:.2f}; at most {:.2f}", order.order.notional.units(), max_notional_.units()));
  }
  const Money price = order.likely_price();
  if (price.micros <= 0) {
    return finding(order, true, "max_notional",
                   fmt::format("{} shares without a known price; at most {:.2f}", order.shares.units(),
                               max_notional_.units()));
  }
  if (!is_worth_more(price, order.shares, max_notional_)) return std::nullopt;
  return finding(order, true, "max_notional",
                 fmt::format("{} shares at {} are {:.2f}; at most {:.2f}", order.shares.units(),
                             price.units(), order.shares.units() * price.units(), max_notional_.units()));
}

std::optional<OrderFinding> PretradeChecks::check_collar(const CheckedOrder& order) const {
  if (!settings_.price_collar || order.price.micros <= 0 || order.last_close.micros <= 0) return std::nullopt;
  const double away = order.price.units() / order.last_close.units() - 1.0;
  if (std::abs(away) <= *settings_.price_collar) return std::nullopt;
  return finding(
      order, true, "price_collar",
      fmt::format("the price {} is {:+.2f} % from the last close {}; at most {} %", order.price.units(),
                  100.0 * away, order.last_close.units(), 100.0 * *settings_.price_collar));
}

std::optional<OrderFinding> PretradeChecks::check_history(const CheckedOrder& order) const {
  if (recent_) {
    if (const auto sent = recent_->find(OrderLikeness::of(order), order.time)) {
      return finding(order, true, "duplicate_order",
                     fmt::format("the same order was sent at {}; not again within {} s", to_string(*sent),
                                 *settings_.duplicate_seconds));
    }
  }
  if (!rate_ || !rate_->full(order.time)) return std::nullopt;
  return finding(order, true, "order_rate",
                 fmt::format("{} orders were sent within {} s; at most {}", settings_.rate->orders,
                             settings_.rate->seconds, settings_.rate->orders));
}

void PretradeChecks::sent(const CheckedOrder& order) {
  last_sent_ = order.time;
  if (rate_) rate_->add(order.time);
  if (recent_) recent_->add(OrderLikeness::of(order), order.time);
}

std::string PretradeChecks::save() const {
  nlohmann::json state{{"last_sent", last_sent_.nanoseconds}};
  if (switch_ != nullptr && switch_->engaged()) state["kill_switch"] = switch_->reason();
  if (rate_) {
    auto& times = state["rate"] = nlohmann::json::array();
    for (const Timestamp time : rate_->times()) times.push_back(time.nanoseconds);
  }
  if (recent_) {
    auto& orders = state["recent"] = nlohmann::json::array();
    for (const RecentOrders::Entry& entry : recent_->within_window(last_sent_)) {
      orders.push_back({entry.sent.nanoseconds, place_state(entry.order.instrument),
                        to_string(entry.order.side), entry.order.opens, entry.order.amount,
                        entry.order.size});
    }
  }
  return state.dump();
}

void PretradeChecks::restore(std::string_view state) {
  read_check_state("pre-trade checks", state, [&](const nlohmann::json& read) {
    last_sent_ = {read.at("last_sent").get<std::int64_t>()};
    if (switch_ != nullptr && read.contains("kill_switch")) switch_->engage(read["kill_switch"]);
    if (rate_ && read.contains("rate")) {  // a limit that is new has seen no orders
      for (const auto& time : read.at("rate")) rate_->add({time.get<std::int64_t>()});
    }
    if (!recent_ || !read.contains("recent")) return;
    for (const auto& entry : read.at("recent")) {
      OrderLikeness order;
      order.instrument = place_from(entry.at(1));
      order.side = entry.at(2) == to_string(OrderSide::kBuy) ? OrderSide::kBuy : OrderSide::kSell;
      order.opens = entry.at(3).get<bool>();
      order.amount = entry.at(4).get<bool>();
      order.size = entry.at(5).get<std::int64_t>();
      recent_->add(order, {entry.at(0).get<std::int64_t>()});
    }
  });
}

}  // namespace orrery
