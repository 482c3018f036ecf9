#include <fmt/format.h>

#include <exception>

#include "apps/cli/command_line.h"
#include "apps/cli/events.h"
#include "orrery/app/version.h"
#include "orrery/base/child_process.h"
#include "orrery/base/error.h"
#include "orrery/base/threads.h"
#include "orrery/portfolio/optimized_strategy.h"
#include "plugins/brokers/registry.h"
#include "plugins/models/registry.h"
#include "plugins/online_stores/registry.h"
#include "plugins/optimizers/registry.h"
#include "plugins/providers/registry.h"
#include "plugins/rules/registry.h"
#include "plugins/stores/registry.h"
#include "plugins/strategies/registry.h"

namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

void add_plugins(orrery::Plugins& plugins) {
  orrery::plugins::models::register_all(plugins.models);
  orrery::plugins::strategies::register_all(plugins.strategies);
  orrery::plugins::optimizers::register_all(plugins.optimizers);
  orrery::add_optimized_strategies(plugins.optimizers, plugins.strategies);
  orrery::plugins::providers::register_all(plugins.providers);
  orrery::plugins::rules::register_all(plugins.rules);
  orrery::plugins::brokers::register_all(plugins.brokers);
  orrery::plugins::online_stores::register_all(plugins.online_stores);
  orrery::plugins::stores::register_all(orrery::lake_stores());
}

/// Wrong options have exit code 2; --help and --version are no errors.
int report_usage(const CLI::App& app, const CLI::ParseError& error) {
  return app.exit(error) == 0 ? 0 : kWrongUsage;
}

int report_error(const orrery::Error& error) {
  orrery::cli::tell_error(error);
  fmt::print(stderr, "orrery: {}\n", error.what());
  if (error.code() == orrery::ErrorCode::kCancelled) return orrery::kInterruptedStatus;
  if (error.origin() == orrery::ErrorOrigin::kInternal) {
    fmt::print(stderr,
               "This is a defect in Orrery; please report it with the command and the message above.\n");
  }
  return kFailed;
}

int run(int argc, char** argv) {
  orrery::cli::CommandLine line;
  add_plugins(line.plugins);
  CLI::App app("Orrery: from market data to orders.\nStart with: orrery run STUDY.yaml", "orrery");
  app.set_version_flag("--version", std::string(orrery::kVersion));
  app.require_subcommand(1);
  app.get_formatter()->column_width(28);
  orrery::cli::add_all_commands(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report_usage(app, error);
  }
  line.action();
  return line.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  orrery::end_with_parent_if_asked();
  orrery::limit_spinning();
  try {
    return run(argc, argv);
  } catch (const orrery::Error& error) {
    return report_error(error);
  } catch (const std::exception& error) {
    return report_error(orrery::internal_error(error.what()));
  }
}
