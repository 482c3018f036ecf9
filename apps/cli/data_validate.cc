#include "apps/cli/data_validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "apps/cli/plural.h"
#include "orrery/base/clock.h"
#include "orrery/base/error.h"
#include "orrery/data/lake/validate_bars.h"
#include "orrery/data/price_table.h"

namespace orrery::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ValidateArguments {
  std::string table = "bars_1d";
  std::string lake = "lake";
  std::string file, out;
  std::vector<std::string> symbols, kinds;
  std::string basis = "auto";
  std::size_t rows = 20;
  bool repair = false;
  bool strict = false;
  bool json = false;
};

RepairRules rules_of(const ValidateArguments& arguments) {
  if (arguments.kinds.empty()) return {};
  const auto has = [&](const char* kind) {
    return std::find(arguments.kinds.begin(), arguments.kinds.end(), kind) != arguments.kinds.end();
  };
  return {
      .splits = has("splits"), .units = has("units"), .dividends = has("dividends"), .flags = has("flags")};
}

SplitBasis basis_of(const ValidateArguments& arguments, const PriceHistory& history) {
  if (arguments.basis == "as-traded") return SplitBasis::kAsTraded;
  if (arguments.basis == "split-adjusted") return SplitBasis::kAdjusted;
  return split_basis_of(history);
}

bool is_wanted(const ValidateArguments& arguments, const std::string& symbol) {
  const auto& symbols = arguments.symbols;
  return symbols.empty() || std::find(symbols.begin(), symbols.end(), symbol) != symbols.end();
}

Validation validate_file(const ValidateArguments& arguments) {
  PriceTable table(arguments.file);
  Validation result;
  for (std::size_t i = 0; i < table.instruments().size(); ++i) {
    const auto& instrument = table.instruments()[i];
    if (!is_wanted(arguments, instrument.symbol)) continue;
    const auto repair =
        repair_prices(instrument.history, basis_of(arguments, instrument.history), rules_of(arguments));
    ++result.symbols;
    result.rows += instrument.rows.size();
    for (const auto& finding : repair.findings) {
      const auto& days = instrument.history.date;
      result.findings.push_back(
          {instrument.symbol, "", days[finding.first_row], days[finding.last_row], finding});
    }
    table.put(i, repair.history);
  }
  if (arguments.repair) table.write(arguments.out);
  return result;
}

Validation validate(const ValidateArguments& arguments) {
  if (!arguments.file.empty()) return validate_file(arguments);
  Lake lake(arguments.lake);
  return validate_bars(lake, {.table = arguments.table,
                              .symbols = arguments.symbols,
                              .rules = rules_of(arguments),
                              .repair = arguments.repair,
                              .now = current_time()});
}

std::string finding_value(double value) {
  return std::isfinite(value) ? fmt::format("{:.8g}", value) : "none";
}

std::string days_text(const SymbolFinding& found) {
  const auto last = to_string(found.last);
  return found.first == found.last ? last : fmt::format("{} to {}", to_string(found.first), last);
}

/// What is to become of it: done, could be done, told.
std::string fate(const SymbolFinding& found, bool is_done) {
  if (!found.finding.repaired) return "flagged";
  return is_done ? "repaired" : "repairable";
}

Json json_of(const SymbolFinding& found, bool is_done) {
  const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json(); };
  return {{"symbol", found.symbol},          {"source", found.source},
          {"first", to_string(found.first)}, {"last", to_string(found.last)},
          {"field", found.finding.field},    {"kind", to_string(found.finding.fault)},
          {"fate", fate(found, is_done)},    {"was", number(found.finding.was)},
          {"is", number(found.finding.is)},  {"reason", found.finding.reason}};
}

Json json_of(const Validation& result, const ValidateArguments& arguments) {
  Json findings = Json::array();
  for (const auto& found : result.findings) findings.push_back(json_of(found, arguments.repair));
  return {{"symbols", result.symbols},
          {"rows", result.rows},
          {"findings", findings},
          {"repaired_bars", result.repaired_bars},
          {"repaired_actions", result.repaired_actions},
          {"out", arguments.file.empty() || !arguments.repair ? "" : arguments.out}};
}

void print_kinds(const CommandLine& line, const Validation& result, bool is_done) {
  std::map<PriceFault, std::pair<std::size_t, std::size_t>> kinds;  // repaired, flagged
  for (const auto& found : result.findings) {
    auto& counts = kinds[found.finding.fault];
    ++(found.finding.repaired ? counts.first : counts.second);
  }
  TextTable text = {{"kind", is_done ? "repaired" : "repairable", "flagged"}};
  for (const auto& [fault, counts] : kinds) {
    text.push_back(
        {std::string(to_string(fault)), fmt::format("{}", counts.first), fmt::format("{}", counts.second)});
  }
  line.terminal.print_table(text);
}

