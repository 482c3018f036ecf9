#include <fmt/format.h>

#include "apps/cli/alert_channels.h"
#include "apps/cli/command_line.h"
#include "apps/cli/operation_text.h"
#include "orrery/alert/alert_router.h"
#include "orrery/base/error.h"
#include "orrery/base/named_value.h"
#include "orrery/base/wait_clock.h"
#include "orrery/operate/operation.h"

namespace orrery::cli {
namespace {

struct AlertArguments {
  std::string file, channel, title, text, key;
  std::string level = "warning";
  std::string who = "the console";
  std::int64_t number = 0;
  std::size_t rows = 20;
  bool open = false;
  bool json = false;
};

Operation operation_of(const AlertArguments& arguments) {
  return read_operation(arguments.file, alert_channels());
}

/// Errors: kUnavailable where a channel did not take the message, after all were tried.
void test_command(CommandLine& line, const AlertArguments& arguments) {
  const Operation operation = operation_of(arguments);
  AlertStore store(alert_database(operation.state));
  AlertRouter router(operation.alerts, alert_channels(), store);
  const Timestamp now = system_wait_clock().now();
  const AlertMessage message{
      0,
      {AlertLevel::kInfo, "test", "A test of this channel", "Nothing has happened.\n", "orrery alert test"},
      now};
  std::size_t asked = 0;
  std::size_t failed = 0;
  for (const ChannelSettings& channel : operation.alerts.channels) {
    if (!arguments.channel.empty() && channel.name != arguments.channel) continue;
    ++asked;
    try {
      router.send_now(channel.name, message);
      line.terminal.print(fmt::format("{}: sent\n", channel.name));
    } catch (const Error& error) {
      ++failed;
      line.terminal.print(fmt::format("{}: {}\n", channel.name, error.what()));
    }
  }
  if (asked == 0) router.send_now(arguments.channel, message);  // says which there are
  if (failed > 0)
    throw external_error(ErrorCode::kUnavailable, fmt::format("{} of {} channels failed", failed, asked));
}

void send_command(CommandLine& line, const AlertArguments& arguments) {
  const Operation operation = operation_of(arguments);
  AlertStore store(alert_database(operation.state));
  AlertRouter router(operation.alerts, alert_channels(), store);
  const Timestamp now = system_wait_clock().now();
  const std::string& key = arguments.key.empty() ? arguments.title : arguments.key;
  const auto level = find_named<AlertLevel>(arguments.level).value_or(AlertLevel::kWarning);
  router.raise({level, key, arguments.title, arguments.text, "orrery alert send"}, now);
  router.deliver(now);
  line.terminal.print_table(alert_table(store.alerts(1)));
}

void list_alerts(CommandLine& line, const AlertArguments& arguments) {
  AlertStore store(alert_database(operation_of(arguments).state));
  const auto alerts = store.alerts(arguments.rows, arguments.open);
  if (arguments.json) return line.terminal.print(alerts_json(alerts));
  if (alerts.empty())
    return line.terminal.print(arguments.open ? "No alert is open.\n" : "There has been no alert.\n");
  line.terminal.print_table(alert_table(alerts));
}

void acknowledge_command(CommandLine& line, const AlertArguments& arguments) {
  AlertStore store(alert_database(operation_of(arguments).state));
  const KeptAlert alert = store.acknowledge(arguments.number, arguments.who, system_wait_clock().now());
  line.terminal.print(
      fmt::format("{}: {} (acknowledged by {})\n", alert.number, alert.alert.title, alert.acknowledged_by));
}

using AlertAction = void (*)(CommandLine&, const AlertArguments&);

CLI::App* add_alert_command(CLI::App& alert, CommandLine& line,
                            const std::shared_ptr<AlertArguments>& arguments, const std::string& name,
                            const std::string& summary, const std::string& example, AlertAction action) {
  auto* command = add_command(alert, name, summary, example);
  command->add_option("file", arguments->file, "The file of the operation, for its section 'alerts'")
      ->required()
      ->type_name("DAILY.yaml");
  command->callback(
      [&line, arguments, action] { line.action = [&line, arguments, action] { action(line, *arguments); }; });
  return command;
}

}  // namespace

void add_alert(CLI::App& app, CommandLine& line) {
  auto* alert = add_command(app, "alert", "Test the channels of alerts, send, list and acknowledge alerts",
                            "orrery alert test daily.yaml");
  alert->require_subcommand(1);
  auto arguments = std::make_shared<AlertArguments>();
  auto* test = add_alert_command(*alert, line, arguments, "test", "Send a message through each channel",
                                 "orrery alert test daily.yaml --channel desk", test_command);
  test->add_option("--channel", arguments->channel, "Only this one")->type_name("NAME");
  auto* send = add_alert_command(*alert, line, arguments, "send", "Raise an alert",
                                 "orrery alert send daily.yaml --title 'disk nearly full' --level critical",
                                 send_command);
  send->add_option("--title", arguments->title, "One line")->required()->type_name("TEXT");
  send->add_option("--text", arguments->text, "More about it")->type_name("TEXT");
  send->add_option("--key", arguments->key, "What it is about: the same key is told once [the title]")
      ->type_name("KEY");
  send->add_option("--level", arguments->level, "How much it matters")
      ->check(CLI::IsMember({"info", "warning", "critical"}))
      ->capture_default_str()
      ->type_name("LEVEL");
  auto* list =
      add_alert_command(*alert, line, arguments, "list", "Show the last alerts and how they were told",
                        "orrery alert list daily.yaml --open", list_alerts);
  list->add_flag("--open", arguments->open, "Only those that nobody has acknowledged");
  list->add_option("--rows", arguments->rows, "How many")->capture_default_str()->type_name("N");
  list->add_flag("--json", arguments->json, "Print as JSON");
  auto* ack =
      add_alert_command(*alert, line, arguments, "ack", "Acknowledge an alert, so that it is not escalated",
                        "orrery alert ack daily.yaml 12", acknowledge_command);
  ack->add_option("number", arguments->number, "The alert's number")->required()->type_name("NUMBER");
  ack->add_option("--who", arguments->who, "Who has seen it")->capture_default_str()->type_name("NAME");
}

}  // namespace orrery::cli
