// Orders that would defer a loss.
#include "orrery/execution/wash_sales.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "orrery/execution/check_state.h"
#include "plugins/rules/registry.h"

namespace orrery::plugins::rules::wash_sales_plugin {
namespace {

constexpr std::string_view kRule = "wash_sales";

struct Terms {
  int window_days = 30;
};

const std::vector<DatedTerms<Terms>>& table() {
  static const std::vector<DatedTerms<Terms>> rows = {
      {make_date(1954, 8, 16),
       {30},
       "the loss is deferred; not of contracts under section 1256 or crypto-currencies",
       "26 U.S.C. 1091, Treas. Reg. 1.1091-1 and -2, IRS Pub. 550"}};
  return rows;
}

RuleInfo describe() {
  RuleInfo info;
  info.summary = "Losses with the same security bought within 30 days before or after.";
  info.jurisdictions = {"us"};
  info.parameters = {
      rule_mode("account", {"account", "warn", "block"}),
      {"lots", std::string("fifo"), "which lot a sale takes", {}, {}, {"fifo", "lifo", "highest_cost"}},
      {"exempt", std::string(), "symbols of contracts under section 1256 and of crypto-currencies"},
  };
  info.table = rule_rows(table());
  return info;
}

class WashSales final : public OrderCheck {
 public:
  WashSales(const std::string& mode, WashSaleSettings settings)
      : asks_(mode != "account"), blocks_(mode == "block"), book_(std::move(settings)) {}

  void booked(const JournalEntry& entry) override {
    if (entry.instrument != kNoInstrument) book_.book(entry);
  }

  void judge(const CheckedOrder& order, std::vector<OrderFinding>& findings) const override {
    if (!asks_) return;
    const auto forecast = book_.forecast(order);
    if (!forecast) return;
    const bool opens = forecast->bought == order.session.date;
    findings.push_back(finding(
        order, blocks_, kRule,
        opens ? fmt::format("{} shares replace what was sold on {} at a loss: {:.2f} would be deferred",
                            forecast->shares.units(), to_string(forecast->sale), forecast->loss.units())
              : fmt::format("{} shares were replaced on {} already: a loss of {:.2f} would be deferred",
                            forecast->shares.units(), to_string(forecast->bought), forecast->loss.units())));
  }

  void close_session(const Session& session, const MarketFeed& /*feed*/) override { seen_ = session.date; }

  std::string save() const override {
    nlohmann::json state{{"book", nlohmann::json::parse(book_.save())}};
    if (seen_) state["seen"] = seen_->days;
    return state.dump();
  }
  void restore(std::string_view state) override {
    read_check_state(kRule, state, [&](const nlohmann::json& read) {
      book_.restore(read.at("book").dump());
      seen_.reset();
      if (read.contains("seen")) seen_ = Date{read.at("seen").get<std::int32_t>()};
    });
  }
  /// Lots of an account that had none, or was traded without them for a while, are those of its bookings.
  void begin(const PastEntries& past) override {
    for (const JournalEntry& entry : past(seen_)) booked(entry);
  }

 private:
  bool asks_;
  bool blocks_;
  WashSaleBook book_;
  std::optional<Date> seen_;  ///< all bookings up to this day are in the book
};

std::unique_ptr<OrderCheck> make(const RuleContext& context, const ParameterMap& parameters) {
  WashSaleSettings settings;
  settings.window_days = table().back().terms.window_days;
  settings.method = parse_lot_method(get_string(parameters, "lots"));
  settings.exempt = marked_symbols(get_string(parameters, "exempt"), context.symbols);
  return std::make_unique<WashSales>(get_string(parameters, "mode"), std::move(settings));
}

}  // namespace

void add_to(Registry& registry) { registry.add(std::string(kRule), {describe(), make}); }

}  // namespace orrery::plugins::rules::wash_sales_plugin
