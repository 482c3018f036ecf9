#include "apps/cli/factor_request.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orrery/base/error.h"

namespace orrery::cli {
namespace {

FactorDefinition parse_expression(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("--expr wants NAME=EXPRESSION, found '{}'", text));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace

std::vector<FactorDefinition> FactorRequest::definitions() const {
  std::vector<FactorDefinition> result;
  for (const auto& set : sets) {
    const auto found = factor_set(set);
    result.insert(result.end(), found.begin(), found.end());
  }
  for (const auto& expression : expressions) result.push_back(parse_expression(expression));
  if (result.empty())
    throw user_error(ErrorCode::kInvalidArgument, "nothing to compute: give --set or --expr");
  return result;
}

std::vector<FactorNote> FactorRequest::notes() const {
  std::vector<FactorNote> result;
  for (const auto& set : sets) {
    const auto found = load_factor_set(set).notes;
    result.insert(result.end(), found.begin(), found.end());
  }
  result.resize(result.size() + expressions.size());
  return result;
}

Precision FactorRequest::parsed_precision() const {
  return precision == "float64" ? Precision::kFloat64 : Precision::kFloat32;
}

void add_factor_options(CLI::App& command, FactorRequest& request) {
  command
      .add_option("--set", request.sets,
                  fmt::format("A set of factors ({}) or the path of a .factors file; repeatable",
                              fmt::join(factor_set_names(), ", ")))
      ->type_name("NAME")
      ->allow_extra_args(false);
  command.add_option("--expr", request.expressions, "A factor of your own; repeatable")
      ->type_name("NAME=EXPR")
      ->allow_extra_args(false);
  command.add_option("--precision", request.precision, "float32 (as qlib) or float64")
      ->capture_default_str()
      ->check(CLI::IsMember({"float32", "float64"}))
      ->type_name("TYPE");
}

PriceSource PriceRequest::of_file(const std::string& path, int threads) const {
  PriceSource result = source;
  result.path = path;
  result.adjustment = parse_adjustment(adjustment);
  result.threads = threads;
  return result;
}

void add_price_options(CLI::App& command, PriceRequest& request) {
  command
      .add_option("--calendar", request.source.calendar,
                  "Trading calendar, or 'file' for the dates found there")
      ->capture_default_str()
      ->type_name("NAME");
  command
      .add_option("--adjustment", request.adjustment,
                  "How prices are adjusted for splits and dividends (docs/data.md)")
      ->capture_default_str()
      ->check(CLI::IsMember(adjustment_names()))
      ->type_name("HOW");
  command
      .add_option("--sectors", request.source.sectors,
                  "Sectors for $sector: .csv with the columns symbol, sector")
      ->type_name("FILE.csv");
  command
      .add_option(
          "--series", request.source.series,
          "Series that are the same for all names ($vix): a table with date, maybe known, and columns")
      ->type_name("FILE")
      ->allow_extra_args(false);
}

}  // namespace orrery::cli
