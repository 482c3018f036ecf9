#include "orrery/execution/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/portfolio/targets.h"

namespace orrery {
namespace {

constexpr Quantity kUnlimitedShares{std::numeric_limits<std::int64_t>::max()};
constexpr double kNoShare = std::numeric_limits<double>::infinity();
constexpr std::string_view kFlattened = "flattened by hand";
constexpr std::string_view kForced = "margin call";
constexpr Money kUnlimitedBudget{std::numeric_limits<std::int64_t>::max()};

void check_config(const EngineConfig& config) {
  if (config.delay < 1) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("an order needs a delay of at least 1 session; found {}", config.delay));
  }
  if (config.max_volume_share && !(*config.max_volume_share > 0.0)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("max_volume_share must be above 0; found {}", *config.max_volume_share));
  }
  if (config.slices < 1 || (config.slice_volume_share && !(*config.slice_volume_share > 0.0))) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("a decision needs at least 1 session and a share of volume above 0; found {} and {}",
                    config.slices, config.slice_volume_share.value_or(1.0)));
  }
  if (config.priced.offset && !(std::abs(*config.priced.offset) < 1.0)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("an order's price must be less than the whole last close away from it; "
                                 "found {} of it",
                                 *config.priced.offset));
  }
  if (config.volume_window < 1) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("the volume window must be at least 1 session; found {}", config.volume_window));
  }
}

/// Gives the portfolio as it will be once `plan` is done.
void project(const OrderPlan& plan, std::vector<Holding>& holdings) {
  std::vector<Holding> projected;
  for (const PlannedTarget& target : plan.targets) {
    const Holding* held = find_holding(holdings, target.instrument);
    if (target.kind == TargetKind::kHold && held == nullptr) continue;
    if (target.kind == TargetKind::kWeight && target.weight == 0.0) continue;
    Holding holding = held != nullptr ? *held : Holding{target.instrument, 0.0, 0};
    if (target.kind != TargetKind::kHold) holding.weight = target.weight;
    projected.push_back(holding);
  }
  std::sort(projected.begin(), projected.end(),
            [](const Holding& left, const Holding& right) { return left.instrument < right.instrument; });
  holdings = std::move(projected);
}

}  // namespace

class Engine::Loop {
 public:
  Loop(const EngineConfig& config, Clock& clock, MarketFeed& feed, Broker& broker, Strategy& strategy,
       Ledger& ledger, Journal& journal, RiskControl* risk, OrderCheck* checks)
      : config_(config),
        clock_(clock),
        feed_(feed),
        broker_(broker),
        strategy_(strategy),
        ledger_(ledger),
        journal_(journal),
        risk_(risk),
        checks_(checks),
        drafter_(feed.symbols().size()) {
    state_.capital = -ledger.balance(Account::kCapital);
  }

  std::optional<SessionReport> step() {
    const auto session = clock_.next();
    if (!session) return std::nullopt;
    session_ = *session;
    report_ = SessionReport{};
    feed_.open(session_);
    drain_events();
    accrue_financing();
    apply_entitlements();
    if (checks_ != nullptr) {
      checks_->open_session(session_, feed_);
      opening_equity_ = ledger_.equity();
      reduce_by_force();
    }
    trade_due_plan();
    apply_late_funding();
    if (checks_ != nullptr) checks_->close_session(session_, feed_);
    ledger_.mark(feed_.closes());
    apply_delistings();
    close_account();
    decide();
    return complete_report();
  }

  void set_mode(TradingMode mode) {
    state_.mode = mode;
    if (mode == TradingMode::kOn) return;
    state_.pending.clear();
    if (mode == TradingMode::kFlatten) state_.pending.push_back({state_.steps, closing_plan()});
  }
  const EngineState& state() const { return state_; }
  void restore(EngineState state) { state_ = std::move(state); }

 private:
  /// Books what was borrowed and what lay idle since the session before, at its prices.
  void accrue_financing() {
    const int days = feed_.days_since_last();
    if (state_.steps == 0 || days <= 0 || !config_.financing.any()) return;
    book_interest(days);
    for (const Position& position : ledger_.positions()) {
      if (position.quantity.micros < 0) charge_borrowing(position, days);
    }
  }

