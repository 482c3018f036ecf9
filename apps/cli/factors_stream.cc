#include "apps/cli/factors_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include "apps/cli/factor_request.h"
#include "apps/cli/interrupt.h"
#include "orrery/app/factor_stream.h"
#include "orrery/base/error.h"
#include "orrery/data/csv.h"

namespace orrery::cli {
namespace {

/// Refused lines are shown one by one up to here, then only counted.
constexpr std::size_t kShownRefusals = 10;

struct StreamArguments {
  FactorRequest factors;
  PriceRequest prices;
  std::string in = "-";
  std::string out = "-";
  bool json = false;
  std::string history;
  std::string symbols;
  std::string state;
  std::int64_t save_every = 0;
};

std::string input_name(const StreamArguments& arguments) {
  return arguments.in == "-" ? "standard input" : arguments.in;
}

/// The symbols of a file's column, or of a list with commas.
std::vector<std::string> read_symbols(const std::string& text) {
  std::vector<std::string> symbols;
  if (std::filesystem::exists(text)) {
    const auto table = read_text_table(text);
    const std::size_t column = find_text_column(table, {"symbol"});
    for (const auto& row : table.rows) symbols.push_back(row[column]);
  } else if (!split_csv_line(text, symbols)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("--symbols: a quote is not closed in '{}'", text));
  }
  std::sort(symbols.begin(), symbols.end());
  symbols.erase(std::unique(symbols.begin(), symbols.end()), symbols.end());
  return symbols;
}

std::map<std::string, std::string> sectors_by_symbol(const std::filesystem::path& path) {
  std::map<std::string, std::string> result;
  if (path.empty()) return result;
  const auto table = read_text_table(path);
  const std::size_t symbol = find_text_column(table, {"symbol"});
  const std::size_t sector = find_text_column(table, {"sector"});
  for (const auto& row : table.rows) result[row[symbol]] = row[sector];
  return result;
}

StreamInstruments find_instruments(const StreamArguments& arguments,
                                   const std::optional<PriceLoad>& history) {
  if (history && arguments.symbols.empty()) return {history->market.symbols, history->market.sectors};
  if (history)
    throw user_error(ErrorCode::kInvalidArgument, "give --symbols or --history: the history has its symbols");
  StreamInstruments result{read_symbols(arguments.symbols), {}};
  const auto sectors = sectors_by_symbol(arguments.prices.source.sectors);
  for (const auto& symbol : result.symbols) {
    if (sectors.empty()) break;
    const auto found = sectors.find(symbol);
    result.sectors.push_back(found == sectors.end() ? "" : found->second);
  }
  return result;
}

void tell_summary(const FactorStreamSummary& summary, const StreamArguments& arguments) {
  fmt::print(stderr, "{} rows{}{}, {} lines refused{}\n", summary.rows,
             summary.continued ? fmt::format(" after the state in {}", arguments.state) : "",
             summary.rows_of_history > 0
                 ? fmt::format(" after {} of {}", summary.rows_of_history, arguments.history)
                 : "",
             summary.refused_lines,
             arguments.state.empty() ? "" : fmt::format("; state written to {}", arguments.state));
}

void run(CommandLine& line, const StreamArguments& arguments) {
  if (arguments.history.empty() && arguments.symbols.empty()) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        "whose rows will come? Give --symbols A,B,C, or --history FILE with their prices until now");
  }
  const auto definitions = arguments.factors.definitions();
  std::optional<PriceLoad> history;
  if (!arguments.history.empty())
    history = load_prices(arguments.prices.of_file(arguments.history, 0), line.terminal.progress());
  const StreamInstruments instruments = find_instruments(arguments, history);
  StreamingFactors factors(definitions, instruments, arguments.factors.parsed_precision());

  FactorStreamOptions options;
  std::ifstream in_file;
  if (arguments.in != "-") {
    in_file.open(arguments.in);
    if (!in_file) throw user_error(ErrorCode::kNotFound, fmt::format("{}: can't be opened", arguments.in));
  }
  std::ofstream out_file;
  if (arguments.out != "-") {
    std::error_code unknown;
    const auto size = std::filesystem::file_size(arguments.out, unknown);
    options.header = unknown || size == 0;
    out_file.open(arguments.out, std::ios::app);
    if (!out_file) throw external_error(ErrorCode::kIo, fmt::format("{}: can't be written", arguments.out));
  }

  watch_interrupts(PendingReads::kWake);
  std::size_t refused = 0;
  options.format = arguments.json ? StreamFormat::kJson : StreamFormat::kCsv;
  options.source = input_name(arguments);
  options.state = arguments.state;
  options.save_every = arguments.save_every;
  options.history = history ? &history->market : nullptr;
  options.cancelled = interrupted;
  options.refuse = [&](std::size_t number, std::string_view reason) {
    if (++refused <= kShownRefusals)
      fmt::print(stderr, "{}, line {}: {}\n", input_name(arguments), number, reason);
    if (refused == kShownRefusals) fmt::print(stderr, "further refused lines are only counted\n");
  };
  const auto summary = stream_factors(factors, instruments.symbols, arguments.in == "-" ? std::cin : in_file,
                                      arguments.out == "-" ? std::cout : out_file, options);
  tell_summary(summary, arguments);
  if (summary.cancelled) throw user_error(ErrorCode::kCancelled, "stopped on request");
}

}  // namespace

void add_factors_stream(CLI::App& factors, CommandLine& line) {
  auto* command = add_command(
      factors, "stream",
      "Compute factors row by row as rows come in, with the values that compute gives.\n"
      "Lines have the columns date (or time), symbol and the fields that are read, as comma-separated\n"
      "text with a header or as JSON objects. An empty line or a later moment completes a row.",
      "feed | orrery factors stream --set alpha158 --history ohlcv.parquet --state alpha158.state");
  auto arguments = std::make_shared<StreamArguments>();
  add_factor_options(*command, arguments->factors);
  command->add_option("--in", arguments->in, "Where lines come from; - is standard input")
      ->capture_default_str()
      ->type_name("FILE");
  command->add_option("--out", arguments->out, "Where values go, added at the end; - is standard output")
      ->capture_default_str()
      ->type_name("FILE");
  command->add_flag("--json", arguments->json, "Write an object a line instead of comma-separated text");
  command
      ->add_option("--history", arguments->history,
                   "Prices until now (.parquet, .csv, .csv.gz), so that the first row has values at once")
      ->type_name("FILE");
  command
      ->add_option("--symbols", arguments->symbols,
                   "Without a history: the symbols, with commas or in a file with a column symbol")
      ->type_name("LIST|FILE");
  command
      ->add_option("--state", arguments->state,
                   "Where the stream's memory is kept: the next call goes on from there")
      ->type_name("FILE");
  command->add_option("--save-every", arguments->save_every, "Write the state after so many rows, too")
      ->check(CLI::NonNegativeNumber)
      ->type_name("ROWS");
  arguments->prices.adjustment = "backward";  // so that rows as traded go on where the history ends
  add_price_options(*command, arguments->prices);
  command->callback([&line, arguments] { line.action = [&line, arguments] { run(line, *arguments); }; });
}

}  // namespace orrery::cli
