#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "apps/cli/account_text.h"
#include "apps/cli/command_line.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/plural.h"
#include "orrery/app/trade_study.h"
#include "orrery/base/error.h"

namespace orrery::cli {
namespace {

struct TradeArguments {
  std::string study, account, until, reconcile = "stop", sync = "session", confirm;
  std::string broker = "paper", routes;
  std::vector<std::string> settings;
  double pause = 0.0;
  int threads = 0;
  bool new_study = false, json = false;
};

Date read_until(const std::string& text) {
  if (const auto date = parse_date(text)) return *date;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("--until: expected a day such as 2024-03-28, found '{}'", text));
}

void trade_command(CommandLine& line, const TradeArguments& arguments) {
  const Study study = read_study(arguments.study, split_settings(arguments.settings), line.plugins);
  TradeRequest request;
  request.account = arguments.account.empty() ? std::filesystem::path("accounts") / study.name
                                              : std::filesystem::path(arguments.account);
  request.broker = arguments.broker;
  request.routes = arguments.routes;
  request.reconcile = parse_reconcile_policy(arguments.reconcile);
  request.sync_orders = arguments.sync == "order";
  request.new_study = arguments.new_study;
  if (!arguments.confirm.empty()) request.person_confirms = arguments.confirm == "person";
  if (!arguments.until.empty()) request.until = read_until(arguments.until);
  request.pause_seconds = arguments.pause;
  request.cancelled = interrupted;
  // For people, so that JSON stays alone on standard output.
  request.tell = [](const std::string& text) { fmt::print(stderr, "orrery: {}\n", text); };
  watch_interrupts();
  RunOptions options{arguments.threads};
  options.cancelled = interrupted;
  const TradeOutcome outcome =
      trade_study(study, line.plugins, request, options, system_wait_clock(), line.terminal.progress());
  if (arguments.json) {
    line.terminal.print(account_json(request.account, outcome.status));
    return;
  }
  line.terminal.print(fmt::format("{} done{}\n\n", plural(outcome.sessions, "session"),
                                  outcome.left == 0 ? "" : fmt::format(", {} left", outcome.left)));
  line.terminal.print(account_text(request.account, outcome.status, line.terminal.width()));
}

struct AccountArguments {
  std::string folder;
  bool json = false;
};

void add_account_argument(CLI::App& command, AccountArguments& arguments) {
  command.add_option("account", arguments.folder, "Folder of the account")->required()->type_name("ACCOUNT");
}

void add_status(CLI::App& trade, CommandLine& line) {
  auto* command =
      add_command(trade, "status", "Show how an account stands: equity, positions, risk, what waits",
                  "orrery trade status accounts/demo");
  auto arguments = std::make_shared<AccountArguments>();
  add_account_argument(*command, *arguments);
  command->add_flag("--json", arguments->json, "Print as JSON");
  command->callback([&line, arguments] {
    line.action = [&line, arguments] {
      const AccountStatus status = read_account(arguments->folder);
      line.terminal.print(arguments->json ? account_json(arguments->folder, status)
                                          : account_text(arguments->folder, status, line.terminal.width()));
    };
  });
}

void add_word(CLI::App& trade, CommandLine& line, CommandKind kind, const std::string& summary) {
  const std::string name(to_string(kind));
  auto* command = add_command(trade, name, summary, fmt::format("orrery trade {} accounts/demo", name));
  auto arguments = std::make_shared<AccountArguments>();
  add_account_argument(*command, *arguments);
  command->callback([&line, arguments, kind] {
    line.action = [&line, arguments, kind] {
      leave_command(arguments->folder, kind);
      line.terminal.print(fmt::format("{}: obeyed before the account's next session\n", to_string(kind)));
    };
  });
}

void add_kill(CLI::App& trade, CommandLine& line) {
  auto* command = add_command(trade, "kill", "Let no order leave any more, at once, until 'revive'",
                              "orrery trade kill accounts/demo --reason 'prices look wrong'");
  auto arguments = std::make_shared<AccountArguments>();
  auto reason = std::make_shared<std::string>("killed by a person");
  add_account_argument(*command, *arguments);
  command->add_option("--reason", *reason, "Stands with every order that is refused")
      ->capture_default_str()
      ->type_name("TEXT");
  command->callback([&line, arguments, reason] {
    line.action = [&line, arguments, reason] {
      kill_account(arguments->folder, *reason);
      line.terminal.print("kill: from now on no order leaves, until 'revive'\n");
    };
  });
}

void add_revive(CLI::App& trade, CommandLine& line) {
  auto* command = add_command(trade, "revive", "Let orders leave again, after 'kill'",
                              "orrery trade revive accounts/demo");
  auto arguments = std::make_shared<AccountArguments>();
  add_account_argument(*command, *arguments);
  command->callback([&line, arguments] {
    line.action = [&line, arguments] {
      line.terminal.print(revive_account(arguments->folder) ? "revive: orders may leave again\n"
                                                            : "revive: the account was not killed\n");
    };
  });
}

}  // namespace

