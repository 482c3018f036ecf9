#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orrery/base/disk.h"
#include "orrery/execution/broker_holdings.h"
#include "orrery/execution/told_changes.h"
#include "orrery/execution/venue_terms.h"

namespace orrery {

/// A part of an order at one venue, bound to it for good.
struct RouteLeg {
  std::string venue;
  BrokerOrder order;       ///< as the venue gets it, under an id of its own
  bool closes = false;     ///< it reduces what the venue holds
  bool own_limit = false;  ///< its budget is the venue's cash, less than the order's
  Quantity filled;
  bool done = false;
  UnfilledReason reason = UnfilledReason::kNone;  ///< why not all of it was filled
};

/// An order of the account, and what has become of it.
struct RoutedOrder {
  BrokerOrder order;
  std::vector<RouteLeg> legs;  ///< one after the other; only the last may be open
  Quantity left;               ///< shares that are neither filled nor at a venue
  Money notional;              ///< left of it, as long as nobody knows how many shares it is
  Money budget;                ///< left of it
  Quantity volume_limit;       ///< left of it
  bool done = false;           ///< its last answer is there

  bool has_open_leg() const { return !legs.empty() && !legs.back().done; }
};

/// What the account has at one venue, and what it has done there, by the router's own books.
struct VenueBooks : BrokerHoldings {
  VenueTerms terms;
  std::uint64_t orders = 0;        ///< handed over, or about to be
  std::uint64_t last_answer = 0;   ///< by the venue's numbers
  Money commission;                ///< paid
  Money saved;                     ///< by the venues' terms: against the dearest of them, for the same fills
  std::optional<std::string> out;  ///< since when it is left alone, and why
};

/// Orders have up to so many legs; a leg's id is its order's id times that, and its place.
inline constexpr std::uint64_t kLegsPerOrder = 64;

/// The memory of a BrokerRouter: what its log tells, record by record. A record changes the books in the same
/// way when it is written and when it is read again. One thread.
class RouteBooks {
 public:
  /// `lot`: the least number of shares that is traded.
  explicit RouteBooks(Quantity lot) : lot_(lot) {}

  /// Takes up a record of the log. Errors: kDataCorrupt.
  void read(std::string_view record);

  /// Each returns the record of what it books.
  /// Errors: kInvalidArgument where a venue with money or shares is no longer among them.
  std::string take_terms(const std::vector<VenueTerms>& venues);
  std::string take_order(const BrokerOrder& order);
  std::string bind(std::uint64_t order, const RouteLeg& leg);
  /// `parts`: one a venue.
  std::string take_change(const AccountChange& change, const std::vector<AccountChange>& parts);
  /// The venue's word over the books': what it has more.
  std::string correct(std::size_t venue, const std::string& symbol, Quantity quantity, Money cash);
  std::string put_out(std::size_t venue, const std::string& why);
  std::string put_back(std::size_t venue);
  /// A venue's next answer. It is not written before its meaning for the order is known: `tell()`.
  void take_answer(std::size_t venue, const BrokerAnswer& answer);
  /// Numbers what the order is answered, and returns the record, with the venue's answer that it comes from.
  std::string tell(std::uint64_t order, const std::vector<OrderEvent>& events,
                   const std::optional<std::pair<std::size_t, BrokerAnswer>>& from);

  const std::vector<VenueBooks>& venues() const { return venues_; }
  /// Errors: kDataCorrupt where there is none of this name.
  std::size_t place_of(const std::string& venue) const;
  const std::map<std::uint64_t, RoutedOrder>& orders() const { return orders_; }
  /// Orders whose last answer is not there.
  const std::set<std::uint64_t>& open_orders() const { return open_; }
  /// Returns the order that a venue knows a part of under this id; 0: none.
  std::uint64_t order_of(std::size_t venue, std::uint64_t leg_id) const;
  const std::vector<BrokerAnswer>& answers() const { return answers_; }
  /// Whether it was divided before.
  bool knows(const AccountChange& change) const { return told_.has(change); }
  Quantity lot() const { return lot_; }

 private:
  void book_fill(VenueBooks& venue, RoutedOrder& order, RouteLeg& leg, const OrderEvent& event);
  static void book_rest(RoutedOrder& order, const RouteLeg& leg, const OrderEvent& event);
  void book_answers(const std::vector<BrokerAnswer>& answers);
  void read_told(std::string_view record);

  const Quantity lot_;
  std::vector<VenueBooks> venues_;
  std::map<std::uint64_t, RoutedOrder> orders_;
  std::set<std::uint64_t> open_;
  std::vector<BrokerAnswer> answers_;
  ToldChanges told_;
};

/// The router's log within an account's folder.
inline constexpr const char* kRouteLog = "routes.log";

/// Reads what a router has at each venue from its log, also while it is being written; nothing where there
/// is no log. Errors: kIo, kDataCorrupt.
std::vector<VenueBooks> read_route_log(Disk& disk, const std::filesystem::path& file);

}  // namespace orrery
