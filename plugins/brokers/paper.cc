// A broker of the house: orders are filled from bars as in a backtest, and its books are its own, in a file
// that survives whoever kills the program.
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "orrery/base/error.h"
#include "orrery/execution/account_journal.h"
#include "orrery/execution/account_records.h"
#include "orrery/execution/broker_holdings.h"
#include "orrery/execution/told_changes.h"
#include "orrery/market/symbol_order.h"
#include "plugins/brokers/registry.h"

namespace orrery::plugins::brokers::paper_plugin {
namespace {

constexpr const char* kFile = "paper_broker.log";

/// The session that orders are filled in.
class OpenSession final : public Clock {
 public:
  std::optional<Session> next() override { return std::nullopt; }
  Session now() const override { return session_; }
  void set(const Session& session) { session_ = session; }

 private:
  Session session_;
};

using Json = nlohmann::ordered_json;

/// The log has to be what it was when the account committed its last session.
AccountJournal open_log(const BrokerContext& context) {
  return {context.disk, context.folder / kFile,
          context.bookmark.empty() ? ChainMark{} : parse_chain_mark(context.bookmark)};
}

/// An order and all its answers are one line of the file, so that half of them can't be lost.
std::string placed_record(const BrokerOrder& order, const std::vector<BrokerAnswer>& answers) {
  std::string list;
  for (const BrokerAnswer& answer : answers) {
    if (!list.empty()) list += ',';
    list += to_record(answer);
  }
  return fmt::format(R"({{"kind":"placed","order":{},"answers":[{}]}})", to_record(order), list);
}

class PaperBroker final : public BrokerService {
 public:
  explicit PaperBroker(const BrokerContext& context)
      : market_(context.market),
        sync_orders_(context.sync_orders),
        exchange_(context.market, clock_, context.exchange),
        log_(open_log(context)) {
    for (const std::string_view line : log_.lines_found(0)) read(line);
    log_.forget_lines_found();
  }

  void open_session(const Session& session) override { clock_.set(session); }

  void place(const BrokerOrder& order) override {
    if (const auto known = orders_.find(order.id); known != orders_.end()) {
      require_same(known->second, order);
      return;
    }
    const auto answers = fill(order);
    log_.append(placed_record(order, answers));
    if (sync_orders_) log_.sync();
    book(order, answers);
  }

  std::vector<BrokerAnswer> answers(std::uint64_t sequence) override {
    if (sequence >= answers_.size()) return {};
    return {answers_.begin() + static_cast<std::ptrdiff_t>(sequence), answers_.end()};
  }

  std::uint64_t last_answer() override { return answers_.size(); }

  void apply(const AccountChange& change) override {
    if (told_.has(change)) return;
    log_.append(to_record(change));
    book(change);
  }

  void flush() override { log_.sync(); }

  std::string bookmark() override { return to_string(log_.mark()); }

  std::vector<BrokerPosition> positions() override {
    std::vector<BrokerPosition> held;
    for (const auto& [symbol, quantity] : holdings_.positions) held.push_back({symbol, quantity});
    return held;
  }

  Money cash() override { return holdings_.cash; }

 private:
  void read(std::string_view line) {
    const std::string kind = kind_of_record(line);
    if (kind == "change") {
      book(parse_change(line));
      return;
    }
    if (kind != "placed") {
      throw external_error(ErrorCode::kDataCorrupt,
                           fmt::format("{} holds a record of an unknown kind: {}", kFile, line));
    }
    const Json placed = Json::parse(line);
    std::vector<BrokerAnswer> answers;
    for (const Json& answer : placed.at("answers")) answers.push_back(parse_answer(answer.dump()));
    book(parse_order(placed.at("order").dump()), answers);
  }

  static void require_same(const BrokerOrder& known, const BrokerOrder& order) {
    if (known == order) return;
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("the broker has another order under this id: {}; now came {}",
                                 describe(known), describe(order)));
  }

  std::vector<BrokerAnswer> fill(const BrokerOrder& order) {
    std::vector<OrderEvent> events;
    if (const auto instrument = find_symbol(market_.symbols, order.symbol)) {
      Order local;
      local.id = order.id;
      local.instrument = *instrument;
      local.side = order.side;
      local.type = order.type;
      local.quantity = order.quantity;
      local.notional = order.notional;
      local.budget = order.budget;
      local.volume_limit = order.volume_limit;
      local.price = order.price;
      exchange_.submit(local);
      exchange_.poll(events);
    } else {
      OrderEvent unknown;
      unknown.kind = OrderEventKind::kUnfilled;
      unknown.order_id = order.id;
      unknown.quantity = order.quantity;
      unknown.unfilled_reason = UnfilledReason::kHalted;
      events.push_back(unknown);
    }
    std::vector<BrokerAnswer> answers;
    for (const OrderEvent& event : events) answers.push_back({answers_.size() + answers.size() + 1, event});
    return answers;
  }

  void book(const BrokerOrder& order, const std::vector<BrokerAnswer>& answers) {
    orders_.emplace(order.id, order);
    for (const BrokerAnswer& answer : answers) {
      answers_.push_back(answer);
      if (answer.event.kind == OrderEventKind::kFill) holdings_.add_fill(order, answer.event);
    }
  }

  void book(const AccountChange& change) {
    holdings_.add_change(change);
    told_.add(change);
  }

  const MarketData& market_;
  const bool sync_orders_;
  OpenSession clock_;
  SimulatedExchange exchange_;
  AccountJournal log_;
  std::map<std::uint64_t, BrokerOrder> orders_;  ///< by id
  std::vector<BrokerAnswer> answers_;            ///< by sequence
  BrokerHoldings holdings_;
  ToldChanges told_;
};

BrokerInfo describe_broker() {
  return {"fills orders from the data's bars, as a backtest does; its books outlive the program", false};
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("paper", {describe_broker(), [](const BrokerContext& context) {
                           return std::make_unique<PaperBroker>(context);
                         }});
}

}  // namespace orrery::plugins::brokers::paper_plugin
