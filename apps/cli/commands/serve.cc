#include "apps/server/serve.h"

#include <fmt/format.h>

#include <filesystem>

#include "apps/cli/command_line.h"
#include "apps/cli/interrupt.h"
#include "orrery/base/error.h"

namespace orrery::cli {
namespace {

struct ServeArguments {
  std::string config;
  std::string data;
  std::string features;
  int port = -1;
};

server::ServeOptions options_of(const ServeArguments& arguments) {
  server::ServeOptions options;
  if (!arguments.config.empty()) options = server::read_serve_options(arguments.config);
  if (!arguments.data.empty()) options.data = arguments.data;
  if (!arguments.features.empty()) options.features = arguments.features;
  if (arguments.port >= 0) options.listener.port = static_cast<std::uint16_t>(arguments.port);
  return options;
}

void tell_start(CommandLine& line, const server::ServerStart& start) {
  std::string text = fmt::format("Orrery serves at {}\n", start.url);
  text += fmt::format("  the API's guide   {}/docs\n  the log           {}\n", start.url, start.log.string());
  if (!start.admin_token.empty()) {
    text += fmt::format(
        "\nYour first token (role admin, good for a year). It is shown this once and kept nowhere:\n\n  "
        "{}\n\n",
        start.admin_token);
  }
  text += "Ctrl-C stops it.\n";
  line.terminal.print(text);
}

void serve_command(CommandLine& line, const ServeArguments& arguments) {
  const server::ServeOptions options = options_of(arguments);
  watch_interrupts();
  watch_reloads();
  server::serve(
      options, line.plugins, [&line](const server::ServerStart& start) { tell_start(line, start); },
      [] {
        if (interrupted()) return server::ServerWish::kStop;
        return take_reload() ? server::ServerWish::kReload : server::ServerWish::kGoOn;
      });
}

}  // namespace

void add_serve(CLI::App& app, CommandLine& line) {
  auto* command =
      add_command(app, "serve", "Serve runs, recommendations and accounts by REST, streams and pages",
                  "orrery serve --data out --port 8080");
  auto arguments = std::make_shared<ServeArguments>();
  command->add_option("--config", arguments->config, "Settings in YAML (docs/server.md)")->type_name("FILE");
  command
      ->add_option("--data", arguments->data, "Folder of runs and accounts (out, or what the settings say)")
      ->type_name("DIR");
  command->add_option("--features", arguments->features, "Features to serve (docs/features.md)")
      ->type_name("FILE.yaml");
  command->add_option("--port", arguments->port, "Port to listen at (8080; 0: any that is free)")
      ->check(CLI::Range(0, 65535))
      ->type_name("PORT");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { serve_command(line, *arguments); }; });
}

}  // namespace orrery::cli
