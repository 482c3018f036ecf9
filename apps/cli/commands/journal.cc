#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/cli/command_line.h"
#include "orrery/app/account_folder.h"
#include "orrery/backtest/bar_account.h"
#include "orrery/backtest/journal_verify.h"
#include "orrery/backtest/result_tables.h"
#include "orrery/base/error.h"
#include "orrery/data/parquet.h"
#include "orrery/data/prices.h"
#include "orrery/execution/hash_chain.h"

namespace orrery::cli {
namespace {

nlohmann::ordered_json differences_json(const std::vector<JournalDifference>& differences) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& difference : differences) {
    list.push_back({{"date", to_string(difference.date)},
                    {"what", difference.what},
                    {"symbol", difference.symbol},
                    {"rebuilt_micros", difference.rebuilt},
                    {"written_micros", difference.written}});
  }
  return list;
}

struct VerifyArguments {
  std::string folder;
  std::string prices;
  std::string calendar = "XNYS";
  bool json = false;
};

std::vector<JournalDifference> check_prices(CommandLine& line, const VerifyArguments& arguments,
                                            const Table& positions) {
  PriceSource source;
  source.path = arguments.prices;
  source.calendar = arguments.calendar;
  const PriceLoad prices = load_prices(source, line.terminal.progress());
  return verify_prices(positions, prices.market);
}

std::string say_prices(const std::vector<JournalDifference>& differences) {
  if (differences.empty()) return "Every price in the books is the raw close of the price file.\n";
  const auto& first = differences.front();
  return fmt::format(
      "{} prices in the books differ from the price file; the first: {} on {}, {:.6f} in the file, "
      "{:.6f} in the books.\n",
      differences.size(), first.symbol, to_string(first.date), static_cast<double>(first.rebuilt) / 1e6,
      static_cast<double>(first.written) / 1e6);
}

/// The tables that books are rebuilt from.
struct Books {
  Table trades, positions, equity;
};

/// Of a run's folder, or of an account's, whose journal has to be whole, too.
Books read_books(const std::filesystem::path& folder) {
  if (!is_account(folder)) {
    return {read_parquet(folder / "trades.parquet"), read_parquet(folder / "positions.parquet"),
            read_parquet(folder / "equity.parquet")};
  }
  const BacktestResult books = AccountDatabase(folder / kAccountBooks).read();
  return {trades_table(books), positions_table(books), equity_table(books)};
}

/// Looks at every line of an account's chained files, as far as its books were committed with them at least.
/// An unfinished last one is no fault: the account cuts it off when it goes on.
std::string verify_chains(const std::filesystem::path& folder) {
  std::string told;
  for (const ChainedFile& file : read_account(folder).chained_files) {
    const ChainCheck chain = check_chained_file(folder / file.name, file.mark);
    if (chain.fault && !chain.fault->torn) {
      throw user_error(ErrorCode::kDataCorrupt,
                       fmt::format("the account's {} was changed: {}", file.name, chain.fault->problem));
    }
    told +=
        fmt::format("The {} lines of {} are chained as they were written.\n", chain.good.lines, file.name);
  }
  return told;
}

void verify_command(CommandLine& line, const VerifyArguments& arguments) {
  const auto& folder = arguments.folder;
  const Books books = read_books(folder);
  const auto verification = verify_journal(books.trades, books.positions, books.equity);
  std::vector<JournalDifference> prices;
  if (!arguments.prices.empty()) prices = check_prices(line, arguments, books.positions);
  const std::string chain = is_account(folder) ? verify_chains(folder) : "";
  if (arguments.json) {
    nlohmann::ordered_json summary = {{"verified", verification.verified() && prices.empty()},
                                      {"sessions", verification.sessions},
                                      {"entries", verification.entries},
                                      {"differences", differences_json(verification.differences)}};
    if (!arguments.prices.empty()) summary["price_differences"] = differences_json(prices);
    line.terminal.print(summary.dump(1) + "\n");
  } else {
    line.terminal.print(verification.summary() + "\n" + chain);
    if (!arguments.prices.empty()) line.terminal.print(say_prices(prices));
  }
  if (!verification.verified())
    throw user_error(ErrorCode::kDataCorrupt, fmt::format("the books do not match the trades: {}", folder));
  if (!prices.empty()) {
    throw user_error(ErrorCode::kDataCorrupt,
                     fmt::format("the books of {} do not match the prices: {}", folder, arguments.prices));
  }
}

struct ChainArguments {
  std::string file;
  std::string link;
  bool json = false;
};

void chain_command(CommandLine& line, const ChainArguments& arguments) {
  const ChainCheck check = check_chained_file(arguments.file, arguments.link);
  if (arguments.json) {
    nlohmann::ordered_json summary = {
        {"whole", !check.fault}, {"lines", check.good.lines}, {"link", check.good.link}};
    if (check.fault) {
      summary["fault"] = {
          {"line", check.fault->line}, {"torn", check.fault->torn}, {"problem", check.fault->problem}};
    }
    line.terminal.print(summary.dump(1) + "\n");
  } else {
    line.terminal.print(fmt::format("{} lines are what was written; the last link is {}\n", check.good.lines,
                                    check.good.link));
  }
  if (check.fault) {
    throw user_error(ErrorCode::kDataCorrupt, fmt::format("{}: {}", arguments.file, check.fault->problem));
  }
}

void add_chain(CLI::App& journal, CommandLine& line) {
  auto* chain = add_command(journal, "chain", "Check the lines of an audit log or an account's journal",
                            "orrery journal chain audit.jsonl");
  auto arguments = std::make_shared<ChainArguments>();
  chain->add_option("file", arguments->file, "File of chained lines")->required()->type_name("FILE");
  chain
      ->add_option("--link", arguments->link,
                   "The last link, where it was kept elsewhere: finds missing lines, too")
      ->type_name("LINK");
  chain->add_flag("--json", arguments->json, "Print as JSON");
  chain->callback(
      [&line, arguments] { line.action = [&line, arguments] { chain_command(line, *arguments); }; });
}

}  // namespace

void add_journal(CLI::App& app, CommandLine& line) {
  auto* journal = app.add_subcommand("journal", "Check the books of a run or an account");
  journal->require_subcommand(1);
  add_chain(*journal, line);
  auto* verify =
      add_command(*journal, "verify", "Rebuild cash, positions and equity from trades and prices alone",
                  "orrery journal verify out/demo");
  auto arguments = std::make_shared<VerifyArguments>();
  verify->add_option("run", arguments->folder, "Folder of a run, or of an account")
      ->required()
      ->type_name("FOLDER");
  verify->add_option("--prices", arguments->prices, "Hold the books' prices against this price file, too")
      ->type_name("FILE");
  verify->add_option("--calendar", arguments->calendar, "Its trading calendar, or 'file'")
      ->capture_default_str()
      ->type_name("NAME");
  verify->add_flag("--json", arguments->json, "Print as JSON");
  verify->callback(
      [&line, arguments] { line.action = [&line, arguments] { verify_command(line, *arguments); }; });
}

}  // namespace orrery::cli