  void book_interest(int days) {
    const Money free = ledger_.free_cash();
    JournalEntry entry = new_entry(EntryKind::kInterest, kNoInstrument);
    entry.rate = accrued_rate(free.micros < 0 ? config_.financing.loan : config_.financing.cash, days);
    if (entry.rate.parts_per_billion == 0 || free.micros == 0) return;
    entry.quantity = kWholeShare;
    entry.price = free;
    entry.value = ledger_.interest(free, entry.rate);
    entry.reason = free.micros < 0 ? "loan" : "cash";
    write(entry);
    report_.financing += entry.value;
  }

  void charge_borrowing(const Position& position, int days) {
    JournalEntry entry = new_entry(EntryKind::kBorrowFee, position.instrument);
    entry.rate = accrued_rate(config_.financing.borrow_rate(position.instrument), days);
    if (entry.rate.parts_per_billion == 0) return;
    entry.quantity = position.quantity;
    entry.price = position.mark;
    entry.value = ledger_.borrow_fee(position.instrument, entry.rate);
    entry.reason = "borrowed shares";
    write(entry);
    report_.financing += entry.value;
  }

  void apply_entitlements() {
    actions_.clear();
    feed_.collect_entitlements(watched_positions(), actions_);
    for (const CorporateAction& action : actions_) {
      if (action.kind == CorporateActionKind::kSplit) {
        apply_split(action);
      } else if (action.kind == CorporateActionKind::kFunding) {
        apply_funding(action);
      } else {
        apply_dividend(action);
      }
    }
  }

  /// Returns what is held, and, without shares, what is to be bought: its orders count in shares of their
  /// day.
  std::span<const Position> watched_positions() {
    watched_.assign(ledger_.positions().begin(), ledger_.positions().end());
    for (const PendingPlan& pending : state_.pending) {
      for (const PlannedTarget& target : pending.plan.targets) {
        const auto place = std::lower_bound(watched_.begin(), watched_.end(), target.instrument,
                                            [](const Position& position, std::uint32_t instrument) {
                                              return position.instrument < instrument;
                                            });
        if (place != watched_.end() && place->instrument == target.instrument) continue;
        Position wanted;
        wanted.instrument = target.instrument;
        watched_.insert(place, wanted);
      }
    }
    return watched_;
  }

  void apply_split(const CorporateAction& action) {
    const Rate ratio = to_rate(action.amount);
    scale_plans(action.instrument, ratio);
    JournalEntry entry = new_entry(EntryKind::kSplit, action.instrument);
    const Position* before = ledger_.find(action.instrument);
    if (before == nullptr) return;
    const Quantity held = before->quantity;
    entry.quantity = ledger_.split(action.instrument, ratio);
    entry.reason = action.reason;
    write(entry);
    const Quantity fraction = held + entry.quantity - round_down(held + entry.quantity, config_.lot);
    if (fraction.micros != 0) {
      close_shares(EntryKind::kCashInLieu, action.instrument, fraction, ledger_.find(action.instrument)->mark,
                   action.reason);
    }
  }

  void scale_plans(std::uint32_t instrument, Rate ratio) {
    for (PendingPlan& pending : state_.pending) {
      for (PlannedTarget& target : pending.plan.targets) {
        if (target.instrument == instrument) {
          target.quantity = round_down(multiply(target.quantity, ratio), config_.lot);
        }
      }
    }
  }

  void apply_dividend(const CorporateAction& action) {
    const Position* position = ledger_.find(action.instrument);
    if (position == nullptr) return;
    JournalEntry entry = new_entry(EntryKind::kDividend, action.instrument);
    entry.quantity = position->quantity;
    entry.price = to_money(action.amount);
    entry.value = ledger_.dividend(action.instrument, entry.price);
    entry.reason = action.reason;
    write(entry);
  }

  void apply_late_funding() {
    actions_.clear();
    feed_.collect_late_funding(ledger_.positions(), actions_);
    for (const CorporateAction& action : actions_) apply_funding(action);
  }

  void apply_funding(const CorporateAction& action) {
    const Position* position = ledger_.find(action.instrument);
    if (position == nullptr) return;
    JournalEntry entry = new_entry(EntryKind::kFunding, action.instrument);
    entry.quantity = position->quantity;
    entry.price = to_money(action.price);
    entry.rate = to_rate(action.amount);
    entry.value = ledger_.funding(action.instrument, entry.price, entry.rate);
    entry.reason = action.reason;
    write(entry);
    report_.funding += entry.value;
  }

