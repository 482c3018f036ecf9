// Times the pre-trade checks: orrery_order_checks_bench [ORDERS].
//
// Every order goes through all seven checks, one after the other, and is put on record when it may go; the
// time of each is taken by itself, the clock's own included. Orders whose answer is known beforehand are
// mixed in; the program fails where one is answered differently. Prints JSON: nanoseconds, median, 99th
// and 99.9th percentile, most; of the allowed orders and of the refused ones; and of a link of 200 bytes of
// the hash chain.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "orrery/base/random.h"
#include "orrery/base/stopwatch.h"
#include "orrery/execution/hash_chain.h"
#include "orrery/execution/pretrade_checks.h"

namespace orrery::order_checks_bench {
namespace {

constexpr std::uint32_t kNames = 500;
constexpr std::uint32_t kRestricted = 7;
constexpr std::int64_t kOrdersASecond = 1000;
constexpr std::size_t kLinkBytes = 200;

struct PlannedOrder {
  CheckedOrder order;
  std::string_view answer;  ///< the rule that refuses it; "": none
};

/// An order a millisecond, of all sizes, so that none is like another; one in eight breaks a rule.
std::vector<PlannedOrder> plan_day(std::size_t count) {
  Random random(3);
  std::vector<PlannedOrder> day(count);
  for (std::size_t i = 0; i < count; ++i) {
    CheckedOrder& order = day[i].order;
    order.order.id = i + 1;
    order.order.instrument = static_cast<std::uint32_t>(random.below(kNames));
    if (order.order.instrument == kRestricted) ++order.order.instrument;
    order.order.side = random.below(2) == 0 ? OrderSide::kBuy : OrderSide::kSell;
    order.time = {static_cast<std::int64_t>(i) * kNanosecondsPerSecond / kOrdersASecond};
    order.shares = {static_cast<std::int64_t>(kMicrosPerUnit + i)};
    order.last_close = order.price = to_money(50.0 + static_cast<double>(random.below(100)));
    const std::size_t kind = random.below(32);
    if (kind == 0) {
      order.shares = to_quantity(20'000.0);
      day[i].answer = "max_shares";
    } else if (kind == 1) {
      order.shares = to_quantity(9'000.0);
      day[i].answer = "max_notional";
    } else if (kind == 2) {
      order.price = multiply(order.last_close, to_rate(1.2));
      day[i].answer = "price_collar";
    } else if (kind == 3) {
      order.order.instrument = kRestricted;
      day[i].answer = "restricted_list";
    }
  }
  return day;
}

struct Times {
  std::vector<double> seconds;
  std::string json() {
    std::sort(seconds.begin(), seconds.end());
    const auto at = [&](double part) {
      return 1e9 * seconds[static_cast<std::size_t>(part * static_cast<double>(seconds.size() - 1))];
    };
    return fmt::format(R"({{"count": {}, "median": {:.0f}, "p99": {:.0f}, "p999": {:.0f}, "most": {:.0f}}})",
                       seconds.size(), at(0.5), at(0.99), at(0.999), at(1.0));
  }
};

PretradeSettings all_checks() {
  PretradeSettings settings;
  settings.price_collar = 0.1;
  settings.max_shares = 10'000.0;
  settings.max_notional = 400'000.0;
  settings.rate = RateLimit{2 * kOrdersASecond, 1.0};
  settings.duplicate_seconds = 5.0;
  settings.restricted = {"S7"};
  return settings;
}

/// Returns whether every answer is the expected one.
bool time_checks(const std::vector<PlannedOrder>& day, Times& allowed, Times& refused) {
  std::vector<std::string> symbols;
  for (std::uint32_t i = 0; i < kNames; ++i) symbols.push_back(fmt::format("S{}", i));
  PretradeChecks checks(all_checks(), symbols, std::make_shared<KillSwitch>());
  std::vector<OrderFinding> findings;
  for (const PlannedOrder& planned : day) {
    findings.clear();
    const Stopwatch watch;
    checks.judge(planned.order, findings);
    if (findings.empty()) checks.sent(planned.order);
    (findings.empty() ? allowed : refused).seconds.push_back(watch.seconds());
    const std::string_view answer = findings.empty() ? std::string_view() : findings.front().rule;
    if (answer != planned.answer) {
      fmt::print(stderr, "order {}: '{}' instead of '{}'\n", planned.order.order.id, answer, planned.answer);
      return false;
    }
  }
  return true;
}

Times time_links(std::size_t count) {
  HashChain chain;
  std::string record(kLinkBytes, 'x');
  Times times;
  times.seconds.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Stopwatch watch;
    chain.add(record);
    times.seconds.push_back(watch.seconds());
  }
  return times;
}

int run(std::size_t count) {
  Times allowed, refused;
  allowed.seconds.reserve(count);
  refused.seconds.reserve(count);
  if (!time_checks(plan_day(count), allowed, refused)) return 1;
  Times links = time_links(count);
  fmt::print("{{\"allowed\": {},\n \"refused\": {},\n \"chain_link\": {}}}\n", allowed.json(), refused.json(),
             links.json());
  return 0;
}

}  // namespace
}  // namespace orrery::order_checks_bench

int main(int argc, char** argv) {
  return orrery::order_checks_bench::run(argc > 1 ? static_cast<std::size_t>(std::atoll(argv[1]))
                                                  : 1'000'000);
}
