#include "orrery/app/trade_study.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "orrery/app/account_terms.h"
#include "orrery/app/route_file.h"
#include "orrery/app/run_continuation.h"
#include "orrery/app/run_folder.h"
#include "orrery/app/score_intervals.h"
#include "orrery/app/study_strategy.h"
#include "orrery/app/trade_scores.h"
#include "orrery/backtest/bar_account.h"
#include "orrery/backtest/restated_prices.h"
#include "orrery/base/error.h"

namespace orrery {
namespace {

constexpr const char* kRun = "run";

/// What is said of a study besides its trades takes time, and an account does not need it.
Study without_comparisons(const Study& study) {
  Study bare = study;
  bare.baselines = false;
  bare.robustness.reset();
  return bare;
}

/// Runs the study in the account's folder, taking up what is there.
StudyRun score_study(const Study& study, const Plugins& plugins, const TradeRequest& request,
                     const RunOptions& given, Progress& progress) {
  const auto folder = request.account / kRun;
  RunOptions options = given;
  RunContinuation continuation(study, plugins, folder, true);
  options.folds = &continuation;
  StudyRun run = run_study(study, plugins, options, progress);
  write_run_folder(study, run, folder, "", options);
  continuation.finish();
  return run;
}

RowRange sessions_of(const StudyRun& run, std::optional<Date> until) {
  const MarketData& market = run.prices.market;
  RowRange rows = scored_rows(run.walk.scores);
  if (until) rows.end = std::min(rows.end, market.lower_row(*until + 1));
  if (rows.end > rows.begin) return rows;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("the last session to do, {}, is before the first with scores, {}",
                               to_string(*until), to_string(market.dates[rows.begin])));
}

std::string sentence(const RiskEvent& event) {
  return fmt::format("{}: risk level {} -> {}: {}", to_string(event.date), event.from, event.to, event.cause);
}

constexpr std::size_t kMostNamed = 10;

/// Names the first of several, and how many more there are.
std::string listed(const std::vector<std::string>& items) {
  const std::size_t named = std::min(items.size(), kMostNamed);
  std::string text = fmt::format("{}", fmt::join(items.begin(), items.begin() + named, "; "));
  if (items.size() > named) text += fmt::format("; and {} more", items.size() - named);
  return text;
}

/// What the account is to trade by, and what of that is new to it.
struct NewTerms {
  AccountTerms terms;
  std::string change;
};

NewTerms terms_of(const Study& study, const TradeRequest& request, const RouteTerms& routes) {
  const auto before = account_terms(request.account);
  NewTerms now{{deciding_settings(study.yaml), false}, "kept for the first time"};
  if (!routes.venues.empty()) now.terms.study.merge(deciding_settings(routes));
  now.terms.person_confirms = request.person_confirms.value_or(before && before->person_confirms);
  if (!before) return now;
  std::vector<std::string> changes = changed_settings(before->study, now.terms.study);
  if (!changes.empty() && !request.new_study) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("the account was traded by another study: {}; --new-study goes on with this "
                                 "one from here: {}",
                                 listed(changes), request.account.string()));
  }
  if (before->person_confirms != now.terms.person_confirms) {
    changes.emplace_back(now.terms.person_confirms ? "a person confirms" : "the study confirms");
  }
  now.change = listed(changes);
  return now;
}

/// Returns nothing where one broker has all orders.
RouteTerms routes_of(const TradeRequest& request, const Plugins& plugins) {
  const bool is_routed = request.broker == kRoutedBroker;
  if (is_routed && !request.routes.empty()) return read_routes(request.routes, plugins.brokers);
  if (!is_routed && request.routes.empty()) return {};
  throw user_error(ErrorCode::kInvalidArgument,
                   is_routed ? "--broker routed needs the file of its venues: --routes FILE"
                             : fmt::format("--routes belongs to --broker routed, found --broker {}: {}",
                                           request.broker, request.routes.string()));
}