  void apply_delistings() {
    actions_.clear();
    feed_.collect_delistings(ledger_.positions(), actions_);
    for (const CorporateAction& action : actions_) {
      const Position* position = ledger_.find(action.instrument);
      const Money price = multiply(position->mark, to_rate(1.0 + action.amount));
      close_shares(EntryKind::kDelisting, action.instrument, position->quantity, price, action.reason);
    }
  }

  /// Takes shares out of a position at a price, without an order.
  void close_shares(EntryKind kind, std::uint32_t instrument, Quantity quantity, Money price,
                    std::string_view reason) {
    JournalEntry entry = new_entry(kind, instrument);
    entry.side = quantity.micros > 0 ? OrderSide::kSell : OrderSide::kBuy;
    entry.quantity = magnitude(quantity);
    entry.price = price;
    entry.reason = reason;
    book(entry);
  }

  void write(const JournalEntry& entry) {
    journal_.append(entry);
    if (checks_ != nullptr) checks_->booked(entry);
  }

  /// Books an entry that trades shares for money, completes and journals it.
  void book(JournalEntry& entry) {
    const Quantity signed_quantity = entry.side == OrderSide::kBuy ? entry.quantity : -entry.quantity;
    const TradeBooking booking =
        ledger_.trade(entry.instrument, signed_quantity, entry.price, entry.commission, entry.slippage);
    entry.value = booking.value;
    entry.realised = booking.realised;
    write(entry);
  }

  AccountView view_account() const { return {session_, ledger_.equity(), ledger_.positions()}; }

  /// Closes what the checks want closed before anything else: sales, then purchases. Who has paused the
  /// account sends nothing.
  void reduce_by_force() {
    if (state_.mode == TradingMode::kPaused) return;
    reductions_.clear();
    checks_->force(view_account(), reductions_);
    if (reductions_.empty()) return;
    for (const OrderSide side : {OrderSide::kSell, OrderSide::kBuy}) {
      for (const ForcedReduction& reduction : reductions_) send_reduction(reduction, side);
    }
    for (PendingPlan& pending : state_.pending) give_way(pending.plan);
  }

  void send_reduction(const ForcedReduction& reduction, OrderSide side) {
    const Position* held = ledger_.find(reduction.instrument);
    if (held == nullptr || (held->quantity.micros > 0) != (side == OrderSide::kSell)) return;
    Quantity quantity = round_down(reduction.quantity, config_.lot);
    if (quantity < reduction.quantity) quantity += config_.lot;
    quantity = std::min(quantity, magnitude(held->quantity));
    send({reduction.instrument, side, quantity, 0.0, kForced, false}, kUnlimitedBudget, Money{});
  }

  /// Leaves of a plan what makes positions smaller.
  void give_way(OrderPlan& plan) {
    for (PlannedTarget& target : plan.targets) {
      if (target.kind == TargetKind::kHold) continue;
      const Position* position = ledger_.find(target.instrument);
      const Quantity held = position != nullptr ? position->quantity : Quantity{};
      const bool is_purchase = target.kind == TargetKind::kCashShare;
      const bool turns = (target.quantity.micros < 0) != (held.micros < 0);
      if (is_purchase || held.micros == 0 || (!turns && magnitude(target.quantity) > magnitude(held))) {
        target.kind = TargetKind::kHold;
        target.cash_share = 0.0;
        target.quantity = Quantity{};
      } else if (turns) {
        target.quantity = Quantity{};
        target.weight = 0.0;
      }
    }
  }

  /// Lets the checks say what they see of the account at the close.
  void close_account() {
    if (checks_ == nullptr) return;
    findings_.clear();
    checks_->close_account(view_account(), findings_);
    for (const OrderFinding& finding : findings_) journal_.note(finding);
  }

