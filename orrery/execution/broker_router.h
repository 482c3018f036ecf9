#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "orrery/base/wait_clock.h"
#include "orrery/execution/account_journal.h"
#include "orrery/execution/broker_service.h"
#include "orrery/execution/route_books.h"
#include "orrery/execution/route_choice.h"

namespace orrery {

struct RouterSettings {
  RouteTerms terms;
  Quantity lot = kMicroShare;  ///< least number of shares that is traded
  bool sync_orders = true;     ///< a leg outlives a power failure before it is handed over
  /// Returns what a share is likely to cost in a session, from what is known before it; zero: unknown.
  std::function<Money(const Session&, const std::string&)> price_of = nullptr;
};

/// How far the files of a router and of its venues are sure to be on the disk.
struct RouterBookmark {
  std::string log;
  std::map<std::string, std::string> venues;  ///< by name
};

/// Errors: kDataCorrupt. An empty text is the bookmark of a new account.
RouterBookmark parse_router_bookmark(std::string_view text);

/// One broker made of several. An order goes to the cheapest venue that is healthy, takes it, and has the
/// shares or the cash; one that needs several goes to one after the other, so that no part has to be guessed.
/// Each part (a leg) is bound to its venue in a log before it is handed over, and never goes elsewhere: a
/// venue that does not answer may have it. A venue that fails again and again is left alone for a while; what
/// only it can do waits for it. Answers have one gapless sequence. The log holds the router's own books
/// of each venue; where a venue says otherwise once nothing is on its way, its word is taken and written
/// down, and the account's reconciliation sees the sums. A router that is made anew goes on from its log;
/// orders and changes that come again are told to their venues again, which may have lost them with the
/// power. One thread.
class BrokerRouter final : public BrokerService {
 public:
  /// `venues` as `settings.terms.venues`; `disk` and `clock` must outlive the router. `bookmark` as the last
  /// one said it. Errors: kIo, kDataCorrupt; kInvalidArgument where a venue with money or shares is no longer
  /// there.
  BrokerRouter(const RouterSettings& settings, std::vector<std::unique_ptr<BrokerService>> venues, Disk& disk,
               const std::filesystem::path& log, const RouterBookmark& bookmark, WaitClock& clock);

  void open_session(const Session& session) override;
  /// Never throws kUnavailable: the router has the order, and hands it over as soon as it can.
  void place(const BrokerOrder& order) override;
  std::vector<BrokerAnswer> answers(std::uint64_t sequence) override;
  std::uint64_t last_answer() override { return books_.answers().size(); }
  void apply(const AccountChange& change) override;
  /// These need every venue. Errors: kUnavailable, with the venue; kDataCorrupt where one answers what was
  /// never sent.
  void flush() override;
  std::vector<BrokerPosition> positions() override;
  Money cash() override;
  std::string bookmark() override;

  const RouteBooks& books() const { return books_; }

 private:
  using Message = std::variant<Session, AccountChange, BrokerOrder>;
  struct Venue {
    std::unique_ptr<BrokerService> service;
    VenueHealth health;
    std::deque<Message> outbox;                   ///< told in this order
    std::map<std::uint64_t, BrokerAnswer> early;  ///< answers that it is not yet the turn of
  };

  void read_log(const RouterBookmark& bookmark);
  void work();
  bool deliver(std::size_t place);
  bool collect(std::size_t place);
  void accept(std::size_t place, const BrokerAnswer& answer);
  void advance(std::uint64_t id);
  void bind(const RoutedOrder& order, const RouteLeg& leg);
  RouteStep next_step(const RoutedOrder& order);
  void tell_again(std::uint64_t order);
  void queue_change(const std::vector<AccountChange>& parts);
  bool has_open_leg(std::size_t place) const;
  void require_told(std::size_t place);
  void take_word(std::size_t place, const std::vector<BrokerPosition>& held);
  bool is_quiet() const;
  template <class Call>
  bool attempt(std::size_t place, const Call& call);
  [[noreturn]] void refuse_unavailable(std::size_t place) const;

  const RouterSettings settings_;
  WaitClock& clock_;
  RouteBooks books_;
  AccountJournal log_;
  std::vector<Venue> venues_;
  Session session_;
  std::set<std::uint64_t> orders_to_tell_again_;
  std::map<ChangeName, std::vector<AccountChange>> changes_to_tell_again_;
  bool is_synced_ = true;  ///< all lines of the log
};

}  // namespace orrery
