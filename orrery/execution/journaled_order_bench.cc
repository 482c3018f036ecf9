// Times an order from the engine's word to the journal's line: orrery_journaled_order_bench FOLDER [ORDERS].
//
// Each order is judged by the pre-trade checks, written into the audit log and into the journal (both files
// in FOLDER, without fsync), and handed to a broker that looks at the clock. Afterwards the journal is read
// again: the program fails where an order is not there. Prints JSON: nanoseconds, median, 99th and 99.9th
// percentile, most.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "orrery/base/random.h"
#include "orrery/base/stopwatch.h"
#include "orrery/execution/account_records.h"
#include "orrery/execution/audit_log.h"
#include "orrery/execution/order_gateway.h"
#include "orrery/execution/pretrade_checks.h"

namespace orrery::journaled_order_bench {
namespace {

constexpr std::uint32_t kNames = 500;

/// Takes the time when an order reaches it, and fills it whole.
class Broker final : public BrokerService {
 public:
  explicit Broker(const Stopwatch& watch) : watch_(watch) {}
  void place(const BrokerOrder& order) override {
    arrived = watch_.seconds();
    answer_ = {answer_.sequence + 1, {}};
    answer_.event.order_id = order.id;
    answer_.event.quantity = order.quantity;
    answer_.event.price = to_money(100.0);
  }
  std::vector<BrokerAnswer> answers(std::uint64_t sequence) override {
    return sequence < answer_.sequence ? std::vector{answer_} : std::vector<BrokerAnswer>();
  }
  std::uint64_t last_answer() override { return answer_.sequence; }
  std::vector<BrokerPosition> positions() override { return {}; }
  Money cash() override { return {}; }

  double arrived = 0.0;

 private:
  const Stopwatch& watch_;
  BrokerAnswer answer_;
};

std::size_t journaled_orders(const std::filesystem::path& file) {
  const AccountJournal journal(local_disk(), file);
  std::size_t orders = 0;
  for (const auto line : journal.lines_found(0)) orders += kind_of_record(line) == "order" ? 1 : 0;
  return orders;
}

int run(const std::filesystem::path& folder, std::size_t count) {
  std::vector<std::string> symbols;
  for (std::uint32_t i = 0; i < kNames; ++i) symbols.push_back(fmt::format("S{}", i));
  PretradeSettings settings;
  settings.max_notional = 1e6;
  settings.restricted = {"S7"};
  PretradeChecks checks(settings, symbols);
  std::vector<double> times;
  times.reserve(count);
  {
    const Stopwatch watch;
    AuditLog audit(local_disk(), folder / "audit.log", symbols);
    AuditedChecks audited(&checks, audit);
    AccountJournal journal(local_disk(), folder / "journal.log");
    Broker broker(watch);
    OrderGateway gateway({.sync_orders = false}, broker, journal, system_wait_clock(), symbols, 0, 0);
    Random random(3);
    std::vector<OrderFinding> findings;
    std::vector<OrderEvent> events;
    for (std::size_t i = 0; i < count; ++i) {
      CheckedOrder asked;
      asked.order.id = i + 1;
      asked.order.instrument = 8 + static_cast<std::uint32_t>(random.below(kNames - 8));
      asked.order.quantity = asked.shares = to_quantity(10.0 + static_cast<double>(random.below(1000)));
      asked.order.budget = to_money(1e9);
      asked.last_close = to_money(100.0);
      findings.clear();
      events.clear();
      const double start = watch.seconds();
      audited.judge(asked, findings);
      if (findings.empty()) gateway.submit(asked.order);
      times.push_back(broker.arrived - start);
      gateway.poll(events);
    }
  }
  if (journaled_orders(folder / "journal.log") != count) {
    fmt::print(stderr, "the journal has {} orders instead of {}\n", journaled_orders(folder / "journal.log"),
               count);
    return 1;
  }
  std::sort(times.begin(), times.end());
  const auto at = [&](double part) {
    return 1e9 * times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))];
  };
  fmt::print("{{\"count\": {}, \"median\": {:.0f}, \"p99\": {:.0f}, \"p999\": {:.0f}, \"most\": {:.0f}}}\n",
             count, at(0.5), at(0.99), at(0.999), at(1.0));
  return 0;
}

}  // namespace
}  // namespace orrery::journaled_order_bench

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  return orrery::journaled_order_bench::run(
      argv[1], argc > 2 ? static_cast<std::size_t>(std::atoll(argv[2])) : 100'000);
}