  void trade_due_plan() {
    // What is left of a decision gives way to the next one.
    while (state_.pending.size() > 1 && state_.pending[1].due_step <= state_.steps) {
      state_.pending.erase(state_.pending.begin());
    }
    if (state_.pending.empty() || state_.pending.front().due_step > state_.steps) return;
    draft_slice(state_.pending.front());
    if (state_.pending.front().plan.slices == 0) state_.pending.erase(state_.pending.begin());
    for (const OrderRequest& request : requests_.reductions) send(request, kUnlimitedBudget, Money{});
    for (const OrderRequest& request : requests_.shorts) send(request, kUnlimitedBudget, Money{});
    for (const OrderRequest& request : requests_.covers) send(request, kUnlimitedBudget, Money{});
    send_purchases();
  }

  /// Drafts the orders of one session, and leaves the rest for the next.
  void draft_slice(PendingPlan& pending) {
    OrderPlan& plan = pending.plan;
    const bool is_first = !pending.begun;
    for (PlannedTarget& target : plan.targets) {
      // Cash buys what is not held when the decision is first traded.
      const bool holds =
          is_first && target.kind == TargetKind::kCashShare && ledger_.find(target.instrument) != nullptr;
      if (holds) target.kind = TargetKind::kHold;
    }
    const int parts = config_.slice_volume_share ? 1 : plan.slices;
    drafter_.draft(plan, ledger_, requests_, parts, config_.lot);
    pending.begun = true;
    pending.due_step = state_.steps + 1;
    --plan.slices;
  }

  void send_purchases() {
    const double cash = ledger_.cash().units();
    for (const OrderRequest& request : requests_.purchases) {
      const Money budget = std::max(ledger_.cash(), Money{});
      send(request, budget, std::max(to_money(cash * request.cash_share), Money{}));
    }
  }

  /// Returns the order as a check is to see it.
  CheckedOrder checked(const Order& order) const {
    CheckedOrder checked;
    checked.order = order;
    checked.session = session_;
    checked.time = start_of(session_.date);
    const KnownPrices prices = feed_.known_prices(order.instrument);
    if (prices.last_close > 0.0) checked.last_close = to_money(prices.last_close);
    checked.price = price_before_sending(order, prices);
    if (const Position* position = ledger_.find(order.instrument)) checked.held = position->quantity;
    for (const Order& open : open_orders_) {
      if (open.instrument != order.instrument || open.notional.micros > 0) continue;
      checked.held += open.side == OrderSide::kBuy ? open.quantity : -open.quantity;
    }
    checked.amount = order.notional.micros > 0;
    checked.shares = order.quantity;
    const Money price = checked.likely_price();
    if (checked.amount) {
      checked.shares = price.micros > 0 ? shares_for(order.notional, price, config_.lot) : Quantity{};
    }
    checked.equity = opening_equity_;
    return checked;
  }

  /// Returns the price at which an order would trade as far as is known before it is sent; zero: nobody
  /// knows.
  static Money price_before_sending(const Order& order, const KnownPrices& prices) {
    if (order.type == OrderType::kMarketOnOpen) return Money{};
    if (order.type == OrderType::kLimit || order.type == OrderType::kStop) return order.price;
    return prices.open > 0.0 ? to_money(prices.open) : Money{};
  }

  /// Asks the checks whether an order may be sent, and writes down what they say.
  bool allowed(const Order& order) {
    if (checks_ == nullptr) return true;
    const CheckedOrder asked = checked(order);
    findings_.clear();
    checks_->judge(asked, findings_);
    for (const OrderFinding& finding : findings_) journal_.note(finding);
    if (!refuses(findings_)) {
      checks_->sent(asked);
      return true;
    }
    journal_.append(UnfilledOrder{session_, order.instrument, order.side, order.id,
                                  asked.amount ? Quantity{} : order.quantity, UnfilledReason::kRefused});
    return false;
  }

  void send(const OrderRequest& request, Money budget, Money notional) {
    Order order;
    order.id = ++state_.last_order_id;
    order.instrument = request.instrument;
    order.side = request.side;
    order.type = config_.order_type;
    if (is_priced(request)) set_price(order);
    order.quantity = request.cash_share > 0.0 ? kUnlimitedShares : request.quantity;
    order.notional = notional;
    order.budget = budget;
    order.volume_limit = volume_limit(request);
    order.reason = request.reason;
    if (request.cash_share > 0.0 && notional.micros == 0) {
      journal_.append(
          UnfilledOrder{session_, order.instrument, order.side, order.id, Quantity{}, UnfilledReason::kCash});
      return;
    }
    if (order.price.micros < 0) {  // nobody knows what it would be
      journal_.append(UnfilledOrder{session_, order.instrument, order.side, order.id,
                                    request.cash_share > 0.0 ? Quantity{} : order.quantity,
                                    UnfilledReason::kPrice});
      return;
    }
    if (!allowed(order)) return;
    open_orders_.push_back(order);
    broker_.submit(order);
    drain_events();
  }

