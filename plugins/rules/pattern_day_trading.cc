// The order that would make a margin account a pattern day trader, where its equity is too small for one.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/execution/check_state.h"
#include "orrery/execution/day_trades.h"
#include "plugins/rules/registry.h"

namespace orrery::plugins::rules::pattern_day_trading_plugin {
namespace {

constexpr std::string_view kRule = "pattern_day_trading";
constexpr int kWindow = 5;  // business days, in every row

struct Terms {
  bool in_force = true;
  int day_trades = 4;
  double share_of_trades = 0.06;  // more than this of all trades
  double least_equity = 25'000.0;
  DayTradeCount count = DayTradeCount::kOpeningOrders;
};

std::string words_of(const Terms& terms) {
  if (!terms.in_force) return "no longer in force";
  return fmt::format(
      "{} day trades within {} business days and more than {} % of all trades; under {}, counted by {}",
      terms.day_trades, kWindow, 100.0 * terms.share_of_trades, terms.least_equity,
      terms.count == DayTradeCount::kDirections ? "turns of direction" : "opening orders");
}

DatedTerms<Terms> row_of(Date from, const Terms& terms, std::string source) {
  return {from, terms, words_of(terms), std::move(source)};
}

const std::vector<DatedTerms<Terms>>& table() {
  static const std::vector<DatedTerms<Terms>> rows = {
      row_of(make_date(2001, 9, 28), {true, 4, 0.06, 25'000.0, DayTradeCount::kOpeningOrders},
             "NASD Rule 2520(f)(8)(B), SEC Release 34-44009; from 2010-12-02 FINRA Rule 4210(f)(8)(B)"),
      row_of(make_date(2021, 3, 24), {true, 4, 0.06, 25'000.0, DayTradeCount::kDirections},
             "FINRA Rule 4210(f)(8)(B) with Interpretation /02, Regulatory Notice 21-13"),
      row_of(make_date(2026, 6, 4), {false, 0, 0.0, 0.0, DayTradeCount::kDirections},
             "SR-FINRA-2025-017, SEC Release 34-105226 (91 FR 20731): replaced by intraday margin")};
  return rows;
}

RuleInfo describe() {
  RuleInfo info;
  info.summary = "Day trades of a margin account under 25,000.";
  info.jurisdictions = {"us"};
  info.parameters = {rule_mode("block"),
                     {"phase_in_until", std::string(),
                      "last day on which the broker still applies the rule that ended on 2026-06-04"}};
  info.table = rule_rows(table());
  return info;
}

class PatternDayTrading final : public OrderCheck {
 public:
  PatternDayTrading(bool margin, bool blocks, std::optional<Date> phase_in_until)
      : margin_(margin), blocks_(blocks), phase_in_until_(phase_in_until), trades_(kWindow, {}) {}

  void open_session(const Session& session, const MarketFeed& /*feed*/) override {
    trades_.open_session(session);
    terms_ = terms_of(session.date);
    if (terms_ != nullptr) trades_.set_count(terms_->count);
  }

  void booked(const JournalEntry& entry) override { trades_.book(entry); }

  /// Of an account that had no such rule, what it holds is known, not its trades of the last days.
  void begin(const PastEntries& past) override {
    if (restored_) return;
    for (const JournalEntry& entry : past(std::nullopt)) trades_.book(entry);
  }

  void judge(const CheckedOrder& order, std::vector<OrderFinding>& findings) const override {
    if (!margin_ || terms_ == nullptr || order.equity.units() >= terms_->least_equity) return;
    const int added = trades_.added_by(order);
    if (added == 0) return;
    const int day_trades = trades_.day_trades() + added;
    const int trades = trades_.trades() + 1;
    const double share = static_cast<double>(day_trades) / trades;
    if (day_trades < terms_->day_trades || share <= terms_->share_of_trades) return;
    findings.push_back(finding(
        order, blocks_, kRule,
        fmt::format("day trade {} within {} business days, {:.1f} % of {} trades, with an equity of {:.2f} "
                    "under {:.2f}",
                    day_trades, kWindow, 100.0 * share, trades, order.equity.units(), terms_->least_equity)));
  }

  std::string save() const override { return trades_.save(); }
  void restore(std::string_view state) override {
    trades_.restore(state);
    restored_ = true;
  }

 private:
  /// Returns the terms that the broker applies on a day; null: none.
  const Terms* terms_of(Date day) const {
    const Terms* terms = terms_on(day, table());
    if (terms == nullptr || terms->in_force) return terms;
    return phase_in_until_ && day <= *phase_in_until_ ? terms_on(table().back().from - 1, table()) : nullptr;
  }

  bool margin_;
  bool blocks_;
  std::optional<Date> phase_in_until_;
  const Terms* terms_ = nullptr;
  DayTrades trades_;
  bool restored_ = false;
};

std::unique_ptr<OrderCheck> make(const RuleContext& context, const ParameterMap& parameters) {
  const std::string& text = get_string(parameters, "phase_in_until");
  const auto until = parse_date(text);
  if (!text.empty() && !until) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("phase_in_until must be a date; found '{}'", text));
  }
  return std::make_unique<PatternDayTrading>(context.margin_account,
                                             get_string(parameters, "mode") == "block", until);
}

}  // namespace

void add_to(Registry& registry) { registry.add(std::string(kRule), {describe(), make}); }

}  // namespace orrery::plugins::rules::pattern_day_trading_plugin
