#include "orrery/execution/order_gateway.h"

#include <fmt/format.h>

#include <algorithm>

#include "orrery/base/error.h"
#include "orrery/execution/account_records.h"

namespace orrery {
namespace {

constexpr double kLongestPause = 64.0;  ///< times the first

BrokerOrder as_sent(const Order& order, std::span<const std::string> symbols) {
  return {order.id,     symbols[order.instrument], order.side, order.type, order.quantity, order.notional,
          order.budget, order.volume_limit,        order.price};
}

}  // namespace

OrderGateway::OrderGateway(const GatewaySettings& settings, BrokerService& service, AccountJournal& journal,
                           WaitClock& clock, std::span<const std::string> symbols, std::uint64_t last_answer,
                           std::uint64_t last_order)
    : settings_(settings),
      service_(service),
      journal_(journal),
      clock_(clock),
      symbols_(symbols),
      last_answer_(last_answer),
      last_order_(last_order) {}

void OrderGateway::resume(std::span<const std::string_view> records) {
  for (const std::string_view line : records) {
    const std::string kind = kind_of_record(line);
    if (kind == "order") {
      const BrokerOrder order = parse_order(line);
      sent_[order.id] = order;
    } else if (kind == "answer") {
      told_[parse_answer(line).sequence] = record_of(line);
    }
  }
}

void OrderGateway::submit(const Order& order) {
  const BrokerOrder asked = as_sent(order, symbols_);
  journal_order(asked);
  last_order_ = asked.id;
  hand_over(asked);
  await(asked);
}

void OrderGateway::journal_order(const BrokerOrder& order) {
  const auto sent = sent_.find(order.id);
  if (sent == sent_.end()) {
    journal_.append(to_record(order));
    if (settings_.sync_orders) journal_.sync();
    return;
  }
  if (sent->second == order) return;
  throw external_error(
      ErrorCode::kDataCorrupt,
      fmt::format(
          "before it was interrupted, the account had sent {}; from the data of now it would be {}: give "
          "it the prices and scores that it had",
          describe(sent->second), describe(order)));
}

/// Repeats a call until the broker has taken it, with longer and longer pauses.
template <class Call>
void OrderGateway::insist(const std::string& matter, const Call& call) {
  const double start = clock_.seconds();
  double pause = settings_.pause_seconds;
  for (;;) {
    try {
      if (call()) return;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUnavailable) throw;
    }
    const double waited = clock_.seconds() - start;
    if (waited >= settings_.patience_seconds) {
      throw external_error(
          ErrorCode::kUnavailable,
          fmt::format("the broker has not answered for {:.0f} seconds; the account goes on from "
                      "there when it is started again: {}",
                      waited, matter));
    }
    clock_.wait(pause);
    pause = std::min(2.0 * pause, kLongestPause * settings_.pause_seconds);
  }
}

void OrderGateway::hand_over(const BrokerOrder& order) {
  insist(describe(order), [&] {
    service_.place(order);
    return true;
  });
}

void OrderGateway::await(const BrokerOrder& order) {
  insist(describe(order), [&] {
    collect();
    return answered_ == order.id;
  });
}

void OrderGateway::collect() {
  for (const BrokerAnswer& answer : service_.answers(last_answer_)) {
    if (answer.sequence > last_answer_) early_.emplace(answer.sequence, answer);
  }
  // An interrupted session's later orders are answered already: they have to be asked for first.
  while (!early_.empty() && early_.begin()->first == last_answer_ + 1 &&
         early_.begin()->second.event.order_id <= last_order_) {
    accept(early_.begin()->second);
    early_.erase(early_.begin());
  }
}

void OrderGateway::accept(const BrokerAnswer& answer) {
  const std::string record = to_record(answer);
  const auto told = told_.find(answer.sequence);
  if (told == told_.end()) {
    journal_.append(record);
  } else if (told->second != record) {
    throw external_error(
        ErrorCode::kDataCorrupt,
        fmt::format("the broker's answer {} is not what it was: the journal has {}, the broker {}",
                    answer.sequence, told->second, record));
  }
  last_answer_ = answer.sequence;
  events_.push_back(answer.event);
  if (answer.event.last) answered_ = answer.event.order_id;
}

void OrderGateway::apply(const AccountChange& change) {
  insist(fmt::format("{} of {}", to_string(change.kind), change.symbol), [&] {
    service_.apply(change);
    return true;
  });
}

BrokerBooks OrderGateway::open_books() {
  BrokerBooks books;
  std::uint64_t known = 0;
  insist("positions and cash", [&] {
    known = service_.last_answer();
    books = {service_.positions(), service_.cash()};
    return true;
  });
  if (known >= last_answer_) return books;
  throw external_error(
      ErrorCode::kDataCorrupt,
      fmt::format("the broker has forgotten what it answered: the account has booked its answers "
                  "up to number {}, and its last one is {}",
                  last_answer_, known));
}

BrokerBooks OrderGateway::close_session() {
  BrokerBooks books;
  insist("positions and cash", [&] {
    service_.flush();
    collect();
    books = {service_.positions(), service_.cash()};
    return true;
  });
  if (!early_.empty() && early_.begin()->second.event.order_id > last_order_) {
    throw external_error(
        ErrorCode::kDataCorrupt,
        fmt::format("the broker answers order {}, which this account never sent: does another "
                    "program trade it?",
                    early_.begin()->second.event.order_id));
  }
  sent_.clear();
  told_.clear();
  return books;
}

void OrderGateway::poll(std::vector<OrderEvent>& events) {
  events.insert(events.end(), events_.begin(), events_.end());
  events_.clear();
}

}  // namespace orrery
