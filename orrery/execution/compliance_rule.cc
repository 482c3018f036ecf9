#include "orrery/execution/compliance_rule.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"

namespace orrery {
namespace {

std::vector<std::string_view> split_list(std::string_view list) {
  std::vector<std::string_view> parts;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    parts.push_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return parts;
}

std::size_t instrument_of(std::string_view symbol, std::span<const std::string> symbols) {
  const auto found = std::find(symbols.begin(), symbols.end(), symbol);
  if (found != symbols.end()) return static_cast<std::size_t>(found - symbols.begin());
  const std::vector<std::string> known(symbols.begin(), symbols.end());
  throw user_error(ErrorCode::kNotFound, fmt::format("the data have no symbol '{}' of compliance{}", symbol,
                                                     did_you_mean(symbol, known)));
}

}  // namespace

std::unique_ptr<OrderCheck> make_rule(const RuleRegistry& registry, std::string_view name,
                                      const RuleContext& context, const ParameterMap& parameters) {
  const RuleEntry& entry = registry.get(name);
  const auto& places = entry.info.jurisdictions;
  if (!places.empty() && std::find(places.begin(), places.end(), context.jurisdiction) == places.end()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("the rule {} holds in: {}; found the jurisdiction '{}'", name,
                                 fmt::join(places, ", "), context.jurisdiction));
  }
  return entry.factory(context, complete_parameters(parameters, entry.info.parameters));
}

ParameterInfo rule_mode(std::string_view usual, std::vector<std::string> choices) {
  ParameterInfo mode;
  mode.name = "mode";
  mode.default_value = std::string(usual);
  mode.summary = "what becomes of an order that breaks the rule";
  mode.choices = std::move(choices);
  return mode;
}

std::vector<std::uint8_t> marked_symbols(std::string_view list, std::span<const std::string> symbols) {
  std::vector<std::uint8_t> marks(symbols.size(), 0);
  for (const std::string_view symbol : split_list(list)) marks[instrument_of(symbol, symbols)] = 1;
  return marks;
}

std::vector<double> symbol_numbers(std::string_view list, std::span<const std::string> symbols) {
  std::vector<double> numbers(symbols.size(), 0.0);
  for (const std::string_view pair : split_list(list)) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view text = pair.substr(std::min(equals + 1, pair.size()));
    double number = 0.0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size() || !(number > 0.0)) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("a symbol's limit must be a number above 0; found '{}'", pair));
    }
    numbers[instrument_of(pair.substr(0, equals), symbols)] = number;
  }
  return numbers;
}

}  // namespace orrery