/// Repairs before flags, each as they come.
void print_findings(const CommandLine& line, const Validation& result, const ValidateArguments& arguments) {
  std::vector<const SymbolFinding*> order;
  for (const auto& found : result.findings) order.push_back(&found);
  std::stable_partition(order.begin(), order.end(),
                        [](const auto* found) { return found->finding.repaired; });
  line.terminal.print("\n");
  for (std::size_t i = 0; i < std::min(order.size(), arguments.rows); ++i) {
    const auto& found = *order[i];
    const auto& one = found.finding;
    const auto change = one.repaired ? fmt::format("{} -> {}", finding_value(one.was), finding_value(one.is))
                                     : finding_value(one.was);
    line.terminal.print(fmt::format("{}{}{}  {}, {}: {} {}\n  {}\n", found.symbol,
                                    found.symbol.empty() ? "" : "  ", days_text(found), to_string(one.fault),
                                    fate(found, arguments.repair), one.field, change, one.reason));
  }
  if (order.size() > arguments.rows) {
    line.terminal.print(fmt::format("and {} more: --rows\n", order.size() - arguments.rows));
  }
}

/// What was done, or how to have it done.
std::string closing(const Validation& result, const ValidateArguments& arguments) {
  const bool has_repairs = std::any_of(result.findings.begin(), result.findings.end(),
                                       [](const auto& found) { return found.finding.repaired; });
  if (arguments.repair && !arguments.file.empty()) return fmt::format("\nwritten: {}\n", arguments.out);
  if (arguments.repair) {
    return fmt::format("\nadded: {} to {}, {} to corporate_actions, known from now on\n",
                       plural(result.repaired_bars, "row"), arguments.table,
                       plural(result.repaired_actions, "row"));
  }
  if (!has_repairs) return "";
  return arguments.file.empty() ? "\nto add the repaired rows: --repair\n"
                                : "\nto write the repaired file: --repair --out FILE\n";
}

void print_validation(const CommandLine& line, const Validation& result, const ValidateArguments& arguments) {
  line.terminal.print(
      fmt::format("{}, {}: {}\n\n", plural(result.symbols, "instrument"), plural(result.rows, "row"),
                  result.findings.empty() ? "nothing is wrong" : plural(result.findings.size(), "finding")));
  if (!result.findings.empty()) {
    print_kinds(line, result, arguments.repair);
    print_findings(line, result, arguments);
  }
  line.terminal.print(closing(result, arguments));
}

void check(const ValidateArguments& arguments) {
  if (!arguments.out.empty() && arguments.file.empty()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     "--out goes with --file; a lake is repaired in place with --repair");
  }
  if (!arguments.file.empty() && arguments.repair == arguments.out.empty()) {
    throw user_error(ErrorCode::kInvalidArgument, "to repair a file give both --repair and --out FILE");
  }
}

void validate_command(CommandLine& line, const ValidateArguments& arguments) {
  check(arguments);
  const auto result = validate(arguments);
  if (arguments.json) {
    line.terminal.print(json_of(result, arguments).dump(1) + "\n");
  } else {
    print_validation(line, result, arguments);
  }
  if (!arguments.strict || result.findings.empty()) return;
  throw external_error(ErrorCode::kDataCorrupt,
                       fmt::format("{} in {}", plural(result.findings.size(), "finding"),
                                   arguments.file.empty() ? arguments.table : arguments.file));
}

void add_choices(CLI::App& command, ValidateArguments& arguments) {
  command.add_option("--symbols", arguments.symbols, "Only these symbols")
      ->delimiter(',')
      ->type_name("NAMES");
  command.add_option("--kinds", arguments.kinds, "Only these: splits, units, dividends, flags")
      ->delimiter(',')
      ->check(CLI::IsMember({"splits", "units", "dividends", "flags"}))
      ->type_name("KINDS");
  command
      .add_option(
          "--basis", arguments.basis,
          "Prices of a file before a split: as-traded, split-adjusted, or auto, by its adjusted closes")
      ->check(CLI::IsMember({"auto", "as-traded", "split-adjusted"}))
      ->capture_default_str()
      ->type_name("BASIS");
}

}  // namespace

void add_data_validate(CLI::App& data, CommandLine& line) {
  auto arguments = std::make_shared<ValidateArguments>();
  auto* command = add_command(data, "validate", "Find wrong prices, splits and dividends, and repair them",
                              "orrery data validate bars_1d --lake lake --repair");
  command->add_option("table", arguments->table, "A table of daily bars")
      ->capture_default_str()
      ->type_name("TABLE");
  command->add_option("--lake", arguments->lake, "The lake's folder, or s3://BUCKET/PREFIX")
      ->capture_default_str()
      ->type_name("DIR");
  command
      ->add_option("--file", arguments->file, "A file of prices in place of a lake: .csv, .csv.gz, .parquet")
      ->type_name("FILE");
  command->add_flag("--repair", arguments->repair,
                    "Add repaired rows to the lake, known from now on; of a file, write --out");
  command->add_option("--out", arguments->out, "Where to write the repaired file")->type_name("FILE.csv");
  add_choices(*command, *arguments);
  command->add_option("--rows", arguments->rows, "How many findings to show")
      ->capture_default_str()
      ->type_name("N");
  command->add_flag("--strict", arguments->strict, "Exit with 1 where anything is found");
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { validate_command(line, *arguments); }; });
}

}  // namespace orrery::cli