  /// Whoever flattens by hand wants out at any price, who is forced to close has to.
  bool is_priced(const OrderRequest& request) const {
    const bool at_any_price = request.reason == kFlattened || request.reason == kForced;
    if (!config_.priced.offset || at_any_price) return false;
    return config_.priced.of == PricedOrders::Of::kAll ||
           request.opens == (config_.priced.of == PricedOrders::Of::kEntries);
  }

  void set_price(Order& order) const {
    order.type = config_.priced.type;
    const double close = feed_.known_prices(order.instrument).last_close;
    const bool below = (order.side == OrderSide::kBuy) == (order.type != OrderType::kStop);
    const double away = below ? 1.0 - *config_.priced.offset : 1.0 + *config_.priced.offset;
    order.price = close > 0.0 ? to_money(close * away) : Money{-1};
  }

  /// What is forced is no slice of a decision.
  Quantity volume_limit(const OrderRequest& request) const {
    const double slice = request.reason == kForced ? kNoShare : config_.slice_volume_share.value_or(kNoShare);
    const double share = std::min(config_.max_volume_share.value_or(kNoShare), slice);
    if (share == kNoShare) return kUnlimitedShares;
    const double shares = share * feed_.trailing_volume(request.instrument, config_.volume_window);
    if (shares >= kUnlimitedShares.units()) return kUnlimitedShares;
    return round_down(to_quantity(shares), config_.lot);
  }

  void drain_events() {
    events_.clear();
    broker_.poll(events_);
    for (const OrderEvent& event : events_) apply_event(event);
  }

  void apply_event(const OrderEvent& event) {
    const auto order = std::find_if(open_orders_.rbegin(), open_orders_.rend(),
                                    [&](const Order& open) { return open.id == event.order_id; });
    if (order == open_orders_.rend()) {
      throw external_error(ErrorCode::kDataCorrupt,
                           fmt::format("the broker answers an order that is not open: {}", event.order_id));
    }
    if (event.kind == OrderEventKind::kFill) {
      apply_fill(*order, event);
    } else {
      journal_.append(UnfilledOrder{session_, order->instrument, order->side, order->id, event.quantity,
                                    event.unfilled_reason});
    }
    if (event.last) open_orders_.erase(std::next(order).base());
  }

  void apply_fill(const Order& order, const OrderEvent& event) {
    JournalEntry entry = new_entry(EntryKind::kTrade, order.instrument);
    entry.side = order.side;
    entry.order_id = order.id;
    entry.quantity = event.quantity;
    entry.price = event.price;
    entry.commission = event.commission;
    entry.slippage = event.slippage;
    entry.reason = order.reason;
    book(entry);
    (order.side == OrderSide::kBuy ? report_.bought : report_.sold) += entry.value;
    report_.commission += event.commission;
    report_.slippage += event.slippage;
  }

  void decide() {
    ++state_.steps;
    if (ledger_.equity().micros <= 0) return;
    collect_holdings();
    decision_.rebalance = false;
    decision_.targets.clear();
    const RiskInput risk_input{session_.row,     session_.date,   ledger_.equity().units(),
                               net_deposit(),    feed_.symbols(), feed_.scores(),
                               feed_.tradable(), holdings_,       feed_.view()};
    if (risk_ != nullptr) risk_->observe(risk_input);
    const auto shown =
        risk_ != nullptr ? risk_->uncontrolled(holdings_) : std::span<const Holding>(holdings_);
    if (state_.mode == TradingMode::kPaused) return;
    if (state_.mode == TradingMode::kFlatten) {
      close_everything();
    } else {
      strategy_.decide({session_.row, session_.date, feed_.symbols(), feed_.scores(), feed_.tradable(), shown,
                        feed_.uncertainty(), feed_.view()},
                       decision_);
    }
    if (risk_ != nullptr) risk_->control(risk_input, decision_);
    if (!decision_.rebalance) return;
    if (state_.mode == TradingMode::kFlatten && decision_.targets.empty()) return;
    journal_.append(session_, decision_);
    state_.pending.push_back({state_.steps + static_cast<std::size_t>(config_.delay) - 1,
                              plan_orders(session_, decision_, ledger_, feed_.closes(), config_.lot)});
    state_.pending.back().plan.slices = config_.slices;
  }

