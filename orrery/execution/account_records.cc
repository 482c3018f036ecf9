#include "orrery/execution/account_records.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/base/named_value.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void refuse_record(std::string_view record, std::string_view problem) {
  throw external_error(ErrorCode::kDataCorrupt,
                       fmt::format("a record of the account can't be read ({}): {}", problem, record));
}

/// Finds the value whose name in files the record has.
template <class Value>
Value named(const Json& record, const char* key) {
  const std::string name = record.at(key);
  if (const auto value = find_named<Value>(name)) return *value;
  refuse_record(record.dump(), fmt::format("'{}' is no {}", name, key));
}

/// Reads a record with `read`, and says which record it was where that fails.
template <class Read>
auto read_record(std::string_view record, const Read& read) {
  try {
    return read(Json::parse(record));
  } catch (const Json::exception& error) {
    refuse_record(record, error.what());
  }
}

}  // namespace

std::string to_record(const BrokerOrder& order) {
  Json record{{"kind", "order"},
              {"order", order.id},
              {"symbol", order.symbol},
              {"side", to_string(order.side)},
              {"type", to_string(order.type)},
              {"quantity_micros", order.quantity.micros},
              {"notional_micros", order.notional.micros},
              {"budget_micros", order.budget.micros},
              {"volume_limit_micros", order.volume_limit.micros}};
  if (order.price.micros != 0) record["price_micros"] = order.price.micros;
  return record.dump();
}

BrokerOrder parse_order(std::string_view record) {
  return read_record(record, [](const Json& json) {
    BrokerOrder order;
    order.id = json.at("order");
    order.symbol = json.at("symbol");
    order.side = named<OrderSide>(json, "side");
    order.type = named<OrderType>(json, "type");
    order.quantity.micros = json.at("quantity_micros");
    order.notional.micros = json.at("notional_micros");
    order.budget.micros = json.at("budget_micros");
    order.volume_limit.micros = json.at("volume_limit_micros");
    order.price.micros = json.value("price_micros", std::int64_t{0});
    return order;
  });
}

std::string to_record(const BrokerAnswer& answer) {
  const OrderEvent& event = answer.event;
  Json json{{"kind", "answer"},
            {"answer", answer.sequence},
            {"order", event.order_id},
            {"what", event.kind == OrderEventKind::kFill ? "fill" : "unfilled"},
            {"quantity_micros", event.quantity.micros}};
  if (event.kind == OrderEventKind::kFill) {
    json["price_micros"] = event.price.micros;
    json["commission_micros"] = event.commission.micros;
    json["slippage_micros"] = event.slippage.micros;
  } else {
    json["reason"] = to_string(event.unfilled_reason);
  }
  json["last"] = event.last;
  return json.dump();
}

BrokerAnswer parse_answer(std::string_view record) {
  return read_record(record, [](const Json& json) {
    BrokerAnswer answer;
    answer.sequence = json.at("answer");
    OrderEvent& event = answer.event;
    event.order_id = json.at("order");
    event.kind = json.at("what") == "fill" ? OrderEventKind::kFill : OrderEventKind::kUnfilled;
    event.quantity.micros = json.at("quantity_micros");
    if (event.kind == OrderEventKind::kFill) {
      event.price.micros = json.at("price_micros");
      event.commission.micros = json.at("commission_micros");
      event.slippage.micros = json.at("slippage_micros");
    } else {
      event.unfilled_reason = named<UnfilledReason>(json, "reason");
    }
    event.last = json.at("last");
    return answer;
  });
}

std::string to_record(const AccountChange& change) {
  Json record{{"kind", "change"},
              {"date", to_string(change.date)},
              {"number", change.number},
              {"what", to_string(change.kind)},
              {"symbol", change.symbol},
              {"quantity_micros", change.quantity.micros},
              {"cash_micros", change.cash.micros}};
  if (!change.former.empty()) record["former"] = change.former;
  return record.dump();
}

AccountChange parse_change(std::string_view record) {
  return read_record(record, [record](const Json& json) {
    AccountChange change;
    const auto date = parse_date(json.at("date").get<std::string>());
    if (!date) refuse_record(record, "its date is none");
    change.date = *date;
    change.number = json.at("number");
    change.kind = named<EntryKind>(json, "what");
    change.symbol = json.at("symbol");
    change.quantity.micros = json.at("quantity_micros");
    change.cash.micros = json.at("cash_micros");
    change.former = json.value("former", "");
    return change;
  });
}

std::string kind_of_record(std::string_view record) {
  const Json json = Json::parse(record, nullptr, false);
  return json.is_object() ? json.value("kind", "") : "";
}

std::string describe(const BrokerOrder& order) {
  if (order.notional.micros > 0) {
    return fmt::format("order {}: {} {} for {:.2f}", order.id, to_string(order.side), order.symbol,
                       order.notional.units());
  }
  return fmt::format("order {}: {} {} of {}", order.id, to_string(order.side), order.quantity.units(),
                     order.symbol);
}

}  // namespace orrery