void tell_restated(const TradeRequest& request, const MarketData& market) {
  if (!request.tell || !is_account(request.account)) return;
  const auto restated = find_restated_prices(AccountDatabase(request.account / kAccountBooks).read(), market);
  if (restated.empty()) return;
  std::vector<std::string> said;
  for (const RestatedPrice& price : restated) said.push_back(describe(price));
  request.tell(
      fmt::format("the data were restated after the account booked them, its books stay as they "
                  "are: {}",
                  listed(said)));
}

/// An account at work, with the words of people and what it tells them.
class Desk {
 public:
  Desk(BarAccount& account, const TradeRequest& request, WaitClock& clock, const NewTerms& terms)
      : account_(account), request_(request), clock_(clock), terms_(terms) {}

  std::size_t work(Progress& progress) {
    std::size_t done = 0, told = 0;
    obey();
    progress.begin("trade", account_.sessions_left());
    while (account_.sessions_left() > 0 && !(request_.cancelled && request_.cancelled())) {
      if (done > 0 && request_.pause_seconds > 0.0) clock_.wait(request_.pause_seconds);
      told = account_.risk_events().size();
      if (!account_.step()) break;
      ++done;
      progress.advance();
      obey();
    }
    progress.end();
    // Those of earlier sessions are history by now.
    for (const RiskEvent& event : account_.risk_events().subspan(told)) tell(sentence(event));
    for (const BookDifference& difference : account_.adopted()) {
      tell(fmt::format("taken over from the broker:{}", describe(std::span(&difference, 1))));
    }
    return done;
  }

 private:
  void obey() {
    if (!account_.can_obey()) return;
    account_.take_terms(to_json(terms_.terms), terms_.change);
    for (const AccountCommand& command : waiting_commands(request_.account)) {
      const bool changed = account_.obey(command);
      tell(fmt::format("{}: {}", to_string(command.kind), changed ? "done" : "nothing to do"));
      remove_command(request_.account, command);
    }
  }

  void tell(const std::string& text) const {
    if (request_.tell) request_.tell(text);
  }

  BarAccount& account_;
  const TradeRequest& request_;
  WaitClock& clock_;
  const NewTerms& terms_;
};

}  // namespace

TradeOutcome trade_study(const Study& given, const Plugins& plugins, const TradeRequest& request,
                         const RunOptions& options, WaitClock& clock, Progress& progress) {
  const BrokerEntry& broker = plugins.brokers.get(request.broker);
  const RouteTerms routes = routes_of(request, plugins);
  const auto lock = lock_account(request.account);
  const NewTerms now = terms_of(given, request, routes);
  const Study study = without_comparisons(given);
  const StudyRun run = score_study(study, plugins, request, options, progress);
  tell_restated(request, run.prices.market);
  BarAccountSettings settings{study.backtest, request.reconcile, request.sync_orders, to_json(now.terms)};
  settings.trading.rows = sessions_of(run, request.until);
  if (settings.trading.ladder && now.terms.person_confirms) settings.trading.ladder->confirm_after.reset();
  const auto& regimes = run.evaluation.regimes;
  const auto strategy = study_strategy(study, plugins, regimes ? &*regimes : nullptr);
  const UncertaintyPanels uncertainty =
      panels_of(run.evaluation.intervals, run.deviations ? &run.deviations->values : nullptr);
  const auto make_broker = [&](const BrokerContext& basic) {
    BrokerContext context = basic;
    context.brokers = &plugins.brokers;
    context.routes = &routes;
    context.clock = &clock;
    return broker.factory(context);
  };
  TradeOutcome outcome;
  {
    BarAccount account(run.prices.market, run.walk.scores, *strategy, settings,
                       {local_disk(), request.account}, make_broker, clock,
                       strategy->reads_uncertainty() ? uncertainty : UncertaintyPanels{});
    if (account.cut_bytes() > 0 && request.tell) {
      request.tell(
          fmt::format("{} bytes of an unfinished line were cut off the journal's end", account.cut_bytes()));
    }
    outcome.sessions = Desk(account, request, clock, now).work(progress);
    outcome.left = account.sessions_left();
  }
  outcome.status = read_account(request.account);
  return outcome;
}

}  // namespace orrery
