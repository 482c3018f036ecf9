// Positions that an order would make too large.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "orrery/base/error.h"
#include "plugins/rules/registry.h"

namespace orrery::plugins::rules::position_limits_plugin {
namespace {

constexpr double kNoLimit = std::numeric_limits<double>::infinity();

RuleInfo describe() {
  RuleInfo info;
  info.summary = "The largest position of a symbol, in shares or as a part of the shares outstanding.";
  info.parameters = {
      rule_mode("block"),
      {"max_shares", 0.0, "shares of any symbol, long or short; 0: no limit", 0.0, {}},
      {"shares", std::string(), "limits of single symbols instead: {SYMBOL: shares}"},
      {"max_outstanding", 0.0, "part of the shares outstanding; 0: no limit", 0.0, 1.0},
      {"outstanding", std::string(),
       "shares outstanding: {SYMBOL: shares}; a symbol without has no such limit"},
  };
  info.table = {{make_date(1970, 1, 1), "as the account's owner sets them", "the account's own mandate"}};
  return info;
}

struct Limit {
  double shares = kNoLimit;
  double outstanding = 0.0;  ///< where the limit comes from it
};

class PositionLimits final : public OrderCheck {
 public:
  PositionLimits(bool blocks, std::vector<Limit> limits) : blocks_(blocks), limits_(std::move(limits)) {}

  void judge(const CheckedOrder& order, std::vector<OrderFinding>& findings) const override {
    const double opening = order.opening().units();
    if (opening <= 0.0) return;
    const double held = order.held.units();
    const double after =
        order.order.side == OrderSide::kBuy ? held + order.shares.units() : held - order.shares.units();
    const Limit& limit = limits_[order.order.instrument];
    if (std::abs(after) <= limit.shares) return;
    const std::string allowed = limit.outstanding > 0.0
                                    ? fmt::format("{} ({:.2f} % of {} outstanding)", limit.shares,
                                                  100.0 * limit.shares / limit.outstanding, limit.outstanding)
                                    : fmt::format("{}", limit.shares);
    findings.push_back(finding(order, blocks_, "position_limits",
                               fmt::format("{} shares after the order; at most {}", after, allowed)));
  }

 private:
  bool blocks_;
  std::vector<Limit> limits_;
};

std::unique_ptr<OrderCheck> make(const RuleContext& context, const ParameterMap& parameters) {
  const double most = get_double(parameters, "max_shares");
  const double part = get_double(parameters, "max_outstanding");
  const auto single = symbol_numbers(get_string(parameters, "shares"), context.symbols);
  const auto outstanding = symbol_numbers(get_string(parameters, "outstanding"), context.symbols);
  std::vector<Limit> limits(context.symbols.size());
  for (std::size_t i = 0; i < limits.size(); ++i) {
    if (most > 0.0) limits[i].shares = most;
    if (single[i] > 0.0) limits[i].shares = single[i];
    const double of_outstanding = part > 0.0 && outstanding[i] > 0.0 ? part * outstanding[i] : kNoLimit;
    if (of_outstanding < limits[i].shares) limits[i] = {of_outstanding, outstanding[i]};
  }
  const bool any =
      std::any_of(limits.begin(), limits.end(), [](const Limit& limit) { return limit.shares < kNoLimit; });
  if (!any) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        "position_limits need max_shares, shares, or max_outstanding with outstanding; found none");
  }
  return std::make_unique<PositionLimits>(get_string(parameters, "mode") == "block", std::move(limits));
}

}  // namespace

void add_to(Registry& registry) { registry.add("position_limits", {describe(), make}); }

}  // namespace orrery::plugins::rules::position_limits_plugin
