#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "orrery/app/account_folder.h"
#include "orrery/app/run_study.h"
#include "orrery/base/wait_clock.h"
#include "orrery/execution/reconcile.h"

namespace orrery {

/// How an account is traded.
struct TradeRequest {
  std::filesystem::path account;  ///< its folder; made where it is not
  std::string broker = "paper";
  std::filesystem::path routes;  ///< the file of the broker `routed` (route_file.h); "" for all others
  ReconcilePolicy reconcile = ReconcilePolicy::kStop;
  bool sync_orders = false;  ///< each order outlives a power failure before it is sent
  bool new_study = false;    ///< go on where the study is another one than the account's
  /// Whether the ladder's `confirm.after` does not stand for the person; nothing: as before.
  std::optional<bool> person_confirms;
  std::optional<Date> until;        ///< last session to do
  double pause_seconds = 0.0;       ///< between two sessions of a replay
  std::function<bool()> cancelled;  ///< asked between two sessions: true stops there
  /// Told of what the account did: one sentence each.
  std::function<void(const std::string&)> tell;
};

struct TradeOutcome {
  std::size_t sessions = 0;  ///< done by this call
  std::size_t left = 0;      ///< that the data has beyond
  AccountStatus status;
};

/// Trades a study's account over the sessions of its data that it has not done: the study is run (what an
/// earlier run in the account's folder has learned stays), and its scores go through the engine to the broker
/// one session after the other. On the same data the account does the trades of the study's backtest,
/// however often it was stopped or killed. The account keeps what decides its trades: another study is
/// refused, unless `new_study` says to go on with it. Prices in its books that the data no longer have are
/// told. Errors: kUnavailable while another program trades the account;
/// kInvalidArgument for another study or other routes; as run_study, read_routes, BarAccount.
TradeOutcome trade_study(const Study& study, const Plugins& plugins, const TradeRequest& request,
                         const RunOptions& options, WaitClock& clock, Progress& progress = silent_progress());

}  // namespace orrery
