#include "apps/cli/command_line.h"

#include <fmt/format.h>

#include "orrery/base/error.h"

namespace orrery::cli {

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& summary,
                      const std::string& example) {
  auto* command = app.add_subcommand(name, summary);
  command->footer(fmt::format("Example:\n  {}", example));
  return command;
}

void add_threads_option(CLI::App& command, int& threads) {
  command
      .add_option("--threads", threads,
                  "Number of threads; 0 is all cores. Changes the time, never the result")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
}

void add_set_option(CLI::App& command, std::vector<std::string>& settings) {
  command
      .add_option("--set", settings,
                  "Put a value over the study's, such as model.params.num_leaves=32; repeatable")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

std::vector<std::pair<std::string, std::string>> split_settings(const std::vector<std::string>& settings) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& setting : settings) {
    const auto equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("--set wants key=value, found '{}'", setting));
    }
    pairs.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  return pairs;
}

}  // namespace orrery::cli