void add_trade(CLI::App& app, CommandLine& line) {
  auto* command =
      add_command(app, "trade", "Trade a study's account over the sessions that it has not done, on paper",
                  "orrery trade examples/demo.yaml --account accounts/demo");
  auto arguments = std::make_shared<TradeArguments>();
  command->add_option("study", arguments->study, "The study whose strategy is traded")
      ->type_name("STUDY.yaml");
  command
      ->add_option("--broker", arguments->broker,
                   "Where orders go; 'paper' fills them from the data's bars, as the backtest does; 'routed' "
                   "sends each to the cheapest of several")
      ->capture_default_str()
      ->type_name("NAME");
  command->add_option("--routes", arguments->routes, "The several brokers of 'routed', and what each charges")
      ->type_name("ROUTES.yaml");
  command
      ->add_option("--account", arguments->account,
                   "Folder of the account; made where it is not [accounts/NAME]")
      ->type_name("DIR");
  command->add_option("--until", arguments->until, "Last session to do [the last of the data]")
      ->type_name("DAY");
  command
      ->add_option("--reconcile", arguments->reconcile,
                   "Where the broker's books differ: 'stop', or 'adopt' its word as an adjustment")
      ->check(CLI::IsMember({"stop", "adopt"}))
      ->capture_default_str()
      ->type_name("POLICY");
  command
      ->add_option("--sync", arguments->sync,
                   "What a power failure can't undo: each 'order' before it is sent, or each 'session'")
      ->check(CLI::IsMember({"order", "session"}))
      ->capture_default_str()
      ->type_name("WHAT");
  command
      ->add_option("--confirm", arguments->confirm,
                   "Who leads back into the market after the ladder's stop: the 'study' (confirm.after), or "
                   "a 'person'; kept by the account [as before; of a new one: study]")
      ->check(CLI::IsMember({"study", "person"}))
      ->type_name("WHO");
  command->add_flag("--new-study", arguments->new_study,
                    "Go on where the study is another one than the account was traded by");
  command->add_option("--pause", arguments->pause, "Seconds between two sessions of a replay")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->type_name("S");
  add_set_option(*command, arguments->settings);
  add_threads_option(*command, arguments->threads);
  command->add_flag("--json", arguments->json, "Print how the account stands as JSON");
  add_status(*command, line);
  add_word(*command, line, CommandKind::kPause, "Send no more orders, until 'resume'");
  add_word(*command, line, CommandKind::kResume, "Trade again, after a pause or a flattening");
  add_word(*command, line, CommandKind::kFlatten,
           "Close everything at the next session, and stay out until 'resume'");
  add_word(*command, line, CommandKind::kConfirm,
           "Let the drawdown ladder lead back into the market after its stop");
  add_kill(*command, line);
  add_revive(*command, line);
  command->callback([&line, arguments, command] {
    if (!command->get_subcommands().empty()) return;
    if (arguments->study.empty()) throw CLI::RequiredError("STUDY.yaml, or one of the subcommands,");
    line.action = [&line, arguments] { trade_command(line, *arguments); };
  });
}

}  // namespace orrery::cli
