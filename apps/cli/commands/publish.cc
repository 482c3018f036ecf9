#include <fmt/format.h>

#include <cmath>

#include "apps/cli/command_line.h"
#include "apps/cli/decimals.h"
#include "apps/cli/moment_option.h"
#include "orrery/app/publish_run.h"
#include "orrery/app/stored_run.h"

namespace orrery::cli {
namespace {

struct PublishArguments {
  std::string run, to, session;
  int min_names = 1;
};

std::string change_of(const NameRecommendation& name) {
  if (name.weight_before == 0.0) return "new";
  return fmt::format("was {}", percent(name.weight_before));
}

void publish_command(CommandLine& line, const PublishArguments& arguments) {
  const auto folder = find_run(arguments.run);
  const PublishTerms terms{*day_of("--session", arguments.session), arguments.min_names};
  const PublishedRun told = publish_run(folder, arguments.to, terms, line.plugins);
  if (!told.banner.empty()) line.terminal.print(told.banner + "\n");
  line.terminal.print(fmt::format("{}, after the close of {}: {} of {} names to hold\n", told.title,
                                  to_string(told.session), told.held.size(), told.scored));
  TextTable table = {{"rank", "name", "weight", "change", "why"}};
  for (const auto& name : told.held) {
    table.push_back(
        {std::to_string(name.rank), name.symbol, percent(name.weight), change_of(name), name.reason});
  }
  if (!told.held.empty()) line.terminal.print_table(table);
  line.terminal.print(fmt::format("published {}\n", told.folder.string()));
}

}  // namespace

void add_publish(CLI::App& app, CommandLine& line) {
  auto* command = add_command(
      app, "publish",
      "Check that a run is good and of a session, and show it where 'orrery serve' recommends from",
      "orrery publish work/daily --to out/daily --session 2024-06-28");
  auto arguments = std::make_shared<PublishArguments>();
  command->add_option("run", arguments->run, "A run's folder, or its name under out/")
      ->required()
      ->type_name("RUN");
  command
      ->add_option("--to", arguments->to,
                   "Folder that it is copied to, in the place of what was published there")
      ->required()
      ->type_name("DIR");
  command->add_option("--session", arguments->session, "The session that the run must have scored last")
      ->required()
      ->type_name("YYYY-MM-DD");
  command->add_option("--min-names", arguments->min_names, "Names that it must have scored then")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("N");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { publish_command(line, *arguments); }; });
}

}  // namespace orrery::cli
