#include <fmt/format.h>

#include "apps/cli/command_line.h"
#include "plugins/providers/simulated.h"

namespace orrery::cli {
namespace {

struct SimulateArguments {
  plugins::providers::SimulatedMarketOptions options;
  std::string out;
  bool csv = false;
  bool clean = false;
  bool json = false;
};

void simulate_command(CommandLine& line, const SimulateArguments& arguments) {
  auto options = arguments.options;
  options.damage = !arguments.clean;
  const auto market = plugins::providers::simulate_market(options, line.terminal.progress());
  plugins::providers::write_simulated_market(market, arguments.out, arguments.csv);
  if (arguments.json) {
    line.terminal.print(plugins::providers::simulation_json(market.summary) + "\n");
    return;
  }
  const auto& summary = market.summary;
  line.terminal.print(
      fmt::format("{}\n{} rows of {} names, {} to {} ({} damaged on purpose)\nprices   {}\nsectors  {}\n",
                  plugins::providers::simulation_banner(options.signal_ic), summary.rows, options.instruments,
                  to_string(summary.first_date), to_string(summary.last_date), summary.damage.size(),
                  (std::filesystem::path(arguments.out) / "ohlcv.parquet").string(),
                  (std::filesystem::path(arguments.out) / "sectors.csv").string()));
}

}  // namespace

void add_simulate(CLI::App& app, CommandLine& line) {
  auto* command =
      add_command(app, "simulate", "Make a market with a planted signal of known strength, as price files",
                  "orrery simulate --instruments 500 --years 5 --seed 7 --signal 0.03 --out out/market");
  auto arguments = std::make_shared<SimulateArguments>();
  auto& options = arguments->options;
  command
      ->add_option("--out", arguments->out,
                   "Folder of the price files; an earlier simulation there is replaced")
      ->required()
      ->type_name("DIR");
  command->add_option("--instruments", options.instruments, "Number of names")
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--years", options.years, "Length of the history")
      ->capture_default_str()
      ->type_name("Y");
  command->add_option("--seed", options.seed, "Seed: the same options give the same bytes")
      ->capture_default_str()
      ->type_name("S");
  command
      ->add_option("--signal", options.signal_ic,
                   "Planted daily rank IC; 0 is a market in which nothing is predictable")
      ->capture_default_str()
      ->type_name("IC");
  command->add_flag("--clean", arguments->clean, "No damaged rows");
  command->add_flag("--csv", arguments->csv, "Also write ohlcv.csv, with damage that Parquet can't hold");
  add_threads_option(*command, options.threads);
  command->add_flag("--json", arguments->json, "Print the description as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { simulate_command(line, *arguments); }; });
}

}  // namespace orrery::cli
