#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "orrery/execution/broker_service.h"

namespace orrery {

/// Records of an account's files, as JSON objects on one line.
std::string to_record(const BrokerOrder& order);
std::string to_record(const BrokerAnswer& answer);
std::string to_record(const AccountChange& change);

/// The ways back. Errors: kDataCorrupt, with the record.
BrokerOrder parse_order(std::string_view record);
BrokerAnswer parse_answer(std::string_view record);
AccountChange parse_change(std::string_view record);

/// Returns what a record is ("order", "answer", "change", "session", …), or "" where it does not say.
std::string kind_of_record(std::string_view record);

/// Says an order in words: "order 17: buy 12.5 of MSFT".
std::string describe(const BrokerOrder& order);

}  // namespace orrery