  /// Everything that is held, to be closed in the next session.
  OrderPlan closing_plan() const {
    OrderPlan plan;
    plan.decided = session_;
    for (const Position& position : ledger_.positions()) {
      plan.targets.push_back({position.instrument, TargetKind::kWeight, Quantity{}, 0.0, 0.0, kFlattened});
    }
    return plan;
  }

  void close_everything() {
    for (const Holding& held : holdings_) {
      Target target;
      target.instrument = held.instrument;
      target.score = std::numeric_limits<double>::quiet_NaN();
      target.reason = kFlattened;
      decision_.targets.push_back(target);
    }
    decision_.rebalance = true;  // also where nothing is held: the risk control is to want nothing either
  }

  /// Returns what was paid in since it was last asked.
  double net_deposit() {
    const Money capital = -ledger_.balance(Account::kCapital);
    const double paid = (capital - state_.capital).units();
    state_.capital = capital;
    return paid;
  }

  void collect_holdings() {
    holdings_.clear();
    const double equity = ledger_.equity().units();
    for (const Position& position : ledger_.positions()) {
      holdings_.push_back({position.instrument, position.value.units() / equity, position.sessions});
    }
    for (const PendingPlan& pending : state_.pending) project(pending.plan, holdings_);
  }

  SessionReport complete_report() {
    report_.session = session_;
    report_.cash = ledger_.cash();
    report_.equity = ledger_.equity();
    report_.positions = ledger_.positions().size();
    for (const Position& position : ledger_.positions()) {
      (position.quantity.micros > 0 ? report_.long_value : report_.short_value) += position.value;
    }
    return report_;
  }

  JournalEntry new_entry(EntryKind kind, std::uint32_t instrument) const {
    JournalEntry entry;
    entry.session = session_;
    entry.kind = kind;
    entry.instrument = instrument;
    return entry;
  }

  const EngineConfig config_;
  Clock& clock_;
  MarketFeed& feed_;
  Broker& broker_;
  Strategy& strategy_;
  Ledger& ledger_;
  Journal& journal_;
  RiskControl* const risk_;
  OrderCheck* const checks_;

  EngineState state_;
  Session session_;
  Money opening_equity_;  ///< before the session's orders
  SessionReport report_;
  std::vector<Order> open_orders_;
  OrderDrafter drafter_;
  OrderRequests requests_;
  Decision decision_;
  std::vector<Holding> holdings_;
  std::vector<CorporateAction> actions_;
  std::vector<Position> watched_;
  std::vector<OrderEvent> events_;
  std::vector<OrderFinding> findings_;
  std::vector<ForcedReduction> reductions_;
};

Engine::Engine(const EngineConfig& config, Clock& clock, MarketFeed& feed, Broker& broker, Strategy& strategy,
               Ledger& ledger, Journal& journal, RiskControl* risk, OrderCheck* checks) {
  check_config(config);
  check_financing(config.financing, feed.symbols().size());
  loop_ = std::make_unique<Loop>(config, clock, feed, broker, strategy, ledger, journal, risk, checks);
}

Engine::~Engine() = default;

std::optional<SessionReport> Engine::step() { return loop_->step(); }

void Engine::set_mode(TradingMode mode) { loop_->set_mode(mode); }

EngineState Engine::state() const { return loop_->state(); }

void Engine::restore(EngineState state) { loop_->restore(std::move(state)); }

std::string_view to_string(TradingMode mode) {
  switch (mode) {
    case TradingMode::kOn:
      return "on";
    case TradingMode::kFlatten:
      return "flatten";
    case TradingMode::kPaused:
      return "paused";
  }
  return "";
}

}  // namespace orrery
