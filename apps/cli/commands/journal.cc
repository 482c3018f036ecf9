#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/cli/command_line.h"
#include "orrery/backtest/journal_verify.h"
#include "orrery/base/error.h"
#include "orrery/data/parquet.h"

namespace orrery::cli {
namespace {

nlohmann::ordered_json differences_json(const JournalVerification& verification) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& difference : verification.differences) {
    list.push_back({{"date", to_string(difference.date)},
                    {"what", difference.what},
                    {"symbol", difference.symbol},
                    {"rebuilt_micros", difference.rebuilt},
                    {"written_micros", difference.written}});
  }
  return list;
}

void verify_command(CommandLine& line, const std::string& folder, bool json) {
  const std::filesystem::path run(folder);
  const auto verification =
      verify_journal(read_parquet(run / "trades.parquet"), read_parquet(run / "positions.parquet"),
                     read_parquet(run / "equity.parquet"));
  if (json) {
    const nlohmann::ordered_json summary = {{"verified", verification.verified()},
                                            {"sessions", verification.sessions},
                                            {"entries", verification.entries},
                                            {"differences", differences_json(verification)}};
    line.terminal.print(summary.dump(1) + "\n");
  } else {
    line.terminal.print(verification.summary() + "\n");
  }
  if (!verification.verified()) {
    throw user_error(ErrorCode::kDataCorrupt, fmt::format("the books do not match the trades: {}", folder));
  }
}

}  // namespace

void add_journal(CLI::App& app, CommandLine& line) {
  auto* journal = app.add_subcommand("journal", "Check the books of a run");
  journal->require_subcommand(1);
  auto* verify =
      add_command(*journal, "verify", "Rebuild cash, positions and equity from trades and prices alone",
                  "orrery journal verify out/demo");
  struct Arguments {
    std::string folder;
    bool json = false;
  };
  auto arguments = std::make_shared<Arguments>();
  verify->add_option("run", arguments->folder, "Folder of a run")->required()->type_name("RUN");
  verify->add_flag("--json", arguments->json, "Print as JSON");
  verify->callback([&line, arguments] {
    line.action = [&line, arguments] { verify_command(line, arguments->folder, arguments->json); };
  });
}

}  // namespace orrery::cli
