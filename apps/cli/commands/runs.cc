#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/cli/command_line.h"
#include "apps/cli/decimals.h"
#include "orrery/app/run_index.h"
#include "orrery/base/error.h"

namespace orrery::cli {
namespace {

struct RunsArguments {
  std::string folder = "out";
  std::string run;
  std::vector<std::string> tags;
  bool yes = false;
  bool json = false;
};

void list_command(CommandLine& line, const RunsArguments& arguments) {
  const RunIndex index = list_runs(arguments.folder);
  if (arguments.json) {
    line.terminal.print(run_index_json(index));
    return;
  }
  TextTable table = {{"run", "study", "finished, UTC", "rank IC", "net a year", "Sharpe", "tags"}};
  for (const auto& [run, tags] : index.runs) {
    auto finished = run.finished.substr(0, 16);
    std::replace(finished.begin(), finished.end(), 'T', ' ');
    table.push_back({run.folder.filename().string(), run.name, finished,
                     decimals(run.metric("rank_ic_mean"), 4), percent(run.metric("annual_return")),
                     decimals(run.metric("sharpe"), 2), fmt::format("{}", fmt::join(tags, ", "))});
  }
  if (index.runs.empty()) {
    line.terminal.print(fmt::format("No runs under {}.\n", arguments.folder));
  } else {
    line.terminal.print_table(table);
  }
  for (const auto& reason : index.unreadable) line.terminal.print(fmt::format("unreadable: {}\n", reason));
}

void tag_command(CommandLine& line, const RunsArguments& arguments) {
  const auto folder = find_run(arguments.run, arguments.folder);
  const auto tags = tag_run(folder, arguments.tags);
  line.terminal.print(fmt::format("{}: {}\n", folder.string(), fmt::join(tags, ", ")));
}

/// Asks on a terminal; elsewhere only --yes will do.
bool confirm(const std::filesystem::path& folder) {
  if (::isatty(STDIN_FILENO) != 1) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("deleting needs a yes; give --yes to delete {}", folder.string()));
  }
  fmt::print(stderr, "Delete the run {} with all it holds? [y/N] ", folder.string());
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

void delete_command(CommandLine& line, const RunsArguments& arguments) {
  const auto folder = find_run(arguments.run, arguments.folder);
  if (!arguments.yes && !confirm(folder)) {
    line.terminal.print("Nothing was deleted.\n");
    return;
  }
  delete_run(folder);
  line.terminal.print(fmt::format("Deleted {}. Its trial stays in the ledger.\n", folder.string()));
}

void add_folder_option(CLI::App& command, std::string& folder) {
  command.add_option("--in", folder, "Folder that holds the runs")->capture_default_str()->type_name("DIR");
}

}  // namespace

void add_runs(CLI::App& app, CommandLine& line) {
  auto* runs = add_command(app, "runs", "List the runs under out/; tag and delete them", "orrery runs");
  runs->require_subcommand(0, 1);
  auto arguments = std::make_shared<RunsArguments>();
  add_folder_option(*runs, arguments->folder);
  runs->add_flag("--json", arguments->json, "Print as JSON");
  auto* tag = add_command(*runs, "tag", "Give a run tags to know it by", "orrery runs tag demo base keep");
  tag->add_option("run", arguments->run, "A run's folder, or its name under out/")
      ->required()
      ->type_name("RUN");
  tag->add_option("tags", arguments->tags, "The tags")->required()->type_name("TAG");
  auto* remove = add_command(*runs, "delete", "Delete a run's folder", "orrery runs delete demo --yes");
  remove->add_option("run", arguments->run, "A run's folder, or its name under out/")
      ->required()
      ->type_name("RUN");
  remove->add_flag("--yes", arguments->yes, "Do not ask");
  runs->callback([&line, arguments, tag, remove] {
    line.action = [&line, arguments, tagging = tag->parsed(), deleting = remove->parsed()] {
      if (tagging) return tag_command(line, *arguments);
      if (deleting) return delete_command(line, *arguments);
      list_command(line, *arguments);
    };
  });
}

}  // namespace orrery::cli
