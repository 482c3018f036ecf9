#pragma once

#include <span>
#include <vector>

#include "orrery/execution/broker_service.h"

namespace orrery {

/// What a venue has when a change is divided.
struct VenueStake {
  Quantity weight;  ///< of its part of a deposit
  Quantity held;    ///< of the change's symbol, of a rename's former one; signed
  Money cash;
};

/// Divides a change of the account among its venues: one change each, with the parts that are its own, which
/// may be none. The parts add up to the change, to the micro-unit; the rest of the rounding goes to the
/// first venue that has a part. A deposit goes by the weights; what happens to a position by what each
/// holds; interest by cash. After a split each venue has a multiple of `lot`, as far as the account has, and
/// the fraction lies at one of them, which the cash in lieu is told to. A rename is of all that each holds.
std::vector<AccountChange> divide_change(const AccountChange& change, std::span<const VenueStake> venues,
                                         Quantity lot);

}  // namespace orrery
