#pragma once

#include <vector>

#include "orrery/execution/route_books.h"

namespace orrery {

/// What is to be done with an order that is at no venue now.
struct RouteStep {
  enum class Kind {
    kLeg,   ///< hand `leg` over
    kWait,  ///< only venues that are out could take it
    kEnd,   ///< nothing more is done: `rest` stays unfilled, for `reason`; none of it where it is zero
  };
  Kind kind = Kind::kEnd;
  RouteLeg leg;
  Quantity rest;
  UnfilledReason reason = UnfilledReason::kNone;
};

/// Chooses where an order goes next. What closes goes to the venues that hold it, what opens to the one that
/// is cheapest for the part that it has cash for; where costs are equal, to the first. An order goes on to
/// another venue where one has filled all that it held or could pay, or refuses; any other reason is the
/// market's, and the same everywhere. `up`: which venues answer; one that is out is waited for only where
/// no other can do. `price`: of one share as far as is known; zero: unknown, and costs are compared for
/// 10,000 in money.
RouteStep choose_route(const RouteBooks& books, const RoutedOrder& order, const std::vector<bool>& up,
                       Money price);

}  // namespace orrery
